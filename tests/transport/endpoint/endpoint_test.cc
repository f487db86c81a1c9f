#include "hawser/endpoint.h"

#include <set>

#include <gtest/gtest.h>

#include "tests/support/endpoint_pair.h"
#include "tests/transport/endpoint/handshake_packets.h"

namespace hawser {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::Bytes;
using testing::bytes_of;
using testing::EndpointPair;
using testing::Fate;
using testing::Flight;
using testing::Host;
using testing::text_of;

class EndpointTest : public ::testing::Test, protected EndpointPair {};

// ---- Connecting and talking --------------------------------------------------------------------

TEST_F(EndpointTest, ConnectsAndDeliversAMessageEachWay) {
  const auto [mine, theirs] = connect_both();
  ASSERT_TRUE(send(mine, "hello"));
  ASSERT_TRUE(server().send(theirs, bytes_of("welcome")));
  run_until_idle();
  ASSERT_EQ(server_host().count<MessageEvent>(), 1U);
  EXPECT_EQ(text_of(server_host().last<MessageEvent>()->bytes.bytes()), "hello");
  ASSERT_EQ(client_host().count<MessageEvent>(), 1U);
  EXPECT_EQ(text_of(client_host().last<MessageEvent>()->bytes.bytes()), "welcome");
  ASSERT_EQ(client_host().count<ReceiptEvent>(), 1U);
  EXPECT_EQ(client_host().last<ReceiptEvent>()->outcome, Outcome::delivered);
}

TEST_F(EndpointTest, ConnectTakesTwoRoundTripsWithARetry) {
  connect();
  const TimePoint start = now();
  ASSERT_TRUE(run_until([this] { return client_host().count<ConnectedEvent>() == 1; }));
  EXPECT_EQ(now() - start, 4 * delay);
  EXPECT_EQ(server().stats().retries_sent, 1U);
}

TEST_F(EndpointTest, AReconnectSkipsTheRetryByItself) {
  connect_both();
  const TimePoint start = now();
  connect();
  ASSERT_TRUE(run_until([this] { return client_host().count<ConnectedEvent>() == 2; }));
  EXPECT_EQ(now() - start, 2 * delay);
  EXPECT_EQ(server().stats().retries_sent, 1U);
}

TEST_F(EndpointTest, ATokenKeptByTheApplicationSkipsTheRetryInANewProcess) {
  connect_both();
  const auto kept = client_host().last<ConnectedEvent>()->token.bytes();
  const Bytes token(kept.begin(), kept.end());
  ASSERT_FALSE(token.empty());
  client_host().start(77);
  const TimePoint start = now();
  connect({}, token);
  ASSERT_TRUE(run_until([this] { return client_host().count<ConnectedEvent>() == 1; }));
  EXPECT_EQ(now() - start, 2 * delay);
}

TEST_F(EndpointTest, AStaleTokenCostsTheRetryOnly) {
  connect({}, Bytes(25, 0x02));
  run_until_idle();
  EXPECT_EQ(client_host().count<ConnectedEvent>(), 1U);
  EXPECT_EQ(server().stats().bad_cookie_dropped, 1U);
  EXPECT_EQ(server().stats().retries_sent, 1U);
}

TEST_F(EndpointTest, ManyConnectionsBetweenTwoEndpointsStayApart) {
  std::vector<ConnectionHandle> handles;
  for (int i = 0; i < 100; ++i) handles.push_back(connect());
  run_until_idle();
  EXPECT_EQ(server_host().count<ConnectedEvent>(), 100U);
  for (std::size_t i = 0; i < handles.size(); ++i) {
    ASSERT_TRUE(send(handles[i], std::to_string(i), {.tag = i}));
  }
  run_until_idle();
  std::set<ConnectionHandle> senders;
  std::set<std::string_view> texts;
  for (const Event& event : server_host().events) {
    if (const auto* message = std::get_if<MessageEvent>(&event.what)) {
      senders.insert(event.connection);
      texts.insert(text_of(message->bytes.bytes()));
    }
  }
  EXPECT_EQ(senders.size(), 100U);
  EXPECT_EQ(texts.size(), 100U);
  for (std::size_t i = 0; i < handles.size(); ++i) {
    const auto stats = client().stats(handles[i]);
    ASSERT_TRUE(stats);
    EXPECT_EQ(stats->messages_delivered, 1U);
  }
}

// ---- Handles and refusals ----------------------------------------------------------------------

TEST_F(EndpointTest, UnknownHandlesAreRefusedByEveryCall) {
  const auto [mine, theirs] = connect_both();
  ASSERT_FALSE(client().close(mine));
  run_until_idle();
  run_for(seconds(10));
  ASSERT_EQ(client_host().count<ClosedEvent>(), 1U);
  EXPECT_EQ(client().stats().connections, 0U);
  const auto made_up = static_cast<ConnectionHandle>(0x1234'0000'0001);
  for (const ConnectionHandle handle : {mine, theirs, made_up, ConnectionHandle::none}) {
    const auto sent = client().send(handle, bytes_of("x"));
    ASSERT_FALSE(sent);
    EXPECT_EQ(sent.error(), Errc::unknown_connection);
    const auto shared = client().send(handle, Buffer::copy_of(client().pool(), bytes_of("x")));
    ASSERT_FALSE(shared);
    EXPECT_EQ(shared.error(), Errc::unknown_connection);
    EXPECT_EQ(client().close(handle), Errc::unknown_connection);
    EXPECT_EQ(client().abort(handle), Errc::unknown_connection);
    const auto stats = client().stats(handle);
    ASSERT_FALSE(stats);
    EXPECT_EQ(stats.error(), Errc::unknown_connection);
  }
}

TEST_F(EndpointTest, FinalFiguresCanBeHadUntilTheNextCallOfPollEvent) {
  ConnectionConfig config;
  config.handshake_timeout = milliseconds(500);  // before anything would be sent again
  script = [](Flight&, const Host&) { return Fate::drop; };
  const ConnectionHandle mine = connect(config);
  flush();
  client().handle_timeout(client().next_timeout());
  const auto event = client().poll_event();
  ASSERT_TRUE(event && std::holds_alternative<ClosedEvent>(event->what));
  const auto stats = client().stats(mine);
  ASSERT_TRUE(stats);
  EXPECT_EQ(stats->packets_sent, client_host().datagrams_sent);
  EXPECT_FALSE(client().stats(ConnectionHandle::none));
  EXPECT_FALSE(client().poll_event());
  EXPECT_FALSE(client().stats(mine));
}

TEST_F(EndpointTest, ConnectSaysWhatIsWrong) {
  const auto error_of = [this](const ConnectOptions& options) {
    const auto result = client().connect(options);
    return result ? std::error_code{} : result.error();
  };
  const SocketAddress remote = server_host().address;
  ConnectionConfig config;
  config.datagram_size = ByteCount(100);
  EXPECT_EQ(error_of({.remote = remote, .config = config, .token = {}}), Errc::invalid_config);
  const Bytes long_token(65);
  EXPECT_EQ(error_of({.remote = remote, .config = {}, .token = long_token}), Errc::invalid_config);
  EXPECT_EQ(error_of({}), Errc::invalid_address);
  SocketAddress no_port = remote;
  no_port.port = 0;
  EXPECT_EQ(error_of({.remote = no_port, .config = {}, .token = {}}), Errc::invalid_address);
  EXPECT_EQ(client().stats().connections, 0U);
}

TEST_F(EndpointTest, CreateRefusesAConfigurationOutOfRange) {
  SeededRandom random(1);
  EndpointConfig config;
  config.connection_id_size = 3;
  const auto endpoint = Endpoint::create(config, random);
  ASSERT_FALSE(endpoint);
  EXPECT_EQ(endpoint.error(), Errc::invalid_config);
}

TEST_F(EndpointTest, AMessageBeyondEveryLimitIsTooLargeAndNotCopied) {
  const ConnectionHandle handle = connect();
  const Bytes huge((16 << 20) + 1);
  const auto sent = client().send(handle, huge);
  ASSERT_FALSE(sent);
  EXPECT_EQ(sent.error(), Errc::message_too_large);
  EXPECT_LT(client().stats().memory.peak, ByteCount(1 << 20));
}

TEST_F(EndpointTest, ConnectionsMaxHoldsForConnect) {
  client_host().config.connections_max = 3;
  client_host().start(5);
  std::vector<ConnectionHandle> handles;
  for (int i = 0; i < 3; ++i) handles.push_back(connect());
  const auto refused =
      client().connect({.remote = server_host().address, .config = {}, .token = {}});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error(), Errc::too_many_connections);
  // Room again as soon as one is over and its events are taken.
  run_until_idle();
  ASSERT_FALSE(client().abort(handles[0]));
  run_for(seconds(10));
  EXPECT_EQ(client().stats().connections, 2U);
  EXPECT_NE(connect(), ConnectionHandle::none);
}

