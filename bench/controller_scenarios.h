#pragma once
/// What the scoreboard of congestion controllers measures.

#include <string>
#include <vector>

#include "tools/hawser/delivery_timeline.h"
#include "tools/hawser/simulation.h"

namespace hawser::bench {

/// What came out of one run.
struct Outcome {
  cli::SimulationReport report;
  cli::DeliveryTimeline last_flow;  ///< from its start on
};

/// One line of the scoreboard: the mean of a figure over the scenario's runs.
struct Row {
  std::string label;
  double (*figure)(const Outcome& outcome);
  int decimals = 1;
};

/// Some runs, and what is read from them.
struct Scenario {
  /// Each as the arguments of `hawser sim`. All flows have the controller that is measured: its
  /// keys belong behind every "--flow ".
  std::vector<std::string> runs;
  std::string neighbour;  ///< the controller of one more bulk flow; empty: there is none
  std::vector<Row> rows;
};

/// In the order of the scoreboard.
std::vector<Scenario> controller_scenarios();

}  // namespace hawser::bench
