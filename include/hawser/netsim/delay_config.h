#pragma once
/// How long a simulated link takes, and which datagrams overtake others. Plain structs, parts of
/// `LinkConfig`.

#include <cstdint>

#include "hawser/netsim/probability.h"
#include "hawser/time.h"

namespace hawser::netsim {

/// All have mean zero; but for `uniform`, `spread` is the standard deviation.
enum class JitterDistribution : std::uint8_t {
  uniform,      ///< within -spread and +spread
  normal,       ///< the bell curve
  pareto,       ///< of shape 3: none below -0.58 spread, a few far beyond what a bell curve gives
  paretonormal  ///< three quarters pareto and a quarter normal, scaled to the spread
};

/// A random part of the delay. Datagrams overtake one another where it makes them; a delay never
/// falls below zero.
struct Jitter {
  Duration spread{0};  ///< not negative
  JitterDistribution distribution = JitterDistribution::uniform;
  /// How much of one datagram's jitter stays in the next one's: a first-order autoregression whose
  /// lag-1 correlation is this value and whose standard deviation is that of the uncorrelated
  /// jitter. Below 1. A correlated uniform jitter is the sum of many draws: rare values
  /// lie beyond the spread.
  Probability correlation{};
  bool operator==(const Jitter&) const = default;
};

/// Datagrams that change their place. They are chosen as netem's `reorder` does: after `gap` - 1
/// others each next one is chosen with this probability until one was; then the count begins again.
/// A chosen one skips the delay, netem's way, unless `depth` or `delay` says how it comes late; at
/// most one of these two is above zero.
struct Reordering {
  /// How long a datagram is held back, at most, for want of others that overtake it.
  static constexpr Duration kHeldMax = std::chrono::milliseconds(100);

  Probability probability{};
  std::uint32_t gap = 1;  ///< at least 1
  /// A chosen one arrives right behind so many that left later; what is held back itself does not
  /// count. It arrives `kHeldMax` late where fewer come.
  std::uint32_t depth = 0;
  Duration delay{0};  ///< a chosen one is delayed by so much more; not negative
  bool skips_delay() const { return depth == 0 && delay == Duration::zero(); }
  bool operator==(const Reordering&) const = default;
};

/// What would arrive in [from, to) arrives at `to`, all at once and in its order.
struct Clog {
  Duration from{0};
  Duration to{0};
  bool operator==(const Clog&) const = default;
};

/// The same by chance: free and clogged periods alternate, each exponentially long, from the moment
/// that this is set. Begins free; none unless both are positive.
struct RandomClogs {
  Duration mean_free{0};
  Duration mean_clogged{0};
  bool are_on() const { return mean_free > Duration::zero() && mean_clogged > Duration::zero(); }
  bool operator==(const RandomClogs&) const = default;
};

}  // namespace hawser::netsim
