// Two endpoints on hosts whose sockets, processes, clocks and memory fail.

#include <algorithm>
#include <map>
#include <string>

#include <gtest/gtest.h>

#include "tests/scenarios/two_hosts.h"

namespace hawser::scenarios {
namespace {

using namespace std::chrono_literals;

/// Messages both ways over 20 ms; what was accepted is delivered in order, whatever the hosts do.
class HostFaultsScenario : public TwoHosts {
 protected:
  /// A hundred messages from each end, one every 10 ms.
  void transfer() {
    set_up(clean_path(20ms), {});
    connect();
    for (int i = 0; i < 100; ++i) {
      network_.at(now() + 10ms * i, [this] {
        send_numbered(client_);
        send_numbered(server_);
      });
    }
    run_until(20s);
    expect_all_in_order(server_, 100);
    expect_all_in_order(client_, 100);
    close(client_);
    run_until_idle();
    EXPECT_EQ(client_.close_reason, CloseReason::none);
    EXPECT_EQ(server_.close_reason, CloseReason::none);
  }
  void send_numbered(End& from) {
    auto& number = numbers_[&from];
    const std::vector<std::uint8_t> message(300, number++);
    EXPECT_TRUE(from.host->endpoint().send(from.connection, message, SendOptions{}).has_value());
    from.host->pump();
  }
  std::map<End*, std::uint8_t> numbers_;
};

TEST_F(HostFaultsScenario, ASocketThatBlocksDelaysAndLosesNothing) {
  client_.faults.send_blocked = netsim::Probability::percent(30);
  client_.faults.blocked_for = 7ms;
  transfer();
  EXPECT_GT(client_.host->stats().sends_blocked, 10U);
  EXPECT_EQ(client_.host->stats().sends_refused, 0U);
}

TEST_F(HostFaultsScenario, WhatTheSocketRefusesIsSentAgain) {
  server_.faults.send_refused = netsim::Probability::percent(30);
  transfer();
  EXPECT_GT(server_.host->stats().sends_refused, 10U);
}

TEST_F(HostFaultsScenario, AProcessThatPausesFindsWhatArrived) {
  server_.faults.pauses = {{300ms, 800ms}};
  transfer();
  EXPECT_EQ(server_.host->stats().receive_overflows, 0U);
  for (const End::Delivery& delivery : server_.deliveries) {
    const Duration at = since_start(delivery.at);
    EXPECT_TRUE(at < 300ms || at >= 800ms) << "it did not run at " << at.count();
  }
}

TEST_F(HostFaultsScenario, WhatDoesNotFitTheSocketDuringAPauseIsSentAgain) {
  server_.faults.pauses = {{300ms, 800ms}};
  server_.faults.receive_buffer = 3;
  transfer();
  EXPECT_GT(server_.host->stats().receive_overflows, 0U);
}

TEST_F(HostFaultsScenario, WhatIsAskedForDuringAPauseIsDoneAfterIt) {
  client_.faults.pauses = {{0ms, 300ms}};
  set_up(clean_path(20ms), {});
  start_connecting();
  run_until(400ms);
  EXPECT_TRUE(client_.is_connected);
  ASSERT_FALSE(client_.transmissions.empty());
  EXPECT_EQ(since_start(client_.transmissions.front()), 300ms);
}

TEST_F(HostFaultsScenario, FaultsOfTheSocketAndTheReaderEnd) {
  client_.faults.send_refused = netsim::Probability::certain();
  client_.faults.read_interval = 10s;
  set_up(clean_path(20ms), {});
  start_connecting();
  network_.at(100ms, [this] { client_.host->end_faults(); });
  run_until(5s);
  EXPECT_GT(client_.host->stats().sends_refused, 0U);
  EXPECT_TRUE(client_.is_connected);
  send(server_, 100);
  send(server_, 100);
  run_until(6s);
  EXPECT_EQ(client_.deliveries.size(), 2U);
}

TEST_F(HostFaultsScenario, AClockThatStandsStillOrJumpsLosesNothing) {
  client_.faults.clock_freezes = {{200ms, 500ms}, {700ms, 701ms}};
  client_.faults.clock_jumps = {{600ms, 5s}, {900ms, 100ms}};
  server_.faults.clock_drift_ppm = 200'000;
  transfer();
}

TEST_F(HostFaultsScenario, AnApplicationThatReadsSlowlyGetsAll) {
  server_.faults.read_interval = 15ms;
  transfer();
  Duration last{0};
  for (const End::Delivery& delivery : server_.deliveries) {
    EXPECT_GE(since_start(delivery.at), last + 15ms);
    last = since_start(delivery.at);
  }
}

TEST_F(HostFaultsScenario, ARestartedHostForgetsWhatItsSocketHeld) {
  client_.faults.send_blocked = netsim::Probability::certain();
  set_up(clean_path(20ms), {});
  start_connecting();
  EXPECT_FALSE(client_.host->restart({}));
  run_until(5s);
  EXPECT_TRUE(client_.transmissions.empty());
}

// ---- Memory -------------------------------------------------------------------------------------

/// A whole life of a connection in which one request for memory is refused.
class Life : public TwoHosts {
 public:
  enum class Which { client, server };
  ByteCount kept{0};  // by the endpoint, when all is over

