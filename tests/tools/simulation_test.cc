#include "tools/hawser/simulation.h"

#include <string>

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

// The fullest datagram of a bulk flow holds the same share of any rate.
TEST(SimulationTest, AnyRateHasItsPayloadCeiling) {
  const auto ceiling_of = [](const std::string& path) {
    const SimulationReport report =
        simulate(parse_simulation("--rtt 20ms --flow bytes=300kB " + path));
    return report.links.at(0).stats.payload_ceiling;
  };
  const Bandwidth plain = ceiling_of("--rate 10mbit");
  EXPECT_GT(plain, Bandwidth::bits_per_second(9'000'000));
  EXPECT_EQ(ceiling_of("--at 10ms:rate=10mbit"), plain);
  const SimulationReport by_netem =
      simulate(parse_simulation({"--netem", "delay 10ms rate 10mbit", "--flow", "bytes=300kB"}));
  EXPECT_EQ(by_netem.links.at(0).stats.payload_ceiling, plain);
}

TEST(SimulationTest, AnAccessLinkDropsWhatItsQueueCannotHold) {
  const auto drops_with = [](const std::string& limit) {
    const SimulationReport report =
        simulate(parse_simulation("--rtt 20ms --flow bytes=300kB,rate=5mbit" + limit));
    return report.links.at(2).stats.dropped_queue;
  };
  EXPECT_EQ(drops_with(""), 0U);
  EXPECT_GT(drops_with(",queue=4p"), 0U);
}

}  // namespace
}  // namespace hawser::cli
