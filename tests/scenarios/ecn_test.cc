// Explicit congestion notification from one end to the other (RFC 9000 s13.4, RFC 9002 s7.1).

#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/scenarios/scenario_run.h"

namespace hawser::scenarios {
namespace {

using namespace std::chrono_literals;

constexpr const char* kPath = "--rtt 40ms --rate 20mbit --duration 30s --warmup 5s ";

// ---- A queue that marks -------------------------------------------------------------------------

class MarkingQueueScenario : public testing::TestWithParam<const char*> {
 protected:
  static ScenarioRun run(const char* ecn) {
    return ScenarioRun(
        fmt::format("{}{} --flow mode=bulk,cc=cubic,ecn={}", kPath, GetParam(), ecn));
  }
};

TEST_P(MarkingQueueScenario, CubicReachesTheGoodputOfDropsWithoutALoss) {
  const ScenarioRun dropping = run("0");
  const ScenarioRun marking = run("1");
  EXPECT_GT(dropping.flow().stats.packets_lost, 0U);
  EXPECT_EQ(marking.flow().stats.packets_lost, 0U);
  EXPECT_EQ(marking.flow().stats.retransmitted_bytes, ByteCount(0));
  EXPECT_GE(marking.flow().goodput_mbps, 0.98 * dropping.flow().goodput_mbps);
  EXPECT_EQ(marking.flow().stats.ecn_state, EcnState::capable);
  EXPECT_EQ(marking.flow().stats.ecn_ce_reported, marking.link().stats.ecn_marked);
}

INSTANTIATE_TEST_SUITE_P(Queues, MarkingQueueScenario,
                         testing::Values("--aqm codel", "--aqm fq_codel",
                                         "--aqm red:30kB,150kB,10%,64"),
                         [](const auto& each) {
                           const std::string words = each.param;
                           return words.substr(6, words.find(':') - 6);
                         });

// All that is above a threshold is marked, for a round trip and more: that is one congestion.
TEST(MarkingScenario, MarksAreAnsweredOnceARoundTrip) {
  const ScenarioRun run(fmt::format("{}--ecn-mark 30kB --flow mode=bulk,cc=cubic", kPath));
  const ConnectionStats& stats = run.flow().stats;
  EXPECT_EQ(stats.packets_lost, 0U);
  EXPECT_GT(stats.ecn_ce_reported, 5 * stats.ecn_reductions);
  EXPECT_GT(stats.ecn_reductions, 10U);
  EXPECT_LT(stats.ecn_reductions, 30s / 40ms);
}

// ---- Paths that do not keep marks ---------------------------------------------------------------

struct Fault {
  const char* name;
  const char* option;
};

class EcnFaultsScenario : public testing::TestWithParam<Fault> {};

TEST_P(EcnFaultsScenario, TurnsEcnOffAndChangesNothingElse) {
  const std::string path = std::string(kPath) + "--queue 1bdp ";
  const ScenarioRun without(path + "--flow mode=bulk,ecn=0");
  const ScenarioRun with(fmt::format("{}{} --flow mode=bulk", path, GetParam().option));
  EXPECT_EQ(with.flow().stats.ecn_state, EcnState::failed);
  EXPECT_EQ(with.flow().stats.ecn_reductions, 0U);
  EXPECT_GE(with.flow().goodput_mbps, 0.99 * without.flow().goodput_mbps);
}

INSTANTIATE_TEST_SUITE_P(Faults, EcnFaultsScenario,
                         testing::Values(Fault{"Clear", "--ecn-fault clear"},
                                         Fault{"Ect1", "--ecn-fault ect1"},
                                         Fault{"Ce", "--ecn-fault ce"},
                                         Fault{"Drop", "--ecn-fault drop"}),
                         [](const auto& each) { return each.param.name; });

// To the byte: the acknowledgements of a path that clears the bits tell of none.
TEST(EcnFaultScenario, ABleachedPathIsTheOneWithoutEcn) {
  const std::string path = std::string(kPath) + "--queue 1bdp ";
  EXPECT_EQ(ScenarioRun(path + "--ecn-fault clear --flow mode=bulk").report().trace_hash,
            ScenarioRun(path + "--flow mode=bulk,ecn=0").report().trace_hash);
}

// RFC 9000 s13.4.2.2: "network routing and path elements can change mid-connection".
TEST(EcnFaultScenario, ARouteThatBeginsToDropWhatIsMarkedIsNoticed) {
  const ScenarioRun run(
      "--rtt 40ms --rate 20mbit --queue 1bdp --at 2s:ecn-fault=drop --flow mode=bulk,bytes=16MiB");
  run.expect_all_delivered();
  EXPECT_EQ(run.flow().stats.ecn_state, EcnState::failed);
}

TEST(EcnFaultScenario, AnOutageDoesNotEndIt) {
  const ScenarioRun run(
      "--rtt 40ms --rate 20mbit --queue 1bdp --blackout 2s-4s --flow mode=bulk,bytes=16MiB");
  run.expect_all_delivered();
  EXPECT_EQ(run.flow().stats.ecn_state, EcnState::capable);
}

// The textbook's protocols know nothing of it.
TEST(EcnScenario, TheTextbookProtocolsGoWithout) {
  const ScenarioRun run("--rtt 40ms --rate 20mbit --flow mode=bulk,bytes=1MiB,arq=go_back_n");
  run.expect_all_delivered();
  EXPECT_EQ(run.flow().stats.ecn_state, EcnState::off);
}

}  // namespace
}  // namespace hawser::scenarios
