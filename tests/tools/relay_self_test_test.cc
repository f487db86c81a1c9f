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
  for (const SelfTestCheck& check : checks) EXPECT_TRUE(check.is_ok()) << check.what;
  EXPECT_EQ(find(checks, "share lost, up")->measured, 0.1);
  EXPECT_EQ(find(checks, "share duplicated, up")->measured, 0.1);
  EXPECT_EQ(find(checks, "share damaged, up")->measured, 0.1);
}

TEST(RelaySelfTestTest, WhatTheQueueDroppedIsNotDamagedAndHidesTheShareOfCopies) {
  SelfTestFigures figures = good_figures();
  figures.relay.up.dropped_queue = 590;
  figures.relay.up.corrupted = 40;
  const auto checks = compare(bad_path(), figures);
  EXPECT_FALSE(find(checks, "share duplicated, up").has_value());
  EXPECT_EQ(find(checks, "share damaged, up")->measured, 0.1);
}

TEST(RelaySelfTestTest, OfNetemOnlyTheRelayIsChecked) {
  netsim::PathConfig path;
  path.up.netem.emplace();
  path.down.netem.emplace();
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
  EXPECT_FALSE(find(compare(bad_path(), figures), "share damaged, up")->is_ok());
}

TEST(RelaySelfTestTest, WhatNothingArrivedForIsNotChecked) {
  SelfTestFigures figures;
  figures.relay.up.packets = 1000;
  const auto checks = compare({}, figures);
  EXPECT_FALSE(find(checks, "datagrams passed on that arrived")->is_checked);
  EXPECT_FALSE(find(checks, "share lost, down")->is_checked);
  EXPECT_FALSE(find(checks, "median delay in ms, up")->is_checked);
  EXPECT_FALSE(find(checks, "median round trip in ms")->is_checked);
  EXPECT_TRUE(find(checks, "share lost, up")->is_checked);
}

TEST(RelaySelfTestTest, TheWayBackIsChecked) {
  netsim::PathConfig path;
  path.down.loss = Probability::percent(50);
  path.down.delay = 30ms;
  SelfTestFigures figures;
  figures.relay.up.packets = figures.relay.down.packets = 1000;
  figures.relay.down.dropped_loss = 500;
  figures.round_trip.add(30ms);
  EXPECT_TRUE(find(compare(path, figures), "share lost, down")->is_ok());
  EXPECT_TRUE(find(compare(path, figures), "median round trip in ms")->is_ok());
  figures.relay.down.dropped_loss = 100;
  figures.round_trip.add(40ms);
  figures.round_trip.add(40ms);
  EXPECT_FALSE(find(compare(path, figures), "share lost, down")->is_ok());
  EXPECT_FALSE(find(compare(path, figures), "median round trip in ms")->is_ok());
}

// 1 % in, 25 % out: 1/26 of the time bad, where all is lost.
TEST(RelaySelfTestTest, BurstsAreHeldToTheirMean) {
  netsim::PathConfig path;
  path.up.loss_ge = netsim::GilbertElliott{.enter_bad = Probability::percent(1),
                                           .leave_bad = Probability::percent(25)};
  SelfTestFigures figures;
  figures.relay.up.packets = 26'000;
  figures.relay.up.dropped_loss = 1000;
  const auto check = find(compare(path, figures), "share lost, up");
  EXPECT_NEAR(check->expected, 1.0 / 26, 1e-9);
  EXPECT_EQ(check->measured, 1.0 / 26);
  figures.relay.up.dropped_loss = 2000;
  EXPECT_FALSE(find(compare(path, figures), "share lost, up")->is_ok());
}

// 4000 datagrams of 228 bytes in 2 s are 3.648 Mbit/s.
TEST(RelaySelfTestTest, ARateShowsWhereMoreIsSent) {
  netsim::PathConfig path;
  path.up.rate = Bandwidth::bits_per_second(1'000'000);
  SelfTestFigures figures;
  figures.relay.up.packets = 4000;
  figures.relay.up.bytes = ByteCount(228 * 4000);
  figures.sent_over = 2s;
  figures.received = 1001;
  figures.arrival_span = 1824ms;
  EXPECT_NEAR(find(compare(path, figures), "rate in Mbit/s, up")->measured, 1, 1e-9);
  figures.arrival_span = 2s;
  EXPECT_FALSE(find(compare(path, figures), "rate in Mbit/s, up")->is_ok());
  path.up.rate = Bandwidth::bits_per_second(3'500'000);
  EXPECT_FALSE(find(compare(path, figures), "rate in Mbit/s, up").has_value());
}

}  // namespace
}  // namespace hawser::cli
