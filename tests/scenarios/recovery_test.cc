// How soon what was lost arrives after all: tails, isolated messages, outages, reordering, thin
// ways back.

#include <algorithm>
#include <ostream>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/scenarios/scenario_run.h"
#include "tests/scenarios/two_hosts.h"

namespace hawser::scenarios {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// ---- Tails --------------------------------------------------------------------------------------

struct Tail {
  const char* dropped;
  Duration latency_max;
};

class TailScenario : public testing::TestWithParam<Tail> {};

// The last packets of a burst of 20, one message in each.
TEST_P(TailScenario, AProbeRecoversTheEndOfABurst) {
  const Tail tail = GetParam();
  for (const char* controller : {"cubic", "new_reno", "fixed,window=64"}) {
    const ScenarioRun run(
        fmt::format("--rtt 20ms --up-drop {} --flow "
                    "mode=messages,size=1100,burst=20,count=20,channel=unordered,cc={}",
                    tail.dropped, controller));
    run.expect_all_delivered();
    EXPECT_GT(run.link().stats.dropped_loss, 0U);
    EXPECT_LE(run.flow().latency.max(), tail.latency_max);
  }
}

INSTANTIATE_TEST_SUITE_P(Packets, TailScenario,
                         testing::Values(Tail{"20", milliseconds(60)},
                                         Tail{"19,20", milliseconds(110)},
                                         Tail{"18,19,20", milliseconds(200)}),
                         [](const auto& each) {
                           std::string name = each.param.dropped;
                           std::ranges::replace(name, ',', '_');
                           return "Dropped" + name;
                         });

// Nothing comes behind such a message that could reveal its loss: D + the probe timeout of R + 1
// ms.
TEST(IsolatedMessageScenario, ALossCostsOneProbeTimeout) {
  const ScenarioRun run(
      "--rtt 60ms --loss 0.8% --flow "
      "mode=messages,size=200,interval=400ms,count=100000,channel=unordered");
  run.expect_all_delivered();
  EXPECT_LE(run.flow().latency.percentile(999), milliseconds(93));
}

struct Density {
  const char* loss;
  Duration latency_max;
};

class DenseMessageScenario : public testing::TestWithParam<Density> {};

// One and two losses more than the quantile permits cost 9/8 of a round trip each.
TEST_P(DenseMessageScenario, ALossCostsLittleMoreThanARoundTrip) {
  for (int seed = 1; seed <= 3; ++seed) {
    const ScenarioRun run(fmt::format(
        "--rtt 60ms --loss {} --seed {} --flow "
        "mode=messages,size=200,interval=5ms,count=100000,channel=unordered,cc=fixed,window=64",
        GetParam().loss, seed));
    run.expect_all_delivered();
    EXPECT_LE(run.flow().latency.percentile(999), GetParam().latency_max);
  }
}

INSTANTIATE_TEST_SUITE_P(Losses, DenseMessageScenario,
                         testing::Values(Density{"0.8%", milliseconds(99)},
                                         Density{"5%", milliseconds(168)},
                                         Density{"8%", milliseconds(237)}),
                         [](const auto& each) {
                           std::string name = each.param.loss;
                           std::ranges::replace(name, '.', '_');
                           name.back() = 'p';
                           return name;
                         });

// ---- Outages ------------------------------------------------------------------------------------

class BlackoutScenario : public TwoHosts, public testing::WithParamInterface<Duration> {};

TEST_P(BlackoutScenario, ResumesWithinTwoRoundTripsOfTheProbeThatGetsThrough) {
  constexpr Duration kRtt = milliseconds(40);
  netsim::PathConfig path = clean_path(kRtt);
  const Duration end = seconds(1) + GetParam();
  path.up.blackouts = path.down.blackouts = {{seconds(1), end}};
  ConnectionConfig config;
  config.idle_timeout = seconds(300);
  set_up(path, config);
  connect();
  send_every(client_, milliseconds(5), end + seconds(7));
  run_until(end + seconds(8));

  const auto probe = std::ranges::find_if(client_.transmissions,
                                          [end](TimePoint at) { return since_start(at) >= end; });
  ASSERT_NE(probe, client_.transmissions.end());
  EXPECT_LE(since_start(*probe) - end, seconds(6)) << "RFC 8085 s3.1.3: two datagrams in six";
  const auto resumed = std::ranges::find_if(
      server_.deliveries,
      [end](const End::Delivery& delivery) { return since_start(delivery.at) >= end; });
  ASSERT_NE(resumed, server_.deliveries.end());
  EXPECT_LE(resumed->at - *probe, 2 * kRtt);
  expect_all_in_order(server_, sent_);
}

INSTANTIATE_TEST_SUITE_P(Durations, BlackoutScenario,
                         testing::Values(milliseconds(200), seconds(2), seconds(20), seconds(100)),
                         [](const auto& each) {
                           return fmt::format("Ms{}", each.param / milliseconds(1));
                         });

// ---- Reordering ---------------------------------------------------------------------------------

struct Reordering {
  const char* options;
  double least_share;  ///< of the goodput of the same path in order, with true losses
};
std::ostream& operator<<(std::ostream& out, const Reordering& path) { return out << path.options; }

class ReorderingScenario : public testing::TestWithParam<Reordering> {};

// What is overtaken is not lost: all but the first second goes as on a path that keeps its order.
TEST_P(ReorderingScenario, CostsHardlyAnyGoodput) {
  constexpr const char* kRun = "--rate 100mbit --queue 1bdp --duration 11s --warmup 1s";
  constexpr const char* kFlow = "--flow mode=bulk";
  const ScenarioRun clean(fmt::format("--delay 5ms {} {}", kRun, kFlow));
  const ScenarioRun reordered(fmt::format("--delay 5ms {} {} {}", GetParam().options, kRun, kFlow));
  EXPECT_GE(reordered.flow().goodput_mbps, 0.8 * clean.flow().goodput_mbps);
  EXPECT_LE(static_cast<double>(reordered.flow().stats.spurious_losses),
            0.01 * static_cast<double>(reordered.flow().stats.packets_sent));
}

TEST_P(ReorderingScenario, HidesNoTrueLoss) {
  constexpr const char* kRun = "--rate 100mbit --queue 1bdp --loss 0.1% --duration 61s --warmup 1s";
  constexpr const char* kFlow = "--flow mode=bulk";
  const ScenarioRun clean(fmt::format("--delay 5ms {} {}", kRun, kFlow));
  const ScenarioRun reordered(fmt::format("--delay 5ms {} {} {}", GetParam().options, kRun, kFlow));
  EXPECT_GE(reordered.flow().goodput_mbps, GetParam().least_share * clean.flow().goodput_mbps);
  EXPECT_LE(static_cast<double>(reordered.flow().stats.spurious_losses),
            0.01 * static_cast<double>(reordered.flow().stats.packets_sent));
}

INSTANTIATE_TEST_SUITE_P(Paths, ReorderingScenario,
                         testing::Values(Reordering{"--reorder 25%", 0.95},
                                         Reordering{"--jitter 3ms", 0.95},
                                         Reordering{"--jitter 3ms --jitter-dist normal", 0.95},
                                         // Each late packet makes the round trip longer.
                                         Reordering{"--reorder 10% --reorder-depth 20", 0.9}));

// ---- Ways back ----------------------------------------------------------------------------------

// A hundred times slower: an acknowledgement for each second packet would need three times the
// rate.
TEST(AsymmetricScenario, AThinWayBackIsNotTheBottleneck) {
  const ScenarioRun run(
      "--rtt 50ms --rate 20mbit --down-rate 200kbit --queue 1bdp --down-queue 100p "
      "--duration 30s --warmup 10s --flow mode=bulk");
  EXPECT_GE(share_of_ceiling(run), 0.9);
  EXPECT_LE(run.link(1).stats.utilisation, 0.8);
}

}  // namespace
}  // namespace hawser::scenarios
