#include "transport/connection/connection.h"

#include <map>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "tests/support/endpoint_pair.h"

namespace hawser {
namespace {

using namespace std::chrono_literals;
using testing::Bytes;
using testing::bytes_of;
using testing::Fate;
using testing::Flight;
using testing::Host;
using testing::text_of;

class ConnectionTest : public ::testing::Test, protected testing::EndpointPair {
 protected:
  std::vector<std::string> received_by_server() {
    std::vector<std::string> texts;
    for (const MessageEvent* message : server_host().all<MessageEvent>()) {
      texts.emplace_back(text_of(message->bytes.bytes()));
    }
    return texts;
  }
  std::map<Outcome, int> outcomes() {
    std::map<Outcome, int> counts;
    std::set<std::uint64_t> ids;
    for (const ReceiptEvent* receipt : client_host().all<ReceiptEvent>()) {
      ++counts[receipt->outcome];
      EXPECT_TRUE(ids.insert(receipt->message.value()).second) << "two receipts for one message";
    }
    return counts;
  }
  /// Drops datagrams of `from` that are large enough to carry a message, by index from 1.
  void drop_large(const Host& from_host, std::set<int> indices) {
    script = [this, &from_host, indices](Flight& flight, const Host& from) {
      if (&from != &from_host || flight.bytes.size() < 100) return Fate::deliver;
      return indices.contains(++large_) ? Fate::drop : Fate::deliver;
    };
  }
  int large_ = 0;
};

TEST_F(ConnectionTest, DeliversAMessageAndItsReceipt) {
  const auto [client_end, server_end] = connect_both();
  const auto id = send(client_end, "hello", {.tag = 42});
  ASSERT_TRUE(id);
  run_until_idle();
  EXPECT_EQ(received_by_server(), (std::vector<std::string>{"hello"}));
  const ReceiptEvent* receipt = client_host().last<ReceiptEvent>();
  ASSERT_NE(receipt, nullptr);
  EXPECT_EQ(receipt->message, *id);
  EXPECT_EQ(receipt->tag, 42U);
  EXPECT_EQ(receipt->outcome, Outcome::delivered);
}

TEST_F(ConnectionTest, MessagesMayBeSentBeforeTheHandshakeIsDone) {
  const ConnectionHandle handle = connect();
  ASSERT_TRUE(send(handle, "early"));
  run_until_idle();
  EXPECT_EQ(received_by_server(), (std::vector<std::string>{"early"}));
}

TEST_F(ConnectionTest, CarriesMessagesOfEverySize) {
  const auto [client_end, server_end] = connect_both();
  for (const std::size_t size : {0U, 1U, 1100U, 1200U, 1201U, 65536U, 1U << 20, 16U << 20}) {
    const std::string text(size, static_cast<char>('a' + size % 23));
    ASSERT_TRUE(send(client_end, text)) << size;
    run_until_idle();
    ASSERT_FALSE(server_host().all<MessageEvent>().empty());
    EXPECT_TRUE(text_of(server_host().last<MessageEvent>()->bytes.bytes()) == text) << size;
    server_host().events.clear();
  }
}

TEST_F(ConnectionTest, BothSidesSend) {
  const auto [client_end, server_end] = connect_both();
  ASSERT_TRUE(send(client_end, "ping"));
  ASSERT_TRUE(server().send(server_end, bytes_of("pong")));
  run_until_idle();
  EXPECT_EQ(received_by_server(), (std::vector<std::string>{"ping"}));
  ASSERT_NE(client_host().last<MessageEvent>(), nullptr);
  EXPECT_EQ(text_of(client_host().last<MessageEvent>()->bytes.bytes()), "pong");
}

TEST_F(ConnectionTest, TheHandshakePayloadsReachTheOtherSide) {
  ConnectionConfig config;
  config.handshake_payload = {1, 2, 3};
  connect_both(config);
  const ConnectedEvent* accepted = server_host().last<ConnectedEvent>();
  ASSERT_NE(accepted, nullptr);
  EXPECT_TRUE(std::ranges::equal(accepted->payload.bytes(), config.handshake_payload));
  EXPECT_FALSE(accepted->is_client);
}

// ---- Order, loss, duplicates -----------------------------------------------------------------

TEST_F(ConnectionTest, ALostSegmentIsSentAgainAndHoldsUpItsOwnChannelOnly) {
  const auto [client_end, server_end] = connect_both();
  drop_large(client_host(), {1});
  const std::string a(1000, 'a');
  const std::string b(1000, 'b');
  const std::string c(1000, 'c');
  ASSERT_TRUE(send(client_end, a, {.channel = ChannelId{0}}));
  ASSERT_TRUE(send(client_end, b, {.channel = ChannelId{0}}));
  ASSERT_TRUE(send(client_end, c, {.channel = ChannelId{1}}));
  run_until_idle();
  EXPECT_EQ(received_by_server(), (std::vector<std::string>{c, a, b}));
  EXPECT_EQ(outcomes()[Outcome::delivered], 3);
}

TEST_F(ConnectionTest, UnorderedMessagesDoNotWait) {
  const auto [client_end, server_end] = connect_both();
  drop_large(client_host(), {1});
  const std::string a(1000, 'a');
  const std::string b(1000, 'b');
  ASSERT_TRUE(send(client_end, a, {.delivery = Delivery::unordered}));
  ASSERT_TRUE(send(client_end, b, {.delivery = Delivery::unordered}));
  run_until_idle();
  EXPECT_EQ(received_by_server(), (std::vector<std::string>{b, a}));
}

TEST_F(ConnectionTest, ALostUnreliableMessageIsReportedAndNotRepeated) {
  const auto [client_end, server_end] = connect_both();
  drop_large(client_host(), {1});
  for (const char name : {'a', 'b', 'c', 'd', 'e'}) {
    ASSERT_TRUE(send(client_end, std::string(1000, name), {.delivery = Delivery::unreliable}));
  }
  run_until_idle();
  EXPECT_EQ(received_by_server().size(), 4U);
  EXPECT_EQ(outcomes()[Outcome::lost], 1);
  EXPECT_EQ(outcomes()[Outcome::delivered], 4);
}

TEST_F(ConnectionTest, DuplicatedDatagramsDeliverNothingTwice) {
  const auto [client_end, server_end] = connect_both();
  script = [](Flight&, const Host&) { return Fate::duplicate; };
  for (const Delivery delivery : {Delivery::ordered, Delivery::unordered, Delivery::unreliable}) {
    ASSERT_TRUE(send(client_end, to_string(delivery), {.delivery = delivery}));
  }
  run_until_idle();
  EXPECT_EQ(received_by_server().size(), 3U);
  EXPECT_EQ(outcomes()[Outcome::delivered], 3);
  EXPECT_GT(server().stats(server_end)->duplicates_dropped, 0U);
}

TEST_F(ConnectionTest, DamagedDatagramsAreCountedAndRepaired) {
  const auto [client_end, server_end] = connect_both();
  int large = 0;
  script = [&](Flight& flight, const Host&) {
    if (flight.bytes.size() > 500 && ++large == 1) flight.bytes[400] ^= 4;
    return Fate::deliver;
  };
  const std::string text(1000, 'x');
  ASSERT_TRUE(send(client_end, text));
  run_until_idle();
  EXPECT_EQ(received_by_server(), (std::vector<std::string>{text}));
  EXPECT_EQ(server().stats(server_end)->checksum_failures, 1U);
}

// ---- Limits ----------------------------------------------------------------------------------

TEST_F(ConnectionTest, AFullSendBufferRefusesAndTellsWhenThereIsRoom) {
  ConnectionConfig config;
  config.send_buffer = ByteCount(10'000);
  const auto [client_end, server_end] = connect_both(config);
  const std::string text(4000, 'x');
  ASSERT_TRUE(send(client_end, text));
  ASSERT_TRUE(send(client_end, text));
  const auto refused = send(client_end, text);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error(), Errc::would_block);
  EXPECT_EQ(client_host().count<WritableEvent>(), 0U);
  run_until_idle();
  EXPECT_EQ(client_host().count<WritableEvent>(), 1U);
  EXPECT_TRUE(send(client_end, text));
}

TEST_F(ConnectionTest, OneMessageIsAlwaysAcceptedWhileNothingIsQueued) {
  ConnectionConfig config;
  config.send_buffer = ByteCount(100);
  const auto [client_end, server_end] = connect_both(config);
  EXPECT_TRUE(send(client_end, std::string(5000, 'x')));
}

TEST_F(ConnectionTest, RefusesWhatNeitherSideAccepts) {
  ConnectionConfig config;
  config.message_size_max = ByteCount(1000);
  config.channels_max = 2;
  const auto [client_end, server_end] = connect_both(config);
  EXPECT_EQ(send(client_end, std::string(1001, 'x')).error(), Errc::message_too_large);
  EXPECT_EQ(send(client_end, "x", {.channel = ChannelId{2}}).error(), Errc::unknown_channel);
  EXPECT_EQ(client().stats(client_end)->messages_refused, 2U);
}

TEST_F(ConnectionTest, WhatThePeerTurnsOutNotToAcceptEndsAsRefused) {
  server_host().config.accepted.message_size_max = ByteCount(1000);
  server_host().start(2);
  const ConnectionHandle handle = connect();
  ASSERT_TRUE(send(handle, "fits"));
  ASSERT_TRUE(send(handle, std::string(1001, 'x')));
  ASSERT_TRUE(send(handle, "fits too"));
  run_until_idle();
  EXPECT_EQ(received_by_server(), (std::vector<std::string>{"fits", "fits too"}));
  EXPECT_EQ(outcomes()[Outcome::refused], 1);
  EXPECT_EQ(outcomes()[Outcome::delivered], 2);
}

// Messages of several sizes over several channels against a window that holds barely the largest.
TEST_F(ConnectionTest, ASmallReceiveWindowDelaysButNeverBlocksForEver) {
  server_host().config.accepted.receive_window = ByteCount(20'000);
  server_host().start(2);
  const auto [client_end, server_end] = connect_both();
  int sent = 0;
  for (int i = 0; i < 40; ++i) {
    for (const std::size_t size : {19'000U, 100U, 12'000U}) {
      ASSERT_TRUE(send(client_end, std::string(size, 'x'),
                       {.channel = ChannelId{static_cast<std::uint16_t>(i % 5)}}));
      ++sent;
    }
  }
  run_until_idle();
  EXPECT_EQ(outcomes()[Outcome::delivered], sent);
}

TEST_F(ConnectionTest, NothingIsBegunBeyondWhatTheApplicationTakes) {
  server_host().config.accepted.receive_window = ByteCount(10'000);
  server_host().start(2);
  ConnectionConfig config;
  config.path_mtu_search = false;  // a probe takes no credit
  const auto [client_end, server_end] = connect_both(config);
  for (int i = 0; i < 50; ++i) ASSERT_TRUE(send(client_end, std::string(1000, 'x')));
  // The harness takes every event; look at how much may be under way at a time instead.
  flush(client_host());
  std::size_t bytes = 0;
  for (const Flight& flight : in_flight()) bytes += flight.bytes.size();
  EXPECT_LE(bytes, 9U * 1100U);
  run_until_idle();
  EXPECT_EQ(outcomes()[Outcome::delivered], 50);
}

// ---- Ends ------------------------------------------------------------------------------------

TEST_F(ConnectionTest, AGracefulCloseDeliversWhatIsQueued) {
  const auto [client_end, server_end] = connect_both();
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(send(client_end, std::string(3000, 'x')));
  EXPECT_FALSE(client().close(client_end));
  EXPECT_EQ(send(client_end, "late").error(), Errc::connection_closing);
  run_until_idle();
  EXPECT_EQ(received_by_server().size(), 100U);
  EXPECT_EQ(outcomes()[Outcome::delivered], 100);
  ASSERT_EQ(client_host().count<ClosedEvent>(), 1U);
  EXPECT_EQ(client_host().last<ClosedEvent>()->reason, CloseReason::none);
  EXPECT_FALSE(client_host().last<ClosedEvent>()->by_peer);
  ASSERT_EQ(server_host().count<ClosedEvent>(), 1U);
  EXPECT_TRUE(server_host().last<ClosedEvent>()->by_peer);
  EXPECT_EQ(client().stats().connections, 0U);
  EXPECT_EQ(server().stats().connections, 0U);
}

TEST_F(ConnectionTest, AnAbortTellsThePeerWhyAndSettlesEveryMessage) {
  const auto [client_end, server_end] = connect_both();
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(send(client_end, std::string(50'000, 'x')));
  EXPECT_FALSE(client().abort(client_end, 77, "changed my mind"));
  run_until_idle();
  EXPECT_EQ(outcomes()[Outcome::connection_lost], 10);
  EXPECT_EQ(client_host().last<ReceiptEvent>()->reason, CloseReason::aborted);
  const ClosedEvent* closed = server_host().last<ClosedEvent>();
  ASSERT_NE(closed, nullptr);
  EXPECT_EQ(closed->reason, CloseReason::aborted);
  EXPECT_EQ(closed->application_code, 77U);
  EXPECT_EQ(text_of(closed->phrase.bytes()), "changed my mind");
}

TEST_F(ConnectionTest, ALostCloseIsRepeatedWhenThePeerGoesOn) {
  const auto [client_end, server_end] = connect_both();
  int dropped = 0;
  client().abort(client_end, 1, "");
  script = [&](Flight&, const Host& from) {
    return &from == &client_host() && ++dropped == 1 ? Fate::drop : Fate::deliver;
  };
  ASSERT_TRUE(server().send(server_end, bytes_of("still here")));
  run_for(500ms);
  EXPECT_EQ(server_host().count<ClosedEvent>(), 1U);
}

TEST_F(ConnectionTest, SilenceEndsAConnectionAfterTheIdleTimeout) {
  ConnectionConfig config;
  config.idle_timeout = 20s;
  connect_both(config);
  const TimePoint quiet_since = now();
  run_for(19'900ms);
  EXPECT_EQ(client_host().count<ClosedEvent>(), 0U);
  run_for(200ms);
  ASSERT_EQ(client_host().count<ClosedEvent>(), 1U);
  EXPECT_EQ(client_host().last<ClosedEvent>()->reason, CloseReason::idle_timeout);
  // The smaller of both sides' timeouts holds for both.
  ASSERT_EQ(server_host().count<ClosedEvent>(), 1U);
  EXPECT_EQ(server_host().last<ClosedEvent>()->reason, CloseReason::idle_timeout);
  EXPECT_EQ(now() - quiet_since, 20'100ms);
}

TEST_F(ConnectionTest, KeepaliveHoldsAnIdleConnection) {
  ConnectionConfig config;
  config.idle_timeout = 20s;
  config.keepalive = 10s;
  connect_both(config);
  run_for(300s);
  EXPECT_EQ(client_host().count<ClosedEvent>(), 0U);
  EXPECT_LE(client_host().datagrams_sent, 35U);
}

TEST_F(ConnectionTest, AnUnreachableServerIsReportedAfterTheHandshakeTimeout) {
  script = [](Flight&, const Host&) { return Fate::drop; };
  ConnectionConfig config;
  config.handshake_timeout = 3s;
  const ConnectionHandle handle = connect(config);
  ASSERT_TRUE(send(handle, "never"));
  run_for(2999ms);
  EXPECT_EQ(client_host().count<ClosedEvent>(), 0U);
  run_for(2ms);
  ASSERT_EQ(client_host().count<ClosedEvent>(), 1U);
  EXPECT_EQ(client_host().last<ClosedEvent>()->reason, CloseReason::handshake_timeout);
  EXPECT_EQ(outcomes()[Outcome::connection_lost], 1);
}

// RFC 9002 s6.2.2 with kInitialRtt 333 ms: 3 x 333 ms, doubling; the cap of 6 s shortens the fourth
// wait from 7.992 s.
TEST_F(ConnectionTest, AnUnansweredInitIsRepeatedWithBackoffUpToSixSeconds) {
  std::vector<TimePoint> sent;
  script = [&](Flight&, const Host&) {
    sent.push_back(now());
    return Fate::drop;
  };
  ConnectionConfig config;
  config.handshake_timeout = 20s;
  const TimePoint start = now();
  connect(config);
  run_for(20s);
  ASSERT_EQ(sent.size(), 6U);
  EXPECT_EQ(sent[0] - start, 0ms);
  EXPECT_EQ(sent[1] - start, 999ms);
  EXPECT_EQ(sent[2] - start, 2997ms);
  EXPECT_EQ(sent[3] - start, 6993ms);
  EXPECT_EQ(sent[4] - start, 12993ms);
  EXPECT_EQ(sent[5] - start, 18993ms);
}

TEST_F(ConnectionTest, ALostAcceptIsRepeated) {
  int accepts = 0;
  script = [&](Flight& flight, const Host& from) {
    const bool is_accept = &from == &server_host() && (flight.bytes[0] & 0xf0) == 0xa0;
    return is_accept && ++accepts == 1 ? Fate::drop : Fate::deliver;
  };
  connect_both();
  EXPECT_EQ(server().stats().connections, 1U);
}

// ---- The path --------------------------------------------------------------------------------

TEST_F(ConnectionTest, ATrafficOfMessagesSurvivesANewClientAddress) {
  const auto [client_end, server_end] = connect_both();
  for (int i = 0; i < 2000; ++i) ASSERT_TRUE(send(client_end, std::string(1000, 'x')));
  run_for(50ms);
  client_host().address = SocketAddress::ipv4({198, 51, 100, 9}, 5555);
  run_until_idle();
  EXPECT_EQ(outcomes()[Outcome::delivered], 2000);
  ASSERT_EQ(server_host().count<PathChangedEvent>(), 1U);
  EXPECT_EQ(server_host().last<PathChangedEvent>()->path.remote, client_host().address);
}

TEST_F(ConnectionTest, ACopyOfAPacketFromAForgedAddressMovesNothing) {
  const auto [client_end, server_end] = connect_both();
  const SocketAddress victim = SocketAddress::ipv4({203, 0, 113, 5}, 1234);
  std::uint64_t to_victim = 0;
  std::uint64_t forged = 0;
  script = [&](Flight& flight, const Host& from) {
    if (flight.path.local == victim) to_victim += flight.bytes.size();
    // The forger is faster than the network: his copy is the one that counts.
    if (&from == &client_host() && flight.bytes.size() > 100) {
      forged += flight.bytes.size();
      inject(server_host(), victim, flight.bytes);
    }
    return Fate::deliver;
  };
  for (int i = 0; i < 50; ++i) {
    ASSERT_TRUE(send(client_end, std::string(500, 'x')));
    run_for(20ms);
  }
  run_until_idle();
  EXPECT_EQ(server_host().count<PathChangedEvent>(), 0U);
  EXPECT_GT(to_victim, 0U);
  EXPECT_LE(to_victim, 3 * forged);
  EXPECT_EQ(outcomes()[Outcome::delivered], 50);
}

TEST_F(ConnectionTest, NoDatagramOfTheOldSizeLeavesAfterTheSizeFell) {
  ConnectionConfig config;
  config.datagram_size = ByteCount(1472);
  const auto [client_end, server_end] = connect_both(config);
  std::size_t largest = 0;
  bool has_fallen = false;
  script = [&](Flight& flight, const Host& from) {
    if (&from != &client_host()) return Fate::deliver;
    if (has_fallen) largest = std::max(largest, flight.bytes.size());
    return has_fallen && flight.bytes.size() > 1252 ? Fate::drop : Fate::deliver;
  };
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(send(client_end, std::string(20'000, 'x')));
  run_for(45ms);
  // What is under way now is lost in the new narrow place.
  has_fallen = true;
  int dropped = 0;
  script = [&, inner = script](Flight& flight, const Host& from) {
    const Fate fate = inner(flight, from);
    dropped += fate == Fate::drop ? 1 : 0;
    return fate;
  };
  client().on_datagram_too_large(server_host().address, ByteCount(1253));
  run_until_idle();
  EXPECT_LE(largest, 1252U);
  EXPECT_EQ(dropped, 0);
  EXPECT_EQ(outcomes()[Outcome::delivered], 100);
  EXPECT_GT(client().stats(client_end)->segments_abandoned, 0U);
}

// The skips lie ahead of the one segment that a textbook receiver accepts.
TEST_F(ConnectionTest, TheDatagramSizeMayFallUnderTheTextbookProtocols) {
  ConnectionConfig config;
  config.datagram_size = ByteCount(1472);
  for (const Arq arq : {Arq::go_back_n, Arq::stop_and_wait}) {
    config.arq = arq;
    const ConnectionHandle client_end = connect_both(config).first;
    script = [&](Flight& flight, const Host&) {
      return flight.bytes.size() > 1400 ? Fate::drop : Fate::deliver;
    };
    for (int i = 0; i < 5; ++i) ASSERT_TRUE(send(client_end, std::string(20'000, 'x')));
    ASSERT_TRUE(run_until([&] { return client().stats(client_end)->packets_sent > 5; }));
    client().on_datagram_too_large(server_host().address, ByteCount(1401));
    run_until_idle();
    ASSERT_EQ(client_host().count<ClosedEvent>(), 0U);
    EXPECT_GT(client().stats(client_end)->segments_abandoned, 0U);
    EXPECT_EQ(received_by_server(), std::vector<std::string>(5, std::string(20'000, 'x')));
    server_host().events.clear();
    script = nullptr;
  }
}

// A PING elicits an answer, and so does a segment. With a keepalive shorter than the round trip one
// is due whenever the window opens; in the place of a segment it would be so for ever.
TEST_F(ConnectionTest, PingsDoNotTakeThePlaceOfTextbookSegments) {
  ConnectionConfig config;
  config.keepalive = 1ms;
  config.congestion = find_congestion_controller("fixed");
  config.congestion_config.fixed_window_packets = 1;
  for (const Arq arq : {Arq::go_back_n, Arq::stop_and_wait}) {
    config.arq = arq;
    const ConnectionHandle client_end = connect(config);
    run_for(100ms);
    ASSERT_TRUE(send(client_end, std::string(20'000, 'x')));
    run_for(2s);
    EXPECT_EQ(received_by_server().size(), 1U);
    server_host().events.clear();
    client().abort(client_end);
    run_for(1s);
  }
}

// ---- Batches ---------------------------------------------------------------------------------

// A datagram's content depends on the connection's state and the time, never on the buffer.
TEST_F(ConnectionTest, TheSequenceOfDatagramsDoesNotDependOnTheBuffer) {
  std::vector<std::vector<Bytes>> traces;
  for (const std::size_t capacity : {1U, 7U, 64U}) {
    testing::EndpointPair pair;
    pair.datagrams_max = capacity;
    std::vector<Bytes> trace;
    int count = 0;
    pair.script = [&](Flight& flight, const Host&) {
      trace.push_back(flight.bytes);
      return ++count % 11 == 0 ? Fate::drop : Fate::deliver;
    };
    const auto [handle, other] = pair.connect_both();
    for (int i = 0; i < 60; ++i) {
      ASSERT_TRUE(pair.send(handle, std::string(static_cast<std::size_t>(i) * 313, 'x'),
                            {.channel = ChannelId{static_cast<std::uint16_t>(i % 3)}}));
    }
    pair.run_until_idle();
    traces.push_back(std::move(trace));
  }
  EXPECT_TRUE(traces[0] == traces[1]);
  EXPECT_TRUE(traces[0] == traces[2]);
}

}  // namespace
}  // namespace hawser
