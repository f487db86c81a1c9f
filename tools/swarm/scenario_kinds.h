#pragma once
/// The kinds of scenarios beside the mixed ones: few connections with a purpose, drawn in place of
/// what would have been theirs.

#include <cstddef>

#include "tools/swarm/dice.h"
#include "tools/swarm/scenario.h"

namespace hawser::swarm {

Kind draw_kind(Dice& dice);
/// Replaces connections, messages and whatever else the kind is about. Nothing if it is mixed.
void shape_as(Kind kind, Dice& dice, Scenario& scenario);
/// How many classes of faults it takes: a bulk transfer through a dozen would never fill a window.
std::size_t faults_max(Kind kind);

}  // namespace hawser::swarm
