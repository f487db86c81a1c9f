#pragma once
/// A scenario written as the arguments of `hawser sim`, so that every failure shows the command
/// that replays it.

#include <string>

#include <gtest/gtest.h>

#include "tools/hawser/simulation.h"

namespace hawser::scenarios {

/// Runs on construction. As long as it lives, failed expectations show its command.
class ScenarioRun {
 public:
  explicit ScenarioRun(const std::string& arguments);

  const cli::SimulationReport& report() const { return report_; }
  const cli::FlowReport& flow(std::size_t index = 0) const { return report_.flows.at(index); }
  const cli::LinkReport& link(std::size_t index = 0) const { return report_.links.at(index); }

  /// Every message arrived once, unchanged, in the order that its channel promises; every receipt
  /// says so; the connections closed gracefully.
  void expect_all_delivered() const;
  /// What arrived arrived once and unchanged, and every message has its receipt.
  void expect_nothing_wrong() const;

 private:
  testing::ScopedTrace trace_;
  cli::SimulationReport report_;
};

/// Goodput as a share of what the bottleneck (the first link) could carry.
double share_of_ceiling(const ScenarioRun& run);

}  // namespace hawser::scenarios
