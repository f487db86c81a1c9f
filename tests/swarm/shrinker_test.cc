#include "tools/swarm/shrinker.h"

#include <algorithm>

#include <gtest/gtest.h>

namespace hawser::swarm {
namespace {

using std::chrono::milliseconds;

constexpr std::uint64_t kSeed = 3;  // several faults and connections
const Findings::First kBroken{milliseconds(1), {Invariant::once, "twice"}};

Verdict verdict_of(bool is_broken) {
  Verdict verdict;
  if (is_broken) verdict.violation = kBroken;
  return verdict;
}

std::size_t sent_before_the_calm(const Scenario& scenario) {
  return static_cast<std::size_t>(
      std::ranges::count(scenario.messages, false, &MessagePlan::is_farewell));
}

TEST(ShrinkerTest, KeepsOnlyWhatMatters) {
  const Scenario whole = draw_scenario({.seed = kSeed});
  ASSERT_GE(whole.faults.size(), 2U);
  const std::string_view guilty = whole.faults[1];
  const Shrunk shrunk = shrink({.seed = kSeed}, kBroken, [&](const Choice& choice) {
    const Scenario scenario = draw_scenario(choice);
    return verdict_of(scenario.has_fault(guilty) && sent_before_the_calm(scenario) >= 3);
  });
  const Scenario small = draw_scenario(shrunk.choice);
  EXPECT_EQ(small.faults, std::vector<std::string_view>{guilty});
  EXPECT_EQ(sent_before_the_calm(small), 3U);
  EXPECT_EQ(small.connections.size(), 1U);
  EXPECT_LT(small.calm_at, whole.calm_at);
  EXPECT_LE(shrunk.runs, kShrinkRunsMax);
}

// The fault counts only while there is much time: with less of it, it can go as well.
TEST(ShrinkerTest, GoesOnUntilNothingChanges) {
  const Scenario whole = draw_scenario({.seed = kSeed});
  const std::string_view late = whole.faults[0];
  const Shrunk shrunk = shrink({.seed = kSeed}, kBroken, [&](const Choice& choice) {
    const Scenario scenario = draw_scenario(choice);
    return verdict_of(scenario.has_fault(late) || scenario.calm_at < whole.calm_at / 2);
  });
  EXPECT_TRUE(draw_scenario(shrunk.choice).faults.empty());
}

TEST(ShrinkerTest, AnotherBrokenPromiseIsAnotherFailure) {
  const Shrunk shrunk = shrink({.seed = 3}, kBroken, [](const Choice&) {
    Verdict verdict;
    verdict.violation = Findings::First{Duration(0), {Invariant::leak, "something else"}};
    return verdict;
  });
  EXPECT_EQ(replay_arguments(shrunk.choice), "--seeds 3-3");
}

TEST(ShrinkerTest, IsBounded) {
  const Shrunk shrunk = shrink({.seed = 3}, kBroken, [runs = 0](const Choice&) mutable {
    return verdict_of(++runs % 2 == 0);
  });
  EXPECT_LE(shrunk.runs, kShrinkRunsMax);
}

TEST(ShrinkerTest, LargeScenariosGetFewerRuns) {
  const Shrunk shrunk = shrink({.seed = kSeed}, kBroken, [](const Choice&) {
    Verdict verdict = verdict_of(true);
    verdict.events = kShrinkEventsMax / 2;
    return verdict;
  });
  EXPECT_EQ(shrunk.runs, 2);
}

TEST(ShrinkerTest, TheReplaySaysAllThatWasTakenAway) {
  EXPECT_EQ(replay_arguments({.seed = 4711,
                              .without = {"blackout", "rebind"},
                              .until = milliseconds(3200),
                              .messages = 10,
                              .connections = 2,
                              .batch = 1,
                              .controllers = 3}),
            "--seeds 4711-4711 --without blackout,rebind --until 3.2s --messages 10 "
            "--connections 2 --batch 1 --controllers 3");
}

}  // namespace
}  // namespace hawser::swarm
