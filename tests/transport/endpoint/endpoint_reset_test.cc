/// Stateless resets, VERSION packets, and the rule that nothing answers an error with an error
/// (RFC 9000 s10.3, s6, s21.11).

#include <gtest/gtest.h>

#include "tests/support/endpoint_pair.h"
#include "tests/transport/endpoint/handshake_packets.h"
#include "transport/connection/connection_api.h"
#include "transport/wire/checksum.h"

namespace hawser {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::Bytes;
using testing::data_packet;
using testing::EndpointPair;
using testing::Fate;
using testing::Flight;
using testing::Host;
using testing::InitPacket;
using testing::random_id;

EndpointConfig with_secret() {
  EndpointConfig config = EndpointPair::accepting();
  config.endpoint_secret.emplace().fill(0x42);
  return config;
}

/// Both sides accept connections and keep their secrets over restarts.
class StatelessTest : public ::testing::Test, protected EndpointPair {
 protected:
  StatelessTest() : EndpointPair(with_secret(), with_secret()) {}

  CloseReason client_close_reason() {
    const auto* closed = client_host().last<ClosedEvent>();
    return closed == nullptr ? CloseReason::none : closed->reason;
  }
  SeededRandom random_{23};
};

// ---- Resets
// --------------------------------------------------------------------------------------

TEST_F(StatelessTest, ARestartedServerIsNoticedAtTheFirstDatagram) {
  const auto [mine, theirs] = connect_both();
  server_host().start(1000);
  ASSERT_TRUE(send(mine, "anyone there?"));
  const TimePoint start = now();
  ASSERT_TRUE(run_until([this] { return client_host().count<ClosedEvent>() == 1; }));
  EXPECT_EQ(client_close_reason(), CloseReason::stateless_reset);
  EXPECT_EQ(now() - start, 2 * delay);
  EXPECT_EQ(server().stats().resets_sent, 1U);
  // What was on its way ends as lost with that reason, and the client can come again.
  EXPECT_EQ(client_host().last<ReceiptEvent>()->outcome, Outcome::connection_lost);
  EXPECT_EQ(client_host().last<ReceiptEvent>()->reason, CloseReason::stateless_reset);
  connect_both();
}

TEST_F(StatelessTest, TheRestartedServersIncarnationIsAnother) {
  connect_both();
  const std::uint64_t first = client_host().last<ConnectedEvent>()->incarnation;
  connect_both();
  EXPECT_EQ(client_host().last<ConnectedEvent>()->incarnation, first);
  server_host().start(1000);
  connect_both();
  EXPECT_NE(client_host().last<ConnectedEvent>()->incarnation, first);
}

TEST_F(StatelessTest, WithoutTheSecretARestartIsNoticedByTheIdleTimeout) {
  server_host().config.endpoint_secret.reset();
  server_host().start(1);
  const auto [mine, theirs] = connect_both();
  server_host().start(1000);
  ASSERT_TRUE(send(mine, "anyone there?"));
  run_for(seconds(40));
  EXPECT_EQ(client_close_reason(), CloseReason::idle_timeout);
  EXPECT_GT(client().stats().unknown_reset_dropped, 0U);
}

TEST_F(StatelessTest, ARestartedClientIsNoticedByTheServer) {
  const auto [mine, theirs] = connect_both();
  client_host().start(1000);
  ASSERT_TRUE(server().send(theirs, testing::bytes_of("anyone there?")));
  run_until_idle();
  ASSERT_EQ(server_host().count<ClosedEvent>(), 1U);
  EXPECT_EQ(server_host().last<ClosedEvent>()->reason, CloseReason::stateless_reset);
}

TEST_F(StatelessTest, GuessedResetTokensAreIgnored) {
  const auto [mine, theirs] = connect_both();
  for (int i = 0; i < 100'000; ++i) {
    ResetToken token{};
    random_.fill(token);
    inject(client_host(), server_host().address, testing::reset_packet(token));
  }
  EXPECT_EQ(client().stats().unknown_reset_dropped, 100'000U);
  ASSERT_TRUE(send(mine, "unmoved"));
  run_until_idle();
  EXPECT_EQ(server_host().count<MessageEvent>(), 1U);
  EXPECT_EQ(client_host().count<ClosedEvent>(), 0U);
}

TEST_F(StatelessTest, AResetForAConnectionThatIsOverConcernsNoOther) {
  Bytes reset;
  script = [&](Flight& flight, const Host& from) {
    const bool is_reset = ByteCount::of(flight.bytes.size()) == wire::kResetSize;
    if (&from == &server_host() && is_reset) reset = flight.bytes;
    return Fate::deliver;
  };
  const auto [old, theirs] = connect_both();
  server_host().start(1000);
  ASSERT_TRUE(send(old, "x"));
  connect();  // lives on when the old one is gone
  run_until_idle();
  ASSERT_EQ(client().stats().connections, 1U);
  ASSERT_FALSE(reset.empty());
  connect();  // may take the old one's place in memory
  run_until_idle();
  inject(client_host(), server_host().address, reset);
  EXPECT_EQ(client().stats().unknown_reset_dropped, 1U);
  EXPECT_EQ(client().stats().connections, 2U);
}

TEST_F(StatelessTest, ADamagedResetIsIgnored) {
  const auto [mine, theirs] = connect_both();
  server_host().start(1000);
  script = [this](Flight& flight, const Host& from) {
    if (&from == &server_host()) flight.bytes.back() ^= 1;
    return Fate::deliver;
  };
  ASSERT_TRUE(send(mine, "x"));
  run_for(milliseconds(100));
  EXPECT_EQ(client_host().count<ClosedEvent>(), 0U);
  EXPECT_GT(client().stats().checksum_failures, 0U);
}

TEST_F(StatelessTest, ResetsAreSpacedAndSmallerThanTheirTrigger) {
  server_host().config.shard = 5;
  server_host().start(1);
  Bytes id{0, 0, 9, 5, 1, 2, 3, 4};
  const auto shoot = [&](std::size_t size) {
    inject(server_host(), client_host().address, data_packet(ConnectionId(id), size));
    flush(server_host());
  };
  shoot(21);
  EXPECT_EQ(server().stats().resets_sent, 0U);
  for (int i = 0; i < 1000; ++i) shoot(1200);
  EXPECT_EQ(server().stats().resets_sent, 1U);
  EXPECT_EQ(server_host().bytes_sent, wire::kResetSize);
  EXPECT_EQ(server().stats().answers_suppressed, 999U);
  run_for(milliseconds(20));
  shoot(22);
  EXPECT_EQ(server().stats().resets_sent, 2U);
  EXPECT_EQ(server().stats().unknown_connection_dropped, 1002U);
}

// Several loops share the secret: a reset for another loop's id would kill a live connection.
TEST_F(StatelessTest, AnotherShardsIdDrawsNoReset) {
  server_host().config.shard = 5;
  server_host().start(1);
  const Bytes id{0, 0, 9, 6, 1, 2, 3, 4};
  inject(server_host(), client_host().address, data_packet(ConnectionId(id), 1200));
  flush();
  EXPECT_EQ(server().stats().unknown_connection_dropped, 1U);
  EXPECT_EQ(server_host().datagrams_sent, 0U);
}

// ---- Versions
// ------------------------------------------------------------------------------------

TEST_F(StatelessTest, AnUnknownVersionDrawsTheListOfOurs) {
  const InitPacket init = InitPacket::with_random_ids(random_);
  inject(server_host(), client_host().address, testing::with_version(init.bytes(), 0x48415799));
  Bytes space(2048);
  TransmitBuffer buffer{.bytes = space};
  const auto transmit = server().poll_transmit(now(), buffer);
  ASSERT_TRUE(transmit);
  EXPECT_LE(ByteCount::of(transmit->bytes), wire::kStatelessAnswerSizeMax);
  EXPECT_EQ(transmit->path.remote, client_host().address);
  const auto view = wire::parse_packet(std::span(space).first(transmit->bytes), 8);
  ASSERT_TRUE(view);
  EXPECT_EQ(view->type, wire::PacketType::version);
  EXPECT_EQ(view->destination_id, init.source_id);
  EXPECT_EQ(view->source_id, init.destination_id);
  EXPECT_EQ(server().stats().versions_sent, 1U);
  EXPECT_EQ(server().stats().connections, 0U);
}

/// The client's INIT, as the server would see it.
wire::PacketView view_of(const Flight& flight) {
  return wire::parse_packet(flight.bytes, 8).value();
}

/// A VERSION packet that lists one version of our choice.
Bytes version_packet(const wire::PacketView& init, std::uint32_t version) {
  Bytes packet =
      testing::long_packet(wire::PacketType::version, init.source_id, init.destination_id);
  packet.resize(packet.size() - wire::kChecksumSize);
  for (std::size_t i = 0; i < 4; ++i) {
    packet[packet.size() - 4 + i] = static_cast<std::uint8_t>(version >> (24 - 8 * i));
  }
  const std::uint32_t checksum = wire::crc32c(packet);
  for (std::size_t i = 0; i < 4; ++i) {
    packet.push_back(static_cast<std::uint8_t>(checksum >> (8 * i)));
  }
  return packet;
}

TEST_F(StatelessTest, AServerOfAnotherVersionEndsTheAttemptAtOnce) {
  connect();
  flush(client_host());
  const wire::PacketView init = view_of(in_flight().front());
  inject(client_host(), server_host().address, version_packet(init, 0x48415799));
  flush();
  EXPECT_EQ(client_close_reason(), CloseReason::version_mismatch);
}

// RFC 9000 s6.2: a VERSION packet that lists our version, or answers nothing of ours, is a lie.
TEST_F(StatelessTest, AVersionPacketThatListsOursIsIgnored) {
  connect();
  flush(client_host());
  wire::PacketView init = view_of(in_flight().front());
  inject(client_host(), server_host().address, version_packet(init, wire::kVersion1));
  init.destination_id = random_id(random_);
  inject(client_host(), server_host().address, version_packet(init, 0x48415799));
  run_until_idle();
  EXPECT_EQ(client_host().count<ConnectedEvent>(), 1U);
}

// ---- Nothing loops
// -------------------------------------------------------------------------------

/// One spoofed packet of each kind, as if each side had sent it to the other.
class SpoofedPacketTest : public StatelessTest,
                          public ::testing::WithParamInterface<wire::PacketType> {
 protected:
  Bytes spoofed(const ConnectionId& destination) {
    const ConnectionId source = random_id(random_);
    switch (GetParam()) {
      case wire::PacketType::init:
        return InitPacket::with_random_ids(random_).bytes();
      case wire::PacketType::data:
        return data_packet(destination, 1200);
      case wire::PacketType::reset: {
        ResetToken token{};
        random_.fill(token);
        return testing::reset_packet(token);
      }
      default:
        return testing::long_packet(GetParam(), destination, source);
    }
  }
  /// Datagrams that a spoofed packet to each side sets off, itself included.
  std::uint64_t packets_after(const Bytes& packet) {
    const std::uint64_t before = client_host().datagrams_sent + server_host().datagrams_sent;
    inject(server_host(), client_host().address, packet);
    run_for(seconds(2));
    return 1 + client_host().datagrams_sent + server_host().datagrams_sent - before;
  }
};

TEST_P(SpoofedPacketTest, TwoEndpointsFallSilentWithinFivePackets) {
  EXPECT_LE(packets_after(spoofed(random_id(random_))), 5U);
  // An id that looks like one of ours: slot 0, shard 0.
  const Bytes likely{0, 0, 0, 0, 1, 2, 3, 4};
  EXPECT_LE(packets_after(spoofed(ConnectionId(likely))), 5U);
  EXPECT_EQ(client().stats().connections, 0U);
  EXPECT_EQ(server().stats().connections, 0U);
}

TEST_P(SpoofedPacketTest, AnUnknownVersionFallsSilentToo) {
  Bytes packet = spoofed(random_id(random_));
  if ((packet[0] & 0x80) == 0) return;
  packet = testing::with_version(packet, 0x0a0a0a0a);
  packet.resize(std::max<std::size_t>(packet.size(), 1200));
  EXPECT_LE(packets_after(packet), 5U);
}

TEST_P(SpoofedPacketTest, AnEstablishedConnectionIsUnmoved) {
  const auto [mine, theirs] = connect_both();
  for (int i = 0; i < 1000; ++i) {
    const Bytes packet = spoofed(random_id(random_));
    inject(client_host(), server_host().address, packet);
    inject(server_host(), client_host().address, packet);
  }
  flush();
  ASSERT_TRUE(send(mine, "unmoved"));
  run_until_idle();
  EXPECT_EQ(server_host().count<MessageEvent>(), 1U);
  EXPECT_EQ(client_host().count<ClosedEvent>() + server_host().count<ClosedEvent>(), 0U);
}

INSTANTIATE_TEST_SUITE_P(EachType, SpoofedPacketTest,
                         ::testing::Values(wire::PacketType::init, wire::PacketType::retry,
                                           wire::PacketType::accept, wire::PacketType::version,
                                           wire::PacketType::refuse, wire::PacketType::data,
                                           wire::PacketType::reset));

}  // namespace
}  // namespace hawser
