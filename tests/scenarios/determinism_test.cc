// The same arguments and seed give the same bytes.

#include <ostream>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/scenarios/scenario_run.h"

namespace hawser::scenarios {
namespace {

// A run whose every byte and time is known.
struct KnownRun {
  const char* name;
  const char* arguments;
  std::uint64_t trace_hash;
};
std::ostream& operator<<(std::ostream& out, const KnownRun& run) { return out << run.name; }

// A change of behaviour changes these hashes. Then put in what `hawser sim <arguments>` prints
// behind "trace" (a failure below shows the command), and say in the commit what changed.
constexpr KnownRun kRuns[] = {
    {"BadPath",
     "--rtt 60ms --loss 20% --duplicate 5% --reorder 10% --corrupt 2% --seed 7 "
     "--flow mode=messages,size=200,interval=5ms,count=2000,channel=ordered",
     0x096E19BC1FBA2166},
    {"Crowd",
     "--rtt 40ms --rate 20mbit --queue 1bdp --duration 5s --seed 3 --datagram-size 1400 "
     "--datagram-limit 2s:1210 --rebind 3s --flow mode=bulk,connection=a "
     "--flow mode=messages,interval=1ms,connection=a,channel=unordered "
     "--flow mode=bulk,cc=new_reno,from=server --flow mode=pingpong,delay=3ms",
     0xCD2BA99CCAC25F5A}};

class DeterminismScenario : public testing::TestWithParam<KnownRun> {};

// Debug and optimised, g++ and clang++, with sanitizers and without: all are held to one value.
TEST_P(DeterminismScenario, EveryBuildSendsTheSameBytesAtTheSameTimes) {
  const ScenarioRun run(GetParam().arguments);
  EXPECT_EQ(run.report().trace_hash, GetParam().trace_hash)
      << fmt::format("the trace is now 0x{:016X}", run.report().trace_hash);
}

TEST_P(DeterminismScenario, TheSameSeedRepeatsTheRun) {
  const ScenarioRun first(GetParam().arguments);
  const ScenarioRun second(GetParam().arguments);
  EXPECT_EQ(first.report().trace_hash, second.report().trace_hash);
  EXPECT_EQ(first.report().packets_simulated, second.report().packets_simulated);
}

TEST_P(DeterminismScenario, TheCapacityOfTheTransmitBufferDoesNotShow) {
  const std::string arguments = GetParam().arguments;
  const ScenarioRun full(arguments + " --batch 64");
  for (const char* batch : {"1", "3"}) {
    const ScenarioRun run(arguments + " --batch " + batch);
    EXPECT_EQ(run.report().trace_hash, full.report().trace_hash);
  }
}

INSTANTIATE_TEST_SUITE_P(Runs, DeterminismScenario, testing::ValuesIn(kRuns),
                         [](const auto& each) { return each.param.name; });

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
