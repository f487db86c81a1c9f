// BBR on whole connections: what its model of the path is worth on paths that lose, break, and are
// shared. Ceilings are those of the payload; figures are over 30 s after 5 s, if nothing is said.

#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/scenarios/scenario_run.h"

namespace hawser::scenarios {
namespace {

constexpr const char* kMeasured = "--duration 35s --warmup 5s";

class BbrPathScenario : public testing::TestWithParam<const char*> {
 protected:
  /// At 100 Mbit/s and a queue of one bandwidth-delay product.
  static ScenarioRun run(const std::string& loss, int seed, const std::string& flow = "") {
    return ScenarioRun(fmt::format(
        "--rtt {} --rate 100mbit --queue 1bdp --loss {} {} --seed {} --flow mode=bulk,cc=bbr{}",
        GetParam(), loss, kMeasured, seed, flow));
  }
};

// ProbeRTT as the draft has it costs 2 to 3 %, the pacing margin 1 %.
TEST_P(BbrPathScenario, FillsACleanPath) { EXPECT_GE(share_of_ceiling(run("0%", 1)), 0.94); }

TEST_P(BbrPathScenario, KeepsALongQueueShort) {
  const ScenarioRun run(fmt::format(
      "--rtt {} --rate 100mbit --queue 4bdp {} --flow mode=bulk,cc=bbr", GetParam(), kMeasured));
  EXPECT_GE(share_of_ceiling(run), 0.94);
  EXPECT_LE(run.link().stats.queue_mean, run.flow().stats.rtt.min / 2);
}

TEST_P(BbrPathScenario, BearsRandomLoss) {
  for (int seed = 1; seed <= 3; ++seed) {
    EXPECT_GE(share_of_ceiling(run("0.1%", seed)), 0.93 * 0.999);
    EXPECT_GE(share_of_ceiling(run("1%", seed)), 0.90 * 0.99);
  }
}

TEST_P(BbrPathScenario, BearsFivePercentIfToldTo) {
  EXPECT_GE(share_of_ceiling(run("5%", 1, ",loss_threshold=10")), 0.80 * 0.95);
}

INSTANTIATE_TEST_SUITE_P(RoundTrips, BbrPathScenario, testing::Values("20ms", "100ms"),
                         [](const auto& each) { return std::string(each.param); });

// ---- Outages -----------------------------------------------------------------------------------

struct Outage {
  const char* span;
  const char* measured;  ///< from 20 round trips after the probe that finds the path again
};

class BbrOutageScenario : public testing::TestWithParam<Outage> {};

// RFC 9002 doubles the time between probes, here up to 6 s.
TEST_P(BbrOutageScenario, IsBackAtItsRateWithinTwentyRoundTrips) {
  const ScenarioRun run(
      fmt::format("--rtt 40ms --rate 20mbit --queue 1bdp --blackout {} --idle-timeout 300s {} "
                  "--flow mode=bulk,cc=bbr,size=8KiB",
                  GetParam().span, GetParam().measured));
  EXPECT_GE(share_of_ceiling(run), 0.9);
}

INSTANTIATE_TEST_SUITE_P(Lengths, BbrOutageScenario,
                         testing::Values(Outage{"10s-10200ms", "--warmup 11200ms --duration 14s"},
                                         Outage{"10s-12s", "--warmup 14s --duration 17s"},
                                         Outage{"10s-30s", "--warmup 37s --duration 40s"},
                                         Outage{"10s-110s", "--warmup 117s --duration 120s"}),
                         [](const auto& each) {
                           return std::string(each.param.span, 3) + "To" +
                                  std::string(each.param.span).substr(4);
                         });

// ---- Fairness ----------------------------------------------------------------------------------

class BbrCompanyScenario : public testing::TestWithParam<int> {};

// Two to eight flows, the last minute of two. One starts at one of four instants: two alone may
// probe in step for longer than that.
TEST_P(BbrCompanyScenario, SharesABottleneckEvenly) {
  double sum = 0;
  for (const int start : {0, 370, 1000, 3000}) {
    const ScenarioRun run(
        fmt::format("--rtt 40ms --rate 50mbit --queue 1bdp --duration 120s --warmup 60s "
                    "--flow mode=bulk,cc=bbr,copies={} --flow mode=bulk,cc=bbr,start={}ms",
                    GetParam() - 1, start));
    const double fairness = cli::jain_index(run.report().flows);
    EXPECT_GE(fairness, 0.93) << start;
    EXPECT_GE(run.link().stats.utilisation, 0.95);
    sum += fairness;
  }
  EXPECT_GE(sum / 4, 0.95);
}

// Four instants at which one more comes; the share over 4 s, 20 s later.
TEST_P(BbrCompanyScenario, ALateComerGetsItsShareWithinTwentySeconds) {
  double sum = 0;
  for (const int start : {20'000, 20'370, 21'110, 21'930}) {
    const ScenarioRun run(
        fmt::format("--rtt 40ms --rate 50mbit --queue 1bdp --duration {}ms --warmup {}ms "
                    "--flow mode=bulk,cc=bbr,copies={} --flow mode=bulk,cc=bbr,start={}ms",
                    start + 22'000, start + 18'000, GetParam() - 1, start));
    const double fair =
        static_cast<double>(run.link().stats.payload_ceiling.bits_per_second()) / 1e6 / GetParam();
    sum += run.report().flows.back().goodput_mbps / fair;
  }
  EXPECT_GE(sum / 4, 0.8);
}

INSTANTIATE_TEST_SUITE_P(Flows, BbrCompanyScenario, testing::Values(2, 4, 8),
                         [](const auto& each) { return std::to_string(each.param); });

// CUBIC and NewReno beside it are not starved.
TEST(BbrScenario, LeavesRoomForFlowsThatAnswerToLoss) {
  for (const char* other : {"cubic", "new_reno"}) {
    for (const char* queue : {"1bdp", "4bdp"}) {
      const ScenarioRun run(
          fmt::format("--rtt 40ms --rate 50mbit --queue {} --duration 90s --warmup 20s "
                      "--flow mode=bulk,cc=bbr --flow mode=bulk,cc={}",
                      queue, other));
      EXPECT_GE(run.flow(1).goodput_mbps, 47.8 / 2 / 3) << other;
      EXPECT_GE(run.flow(0).goodput_mbps, 47.8 / 2 / 3) << other;
    }
  }
}

// ---- Known answers -----------------------------------------------------------------------------

// google/quiche, quic/core/congestion_control/bbr2_simulator_test.cc: 10 Mbit/s and 2 ms, then a
// bottleneck of 4 Mbit/s and 30 ms, whose product is 36 kB; 12 MiB take 25.2 s at least. The names
// are of its test cases.
ScenarioRun quiche(const std::string& path, const std::string& bytes) {
  return ScenarioRun(
      fmt::format("--delay 30ms --rate 4mbit {} --flow "
                  "mode=bulk,cc=bbr,size=16KiB,bytes={},delay=2ms,rate=10mbit",
                  path, bytes));
}
double seconds(const ScenarioRun& run) {
  return static_cast<double>(run.flow().completion.value_or(kForever).count()) / 1e9;
}
double loss_rate(const ScenarioRun& run) {
  const ConnectionStats& stats = run.flow().stats;
  return static_cast<double>(stats.packets_lost) / static_cast<double>(stats.packets_sent);
}

TEST(BbrQuicheScenario, SimpleTransfer) {
  const ScenarioRun run = quiche("--queue 72000b", "12MiB");
  run.expect_all_delivered();
  EXPECT_LE(seconds(run), 30);
  EXPECT_EQ(run.flow().stats.packets_lost, 0U);
  EXPECT_LE(run.flow().stats.rtt.smoothed, std::chrono::milliseconds(144));
}

TEST(BbrQuicheScenario, SimpleTransferSmallBuffer) {
  EXPECT_LE(seconds(quiche("--queue 18000b", "12MiB")), 30);
}

TEST(BbrQuicheScenario, PacketLossOnSmallBufferStartup) {
  EXPECT_LE(loss_rate(quiche("--queue 18000b", "1MiB")), 0.05);
}

// That one loses nothing, and adds nothing for aggregation in its Startup; the draft does.
TEST(BbrQuicheScenario, SimpleTransferTwoRttAggregation) {
  const ScenarioRun run = quiche("--queue 72000b --down-aggregate 10KiB,144ms", "12MiB");
  EXPECT_LE(seconds(run), 35);
  EXPECT_LE(loss_rate(run), 0.01);
}

// Also draft-ietf-ccwg-bbr appendix A.17.
TEST(BbrQuicheScenario, TrafficPolicer) {
  const ScenarioRun run = quiche("--queue 72000b --up-police 1mbit,100kB,10kB", "3MiB");
  EXPECT_LE(seconds(run), 30);
  EXPECT_LE(loss_rate(run), 0.30);
}

// draft-ietf-ccwg-bbr, appendix A: ten times the rate, and a tenth of it.
TEST(BbrScenario, FindsTenTimesTheRateAndATenthOfIt) {
  const ScenarioRun up(
      "--rtt 40ms --rate 10mbit --queue 125000b --at 10s:rate=100mbit --duration 20s --warmup 15s "
      "--flow mode=bulk,cc=bbr");
  EXPECT_GE(up.flow().goodput_mbps, 95.6 * 0.9);
  const ScenarioRun down(
      "--rtt 40ms --rate 100mbit --queue 125000b --at 10s:rate=10mbit --duration 30s --warmup 20s "
      "--flow mode=bulk,cc=bbr");
  EXPECT_GE(down.flow().goodput_mbps, 9.56 * 0.9);
}

}  // namespace
}  // namespace hawser::scenarios
