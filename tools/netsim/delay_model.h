#pragma once
/// How long a datagram is on its way once it was serialised, and which ones skip that delay. Owned
/// by the link.

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
  SeededRandom random_;
  Jitter jitter_;
  Q32 memory_weight_ = 0;            // rho
  Q32 innovation_weight_ = kQ32One;  // sqrt(1 - rho^2): keeps the standard deviation
  Q32 previous_ = 0;                 // in units of the spread
  bool has_previous_ = false;
};

/// netem's rule for datagrams that are sent at once.
class ReorderModel {
 public:
  explicit ReorderModel(SeededRandom random) : random_(random) {}
  /// Whether this datagram skips the delay.
  bool draw(const Reordering& config);

 private:
  SeededRandom random_;
  std::uint32_t delayed_in_a_row_ = 0;
};

}  // namespace hawser::netsim
