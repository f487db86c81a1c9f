// `ConnectionConfig::connects_on_accept`: a server that speaks before its client has answered.

#include <gtest/gtest.h>

#include "tests/support/endpoint_pair.h"

namespace hawser {
namespace {

using namespace std::chrono_literals;
using testing::bytes_of;
using testing::Fate;
using testing::Flight;
using testing::Host;
using testing::text_of;

constexpr std::uint8_t kAcceptByte = 0xA0;  // WIRE_FORMAT.md, "Packets"

EndpointConfig speaking_first() {
  EndpointConfig config = testing::EndpointPair::accepting();
  config.accepted.connects_on_accept = true;
  config.accepted.idle_timeout = 100ms;  // runs from the client's answer on
  config.half_open_max = 1;
  return config;
}

class ConnectsOnAcceptTest : public ::testing::Test, protected testing::EndpointPair {
 protected:
  ConnectsOnAcceptTest() : EndpointPair({}, speaking_first()) {}

  /// Until the server's application has a new connection.
  ConnectionHandle run_until_accepted() {
    EXPECT_TRUE(run_until([this] { return server_host().count<ConnectedEvent>() == 1; }));
    EXPECT_EQ(client_host().count<ConnectedEvent>(), 0U) << "the client was first";
    return server_host().connected();
  }
  void lose_accepts(int count) {
    script = [this, count](Flight& flight, const Host& from) {
      const bool is_accept = &from == &server_host() && flight.bytes[0] == kAcceptByte;
      return is_accept && ++accepts_ <= count ? Fate::drop : Fate::deliver;
    };
  }

 private:
  int accepts_ = 0;
};

TEST_F(ConnectsOnAcceptTest, MessagesArriveWithTheAccept) {
  connect();
  const ConnectionHandle handle = run_until_accepted();
  const TimePoint accepted = now();
  ASSERT_TRUE(server().send(handle, bytes_of("welcome")));
  ASSERT_TRUE(run_until([this] { return client_host().count<MessageEvent>() == 1; }));
  EXPECT_EQ(now() - accepted, delay);
  EXPECT_EQ(client_host().count<ConnectedEvent>(), 1U);
  run_until_idle();
  EXPECT_EQ(server_host().count<ConnectedEvent>(), 1U) << "the answer is no second beginning";
  EXPECT_EQ(server_host().last<ReceiptEvent>()->outcome, Outcome::delivered);
}

TEST_F(ConnectsOnAcceptTest, WhatFollowedALostAcceptIsSentAgain) {
  lose_accepts(3);
  connect();
  const ConnectionHandle handle = run_until_accepted();
  const TimePoint accepted = now();
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(server().send(handle, std::vector<std::uint8_t>(1000)));
  ASSERT_TRUE(run_until([this] { return server_host().count<ReceiptEvent>() == 20; }));
  EXPECT_EQ(client_host().count<MessageEvent>(), 20U);
  EXPECT_EQ(server_host().last<ReceiptEvent>()->outcome, Outcome::delivered);
  EXPECT_LE(now() - accepted, 7100ms);  // both try again after 999, 1998 and 3996 ms
}

// The client could not read it, which tells nothing of the path.
TEST_F(ConnectsOnAcceptTest, WhatFollowedALostAcceptIsNoLoss) {
  lose_accepts(1);
  connect();
  const ConnectionHandle handle = run_until_accepted();
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(server().send(handle, std::vector<std::uint8_t>(1000)));
  ASSERT_TRUE(run_until([this] { return client_host().count<MessageEvent>() == 20; }));
  const ConnectionStats stats = *server().stats(handle);
  EXPECT_EQ(stats.congestion.phase, "slow_start");
  EXPECT_EQ(stats.congestion.ssthresh, ByteCount::max());
  EXPECT_NE(stats.ecn_state, EcnState::failed);
}

TEST_F(ConnectsOnAcceptTest, AClientThatNeverAnswersIsGivenUp) {
  lose_accepts(1000);
  connect();
  const ConnectionHandle handle = run_until_accepted();
  const TimePoint accepted = now();
  ASSERT_TRUE(server().send(handle, bytes_of("welcome")));
  ASSERT_TRUE(run_until([this] { return server_host().count<ClosedEvent>() == 1; }));
  EXPECT_EQ(now() - accepted, 10s);
  EXPECT_EQ(server_host().last<ClosedEvent>()->reason, CloseReason::handshake_timeout);
  EXPECT_EQ(server_host().last<ReceiptEvent>()->outcome, Outcome::connection_lost);
  EXPECT_EQ(server().stats().connections, 0U);
}

TEST_F(ConnectsOnAcceptTest, IsHalfOpenUntilTheClientAnswers) {
  lose_accepts(1);
  connect();
  run_until_accepted();
  connect();
  ASSERT_TRUE(run_until([this] { return client_host().count<ClosedEvent>() == 1; }));
  EXPECT_EQ(client_host().last<ClosedEvent>()->reason, CloseReason::server_full);
  ASSERT_TRUE(run_until([this] { return client_host().count<ConnectedEvent>() == 1; }));
  run_until_idle();
  connect();
  ASSERT_TRUE(run_until([this] { return client_host().count<ConnectedEvent>() == 2; }));
}

TEST_F(ConnectsOnAcceptTest, ACloseAtOnceFollowsTheAccept) {
  connect();
  EXPECT_FALSE(server().close(run_until_accepted()));
  ASSERT_TRUE(run_until([this] { return client_host().count<ClosedEvent>() == 1; }));
  EXPECT_EQ(client_host().count<ConnectedEvent>(), 1U);
  EXPECT_TRUE(client_host().last<ClosedEvent>()->by_peer);
  EXPECT_EQ(client_host().last<ClosedEvent>()->reason, CloseReason::none);
}

// The client could not read the CLOSE without the ACCEPT.
TEST_F(ConnectsOnAcceptTest, ACloseAtOnceFollowsARepeatedAccept) {
  lose_accepts(1);
  connect();
  EXPECT_FALSE(server().close(run_until_accepted()));
  ASSERT_TRUE(run_until([this] { return client_host().count<ClosedEvent>() == 1; }));
  EXPECT_TRUE(client_host().last<ClosedEvent>()->by_peer);
  EXPECT_EQ(server_host().count<ConnectedEvent>(), 1U);
}

TEST_F(ConnectsOnAcceptTest, AnAnswerToAConnectionThatClosesEndsItsHalfOpenTime) {
  connect();
  EXPECT_FALSE(server().abort(run_until_accepted()));
  script = [this](Flight&, const Host& from) {
    return &from == &server_host() ? Fate::drop : Fate::deliver;  // the CLOSE
  };
  ASSERT_TRUE(run_until([this] { return client_host().count<ConnectedEvent>() == 1; }));
  run_for(delay);
  script = nullptr;
  connect();
  EXPECT_TRUE(run_until([this] { return server_host().count<ConnectedEvent>() == 2; }));
}

class ConnectsOnAnswerTest : public ::testing::Test, protected testing::EndpointPair {};

TEST_F(ConnectsOnAnswerTest, ByDefaultTheServerHearsOfAConnectionWhenTheClientAnswers) {
  connect();
  ASSERT_TRUE(run_until([this] { return client_host().count<ConnectedEvent>() == 1; }));
  const TimePoint answered = now();
  EXPECT_EQ(server_host().count<ConnectedEvent>(), 0U);
  ASSERT_TRUE(run_until([this] { return server_host().count<ConnectedEvent>() == 1; }));
  EXPECT_EQ(now() - answered, delay);
}

}  // namespace
}  // namespace hawser
