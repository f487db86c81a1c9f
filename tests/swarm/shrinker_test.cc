#include "tools/swarm/shrinker.h"

#include <algorithm>

#include <gtest/gtest.h>

namespace hawser::swarm {
namespace {

using std::chrono::milliseconds;

const Findings::First kBroken{milliseconds(1), {Invariant::once, "twice"}};

Verdict verdict_of(bool is_broken) {
  Verdict verdict;
  if (is_broken) verdict.violation = kBroken;
  return verdict;
}

TEST(ShrinkerTest, KeepsOnlyWhatMatters) {
  constexpr std::uint64_t kSeed = 3;
  const Scenario whole = draw_scenario({.seed = kSeed});
  ASSERT_GE(whole.faults.size(), 2U);
  const std::string_view guilty = whole.faults[1];
  const Shrunk shrunk = shrink({.seed = kSeed}, kBroken, [&](const Choice& choice) {
    const Scenario scenario = draw_scenario(choice);
    return verdict_of(scenario.has_fault(guilty) && scenario.messages.size() >= 3);
  });
  const Scenario small = draw_scenario(shrunk.choice);
  EXPECT_EQ(small.faults, std::vector<std::string_view>{guilty});
  EXPECT_EQ(small.messages.size(), 3U);
  EXPECT_LT(small.calm_at, whole.calm_at);
  EXPECT_LE(shrunk.runs, kShrinkRunsMax);
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

TEST(ShrinkerTest, TheReplaySaysAllThatWasTakenAway) {
  EXPECT_EQ(replay_arguments({.seed = 4711,
                              .without = {"blackout", "rebind"},
                              .until = milliseconds(3200),
                              .messages = 10,
                              .batch = 1}),
            "--seeds 4711-4711 --without blackout,rebind --until 3.2s --messages 10 --batch 1");
}

}  // namespace
}  // namespace hawser::swarm
