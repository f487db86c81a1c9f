// Whatever a path does to single datagrams, every message arrives once and intact.

#include <ostream>
#include <string>

#include <gtest/gtest.h>

#include "tests/scenarios/scenario_run.h"

namespace hawser::scenarios {
namespace {

struct Affliction {
  const char* name;
  const char* options;
  std::uint64_t (*count)(const netsim::LinkStats& stats);  // how often it struck
};
std::ostream& operator<<(std::ostream& out, const Affliction& each) { return out << each.name; }

constexpr Affliction kAfflictions[] = {
    {"Bits", "--corrupt 10% --corrupt-bits 3", [](const auto& s) { return s.corrupted; }},
    {"Burst", "--corrupt 10% --corrupt-burst 32", [](const auto& s) { return s.corrupted; }},
    {"LongBurst", "--corrupt 10% --corrupt-burst 5000", [](const auto& s) { return s.corrupted; }},
    {"Truncation", "--truncate 10%", [](const auto& s) { return s.truncated; }},
    {"Extension", "--extend 10%", [](const auto& s) { return s.extended; }},
    {"Misdelivery", "--misdeliver 10%", [](const auto& s) { return s.misdelivered; }},
    {"Replay", "--replay 20% --replay-age 100ms", [](const auto& s) { return s.replayed; }},
    {"ReorderingByDepth", "--reorder 10% --reorder-depth 5",
     [](const auto& s) { return s.reordered; }},
    {"ReorderingByTime", "--reorder 10% --reorder-delay 20ms",
     [](const auto& s) { return s.reordered; }},
    {"FourStateLoss", "--loss-state 5%,30%,10%,30%,1% --loss-burst-max 4",
     [](const auto& s) { return s.dropped_loss; }},
    {"HeavyTail", "--jitter 20ms --jitter-dist pareto", [](const auto& s) { return s.reordered; }},
    {"Clogs", "--clog 300ms-500ms --clog-every 200ms --clog-for 50ms --reorder 5%",
     [](const auto& s) { return s.reordered; }},
    {"AllTogether",
     "--corrupt 3% --truncate 3% --extend 3% --misdeliver 3% --replay 5% --replay-age 100ms "
     "--duplicate 3% --reorder 5% --reorder-depth 3 --clog-every 500ms --clog-for 50ms",
     [](const auto& s) { return s.misdelivered; }},
};

class DamageScenario : public testing::TestWithParam<Affliction> {};

// Two connections, so that there is another one to be misdelivered to.
TEST_P(DamageScenario, EveryMessageArrivesOnceAndIntact) {
  const ScenarioRun run(
      "--rtt 40ms --seed 6 " + std::string(GetParam().options) +
      " --flow mode=messages,size=3000,interval=5ms,count=200"
      " --flow mode=messages,size=500,interval=7ms,count=200,channel=unordered,from=server");
  run.expect_all_delivered();
  for (const cli::LinkReport& link : run.report().links) {
    EXPECT_GT(GetParam().count(link.stats), 0U) << link.name;
  }
}

INSTANTIATE_TEST_SUITE_P(Afflictions, DamageScenario, testing::ValuesIn(kAfflictions),
                         [](const auto& each) { return each.param.name; });

}  // namespace
}  // namespace hawser::scenarios
