#pragma once
/// Old datagrams that come again. Owned by the link.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "hawser/netsim/damage_config.h"
#include "hawser/netsim/datagram.h"
#include "tools/netsim/draws.h"

namespace hawser::netsim {

/// Keeps a sample of what passed and says when one of it comes again. For each datagram offered:
/// first `draw`, then `keep` if it passed, then `poll`. Not thread-safe.
class ReplayModel {
 public:
  /// A reservoir of so many: each datagram since the first draw is in it with the same chance.
  static constexpr std::size_t kKeptMax = 256;

  ReplayModel(SeededRandom choices, SeededRandom samples) : choices_(choices), samples_(samples) {}

  /// Decides whether the datagram is kept and whether an old one follows it.
  void draw(Probability probability);
  /// Keeps the datagram, whose bytes it shares, if that was drawn.
  void keep(TimePoint now, const Datagram& datagram);
  /// The old one that follows, if that was drawn and one of them is at least `age_min` old.
  std::optional<Datagram> poll(TimePoint now, Duration age_min);

 private:
  struct Kept {
    TimePoint offered;
    Datagram datagram;
  };
  SeededRandom choices_;
  SeededRandom samples_;
  std::vector<Kept> kept_;
  std::uint64_t seen_ = 0;
  // Of the datagram drawn for last.
  std::size_t place_ = kKeptMax;  // none
  bool is_followed_ = false;
  std::uint64_t choice_ = 0;
};

}  // namespace hawser::netsim
