// What a path carries is found out, and noticed when it changes (RFC 8899, RFC 9000 s14.3).

#include <algorithm>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/scenarios/scenario_run.h"
#include "tests/scenarios/two_hosts.h"

namespace hawser::scenarios {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// A client that sends `size` bytes every `interval` for four seconds, over a path that carries IP
/// packets of 1500 bytes, and from two seconds on of 1280.
class NarrowingPathScenario : public TwoHosts {
 protected:
  struct Load {
    std::size_t size = 0;
    Duration interval{0};
  };
  void run(Duration rtt, const Load& load) {
    netsim::PathConfig path = clean_path(rtt);
    path.up.rate = path.down.rate = Bandwidth::bits_per_second(20'000'000);
    path.up.mtu = path.down.mtu = ByteCount(1500);
    netsim::PathChange change{.at = seconds(2), .up = path.up, .down = path.down};
    change.up.mtu = change.down.mtu = ByteCount(1280);
    path.changes = {change};
    set_up(path, {});
    connect();
    for (Duration at = now(); at < seconds(4); at += load.interval) {
      network_.at(at, [this, load] { send(client_, load.size, {}); });
    }
    network_.at(seconds(2), [this] { probe_timeout_ = stats().probe_timeout + kAckDelayMax; });
    run_until(seconds(30));
  }
  ConnectionStats stats() {
    const auto stats = client_.host->endpoint().stats(client_.connection);
    EXPECT_TRUE(stats.has_value());
    return *stats;
  }
  Duration longest_gap() const {
    Duration longest{0};
    for (std::size_t i = 1; i < server_.deliveries.size(); ++i) {
      longest = std::max(longest, server_.deliveries[i].at - server_.deliveries[i - 1].at);
    }
    return longest;
  }

