#pragma once
/// When a simulated link hands over what has come through: radio links do it by slots and in heaps.
/// Plain structs, parts of `LinkConfig`.

#include <cstdint>

#include "hawser/time.h"
#include "hawser/units.h"

namespace hawser::netsim {

/// Datagrams wait for each other until so many have gathered, or so many bytes, or until the first
/// of them has waited `time`; then all of them go on at that instant, as in an aggregated frame.
struct Aggregation {
  std::int64_t packets = INT64_MAX;    ///< at least 1
  ByteCount bytes = ByteCount::max();  ///< payload + 28 each; at least 1
  Duration time{0};                    ///< not negative
  bool operator==(const Aggregation&) const = default;
};

/// Datagrams arrive at the boundaries of slots alone, in their order; what finds no room in a slot
/// takes the next one. A datagram larger than `bytes` gets a slot of its own.
struct Slots {
  static constexpr Duration kIntervalMin = std::chrono::microseconds(1);
  /// From one boundary to the next one: uniform from `interval_min` to `interval_max`, drawn anew
  /// for each. The first boundary lies one interval after the setting took effect.
  Duration interval_min{0};            ///< at least `kIntervalMin`
  Duration interval_max{0};            ///< not below `interval_min`
  std::int64_t packets = INT64_MAX;    ///< in one slot; at least 1
  ByteCount bytes = ByteCount::max();  ///< in one slot, payload + 28 each; at least 1
  bool operator==(const Slots&) const = default;
};

}  // namespace hawser::netsim