TEST_F(EndpointTest, AnAbortTellsThePeerCodeAndPhrase) {
  const auto [mine, theirs] = connect_both();
  ASSERT_FALSE(client().abort(mine, 42, "enough"));
  run_until_idle();
  const auto* closed = server_host().last<ClosedEvent>();
  ASSERT_NE(closed, nullptr);
  EXPECT_EQ(closed->reason, CloseReason::aborted);
  EXPECT_EQ(closed->application_code, 42U);
  EXPECT_TRUE(closed->by_peer);
  EXPECT_EQ(text_of(closed->phrase.bytes()), "enough");
  EXPECT_EQ(client().stats().connections, 0U);
  EXPECT_EQ(server().stats().connections, 0U);
  EXPECT_EQ(server().close(theirs), Errc::unknown_connection);
}

// ---- Turns -------------------------------------------------------------------------------------

TEST_F(EndpointTest, EventsComeRoundRobinFromTheConnections) {
  const ConnectionHandle a = connect();
  const ConnectionHandle b = connect();
  run_until_idle();
  for (int i = 0; i < 5; ++i) {
    ASSERT_TRUE(send(a, "a"));
    ASSERT_TRUE(send(b, "b"));
  }
  // Deliver everything before the server is asked for its first event.
  flush(client_host());
  const auto flights = in_flight();
  ASSERT_FALSE(flights.empty());
  for (const Flight& flight : flights) {
    server().receive(now(), {.bytes = flight.bytes,
                             .segment_size = flight.bytes.size(),
                             .path = flight.path,
                             .ecn = {}});
  }
  std::string order;
  while (const auto event = server().poll_event()) {
    const auto* message = std::get_if<MessageEvent>(&event->what);
    if (message != nullptr) order += text_of(message->bytes.bytes());
  }
  EXPECT_TRUE(order == "ababababab" || order == "bababababa") << order;
}

