#pragma once
/// Draws for scenarios, from a stream of their own. Integers alone: the same on every platform.

#include <cstdint>
#include <initializer_list>

#include "hawser/netsim/probability.h"
#include "hawser/random.h"
#include "hawser/time.h"
#include "hawser/units.h"

namespace hawser::swarm {

/// Not thread-safe.
class Dice {
 public:
  Dice(std::uint64_t seed, std::uint64_t stream) : random_(SeededRandom::stream(seed, stream)) {}

  /// True once in `times` throws on average.
  bool once_in(std::uint64_t times) { return random_.below(times) == 0; }
  /// Uniform in [least, most].
  std::uint64_t between(std::uint64_t least, std::uint64_t most) {
    return least + random_.below(most - least + 1);
  }
  Duration between(Duration least, Duration most) {
    return least + Duration(static_cast<std::int64_t>(
                       random_.below(static_cast<std::uint64_t>((most - least).count()) + 1)));
  }
  /// Every doubling between the two is as likely as any other: small values are not rare. `least`
  /// is at least 1.
  std::uint64_t scaled(std::uint64_t least, std::uint64_t most) {
    std::uint64_t doublings = 0;
    while (least << (doublings + 1) <= most && least << (doublings + 1) > least) ++doublings;
    const std::uint64_t low = least << random_.below(doublings + 1);
    const std::uint64_t high = low * 2 - 1 < most ? low * 2 - 1 : most;
    return between(low, high);
  }
  Duration scaled(Duration least, Duration most) {
    return Duration(static_cast<std::int64_t>(scaled(static_cast<std::uint64_t>(least.count()),
                                                     static_cast<std::uint64_t>(most.count()))));
  }
  ByteCount scaled(ByteCount least, ByteCount most) {
    return ByteCount(static_cast<std::int64_t>(scaled(static_cast<std::uint64_t>(least.value()),
                                                      static_cast<std::uint64_t>(most.value()))));
  }
  /// Between the two, in tenths of a percent, small ones not rare.
  netsim::Probability permille(std::uint64_t least, std::uint64_t most) {
    return netsim::Probability::ratio(scaled(least, most), 1000);
  }
  template <typename T>
  T pick(std::initializer_list<T> choices) {
    return choices.begin()[random_.below(choices.size())];
  }

 private:
  SeededRandom random_;
};

}  // namespace hawser::swarm
