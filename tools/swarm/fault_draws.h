#pragma once
/// What the files of faults draw alike, and their tables, which `fault_classes` puts together.

#include <algorithm>
#include <vector>

#include "tools/swarm/faults.h"

namespace hawser::swarm {

/// What the path does to datagrams.
std::span<const FaultClass> path_faults();
/// What makes them wait, the load of others among it.
std::span<const FaultClass> queue_faults();
/// What goes wrong on the hosts.
std::span<const FaultClass> host_faults();

/// Calls `apply` for one direction or both.
template <typename Apply>
void on_some_directions(Dice& dice, TwoWay& path, Apply apply) {
  const std::uint64_t which = dice.between(0, 3);
  if (which != 0) apply(path.up);
  if (which != 1) apply(path.down);
}

/// A part of the faulty phase.
inline Interval draw_interval(Dice& dice, const Scenario& scenario) {
  const Duration from = dice.between(Duration(0), scenario.calm_at);
  return {from, dice.between(from, scenario.calm_at)};
}

inline Bandwidth draw_rate(Dice& dice, std::uint64_t least, std::uint64_t most) {
  return Bandwidth::bits_per_second(static_cast<std::int64_t>(dice.scaled(least, most)));
}

}  // namespace hawser::swarm
