#include "tools/hawser/relay_self_test.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

namespace hawser::cli {
namespace {

using namespace std::chrono_literals;
using netsim::Probability;

// 1000 datagrams through a path that loses, copies and damages a tenth each.
netsim::PathConfig bad_path() {
  netsim::PathConfig path;
  path.up.loss = path.up.duplicate = path.up.damage.corrupt = Probability::percent(10);
  return path;
}
SelfTestFigures good_figures() {
  SelfTestFigures figures;
  figures.relay.up.packets = 1000;
  figures.relay.up.dropped_loss = 100;
  figures.relay.up.duplicated = 90;
  figures.relay.up.corrupted = 99;
  figures.relay.sent = figures.received = 990;
  return figures;
}
std::optional<SelfTestCheck> find(const std::vector<SelfTestCheck>& checks, std::string_view what) {
  const auto found = std::ranges::find(checks, what, &SelfTestCheck::what);
  if (found == checks.end()) return std::nullopt;
  return *found;
}

TEST(RelaySelfTestTest, SharesAreOfThoseThatCouldBefall) {
  SelfTestFigures figures = good_figures();
  figures.relay.up.packets += 5000;  // and that many too large for the path
  figures.relay.up.dropped_mtu = 5000;
  const auto checks = compare(bad_path(), figures);
  EXPECT_EQ(checks.size(), 4U);
  for (const SelfTestCheck& check : checks) EXPECT_TRUE(check.is_ok()) << check.what;
  EXPECT_EQ(find(checks, "share lost")->measured, 0.1);
  EXPECT_EQ(find(checks, "share duplicated")->measured, 0.1);
  EXPECT_EQ(find(checks, "share damaged")->measured, 0.1);
}

TEST(RelaySelfTestTest, WhatTheQueueDroppedIsNotDamagedAndHidesTheShareOfCopies) {
  SelfTestFigures figures = good_figures();
  figures.relay.up.dropped_queue = 590;
  figures.relay.up.corrupted = 40;
  const auto checks = compare(bad_path(), figures);
  EXPECT_FALSE(find(checks, "share duplicated").has_value());
  EXPECT_EQ(find(checks, "share damaged")->measured, 0.1);
}

TEST(RelaySelfTestTest, OfNetemOnlyTheRelayIsChecked) {
  netsim::PathConfig path;
  path.up.netem.emplace();
  EXPECT_EQ(compare(path, good_figures()).size(), 1U);
}

TEST(RelaySelfTestTest, OfAPathThatChangesOnlyTheRelayIsChecked) {
  netsim::PathConfig path = bad_path();
  path.changes.push_back({.at = 1s, .up = {}, .down = {}});
  const auto checks = compare(path, good_figures());
  ASSERT_EQ(checks.size(), 1U);
  EXPECT_EQ(checks[0].what, "datagrams passed on that arrived");
}

TEST(RelaySelfTestTest, AWrongShareIsNoticed) {
  SelfTestFigures figures = good_figures();
  figures.relay.up.corrupted = 300;
  EXPECT_FALSE(find(compare(bad_path(), figures), "share damaged")->is_ok());
}

}  // namespace
}  // namespace hawser::cli
