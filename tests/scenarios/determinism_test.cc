// The same arguments and seed give the same bytes.

#include <gtest/gtest.h>

#include "tests/scenarios/scenario_run.h"

namespace hawser::scenarios {
namespace {

constexpr const char* kBadPath =
    "--rtt 60ms --loss 20% --duplicate 5% --reorder 10% --corrupt 2% --seed 7 "
    "--flow mode=messages,size=200,interval=5ms,count=2000,channel=ordered";
constexpr const char* kCrowd =
    "--rtt 40ms --rate 20mbit --queue 1bdp --duration 5s --seed 3 --datagram-limit 2s:1210 "
    "--datagram-size 1400 --flow mode=bulk,connection=a --flow mode=bulk,cc=new_reno,from=server "
    "--flow mode=messages,interval=1ms,connection=a,channel=unordered --flow "
    "mode=pingpong,delay=3ms "
    "--rebind 3s";

class DeterminismScenario : public testing::TestWithParam<const char*> {};

TEST_P(DeterminismScenario, TheSameSeedRepeatsTheRun) {
  const std::string arguments = GetParam();
  const ScenarioRun first(arguments);
  const ScenarioRun second(arguments);
  EXPECT_EQ(first.report().trace_hash, second.report().trace_hash);
  EXPECT_EQ(first.report().packets_simulated, second.report().packets_simulated);
}

TEST_P(DeterminismScenario, TheCapacityOfTheTransmitBufferDoesNotShow) {
  const std::string arguments = GetParam();
  const ScenarioRun single(arguments + " --batch 1");
  const ScenarioRun odd(arguments + " --batch 3");
  const ScenarioRun full(arguments + " --batch 64");
  EXPECT_EQ(single.report().trace_hash, full.report().trace_hash);
  EXPECT_EQ(odd.report().trace_hash, full.report().trace_hash);
}

INSTANTIATE_TEST_SUITE_P(Runs, DeterminismScenario, testing::Values(kBadPath, kCrowd));

TEST(SeedScenario, AnotherSeedIsAnotherRun) {
  const std::string path = "--rtt 20ms --flow mode=messages,count=10";
  EXPECT_NE(ScenarioRun(path + " --seed 1").report().trace_hash,
            ScenarioRun(path + " --seed 2").report().trace_hash);
}

TEST(ReceiveBatchScenario, JoiningArrivalsChangesNoOutcome) {
  for (const char* batch : {"1", "8", "64"}) {
    const ScenarioRun run(
        "--rtt 40ms --loss 5% --duplicate 2% --seed 4 --flow mode=bulk,bytes=4MiB "
        "--receive-batch " +
        std::string(batch));
    run.expect_all_delivered();
  }
}

}  // namespace
}  // namespace hawser::scenarios
