// What the controllers that go by delay keep in the queue of the bottleneck, and how they live with
// one another, with CUBIC, and with a path that changes.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/scenarios/scenario_run.h"

namespace hawser::scenarios {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

// 10 Mbit/s: a datagram of 1200 bytes takes 982 us on the link.
constexpr const char* kTenMbit =
    "--rtt {}ms --rate 10mbit --queue 200p --duration 60s --warmup 10s --datagram-size 1200 "
    "--flow mode=bulk,cc={}";
constexpr microseconds kDatagramTime{982};

double datagrams_in_queue(const ScenarioRun& run) {
  return static_cast<double>(run.link().stats.queue_mean.count()) /
         static_cast<double>(Duration(kDatagramTime).count());
}

class DelayControllerScenario : public testing::TestWithParam<const char*> {};

TEST_P(DelayControllerScenario, FillsACleanPathWithoutFillingItsQueue) {
  for (const int rtt : {20, 100}) {
    const ScenarioRun run(
        fmt::format("--rtt {}ms --rate 100mbit --queue 1bdp --duration 35s --warmup 5s "
                    "--flow mode=bulk,cc={}",
                    rtt, GetParam()));
    EXPECT_GE(share_of_ceiling(run), 0.97) << rtt;
    EXPECT_LE(run.link().stats.queue_mean, milliseconds(26)) << rtt;
    EXPECT_LE(run.link().stats.queue_mean, milliseconds(rtt)) << rtt;
  }
}

TEST_P(DelayControllerScenario, SharesAPathWithOneWhoComesLater) {
  const ScenarioRun run(
      fmt::format("--rtt 40ms --rate 20mbit --queue 4bdp --duration 90s --warmup 40s "
                  "--flow mode=bulk,cc={0} --flow mode=bulk,cc={0},start=10s",
                  GetParam()));
  EXPECT_GE(cli::jain_index(run.report().flows), 0.95);
  EXPECT_GE(run.link().stats.utilisation, 0.97);
}

TEST_P(DelayControllerScenario, FindsAPathThatBecameLonger) {
  const ScenarioRun run(
      fmt::format("--rtt 10ms --rate 50mbit --queue 4bdp --at 10s:delay=50ms --duration 90s "
                  "--warmup 70s --flow mode=bulk,cc={}",
                  GetParam()));
  EXPECT_GE(share_of_ceiling(run), 0.95);
}

TEST_P(DelayControllerScenario, FollowsARateThatFell) {
  const ScenarioRun run(
      fmt::format("--rtt 40ms --rate 50mbit --queue 8bdp --at 10s:rate=5mbit --duration 40s "
                  "--warmup 25s --flow mode=bulk,cc={}",
                  GetParam()));
  EXPECT_GE(share_of_ceiling(run), 0.95);
  EXPECT_LE(run.link().stats.queue_mean, milliseconds(28));
}

TEST_P(DelayControllerScenario, SurvivesLateAcknowledgements) {
  const ScenarioRun run(
      fmt::format("--rtt 40ms --rate 20mbit --queue 1bdp --down-jitter 10ms --duration 35s "
                  "--warmup 5s --flow mode=bulk,cc={}",
                  GetParam()));
  EXPECT_GE(share_of_ceiling(run), 0.3);
}

TEST_P(DelayControllerScenario, IsBackAtOnceAfterABlackout) {
  const ScenarioRun run(
      fmt::format("--rtt 40ms --rate 20mbit --queue 1bdp --blackout 10s-14s --duration 40s "
                  "--warmup 20s --flow mode=bulk,cc={}",
                  GetParam()));
  EXPECT_GE(share_of_ceiling(run), 0.95);
}

INSTANTIATE_TEST_SUITE_P(Names, DelayControllerScenario, testing::Values("vegas", "ledbat", "copa"),
                         [](const auto& each) { return std::string(each.param); });

TEST(VegasScenario, KeepsTwoToFourDatagramsOfAFlowInTheQueue) {
  for (const int rtt : {20, 40, 100}) {
    const ScenarioRun one(fmt::format(fmt::runtime(kTenMbit), rtt, "vegas"));
    EXPECT_GE(datagrams_in_queue(one), 2) << rtt;
    EXPECT_LE(datagrams_in_queue(one), 4) << rtt;
    EXPECT_GE(one.link().stats.utilisation, 0.98) << rtt;
    const ScenarioRun two(
        fmt::format(fmt::runtime(kTenMbit), rtt, "vegas --flow mode=bulk,cc=vegas"));
    EXPECT_GE(datagrams_in_queue(two), 4) << rtt;
    EXPECT_LE(datagrams_in_queue(two), 8) << rtt;
    EXPECT_GE(cli::jain_index(two.report().flows), 0.9) << rtt;
  }
}

// NSDI 2018 s3: between one over delta datagrams and a quarter more.
TEST(CopaScenario, KeepsOneOverDeltaDatagramsOfAFlowInTheQueue) {
  for (const int rtt : {20, 40, 100}) {
    const ScenarioRun two(fmt::format(fmt::runtime(kTenMbit), rtt, "copa"));
    EXPECT_NEAR(datagrams_in_queue(two), 2, 0.5) << rtt;
    const ScenarioRun twenty(fmt::format(fmt::runtime(kTenMbit), rtt, "copa,copa_delta_percent=5"));
    EXPECT_NEAR(datagrams_in_queue(twenty), 23, 3) << rtt;
    EXPECT_GE(twenty.link().stats.utilisation, 0.98) << rtt;
  }
}

TEST(CopaScenario, IsNotHeldBackByOnePercentOfRandomLoss) {
  for (const int rtt : {20, 100}) {
    const ScenarioRun run(
        fmt::format("--rtt {}ms --rate 100mbit --queue 1bdp --loss 1% --duration 35s --warmup 5s "
                    "--flow mode=bulk,cc=copa",
                    rtt));
    EXPECT_GE(share_of_ceiling(run), 0.95) << rtt;
  }
}

// A policer shows no delay: without an answer to losses most of what is sent would be lost.
TEST(CopaScenario, IsHeldByAPolicer) {
  const ScenarioRun run(
      "--rtt 40ms --police 20mbit,40kB --duration 40s --warmup 10s --flow mode=bulk,cc=copa");
  const auto& link = run.link().stats;
  EXPECT_LE(static_cast<double>(link.dropped_policer), 0.08 * static_cast<double>(link.packets));
  EXPECT_GE(run.flow().goodput_mbps, 14);
}

TEST(LedbatScenario, KeepsItsTargetInTheQueue) {
  for (const int rtt : {20, 40, 100}) {
    const ScenarioRun run(fmt::format(fmt::runtime(kTenMbit), rtt, "ledbat"));
    EXPECT_GE(run.link().stats.queue_mean, milliseconds(22)) << rtt;
    EXPECT_LE(run.link().stats.queue_mean, milliseconds(28)) << rtt;
    EXPECT_GE(run.link().stats.utilisation, 0.97) << rtt;
  }
}

TEST(LedbatScenario, YieldsToCubic) {
  for (const char* start : {"0s", "10s"}) {
    const ScenarioRun run(
        fmt::format("--rtt 40ms --rate 10mbit --queue 200ms --duration 120s --warmup 20s "
                    "--flow mode=bulk,cc=ledbat --flow mode=bulk,cc=cubic,start={}",
                    start));
    const double sum = run.flow(0).goodput_mbps + run.flow(1).goodput_mbps;
    EXPECT_GE(run.flow(1).goodput_mbps, 0.95 * sum) << start;
    EXPECT_GE(run.link().stats.utilisation, 0.98) << start;
  }
}

TEST(LedbatScenario, TakesThePathBackWhenTheOtherHasEnded) {
  const ScenarioRun run(
      "--rtt 40ms --rate 10mbit --queue 200ms --duration 60s --warmup 40s "
      "--flow mode=bulk,cc=ledbat --flow mode=bulk,bytes=20MB,cc=cubic,start=5s");
  EXPECT_GE(share_of_ceiling(run), 0.9);
}

}  // namespace
}  // namespace hawser::scenarios
