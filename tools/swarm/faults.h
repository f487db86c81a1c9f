#pragma once
/// Everything that may go wrong in a scenario, one table entry per class.

#include <cstdint>
#include <span>
#include <string_view>

#include "tools/swarm/dice.h"
#include "tools/swarm/scenario.h"

namespace hawser::swarm {

/// One class of faults. Draws from a stream of its own, so that taking one away, or adding one to
/// the table, shifts no other.
struct FaultClass {
  std::string_view name;  ///< as `--without` takes it
  std::uint32_t stream;   ///< never renumber: old seeds would draw other scenarios
  /// Draws how bad it is, and puts it into the scenario. All of it is over at `calm_at`, but for
  /// what a connection can live with.
  void (*add)(Dice& dice, Scenario& scenario);
  /// It may delay datagrams, in their order, and lets each arrive once, undamaged.
  bool is_harmless = false;
};

std::span<const FaultClass> fault_classes();

}  // namespace hawser::swarm
