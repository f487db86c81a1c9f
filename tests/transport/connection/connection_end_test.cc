// How connections end and how long they last, where the order of things matters.

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/endpoint_pair.h"
#include "transport/connection/connection.h"

namespace hawser {
namespace {

using namespace std::chrono_literals;
using testing::Bytes;
using testing::bytes_of;
using testing::Fate;
using testing::Flight;
using testing::Host;

class ConnectionEndTest : public ::testing::Test, protected testing::EndpointPair {
 protected:
  /// A driver's turn as libuv's loop takes it: what is late first, then what is to be said.
  void take_turn(Host& host) {
    if (host.endpoint->next_timeout() <= now()) host.endpoint->handle_timeout(now());
    flush(host);
  }
  /// What `from` says from here on is kept from the other side, for the test to hand over.
  void hold_back(const Host& from) {
    script = [this, &from](Flight& flight, const Host& sender) {
      if (&sender != &from) return Fate::deliver;
      held_.push_back(flight.bytes);
      return Fate::drop;
    };
  }
  std::vector<Bytes> held_;
};

TEST_F(ConnectionEndTest, ACloseRightBehindTheLastAcknowledgementEndsItOnce) {
  const auto [client_end, server_end] = connect_both();
  hold_back(server_host());
  ASSERT_TRUE(send(client_end, "last words"));
  ASSERT_FALSE(client().close(client_end));
  run_until([&] { return server_host().count<MessageEvent>() == 1; });
  server().abort(server_end, 1, "");
  flush(server_host());
  // Both in one read, as a kernel joins them: the client's queue is settled when the CLOSE is seen.
  Bytes joined;
  for (const Bytes& datagram : held_) {
    ASSERT_GE(joined.size() % held_.front().size(), 0U);
    joined.insert(joined.end(), datagram.begin(), datagram.end());
  }
  ASSERT_GE(held_.size(), 2U);
  client().receive(now(),
                   {.bytes = joined,
                    .segment_size = held_.front().size(),
                    .path = {.local = client_host().address, .remote = server_host().address}});
  run_for(5s);
  ASSERT_EQ(client_host().count<ClosedEvent>(), 1U);
  ASSERT_EQ(client_host().count<ReceiptEvent>(), 1U);
  EXPECT_EQ(client_host().last<ReceiptEvent>()->outcome, Outcome::delivered);
  EXPECT_EQ(client().stats().connections, 0U);
}

// The application's calls do not bring the time: it may be long after the driver's last one.
TEST_F(ConnectionEndTest, AnAbortAfterALongSilenceReachesThePeer) {
  const auto [client_end, server_end] = connect_both();
  run_for(20s);
  ASSERT_FALSE(client().abort(client_end, 7, "bye"));
  take_turn(client_host());
  run_for(100ms);
  ASSERT_EQ(server_host().count<ClosedEvent>(), 1U);
  EXPECT_EQ(server_host().last<ClosedEvent>()->application_code, 7U);
}

TEST_F(ConnectionEndTest, ACloseAfterALongSilenceReachesThePeer) {
  const auto [client_end, server_end] = connect_both();
  run_for(20s);
  ASSERT_FALSE(client().close(client_end));
  take_turn(client_host());
  run_for(100ms);
  EXPECT_EQ(server_host().count<ClosedEvent>(), 1U);
}

TEST_F(ConnectionEndTest, AClosedHandshakeStillDeliversWhatIsQueued) {
  const ConnectionHandle handle = connect();
  ASSERT_TRUE(send(handle, "early"));
  ASSERT_FALSE(client().close(handle));
  EXPECT_EQ(client().close(handle), Errc::connection_closing);
  EXPECT_EQ(send(handle, "late").error(), Errc::connection_closing);
  run_for(5s);
  EXPECT_EQ(server_host().count<MessageEvent>(), 1U);
  ASSERT_EQ(client_host().count<ReceiptEvent>(), 1U);
  EXPECT_EQ(client_host().last<ReceiptEvent>()->outcome, Outcome::delivered);
  ASSERT_EQ(client_host().count<ClosedEvent>(), 1U);
  EXPECT_EQ(client_host().last<ClosedEvent>()->reason, CloseReason::none);
}

TEST_F(ConnectionEndTest, NothingFollowsTheClosedEvent) {
  ConnectionConfig config;
  config.send_messages_max = 2;
  const auto [client_end, server_end] = connect_both(config);
  ASSERT_TRUE(send(client_end, "a"));
  ASSERT_TRUE(send(client_end, "b"));
  EXPECT_EQ(send(client_end, "c").error(), Errc::would_block);
  client().abort(client_end);
  run_for(1s);
  EXPECT_TRUE(std::holds_alternative<ClosedEvent>(client_host().events.back().what));
  EXPECT_EQ(client_host().count<WritableEvent>(), 0U);
}

TEST_F(ConnectionEndTest, TwoClosesThatCrossDrawNoMore) {
  const auto [client_end, server_end] = connect_both();
  const std::uint64_t sent = client_host().datagrams_sent + server_host().datagrams_sent;
  client().abort(client_end);
  server().abort(server_end);
  run_for(10s);
  EXPECT_EQ(client_host().datagrams_sent + server_host().datagrams_sent, sent + 2);
  EXPECT_EQ(client().stats().connections, 0U);
  EXPECT_EQ(server().stats().connections, 0U);
}

TEST_F(ConnectionEndTest, AServerThatNeverSpokeKeepsAnIdleConnectionAlive) {
  server_host().config.accepted.keepalive = 10s;
  server_host().start(2);
  connect_both();
  run_for(300s);
  EXPECT_EQ(client_host().count<ClosedEvent>(), 0U);
  EXPECT_EQ(server_host().count<ClosedEvent>(), 0U);
}

// RFC 9000 s10.1: the timer starts anew with the first question after the last answer.
TEST_F(ConnectionEndTest, AQuestionLateInASilenceGetsTheWholeTimeoutForItsAnswer) {
  ConnectionConfig config;
  config.idle_timeout = 20s;
  delay = 200ms;
  const auto [client_end, server_end] = connect_both(config);
  run_for(19'700ms);
  ASSERT_TRUE(send(client_end, "anybody there?"));
  run_for(5s);
  EXPECT_EQ(client_host().count<ClosedEvent>(), 0U);
  EXPECT_EQ(client_host().count<ReceiptEvent>(), 1U);
  // And only with the first: nobody who asks on and on is thought alive for it.
  script = [](Flight&, const Host&) { return Fate::drop; };
  for (int i = 0; i < 20; ++i) {
    (void)send(client_end, "hello?");
    run_for(2s);
  }
  EXPECT_EQ(client_host().count<ClosedEvent>(), 1U);
}

TEST_F(ConnectionEndTest, ABlockedSenderIsWokenOnceThereIsRoomForWhatWasRefused) {
  ConnectionConfig config;
  config.send_buffer = ByteCount(10'000);
  const auto [client_end, server_end] = connect_both(config);
  int large = 0;
  script = [&](Flight& flight, const Host&) {
    const bool is_late = flight.bytes.size() > 1000 && ++large > 3 && large <= 10;
    return is_late ? Fate::drop : Fate::deliver;
  };
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(send(client_end, std::string(1000, 'x')));
  EXPECT_EQ(send(client_end, std::string(9000, 'y')).error(), Errc::would_block);
  ASSERT_TRUE(run_until([&] { return client_host().count<WritableEvent>() > 0; }));
  EXPECT_TRUE(send(client_end, std::string(9000, 'y')));
}

// ---- Datagram sizes that fall ------------------------------------------------------------------

/// Loses a whole flight, twice at a smaller size, so that skips of several ages wait together.
class FallingSizeTest : public ConnectionEndTest, public ::testing::WithParamInterface<Arq> {};

TEST_P(FallingSizeTest, LosesNothingWhenItFallsTwiceInARow) {
  ConnectionConfig config;
  config.datagram_size = ByteCount(1472);
  config.arq = GetParam();
  const auto [client_end, server_end] = connect_both(config);
  hold_back(client_host());
  const std::string text(4300, 'a');
  ASSERT_TRUE(send(client_end, text));
  flush(client_host());
  for (const int size : {1472, 1401}) {
    client().on_datagram_too_large(server_host().address, ByteCount(size));
    flush(client_host());
  }
  for (int i = 0; i < 4; ++i) {
    ASSERT_TRUE(send(client_end, "x", {.channel = ChannelId{1}}));
    run_for(1ms);
  }
  script = {};
  run_until_idle();
  EXPECT_EQ(server_host().count<MessageEvent>(), 5U);
  EXPECT_EQ(client_host().count<ReceiptEvent>(), 5U);
  EXPECT_EQ(client_host().count<ClosedEvent>(), 0U);
}
INSTANTIATE_TEST_SUITE_P(Protocols, FallingSizeTest, ::testing::Values(Arq::selective_repeat));

}  // namespace
}  // namespace hawser
