#include "tools/hawser/simulation.h"

#include <gtest/gtest.h>

#include "tools/hawser/sim_options.h"

namespace hawser::cli {
namespace {

using namespace std::chrono_literals;

TEST(SimulationTest, AReaderGoesOnWhenTheLastOfOverlappingStopsIsOver) {
  const SimulationReport report = simulate(parse_simulation(
      "--rtt 20ms --flow connection=a,mode=messages,count=1,reader_stop=1s-2s "
      "--flow connection=a,mode=messages,count=1,start=1500ms,reader_stop=1500ms-3s"));
  EXPECT_EQ(report.flows[0].latency.max(), 10ms);
  EXPECT_EQ(report.flows[1].latency.max(), 1500ms);
}

TEST(SimulationTest, WhatAStoppedReaderHasYetToTakeIsNotLost) {
  const SimulationReport report = simulate(
      parse_simulation("--rtt 20ms --flow mode=messages,count=3,reader_stop=0-9s --duration 5s"));
  EXPECT_EQ(report.flows[0].receipts.delivered, 3U);
  EXPECT_EQ(report.flows[0].deliveries.delivered, 0U);
  EXPECT_EQ(report.flows[0].messages_lost(), 0U);
}

}  // namespace
}  // namespace hawser::cli
