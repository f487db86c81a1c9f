// The cases of quic-interop-runner (snapshot 1d6f655) and of ngtcp2's simulator (f3af8b14) as
// scenarios: 15 ms each way, 10 Mbit/s, a queue of 25 packets, done within 60 s. The limits are
// theirs. README.md has the table.

#include <algorithm>
#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/scenarios/scenario_run.h"
#include "tests/scenarios/two_hosts.h"

namespace hawser::scenarios {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr const char* kPath = "--delay 15ms --rate 10mbit --queue 25p";
constexpr Duration kTimeout = seconds(60);

// ---- quic-interop-runner -----------------------------------------------------------------------

class InteropScenario : public testing::TestWithParam<const char*> {
 protected:
  /// Files from the server, with what else happens to the path.
  static void expect_whole(const std::string& path, const std::string& flow) {
    const ScenarioRun run(fmt::format("{} {} --flow mode=bulk,size=1MB,{},from=server,cc={}", kPath,
                                      path, flow, GetParam()));
    run.expect_all_delivered();
    EXPECT_LE(run.flow().completion.value_or(kForever), kTimeout);
  }
};

// I1, I9.
TEST_P(InteropScenario, Transfer) {
  std::string flows;
  for (const char* size : {"2MB", "3MB", "5MB"}) {
    flows += fmt::format(" --flow mode=bulk,size={},count=1,connection=one,from=server,cc={}", size,
                         GetParam());
  }
  const ScenarioRun run(kPath + flows);
  run.expect_all_delivered();
  EXPECT_LE(run.report().duration, kTimeout);
}

// I2.
TEST_P(InteropScenario, LongRoundTrip) {
  const ScenarioRun run(
      fmt::format("--delay 750ms --rate 10mbit --queue 25p "
                  "--flow mode=bulk,size=1MB,bytes=1MB,from=server,cc={}",
                  GetParam()));
  run.expect_all_delivered();
  EXPECT_LE(run.flow().completion.value_or(kForever), kTimeout);
}

// I4.
TEST_P(InteropScenario, TransferWithLoss) {
  for (int seed = 1; seed <= 5; ++seed) {
    expect_whole(fmt::format("--loss 2% --loss-burst-max 3 --seed {}", seed), "bytes=2MB");
  }
}

// I5.
TEST_P(InteropScenario, TransferWithCorruption) {
  for (int seed = 1; seed <= 5; ++seed) {
    expect_whole(fmt::format("--corrupt 2% --seed {}", seed), "bytes=2MB");
  }
}

// I6: on for 5 s, off for 2 s.
TEST_P(InteropScenario, Blackholes) {
  expect_whole(
      "--blackout 5s-7s --blackout 12s-14s --blackout 19s-21s --blackout 26s-28s "
      "--blackout 33s-35s --blackout 40s-42s",
      "bytes=10MB");
}

// I8: another address and port after 1 s, then every 5 s.
TEST_P(InteropScenario, Rebinding) {
  expect_whole("--rebind 1s --rebind 6s --rebind 11s --rebind 16s", "bytes=10MB");
}

// I10: 25 MB beside NewReno; three minutes would be starvation.
TEST_P(InteropScenario, CrossTraffic) {
  const ScenarioRun run(
      fmt::format("{} --duration 180s --flow mode=bulk,size=1MB,bytes=25MB,from=server,cc={} "
                  "--flow mode=bulk,size=1MB,from=server,cc=new_reno",
                  kPath, GetParam()));
  EXPECT_EQ(run.flow(0).deliveries.delivered, 25U);
  EXPECT_LE(run.flow(0).completion.value_or(kForever), seconds(180));
}

INSTANTIATE_TEST_SUITE_P(Controllers, InteropScenario, testing::Values("cubic", "new_reno", "bbr"),
                         [](const auto& each) { return std::string(each.param); });

// I5: 50 handshakes.
TEST(InteropHandshakeScenario, SurvivesThatThreeOfTenDatagramsAreCorrupted) {
  for (int seed = 1; seed <= 50; ++seed) {
    const ScenarioRun run(
        fmt::format("{} --corrupt 30% --handshake-timeout 60s --seed {} "
                    "--flow mode=pingpong,size=257,reply_size=1000,count=1",
                    kPath, seed));
    run.expect_all_delivered();
    EXPECT_LE(run.report().duration, kTimeout);
  }
}

class InteropHandshake : public TwoHosts {};

// I2: the runner wants to see a second ClientHello before the first answer.
TEST_F(InteropHandshake, AsksAgainBeforeTheAnswerOfALongPath) {
  set_up(clean_path(milliseconds(1500)), {});
  connect();
  const auto asked = std::ranges::count_if(
      client_.transmissions, [](TimePoint at) { return since_start(at) < milliseconds(1500); });
  EXPECT_GE(asked, 2);
}

// I7, RFC 9000 s8.1: the client's datagrams 2 to 7 are lost; until its address is known to be its
// own the server sends at most three times what it got. It has 7500 bytes to say.
TEST_F(InteropHandshake, TheServerNeverSendsMoreThanThreeTimesWhatItReceived) {
  constexpr Duration kRtt = milliseconds(30);
  netsim::PathConfig path = clean_path(kRtt);
  path.up.drop.of_all = {2, 3, 4, 5, 6, 7};
  ConnectionConfig config;
  config.handshake_timeout = kTimeout;
  set_up(path, config);
  connect();
  EXPECT_GE(client_.transmissions.size(), 8U);
  std::size_t sent = 0;
  for (std::size_t i = 0; i < server_.transmissions.size(); ++i) {
    sent += server_.datagram_sizes[i];
    std::size_t received = 0;
    for (std::size_t k = 0; k < client_.transmissions.size(); ++k) {
      const bool is_dropped = k >= 1 && k <= 6;
      const bool has_come = client_.transmissions[k] + kRtt / 2 <= server_.transmissions[i];
      if (!is_dropped && has_come) received += client_.datagram_sizes[k];
    }
    EXPECT_LE(sent, 3 * received) << "datagram " << i + 1;
  }
  send(server_, 7500);
  run_until(now() + seconds(1));
  EXPECT_EQ(client_.deliveries.size(), 1U);
}

// ---- ngtcp2 ------------------------------------------------------------------------------------

class NgtcpScenario : public testing::TestWithParam<const char*> {
 protected:
  static double goodput_mbps(const std::string& path) {
    const ScenarioRun run(
        fmt::format("{} {} --flow "
                    "mode=bulk,size=1MB,bytes=10MB,channel=unordered,from=server,cc={}",
                    kPath, path, GetParam()));
    run.expect_all_delivered();
    return run.flow().goodput_mbps;
  }
};

TEST_P(NgtcpScenario, TransfersAtEightMegabitsPerSecond) { EXPECT_GE(goodput_mbps(""), 8.0); }

// 0.9 of what Mathis allows for segments of 1452 bytes.
TEST_P(NgtcpScenario, BearsOneInAHundredLost) {
  for (int seed = 1; seed <= 3; ++seed) {
    EXPECT_GE(goodput_mbps(fmt::format("--loss 1% --seed {}", seed)), 3.485);
  }
}

INSTANTIATE_TEST_SUITE_P(Controllers, NgtcpScenario, testing::Values("cubic", "new_reno", "bbr"),
                         [](const auto& each) { return std::string(each.param); });

// Five seconds each way for its hour: a cookie is good for a minute.
TEST(NgtcpHandshakeScenario, CompletesOnAVeryLongPath) {
  const ScenarioRun run(
      "--delay 5s --handshake-timeout 60s --idle-timeout 120s "
      "--flow mode=messages,size=100,count=10");
  run.expect_all_delivered();
  EXPECT_GE(EndpointConfig{}.cookie_lifetime, seconds(30));
}

}  // namespace
}  // namespace hawser::scenarios
