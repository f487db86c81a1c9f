#pragma once
/// The delay distributions that come with tc, computed at first use by IEEE arithmetic alone. Used
/// by netem's delays and slots.

#include <array>
#include <cstdint>

#include "hawser/netsim/netem_config.h"

namespace hawser::netsim {

/// What one standard deviation is in a table.
inline constexpr std::int64_t kNetemTableScale = 8192;
/// The inverse of a distribution function, at even steps of probability.
using NetemTable = std::array<std::int16_t, 4096>;

/// The distribution's table; nullptr for the uniform one, which has none. Lives for ever.
const NetemTable* netem_table(NetemDistribution distribution);

}  // namespace hawser::netsim