  static constexpr Duration kAckDelayMax = milliseconds(10);
  Duration probe_timeout_{0};  // before the path became narrow
};

TEST_F(NarrowingPathScenario, BulkLosesNothingAndGoesOnWithinSixProbeTimeouts) {
  run(milliseconds(60), {.size = 20'000, .interval = milliseconds(10)});
  expect_all_in_order(server_, sent_);
  EXPECT_LE(longest_gap(), 6 * probe_timeout_);
  EXPECT_EQ(stats().mtu_black_holes, 1U);
  EXPECT_EQ(stats().datagram_size, ByteCount(1252));
  EXPECT_EQ(stats().persistent_congestions, 0U);
}

TEST_F(NarrowingPathScenario, SoDoesAShortPath) {
  run(milliseconds(4), {.size = 20'000, .interval = milliseconds(10)});
  expect_all_in_order(server_, sent_);
  EXPECT_LE(longest_gap(), 6 * probe_timeout_);
}

// Some of its messages fit the narrow path, and are acknowledged while others vanish.
TEST_F(NarrowingPathScenario, SoDoMessagesOfAFewDatagrams) {
  run(milliseconds(60), {.size = 5'000, .interval = milliseconds(25)});
  expect_all_in_order(server_, sent_);
  EXPECT_LE(longest_gap(), 6 * probe_timeout_);
}

// Small messages have all that they need.
TEST_F(NarrowingPathScenario, SmallMessagesNeverNotice) {
  run(milliseconds(60), {.size = 200, .interval = milliseconds(5)});
  expect_all_in_order(server_, sent_);
  EXPECT_LE(longest_gap(), milliseconds(6));
  EXPECT_EQ(stats().mtu_probes_sent, 0U);
  EXPECT_EQ(stats().datagram_size, ByteCount(1200));
}

TEST_F(TwoHosts, APathThatCarries1500IsFoundWithin20RoundTrips) {
  constexpr Duration kRtt = milliseconds(60);
  netsim::PathConfig path = clean_path(kRtt);
  path.up.rate = path.down.rate = Bandwidth::bits_per_second(20'000'000);
  path.up.mtu = path.down.mtu = ByteCount(1500);
  set_up(path, {});
  connect();
  for (int i = 0; i < 10; ++i) send(client_, 500'000);
  run_until(20 * kRtt);
  const auto full = std::ranges::find(client_.datagram_sizes, 1472U);
  ASSERT_NE(full, client_.datagram_sizes.end());
  EXPECT_EQ(client_.host->endpoint().stats(client_.connection)->datagram_size, ByteCount(1472));
}

TEST(PathMtuScenario, APathOfTheBaseSizeCostsNothingButTheProbes) {
  const char* kPath = "--rtt 40ms --rate 20mbit --queue 1bdp --duration 20s --warmup 5s ";
  const ScenarioRun fixed(
      fmt::format("{} --mtu 1228 --datagram-size 1200 --flow mode=bulk", kPath));
  const ScenarioRun searching(fmt::format("{} --mtu 1228 --flow mode=bulk", kPath));
  const ConnectionStats& stats = searching.flow().stats;
  EXPECT_EQ(stats.datagram_size, ByteCount(1200));
  EXPECT_EQ(stats.mtu_probes_sent, 18U);
  EXPECT_EQ(stats.mtu_probes_lost, 18U);
  EXPECT_EQ(stats.mtu_black_holes, 0U);
  EXPECT_GE(searching.flow().goodput_mbps, 0.995 * fixed.flow().goodput_mbps);
}

// A lost probe is neither a loss nor congestion (RFC 9000 s14.4).
TEST(PathMtuScenario, LostProbesReduceNoWindow) {
  const ScenarioRun run(
      "--rtt 40ms --mtu 1228 --duration 5s --flow mode=bulk,cc=cubic,cwnd_max=256KiB");
  EXPECT_EQ(run.flow().stats.mtu_probes_lost, 18U);
  EXPECT_EQ(run.flow().stats.packets_lost, 0U);
  EXPECT_EQ(run.flow().stats.congestion.ssthresh, ByteCount::max());
}

TEST(PathMtuScenario, TheSearchEndsUnderLossAsWell) {
  for (int seed = 1; seed <= 10; ++seed) {
    const ScenarioRun run(fmt::format(
        "--rtt 40ms --rate 20mbit --mtu 1500 --loss 5% --flow mode=bulk,bytes=4MiB --seed {}",
        seed));
    run.expect_all_delivered();
    EXPECT_EQ(run.flow().stats.datagram_size, ByteCount(1472));
    EXPECT_EQ(run.flow().stats.mtu_black_holes, 0U);
  }
}

// The peer answers, so nothing was lost for its size.
TEST(PathMtuScenario, AnOutageDoesNotCostTheSizeThatWasFound) {
  const ScenarioRun run(
      "--rtt 40ms --rate 20mbit --queue 1bdp --mtu 1500 --blackout 2s-4s "
      "--flow mode=bulk,bytes=16MiB");
  run.expect_all_delivered();
  EXPECT_EQ(run.flow().stats.datagram_size, ByteCount(1472));
  EXPECT_EQ(run.flow().stats.mtu_black_holes, 0U);
}

TEST(PathMtuScenario, NothingIsLostWhenTheMtuChangesAgainAndAgain) {
  for (int seed = 1; seed <= 5; ++seed) {
    const ScenarioRun run(
        fmt::format("--rtt 60ms --rate 20mbit --queue 1bdp --loss 1% --mtu 1500 --at 1s:mtu=1280 "
                    "--at 3s:mtu=1400 --at 5s:mtu=1228 --at 8s:mtu=1500 --seed {} "
                    "--flow mode=bulk,bytes=8MiB --flow mode=bulk,bytes=8MiB,from=server",
                    seed));
    run.expect_all_delivered();
  }
}

// The other end's limit, an endpoint that refuses and the path: the least of them holds.
TEST(PathMtuScenario, WhatTheHostRefusesIsNotProbedForTwice) {
  const ScenarioRun run(
      "--rtt 40ms --rate 20mbit --mtu 1500 --datagram-limit 1400 --flow mode=bulk,bytes=8MiB");
  run.expect_all_delivered();
  EXPECT_EQ(run.flow().stats.datagram_size, ByteCount(1392));
  EXPECT_EQ(run.flow().stats.mtu_probes_lost, 0U);
}

TEST(PathMtuScenario, TheTextbookProtocolsDoNotSearch) {
  const ScenarioRun run(
      "--rtt 40ms --rate 20mbit --flow mode=bulk,bytes=1MiB,arq=go_back_n,send_window=16");
  run.expect_all_delivered();
  EXPECT_EQ(run.flow().stats.mtu_probes_sent, 0U);
}

}  // namespace
}  // namespace hawser::scenarios
