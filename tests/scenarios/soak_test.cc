// Half an hour with everything wrong at once, under every controller.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "hawser/congestion_controller.h"
#include "tests/scenarios/scenario_run.h"

namespace hawser::scenarios {
namespace {

class SoakScenario : public testing::TestWithParam<CongestionControllerFactory> {};

constexpr const char* kEverything =
    "--rtt 60ms --rate 10mbit --queue 1bdp --jitter 8ms --jitter-dist normal --loss 0.5% "
    "--loss-ge-time 50ms,20s --duplicate 1% --reorder 2% --corrupt 0.5% --replay 0.5% "
    "--truncate 0.1% --aggregate 6kB,5ms --slot 2ms --clog-every 30s --clog-for 300ms "
    "--blackout 100s-102s --blackout 700s-720s --at 300s:delay=80ms "
    "--at 600s:delay=30ms,rate=4mbit --at 900s:rate=20mbit --at 1200s:loss=3% --at 1500s:loss=0.5% "
    "--at 1300s:mtu=1280 --rebind 400s --rebind 1000s --send-block 0.2% --clock-drift 200 "
    "--pause 500s-501s --idle-timeout 300s --duration 30min";

TEST_P(SoakScenario, NeitherStallsNorLeavesTheBoundsOfItsWindow) {
  const std::string_view name = GetParam().name;
  const ScenarioRun run(fmt::format(
      "{} --flow mode=bulk,size=4KiB,cc={},cwnd_max=128KiB "
      "--flow mode=messages,size=1000,interval=100ms,channel=unordered,cc={},cwnd_max=128KiB",
      kEverything, name, name));
  for (const cli::FlowReport& flow : run.report().flows) {
    EXPECT_EQ(flow.broken_promise().value_or("nothing"), "nothing");
    EXPECT_STREQ(flow.state, "established");
    EXPECT_GE(flow.cwnd_min_packets, 2);
    EXPECT_LE(flow.cwnd_max_packets, 128.0 * 1024 / 1200);
  }
  EXPECT_GE(run.flow(0).goodput_mbps, 0.1);
  // 20 s without a path, six to the next probe.
  EXPECT_GE(run.flow(1).deliveries.delivered, 17'950U);
  EXPECT_LE(run.flow(1).latency.max(), std::chrono::seconds(30));
}

INSTANTIATE_TEST_SUITE_P(Controllers, SoakScenario, testing::ValuesIn(congestion_controllers()),
                         [](const auto& each) { return std::string(each.param.name); });

}  // namespace
}  // namespace hawser::scenarios