/// All that a client with `connections` busy connections sends in the first 30 ms after the
/// handshakes, asked for `capacity` at a time.
std::vector<Bytes> datagrams_sent(std::size_t capacity) {
  EndpointPair pair;
  ConnectionConfig config;
  config.congestion_config.initial_window = ByteCount(1 << 20);
  std::vector<ConnectionHandle> handles;
  for (int i = 0; i < 5; ++i) handles.push_back(pair.connect(config));
  pair.run_until_idle();
  std::vector<Bytes> sent;
  pair.script = [&](Flight& flight, const Host& from) {
    if (&from == &pair.client_host()) sent.push_back(flight.bytes);
    return Fate::deliver;
  };
  pair.datagrams_max = capacity;
  for (const ConnectionHandle handle : handles) {
    EXPECT_TRUE(pair.client().send(handle, Bytes(200'000, 0x33)));
  }
  pair.run_for(milliseconds(30));
  return sent;
}

TEST_F(EndpointTest, TheSequenceOfDatagramsDoesNotDependOnTheBuffer) {
  const auto one_by_one = datagrams_sent(1);
  EXPECT_GT(one_by_one.size(), 500U);
  for (const std::size_t capacity : {2U, 7U, 63U, 64U, 65U, 1000U}) {
    EXPECT_EQ(datagrams_sent(capacity), one_by_one) << capacity << " at a time";
  }
}

TEST_F(EndpointTest, ABusyConnectionYieldsAfterItsQuantum) {
  const auto sent = datagrams_sent(1);
  // The longest run of one connection's datagrams (told apart by the id behind the first byte).
  std::size_t longest = 0;
  std::size_t run = 0;
  for (std::size_t i = 0; i < sent.size(); ++i) {
    const bool goes_on =
        i > 0 && std::equal(sent[i].begin() + 1, sent[i].begin() + 9, sent[i - 1].begin() + 1);
    run = goes_on ? run + 1 : 1;
    longest = std::max(longest, run);
  }
  EXPECT_LE(longest, 64U);
}

TEST_F(EndpointTest, AShortTurnLeavesTheNextOneItsWholeQuantum) {
  ConnectionConfig config;
  config.congestion_config.initial_window = ByteCount(1 << 20);
  const ConnectionHandle brief = connect(config);
  const ConnectionHandle first = connect(config);
  const ConnectionHandle second = connect(config);
  run_until_idle();
  ASSERT_TRUE(client().send(brief, Bytes(5'000)));
  ASSERT_TRUE(client().send(first, Bytes(200'000)));
  ASSERT_TRUE(client().send(second, Bytes(200'000)));
  std::vector<Bytes> ids;  // of consecutive turns
  std::vector<std::size_t> turns;
  script = [&](Flight& flight, const Host&) {
    const Bytes id(flight.bytes.begin() + 1, flight.bytes.begin() + 9);
    if (ids.empty() || ids.back() != id) {
      ids.push_back(id);
      turns.push_back(0);
    }
    ++turns.back();
    return Fate::drop;
  };
  flush(client_host());
  ASSERT_GE(turns.size(), 3U);
  EXPECT_LT(turns[0], 10U);
  EXPECT_EQ(turns[1], 64U);
  EXPECT_EQ(turns[2], 64U);
}

TEST_F(EndpointTest, NothingIsWrittenIntoNoRoom) {
  connect();
  Bytes space(2000);
  TransmitBuffer none{.bytes = space, .datagrams_max = 0};
  EXPECT_FALSE(client().poll_transmit(now(), none));
  TransmitBuffer one{.bytes = space, .datagrams_max = 1};
  EXPECT_TRUE(client().poll_transmit(now(), one));
}

// ---- Datagrams that come joined, empty or damaged
// ------------------------------------------------

TEST_F(EndpointTest, AJoinedReadIsSplitIntoItsDatagrams) {
  ConnectionConfig config;
  config.path_mtu_search = false;  // a probe is of another size
  const auto [mine, theirs] = connect_both(config);
  ASSERT_TRUE(client().send(mine, Bytes(10'000, 0x44)));
  flush(client_host());
  const auto flights = in_flight();
  ASSERT_GE(flights.size(), 5U);
  inject(server_host(), client_host().address, flights[0].bytes);
  Bytes joined;
  for (std::size_t i = 1; i < flights.size(); ++i) {
    joined.insert(joined.end(), flights[i].bytes.begin(), flights[i].bytes.end());
  }
  const auto before = server().stats(theirs);
  server().receive(now(), {.bytes = joined,
                           .segment_size = flights[1].bytes.size(),
                           .path = flights[1].path,
                           .ecn = {}});
  const auto after = server().stats(theirs);
  EXPECT_EQ(after->datagrams_received - before->datagrams_received, flights.size() - 1);
  EXPECT_EQ(after->malformed_dropped + after->checksum_failures, 0U);
}

TEST_F(EndpointTest, EachConnectionOfAJoinedReadIsServed) {
  const ConnectionHandle a = connect();
  const ConnectionHandle b = connect();
  run_until_idle();
  ASSERT_TRUE(send(a, "a"));
  ASSERT_TRUE(send(b, "b"));
  run_for(delay);
  flush();  // the acknowledgements of both are on their way
  const auto flights = in_flight();
  ASSERT_EQ(flights.size(), 2U);
  ASSERT_EQ(flights[0].bytes.size(), flights[1].bytes.size());
  Bytes joined = flights[0].bytes;
  joined.insert(joined.end(), flights[1].bytes.begin(), flights[1].bytes.end());
  client().receive(now(), {.bytes = joined,
                           .segment_size = flights[0].bytes.size(),
                           .path = flights[0].path,
                           .ecn = {}});
  flush();
  EXPECT_EQ(client_host().count<ReceiptEvent>(), 2U);
}

// Only what was checked as a whole reaches a connection.
TEST_F(EndpointTest, ADatagramWhosePacketsNameDifferentConnectionsIsMalformed) {
  script = [this](Flight& flight, const Host& from) {
    const auto view = wire::parse_packet(flight.bytes, 8);
    if (&from != &server_host() || view->type != wire::PacketType::accept) return Fate::deliver;
    SeededRandom random(1);
    const Bytes other = testing::data_packet(testing::random_id(random), 100);
    flight.bytes.insert(flight.bytes.end(), other.begin(), other.end());
    return Fate::deliver;
  };
  connect();
  run_for(seconds(1));
  EXPECT_EQ(client_host().count<ConnectedEvent>(), 0U);
  EXPECT_GT(client().stats().malformed_dropped, 0U);
}

TEST_F(EndpointTest, EmptyAndDamagedDatagramsAreCounted) {
  inject(server_host(), client_host().address, {});
  EXPECT_EQ(server().stats().empty_dropped, 1U);
  inject(server_host(), client_host().address, Bytes{0x80, 1, 2});
  inject(server_host(), client_host().address, Bytes{0x00});
  EXPECT_EQ(server().stats().malformed_dropped, 2U);
  SeededRandom random(9);
  for (int i = 0; i < 20'000; ++i) {
    Bytes noise(random.below(64));
    random.fill(noise);
    inject(server_host(), client_host().address, noise);
  }
  EXPECT_EQ(server().stats().connections, 0U);
  run_until_idle();
}

TEST_F(EndpointTest, DropsAreTraced) {
  struct Sink : TraceSink {
    void on_event(TimePoint, ConnectionHandle connection, const TraceEvent& event) override {
      if (const auto* dropped = std::get_if<PacketDroppedTrace>(&event)) {
        EXPECT_EQ(connection, ConnectionHandle::none);
        reasons.emplace_back(dropped->reason);
      }
    }
    std::vector<std::string> reasons;
  } sink;
  server_host().config.trace = &sink;
  server_host().start(3);
  inject(server_host(), client_host().address, {});
  inject(server_host(), client_host().address, Bytes(9));
  EXPECT_EQ(sink.reasons, (std::vector<std::string>{"empty_dropped", "malformed_dropped"}));
}

// ---- Time and memory
// -----------------------------------------------------------------------------

TEST_F(EndpointTest, WithoutConnectionsThereIsNothingToWaitFor) {
  EXPECT_EQ(client().next_timeout(), kNever);
  connect_both();
  EXPECT_NE(client().next_timeout(), kNever);
  client().handle_timeout(now() - seconds(1));  // too early: nothing happens
  run_for(seconds(40));
  EXPECT_EQ(client_host().last<ClosedEvent>()->reason, CloseReason::idle_timeout);
  EXPECT_EQ(server_host().last<ClosedEvent>()->reason, CloseReason::idle_timeout);
  EXPECT_EQ(client().next_timeout(), kNever);
  EXPECT_EQ(server().next_timeout(), kNever);
}

TEST_F(EndpointTest, AConnectionThatIsOverLeavesNothingBehind) {
  // The token that the client keeps is all that may stay.
  connect_both();
  run_for(seconds(60));
  client_host().events.clear();
  server_host().events.clear();
  const ByteCount client_before = client().stats().memory.in_use;
  EXPECT_EQ(server().stats().memory.in_use, ByteCount(0));
  for (int i = 0; i < 5; ++i) {
    const auto [mine, theirs] = connect_both();
    ASSERT_TRUE(client().send(mine, Bytes(100'000)));
    run_until_idle();
    ASSERT_FALSE(client().close(mine));
    run_until_idle();
    client_host().events.clear();
    server_host().events.clear();
  }
  EXPECT_EQ(client().stats().memory.in_use, client_before);
  EXPECT_EQ(server().stats().memory.in_use, ByteCount(0));
}

TEST_F(EndpointTest, DestroyedWithOpenConnectionsItLeaksNothing) {
  std::vector<ConnectionHandle> handles;
  for (int i = 0; i < 10; ++i) handles.push_back(connect());
  run_until_idle();
  for (const ConnectionHandle handle : handles) {
    ASSERT_TRUE(client().send(handle, Bytes(300'000)));
  }
  run_for(delay);  // in the middle of the transfer, events not taken
  client_host().stop();
  server_host().stop();
}

// Every budget from nothing to plenty: each refusal is answered or counted, nothing leaks.
TEST_F(EndpointTest, EveryMemoryBudgetGivesCleanRefusals) {
  bool has_connected = false;
  bool was_refused = false;
  for (std::int64_t budget = 256; budget <= 1 << 20; budget += budget / 8 + 32) {
    client_host().config.memory_budget = ByteCount(budget);
    server_host().config.memory_budget = ByteCount(budget);
    client_host().start(static_cast<std::uint64_t>(budget));
    server_host().start(static_cast<std::uint64_t>(budget) + 1);
    for (int i = 0; i < 3; ++i) {
      const auto handle =
          client().connect({.remote = server_host().address, .config = {}, .token = {}});
      if (!handle) {
        EXPECT_EQ(handle.error(), Errc::not_enough_memory);
        was_refused = true;
        continue;
      }
      const auto sent = client().send(*handle, Bytes(2000));
      if (!sent) {
        EXPECT_EQ(sent.error(), Errc::not_enough_memory);
      }
    }
    run_until_idle();
    run_for(seconds(60));
    has_connected |= client_host().count<ConnectedEvent>() > 0;
    EXPECT_EQ(client().stats().connections, 0U) << "budget " << budget;
    EXPECT_EQ(server().stats().connections, 0U) << "budget " << budget;
    client_host().events.clear();
    server_host().events.clear();
    EXPECT_LE(client().stats().memory.peak, ByteCount(budget));
    EXPECT_EQ(server().stats().memory.in_use, ByteCount(0)) << "budget " << budget;
  }
  EXPECT_TRUE(has_connected);
  EXPECT_TRUE(was_refused);
}

TEST_F(EndpointTest, ATooLargeDatagramConcernsTheConnectionsToThatAddressOnly) {
  ConnectionConfig config;
  config.datagram_size = ByteCount(1472);
  const ConnectionHandle here = connect(config);
  SocketAddress elsewhere = server_host().address;
  elsewhere.ip[3] = 99;
  const auto there = client().connect({.remote = elsewhere, .config = config, .token = {}});
  ASSERT_TRUE(there);
  run_for(milliseconds(200));
  client().on_datagram_too_large(server_host().address, ByteCount(1400));
  EXPECT_EQ(client().stats(here)->datagram_size, ByteCount(1399));
  EXPECT_EQ(client().stats(*there)->datagram_size, ByteCount(1472));
}

}  // namespace
}  // namespace hawser
