#pragma once
/// How long a datagram is on its way once it was serialised, and which ones change their place.
/// Owned by the link.

#include <cstdint>

#include "hawser/netsim/link_config.h"
#include "tools/netsim/draws.h"

namespace hawser::netsim {

/// The random part of the delay.
class JitterModel {
 public:
  explicit JitterModel(SeededRandom random) : random_(random) {}
  void configure(const Jitter& jitter);
  /// One datagram's deviation from the constant delay; zero, and no draw, without a spread.
  Duration draw();
  /// A bound below which no deviation falls; `-kForever` if there is none.
  Duration lowest() const;

 private:
  Q32 draw_deviation();

  SeededRandom random_;
  Jitter jitter_;
  Q32 memory_weight_ = 0;            // rho
  Q32 innovation_weight_ = kQ32One;  // sqrt(1 - rho^2): keeps the standard deviation
  Q32 previous_ = 0;                 // in units of the spread
  bool has_previous_ = false;
};

/// netem's rule for datagrams that are reordered.
class ReorderModel {
 public:
  explicit ReorderModel(SeededRandom random) : random_(random) {}
  /// Whether this datagram is chosen.
  bool draw(const Reordering& config);

 private:
  SeededRandom random_;
  std::uint32_t passed_over_ = 0;
};

}  // namespace hawser::netsim
