#include "tools/swarm/scenario.h"

#include <algorithm>
#include <map>

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
    EXPECT_GT(scenario.messages.size(), 2 * scenario.connections.size());
  }
}

TEST(ScenarioTest, TheSameSeedDrawsTheSame) {
  EXPECT_EQ(describe(draw_scenario({.seed = 7})), describe(draw_scenario({.seed = 7})));
  EXPECT_NE(describe(draw_scenario({.seed = 7})), describe(draw_scenario({.seed = 8})));
}

TEST(ScenarioTest, EveryFaultIsDrawnAndNoneAlways) {
  std::map<std::string_view, std::uint64_t> counts;
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    for (const std::string_view fault : draw_scenario({.seed = seed}).faults) ++counts[fault];
  }
  for (const FaultClass& fault : fault_classes()) {
    EXPECT_GT(counts[fault.name], kSeeds / 20) << fault.name;
    EXPECT_LE(counts[fault.name], kSeeds / 3) << fault.name;
  }
}

TEST(ScenarioTest, ManyScenariosHaveFewFaultsAndSomeHaveNone) {
  std::uint64_t few = 0;
  std::uint64_t none = 0;
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    const std::size_t faults = draw_scenario({.seed = seed}).faults.size();
    few += faults <= 3 ? 1U : 0U;
    none += faults == 0 ? 1U : 0U;
  }
  EXPECT_GT(few, kSeeds / 4);
  EXPECT_GT(none, kSeeds / 20);
}

ByteCount bytes_of(const Scenario& scenario) {
  ByteCount sum{0};
  for (const MessagePlan& message : scenario.messages) sum += message.size;
  return sum;
}

TEST(ScenarioTest, EachKindIsWhatItIsCalled) {
  std::uint64_t counts[4] = {};
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    const Scenario scenario = draw_scenario({.seed = seed});
    ++counts[static_cast<std::size_t>(scenario.kind)];
    const ConnectionConfig& server = scenario.server.endpoint.accepted;
    if (scenario.kind == Kind::bulk) {
      EXPECT_GE(bytes_of(scenario), ByteCount(1 << 20));
      EXPECT_NE(scenario.base.up.queue, netsim::QueueLimit());
      EXPECT_LE(scenario.faults.size(), 3U);
    } else if (scenario.kind == Kind::credit) {
      EXPECT_LE(server.receive_window, ByteCount(16 << 10));
      EXPECT_LE(server.receive_window_segments, 32U);
    } else if (scenario.kind == Kind::lasting) {
      EXPECT_GE(scenario.calm_at, std::chrono::minutes(10));
    }
  }
  for (const std::uint64_t count : counts) EXPECT_GT(count, kSeeds / 40);
}

TEST(ScenarioTest, EachConnectionSaysFarewellBothWaysInTheCalm) {
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    const Scenario scenario = draw_scenario({.seed = seed, .messages = 0});
    EXPECT_EQ(scenario.messages.size(), 2 * scenario.connections.size());
    for (const MessagePlan& farewell : scenario.messages) {
      EXPECT_GE(farewell.at, scenario.calm_at);
      EXPECT_GE(farewell.at, scenario.connections[farewell.connection].open_at);
    }
  }
}

TEST(ScenarioTest, WhereThereAreHopsSomeoneCrossesTheFaultyOne) {
  std::uint64_t seen = 0;
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    const Scenario scenario = draw_scenario({.seed = seed});
    if (!scenario.has_fault("hops")) continue;
    ++seen;
    const HostPlan& client = scenario.clients.front();
    EXPECT_LE(client.first_hop, scenario.faulty_hop);
    EXPECT_GE(client.last_hop, scenario.faulty_hop);
  }
  EXPECT_GT(seen, 0U);
}

TEST(ScenarioTest, TakingConnectionsAwayTakesTheirMessages) {
  const Scenario scenario = draw_scenario({.seed = 3, .connections = 1});
  EXPECT_EQ(scenario.connections.size(), 1U);
  for (const MessagePlan& message : scenario.messages) EXPECT_EQ(message.connection, 0U);
}

TEST(ScenarioTest, NarrowWindowsAreGivenMoreTime) {
  Scenario scenario = draw_scenario({.seed = 7});
  scenario.messages.assign(1000, {.size = ByteCount(1000)});
  ConnectionConfig& server = scenario.server.endpoint.accepted;
  for (ConnectionPlan& connection : scenario.connections) connection.config = server = {};
  const Duration wide = liveness_bound(scenario);
  server.receive_window_segments = 1;
  EXPECT_GT(liveness_bound(scenario), wide);
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

TEST(ScenarioTest, MostConnectionsFindOutWhatTheirPathIs) {
  std::uint64_t marking = 0;
  std::uint64_t searching = 0;
  std::uint64_t connections = 0;
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    for (const ConnectionPlan& plan : draw_scenario({.seed = seed}).connections) {
      ++connections;
      marking += plan.config.ecn ? 1U : 0U;
      searching += plan.config.path_mtu_search ? 1U : 0U;
    }
  }
  for (const std::uint64_t count : {marking, searching}) {
    EXPECT_GT(count, connections * 3 / 4);
    EXPECT_LT(count, connections * 9 / 10);
  }
}

TEST(ScenarioTest, TakingAFaultAwayShiftsNoOther) {
  std::uint64_t seed = 1;
  while (!draw_scenario({.seed = seed}).has_fault("jitter")) ++seed;
  const Scenario whole = draw_scenario({.seed = seed});
  const Scenario smaller = draw_scenario({.seed = seed, .without = {"jitter"}});
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
    EXPECT_LE(scenario.messages.size(), 5U + 2 * scenario.connections.size());
    for (const MessagePlan& message : scenario.messages) {
      EXPECT_EQ(message.at < cut, !message.is_farewell);
    }
    for (const PathEdit& edit : scenario.edits) EXPECT_LT(edit.at, cut);
    for (const CrossPlan& cross : scenario.cross_traffic) {
      EXPECT_LT(cross.on.from, cross.on.to);
      EXPECT_LE(cross.on.to, cut);
    }
    for (const Duration at : scenario.server.restarts) EXPECT_LT(at, cut);
  }
}

TEST(ScenarioTest, FewerControllersAreTheFirstOnesAndShiftNothingElse) {
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    const Scenario all = draw_scenario({.seed = seed});
    const Scenario first = draw_scenario({.seed = seed, .controllers = 1});
    EXPECT_EQ(first.server.endpoint.accepted.congestion->name, "cubic");
    EXPECT_EQ(first.messages.size(), all.messages.size());
    EXPECT_EQ(first.connections.size(), all.connections.size());
    EXPECT_EQ(first.server.endpoint.accepted.send_window, all.server.endpoint.accepted.send_window);
  }
}

TEST(ScenarioTest, TheBatchIsReplacedAndNothingElse) {
  const Scenario scenario = draw_scenario({.seed = 7, .batch = 5});
  EXPECT_EQ(scenario.server.batch, 5U);
  EXPECT_EQ(scenario.messages.size(), draw_scenario({.seed = 7}).messages.size());
}

}  // namespace
}  // namespace hawser::swarm
