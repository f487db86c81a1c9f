#pragma once
/// How long a simulated link takes, and which datagrams overtake others. Plain structs, parts of
/// `LinkConfig`.

#include <cstdint>

#include "hawser/netsim/probability.h"
#include "hawser/time.h"

namespace hawser::netsim {

enum class JitterDistribution : std::uint8_t {
  uniform,  ///< within -spread and +spread
  normal    ///< with a standard deviation of spread
};

/// A random part of the delay. Datagrams overtake one another where it makes them; a delay never
/// falls below zero.
struct Jitter {
  Duration spread{0};
  JitterDistribution distribution = JitterDistribution::uniform;
  /// How much of one datagram's jitter stays in the next one's: a first-order autoregression whose
  /// lag-1 correlation is this value and whose standard deviation is that of the uncorrelated
  /// jitter. Below 1 (asserted). A correlated uniform jitter is the sum of many draws: rare values
  /// lie beyond the spread.
  Probability correlation{};
  bool operator==(const Jitter&) const = default;
};

/// Datagrams that skip the delay, as netem's `reorder`: after `gap` - 1 delayed ones each next one
/// skips with this probability until one did; then the count begins again.
struct Reordering {
  Probability probability{};
  std::uint32_t gap = 1;  ///< at least 1 (asserted)
  bool operator==(const Reordering&) const = default;
};

}  // namespace hawser::netsim
