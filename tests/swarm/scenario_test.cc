#include "tools/swarm/scenario.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "tools/swarm/faults.h"

namespace hawser::swarm {
namespace {

constexpr std::uint64_t kSeeds = 200;

TEST(ScenarioTest, WhatIsDrawnIsValid) {
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    const Scenario scenario = draw_scenario({.seed = seed});
    EXPECT_EQ(scenario.server.endpoint.validate(), std::nullopt);
    for (const HostPlan& client : scenario.clients) {
      EXPECT_EQ(client.endpoint.validate(), std::nullopt);
    }
    for (const ConnectionPlan& connection : scenario.connections) {
      EXPECT_EQ(connection.config.validate(), std::nullopt);
    }
    EXPECT_TRUE(std::ranges::is_sorted(scenario.messages, {}, &MessagePlan::at));
    EXPECT_FALSE(scenario.messages.empty());
  }
}

TEST(ScenarioTest, TheSameSeedDrawsTheSame) {
  EXPECT_EQ(describe(draw_scenario({.seed = 7})), describe(draw_scenario({.seed = 7})));
  EXPECT_NE(describe(draw_scenario({.seed = 7})), describe(draw_scenario({.seed = 8})));
}

TEST(ScenarioTest, EveryFaultIsDrawnAndNoneAlways) {
  for (const FaultClass& fault : fault_classes()) {
    std::uint64_t count = 0;
    for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
      count += draw_scenario({.seed = seed}).has_fault(fault.name) ? 1U : 0U;
    }
    EXPECT_GT(count, kSeeds / 10) << fault.name;
    EXPECT_LE(count, kSeeds / 2) << fault.name;
  }
}

TEST(ScenarioTest, NamesAndStreamsOfFaultsAreTheirOwn) {
  const auto faults = fault_classes();
  for (std::size_t i = 0; i < faults.size(); ++i) {
    for (std::size_t k = 0; k < i; ++k) {
      EXPECT_NE(faults[i].name, faults[k].name);
      EXPECT_NE(faults[i].stream, faults[k].stream);
    }
  }
}

TEST(ScenarioTest, TakingAFaultAwayShiftsNoOther) {
  const Scenario whole = draw_scenario({.seed = 3});
  ASSERT_TRUE(whole.has_fault("jitter"));
  const Scenario smaller = draw_scenario({.seed = 3, .without = {"jitter"}});
  EXPECT_FALSE(smaller.has_fault("jitter"));
  EXPECT_EQ(smaller.faults.size() + 1, whole.faults.size());
  netsim::LinkConfig up = smaller.faulty.up;
  up.jitter = whole.faulty.up.jitter;
  EXPECT_EQ(up, whole.faulty.up);
}

TEST(ScenarioTest, NothingIsSentAndNothingGoesWrongAfterTheCut) {
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    const Duration cut = std::chrono::milliseconds(50);
    const Scenario scenario = draw_scenario({.seed = seed, .until = cut, .messages = 5});
    EXPECT_LE(scenario.calm_at, cut);
    EXPECT_LE(scenario.messages.size(), 5U);
    for (const MessagePlan& message : scenario.messages) EXPECT_LT(message.at, cut);
    for (const PathEdit& edit : scenario.edits) EXPECT_LT(edit.at, cut);
    for (const Duration at : scenario.server.restarts) EXPECT_LT(at, cut);
  }
}

TEST(ScenarioTest, TheBatchIsReplacedAndNothingElse) {
  const Scenario scenario = draw_scenario({.seed = 7, .batch = 5});
  EXPECT_EQ(scenario.server.batch, 5U);
  EXPECT_EQ(scenario.messages.size(), draw_scenario({.seed = 7}).messages.size());
}

}  // namespace
}  // namespace hawser::swarm
