// The network changes under a connection: addresses, datagram sizes, outages, restarted servers.

#include <algorithm>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/scenarios/scenario_run.h"
#include "tests/scenarios/two_hosts.h"

namespace hawser::scenarios {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Duration kRtt = milliseconds(60);

// ---- Another address ----------------------------------------------------------------------------

class RebindTransferScenario : public testing::TestWithParam<const char*> {};

TEST_P(RebindTransferScenario, NothingIsLostInMidTransfer) {
  const ScenarioRun run(fmt::format(
      "--rtt 60ms --rate 20mbit --queue 1bdp --rebind 1s --rebind 2s --seed 2 --flow {}",
      GetParam()));
  run.expect_all_delivered();
}

// A client that only receives may have nothing to say to the server after the change; its keepalive
// does.
TEST_P(RebindTransferScenario, NothingIsLostOnALossyPathWithKeepalive) {
  const ScenarioRun run(
      fmt::format("--rtt 60ms --rate 20mbit --loss 5% --rebind 1s --seed 3 "
                  "--keepalive 1s --flow {}",
                  GetParam()));
  run.expect_all_delivered();
}

INSTANTIATE_TEST_SUITE_P(Flows, RebindTransferScenario,
                         testing::Values("mode=bulk,bytes=8MiB", "mode=bulk,bytes=8MiB,from=server",
                                         "mode=messages,interval=5ms,count=600",
                                         "mode=messages,interval=5ms,count=600,from=server"));

TEST_F(TwoHosts, AStreamFromTheServerResumesWithin2RttOfTheFirstDatagramFromTheNewAddress) {
  netsim::PathConfig path = clean_path(kRtt);
  path.rebinds = {seconds(1)};
  set_up(path, {});
  connect();
  // Unordered: what was lost with the old address must not hold up what comes along the new way.
  send_every(server_, milliseconds(5), seconds(3), {.delivery = Delivery::unordered});
  run_until(seconds(4));

  // What left at the very instant of the change still bore the old address.
  const auto speaks = std::ranges::find_if(
      client_.transmissions, [](TimePoint at) { return since_start(at) > seconds(1); });
  ASSERT_NE(speaks, client_.transmissions.end());
  // What was under way to the old address has arrived one trip later; what comes then was sent to
  // the new one.
  const auto resumes = std::ranges::find_if(client_.deliveries, [](const End::Delivery& delivery) {
    return since_start(delivery.at) > seconds(1) + kRtt / 2;
  });
  ASSERT_NE(resumes, client_.deliveries.end());
  EXPECT_LE(resumes->at - *speaks, 2 * kRtt);
  EXPECT_EQ(client_.deliveries.size(), sent_);
}

TEST_F(TwoHosts, TheServerAnswersWithin2RttOfTheFirstDatagramFromTheNewAddress) {
  netsim::PathConfig path = clean_path(kRtt);
  path.rebinds = {seconds(1)};
  set_up(path, {});
  connect();
  send_every(client_, milliseconds(5), seconds(3));
  run_until(seconds(4));

  const auto speaks = std::ranges::find_if(
      client_.transmissions, [](TimePoint at) { return since_start(at) > seconds(1); });
  ASSERT_NE(speaks, client_.transmissions.end());
  // Acknowledgements along the old way end one trip after the change.
  const auto answered = std::ranges::find_if(
      client_.receipt_times, [](TimePoint at) { return since_start(at) > seconds(1) + kRtt / 2; });
  ASSERT_NE(answered, client_.receipt_times.end());
  EXPECT_LE(*answered - *speaks, 2 * kRtt);
  expect_all_in_order(server_, sent_);
}

// ---- A smaller datagram size --------------------------------------------------------------------

TEST_F(TwoHosts, NoDatagramOfTheOldSizeIsTriedAfterTheFirstRefusal) {
  netsim::PathConfig path = clean_path(kRtt);
  path.up.rate = path.down.rate = Bandwidth::bits_per_second(20'000'000);
  ConnectionConfig config;
  config.datagram_size = ByteCount(1472);
  set_up(path, config);
  connect();
  for (int i = 0; i < 100; ++i) send(client_, 64 << 10);
  network_.at(milliseconds(500), [this] {
    EXPECT_EQ(std::ranges::max(client_.datagram_sizes), 1472U);
    client_.datagram_sizes.clear();
    client_.host->set_datagram_limit(ByteCount(1252));
  });
  // The batch that met the limit; its first refusal is that of all.
  const auto refused = [this] { return client_.host->stats().too_large_refused; };
  while (refused() == 0 && now() < milliseconds(560)) run_until(now() + milliseconds(1));
  const std::uint64_t refused_at_first = refused();
  EXPECT_GT(refused_at_first, 0U);
  run_until(seconds(20));
  EXPECT_EQ(refused(), refused_at_first);
  EXPECT_EQ(std::ranges::max(client_.datagram_sizes), 1252U);
  expect_all_in_order(server_, 100);
}

TEST(DatagramLimitScenario, NothingIsLostWhenTheLimitFallsInMidTransfer) {
  for (const char* from : {"client", "server"}) {
    const ScenarioRun run(fmt::format(
        "--rtt 60ms --rate 20mbit --loss 1% --datagram-size 1472 --datagram-limit 500ms:1252 "
        "--flow mode=bulk,bytes=8MiB,from={}",
        from));
    run.expect_all_delivered();
    EXPECT_EQ(run.flow().stats.datagram_size, ByteCount(1252));
  }
}

// Its receiver takes nothing before it has heard of the skip, and segments wait behind that.
TEST(DatagramLimitScenario, NothingIsLostWhenTheLimitFallsUnderGoBackN) {
  for (int seed = 1; seed <= 10; ++seed) {
    const ScenarioRun run(fmt::format(
        "--rtt 60ms --loss 5% --datagram-size 1400 --datagram-limit 1s:1210 --idle-timeout 1h "
        "--duration 10min --flow mode=bulk,size=64KiB,count=10,arq=go_back_n,send_window=16 "
        "--seed {}",
        seed));
    run.expect_all_delivered();
  }
}

// A path that grew long while its new address was being validated.
TEST(RebindScenario, ANewPathMayTakeMuchLongerThanTheOldOne) {
  for (int seed = 1; seed <= 10; ++seed) {
    const ScenarioRun run(
        fmt::format("--rtt 1ms --rebind 1s --at 1s:rtt=200ms --loss 5% --duration 10min "
                    "--flow mode=messages,size=1,count=3000,interval=1ms --seed {}",
                    seed));
    run.expect_all_delivered();
  }
}

// ---- Outages ------------------------------------------------------------------------------------

TEST(BlackoutScenario, AnOutageShorterThanTheIdleTimeoutIsSurvived) {
  const ScenarioRun run(
      "--rtt 60ms --blackout 1s-21s --flow mode=messages,interval=20ms,count=200 "
      "--flow mode=bulk,bytes=2MiB,from=server,rate=5mbit");
  run.expect_all_delivered();
}

TEST(BlackoutScenario, ALongerOutageEndsTheConnectionWithItsReason) {
  const ScenarioRun run(
      "--rtt 60ms --blackout 1s-1h --idle-timeout 5s --flow mode=messages,interval=20ms,count=200");
  EXPECT_EQ(run.flow().close_reason, CloseReason::idle_timeout);
  EXPECT_GT(run.flow().receipts.connection_lost, 0U);
  EXPECT_EQ(run.flow().receipts.total(), run.flow().messages_sent);
  EXPECT_TRUE(run.flow().timed_out());
}

TEST(UnreachableScenario, TheHandshakeTimeoutIsKept) {
  const ScenarioRun run(
      "--rtt 60ms --up-loss 100% --handshake-timeout 3s --flow mode=messages,count=1");
  EXPECT_EQ(run.flow().close_reason, CloseReason::handshake_timeout);
  EXPECT_EQ(run.report().duration, seconds(3));
}

// ---- A reader that stops ------------------------------------------------------------------------

TEST(ReaderStopScenario, TheSenderWaitsAndNothingIsLost) {
  const ScenarioRun run(
      "--rtt 20ms --rate 50mbit --flow "
      "mode=bulk,bytes=8MiB,receive_window=256KiB,reader_stop=300ms-5s");
  run.expect_all_delivered();
  ASSERT_TRUE(run.flow().completion.has_value());
  EXPECT_GT(*run.flow().completion, seconds(5));
  EXPECT_LT(*run.flow().completion, seconds(8));
}

// The server tells of its credit where nobody is any more, and only the client knows the new
// address.
TEST(ReaderStopScenario, ASenderThatWaitsForCreditIsFoundBehindANewAddress) {
  const ScenarioRun run(
      "--rtt 20ms --rate 50mbit --rebind 2s --idle-timeout 20s --flow "
      "mode=bulk,bytes=8MiB,receive_window=256KiB,reader_stop=300ms-3s");
  run.expect_all_delivered();
  ASSERT_TRUE(run.flow().completion.has_value());
  EXPECT_LT(*run.flow().completion, seconds(10));
}

// ---- A server that restarted --------------------------------------------------------------------

TEST_F(TwoHosts, ARestartedServerThatKeptItsSecretIsNoticedAtTheFirstDatagram) {
  set_up(clean_path(kRtt), {});
  connect();
  send(client_, 200);
  run_until(seconds(2));
  EXPECT_FALSE(server_.host->restart(server_config()));
  send(client_, 200);
  run_until(seconds(3));
  ASSERT_TRUE(client_.close_reason.has_value());
  EXPECT_EQ(*client_.close_reason, CloseReason::stateless_reset);
  EXPECT_EQ(since_start(client_.closed_at), seconds(2) + kRtt);
}

}  // namespace
}  // namespace hawser::scenarios
