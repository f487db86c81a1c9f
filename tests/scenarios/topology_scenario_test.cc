// Flows that meet others: on one bottleneck, at each hop of a row, and beside cross traffic.

#include <numeric>

#include <gtest/gtest.h>

#include "tests/scenarios/scenario_run.h"
#include "tools/hawser/flow_report.h"

namespace hawser::scenarios {
namespace {

TEST(TopologyScenario, ManySendersWhoseDelaysDifferFillADumbbell) {
  const ScenarioRun run(
      "--rtt 40ms --rate 20mbit --queue 1bdp --duration 30s --warmup 10s "
      "--flow mode=bulk,cc=new_reno,copies=6,delay_step=700us");
  ASSERT_EQ(run.report().flows.size(), 6U);
  EXPECT_GT(run.link().stats.utilisation, 0.97);
  EXPECT_GT(cli::jain_index(run.report().flows), 0.8);
}

TEST(TopologyScenario, TheLongFlowOfAParkingLotGetsLessAndDoesNotStarve) {
  const ScenarioRun run(
      "--rtt 20ms --rate 10mbit --queue 1bdp --hops 3 --duration 40s --warmup 10s "
      "--flow mode=bulk,cc=new_reno --flow mode=bulk,cc=new_reno,hops=1 "
      "--flow mode=bulk,cc=new_reno,hops=2 --flow mode=bulk,cc=new_reno,hops=3");
  const double along = run.flow(0).goodput_mbps;
  EXPECT_GT(along, 0.2);
  for (const std::size_t flow : {1U, 2U, 3U}) {
    EXPECT_GT(run.flow(flow).goodput_mbps, along);
    EXPECT_GT(run.link(2 * flow - 2).stats.utilisation, 0.95) << "each hop is used";
  }
}

TEST(TopologyScenario, AFlowTakesWhatCrossTrafficLeaves) {
  const ScenarioRun run(
      "--rtt 20ms --rate 10mbit --queue 1bdp --duration 30s --warmup 5s "
      "--flow mode=bulk,cc=new_reno --cross rate=4mbit");
  EXPECT_NEAR(run.flow().goodput_mbps, 5.7, 0.4);
  ASSERT_EQ(run.report().cross.size(), 1U);
  EXPECT_GT(run.report().cross[0].received, run.report().cross[0].sent * 9 / 10);
}

TEST(TopologyScenario, FaultsOfTheHostsAreSurvived) {
  const ScenarioRun run(
      "--rtt 20ms --loss 2% --send-block 5%,3ms --server-send-refuse 3% --client-pause 200ms-500ms "
      "--server-clock-jump 300ms:2s --client-clock-drift 1000 --server-read-interval 1ms "
      "--flow mode=messages,count=200,interval=5ms --flow mode=messages,count=50,from=server");
  run.expect_all_delivered();
}

}  // namespace
}  // namespace hawser::scenarios
