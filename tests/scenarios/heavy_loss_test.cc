// Paths that hardly exist.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/scenarios/scenario_run.h"

namespace hawser::scenarios {
namespace {

// The suite is parametrised by the first of ten seeds.
class HeavyLossScenario : public testing::TestWithParam<int> {};

TEST_P(HeavyLossScenario, A64KiBTransferCompletesAt90PercentLossEachWay) {
  for (int seed = GetParam(); seed < GetParam() + 10; ++seed) {
    const ScenarioRun run(
        fmt::format("--rtt 60ms --loss 90% --seed {} --idle-timeout 2h "
                    "--handshake-timeout 2h --flow mode=bulk,size=64KiB,count=1",
                    seed));
    run.expect_all_delivered();
    EXPECT_GT(run.link().stats.dropped_loss, run.link().stats.packets * 8 / 10);
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, HeavyLossScenario, testing::Range(1, 101, 10));

class LossyArqScenario : public testing::TestWithParam<const char*> {};

TEST_P(LossyArqScenario, CompletesAt20PercentLossEachWay) {
  for (int seed = 1; seed <= 20; ++seed) {
    for (const char* from : {"client", "server"}) {
      const ScenarioRun run(
          fmt::format("--rtt 60ms --rate 10mbit --loss 20% --seed {} --idle-timeout 10min "
                      "--handshake-timeout 10min "
                      "--flow mode=messages,size=3000,interval=20ms,count=300,from={},arq={}",
                      seed, from, GetParam()));
      run.expect_all_delivered();
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    Protocols, LossyArqScenario,
    testing::Values("stop_and_wait", "go_back_n,send_window=16", "selective_repeat,send_window=16"),
    [](const auto& each) {
      return std::string(each.param).substr(0, std::string_view(each.param).find(','));
    });

TEST(GilbertElliottScenario, BurstsOfLossAreSurvived) {
  const ScenarioRun run(
      "--rtt 60ms --loss-ge 1%,20% --seed 9 --idle-timeout 10min "
      "--flow mode=messages,size=1000,interval=5ms,count=2000,channel=unordered");
  run.expect_all_delivered();
}

}  // namespace
}  // namespace hawser::scenarios