  /// Returns whether there was a request to refuse.
  bool live(Which which, std::uint64_t nth) {
    ConnectionConfig config;
    config.idle_timeout = config.handshake_timeout = 5s;
    set_up(clean_path(20ms), config);
    Endpoint& endpoint = (which == Which::client ? client_ : server_).host->endpoint();
    endpoint.pool().refuse_nth(nth);
    const auto connection = client_.host->endpoint().connect(
        {.remote = server_.host->address(), .config = config, .token = {}});
    if (connection) {
      client_.connection = *connection;
      client_.host->pump();
      run_until(200ms);
      send_one(client_, 100);
      run_until(400ms);
      expect_settled(client_, server_);
      send_one(server_, 100);
      run_until(600ms);
      expect_settled(server_, client_);
      send_all(client_);
      send_all(server_);
      run_until(1s);
      // It may be closed already, by the refusal.
      (void)client_.host->endpoint().close(client_.connection);
      client_.host->pump();
    }
    run_until_idle();
    expect_told(client_, server_);
    expect_told(server_, client_);
    kept = endpoint.pool().stats().in_use;
    return endpoint.pool().stats().refusals > 0;
  }

 private:
  void TestBody() override {}

  // One message that fits a datagram, an empty one, and two that do not fit, on three channels.
  void send_all(End& from) {
    for (const std::size_t size : {100U, 0U, 5'000U, 40'001U}) send_one(from, size);
  }
  void send_one(End& from, std::size_t size) {
    if (!from.is_connected || from.close_reason) return;
    const std::vector<std::uint8_t> message(size, 1);
    const SendOptions options{.channel = static_cast<ChannelId>(size % 3)};
    if (from.host->endpoint().send(from.connection, message, options)) ++accepted_[&from];
    from.host->pump();
  }
  // Before anything else is asked of it: nothing waits but for an end that is gone.
  void expect_settled(const End& end, const End& peer) {
    if (!end.is_connected || end.close_reason || !peer.is_connected || peer.close_reason) return;
    EXPECT_EQ(end.receipts.size(), accepted_[&end]);
  }
  void expect_told(const End& end, const End& peer) {
    EXPECT_EQ(end.receipts.size(), accepted_[&end]) << "one receipt for each message";
    const auto delivered =
        std::ranges::count(end.receipts, Outcome::delivered, &ReceiptEvent::outcome);
    EXPECT_LE(static_cast<std::size_t>(delivered), peer.deliveries.size());
    EXPECT_LE(peer.deliveries.size(), accepted_[&end]);
    if (!end.is_connected) return;
    ASSERT_TRUE(end.close_reason.has_value());
    // Nobody waits in silence for an end that is still there.
    if (*end.close_reason == CloseReason::idle_timeout && peer.is_connected) {
      EXPECT_EQ(peer.close_reason, CloseReason::out_of_memory);
    }
  }
  std::map<const End*, std::size_t> accepted_;
};

/// The number of requests that a life makes, each of which was refused once.
std::uint64_t refuse_each(Life::Which which) {
  Life healthy;
  EXPECT_FALSE(healthy.live(which, 0));
  for (std::uint64_t nth = 1;; ++nth) {
    SCOPED_TRACE("request " + std::to_string(nth));
    Life life;
    if (!life.live(which, nth)) return nth - 1;
    EXPECT_LE(life.kept.value(), healthy.kept.value()) << "something was not given back";
    if (testing::Test::HasFailure()) return nth;
  }
}

TEST(AllocationFailureScenario, NoRefusalOfAClientsRequestDoesMoreThanItSays) {
  EXPECT_GT(refuse_each(Life::Which::client), 50U);
}

TEST(AllocationFailureScenario, NoRefusalOfAServersRequestDoesMoreThanItSays) {
  EXPECT_GT(refuse_each(Life::Which::server), 50U);
}

}  // namespace
}  // namespace hawser::scenarios
