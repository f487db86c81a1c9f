#pragma once
/// Makes a failing scenario small: as few faults as possible, as little time, as few messages and
/// connections, with the same invariant broken, over and over until nothing more can go.

#include <functional>

#include "tools/swarm/runner.h"

namespace hawser::swarm {

struct Shrunk {
  Choice choice;
  Findings::First violation;  ///< of the small scenario
  int runs = 0;
};

/// Runs a choice; replaceable in tests.
using Trial = std::function<Verdict(const Choice& choice)>;

/// `failing` broke `violation`. Begins no run after `kShrinkRunsMax`, nor once they took
/// `kShrinkEventsMax` together, and gives what it has by then.
inline constexpr int kShrinkRunsMax = 200;
inline constexpr std::uint64_t kShrinkEventsMax = 1'000'000;
Shrunk shrink(const Choice& failing, const Findings::First& violation, const Trial& trial);

/// The arguments of `hawser sim swarm` that run this choice again.
std::string replay_arguments(const Choice& choice);

}  // namespace hawser::swarm
