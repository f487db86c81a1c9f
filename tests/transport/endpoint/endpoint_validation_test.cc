/// What strangers can do to a server, and what it keeps of them: nothing before their address is
/// validated (RFC 9000 s8.1, s21.2), and no more than the limits afterwards.

#include <algorithm>

#include <gtest/gtest.h>

#include "tests/support/endpoint_pair.h"
#include "tests/transport/endpoint/handshake_packets.h"

namespace hawser {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::Bytes;
using testing::EndpointPair;
using testing::Fate;
using testing::Flight;
using testing::Host;
using testing::InitPacket;
using testing::text_of;

class AddressValidationTest : public ::testing::Test, protected EndpointPair {
 protected:
  /// A new address per call: 2^32 hosts.
  SocketAddress next_stranger() {
    const std::uint32_t host = ++strangers_;
    return SocketAddress::ipv4(
        {10, static_cast<std::uint8_t>(host >> 16), static_cast<std::uint8_t>(host >> 8),
         static_cast<std::uint8_t>(host)},
        static_cast<std::uint16_t>(1024 + host % 60000));
  }
  /// What the server says right now, at most one datagram.
  Bytes answer() {
    Bytes space(2048);
    TransmitBuffer buffer{.bytes = space, .datagrams_max = 1};
    const auto transmit = server().poll_transmit(now(), buffer);
    space.resize(transmit ? transmit->bytes : 0);
    return space;
  }
  wire::PacketType answer_type() {
    answer_ = answer();
    const auto view = wire::parse_packet(answer_, 8);
    return view ? view->type : wire::PacketType::data;
  }
  /// Plays the first round trip: the INIT with the cookie that answers it.
  InitPacket with_cookie(InitPacket init, const SocketAddress& from) {
    inject(server_host(), from, init.bytes());
    const Bytes retry = answer();
    const auto view = wire::parse_packet(retry, 8);
    const bool is_retry = view && view->type == wire::PacketType::retry;
    const auto cookie = wire::parse_retry(is_retry ? view->payload : std::span(retry).first(0));
    EXPECT_TRUE(cookie);
    if (!cookie) return init;
    init.token.assign(cookie->begin(), cookie->end());
    return init;
  }
  InitPacket new_init() { return InitPacket::with_random_ids(random_); }
  void set_server(const std::function<void(EndpointConfig&)>& change) {
    change(server_host().config);
    server_host().start(4);
  }
  const ClosedEvent& client_closed() {
    static const ClosedEvent kNone;
    const auto* closed = client_host().last<ClosedEvent>();
    EXPECT_NE(closed, nullptr);
    return closed == nullptr ? kNone : *closed;
  }

  SeededRandom random_{17};
  std::uint32_t strangers_ = 0;
  Bytes answer_;
};

// ---- Before validation -----------------------------------------------------------------------

TEST_F(AddressValidationTest, AHundredThousandSpoofedInitsLeaveNoState) {
  const MemoryPool::Stats before = server().stats().memory;
  ByteCount bytes_in{0};
  ByteCount bytes_out{0};
  InitPacket init = new_init();
  for (int i = 0; i < 100'000; ++i) {
    init.source_id = testing::random_id(random_);
    init.destination_id = testing::random_id(random_);
    const Bytes packet = init.bytes();
    inject(server_host(), next_stranger(), packet);
    bytes_in += ByteCount::of(packet.size());
    bytes_out += ByteCount::of(answer().size());
    ASSERT_TRUE(answer().empty());  // one answer each
  }
  const EndpointStats stats = server().stats();
  EXPECT_EQ(stats.connections, 0U);
  EXPECT_EQ(stats.connections_accepted, 0U);
  EXPECT_EQ(stats.retries_sent, 100'000U);
  EXPECT_EQ(stats.memory.in_use, before.in_use);
  EXPECT_EQ(stats.memory.peak, before.peak);
  EXPECT_EQ(stats.memory.system_allocations, before.system_allocations);
  EXPECT_EQ(server().next_timeout(), kNever);
  // RFC 9000 s8.1 allows three times; a RETRY is 0.11 times at most.
  EXPECT_LE(bytes_out * 100, bytes_in * 11);
  EXPECT_GT(bytes_out, ByteCount(0));
}

TEST_F(AddressValidationTest, AFloodThatIsNotAnsweredInTimeIsCounted) {
  for (int i = 0; i < 1000; ++i) inject(server_host(), next_stranger(), new_init().bytes());
  EXPECT_EQ(server().stats().retries_sent, 100U);
  EXPECT_EQ(server().stats().answers_suppressed, 900U);
}

// RFC 9000 s8.1.
TEST_F(AddressValidationTest, NothingUnvalidatedDrawsMoreThanItself) {
  for (int i = 0; i < 20'000; ++i) {
    Bytes packet = new_init().bytes();
    const auto flips = random_.below(8);
    for (std::uint64_t k = 0; k < flips; ++k) {
      packet[random_.below(48)] ^= static_cast<std::uint8_t>(1U << random_.below(8));
    }
    if (random_.below(4) == 0) packet.resize(1 + random_.below(packet.size()));
    inject(server_host(), next_stranger(), packet);
    const Bytes first = answer();
    ASSERT_LE(first.size(), packet.size());
    ASSERT_LE(ByteCount::of(first.size()), wire::kStatelessAnswerSizeMax);
    ASSERT_TRUE(answer().empty());
  }
  EXPECT_EQ(server().stats().connections, 0U);
}

TEST_F(AddressValidationTest, AnInitBelow1200BytesDrawsNothing) {
  InitPacket init = new_init();
  init.size = ByteCount(1199);
  inject(server_host(), next_stranger(), init.bytes());
  inject(server_host(), next_stranger(), testing::with_version(init.bytes(), 0x01020304));
  EXPECT_TRUE(answer().empty());
  EXPECT_EQ(server().stats().short_init_dropped, 2U);
}

TEST_F(AddressValidationTest, AnInitWithIdsThatCanBeGuessedDrawsNothing) {
  const std::uint64_t dropped = server().stats().malformed_dropped;
  InitPacket init = new_init();
  init.source_id = testing::random_id(random_, 3);
  inject(server_host(), next_stranger(), init.bytes());
  EXPECT_TRUE(answer().empty());
  init = new_init();
  init.destination_id = testing::random_id(random_, 7);
  inject(server_host(), next_stranger(), init.bytes());
  EXPECT_TRUE(answer().empty());
  EXPECT_EQ(server().stats().malformed_dropped, dropped + 2);
}

TEST_F(AddressValidationTest, AClientWithoutACommonIntegrityProfileIsToldSo) {
  InitPacket init = new_init();
  init.integrity_profiles = 1U << static_cast<unsigned>(wire::IntegrityProfile::aead);
  const SocketAddress client = next_stranger();
  inject(server_host(), client, with_cookie(init, client).bytes());
  EXPECT_EQ(answer_type(), wire::PacketType::refuse);
  const auto body = wire::parse_refuse(wire::parse_packet(answer_, 8)->payload);
  ASSERT_TRUE(body);
  EXPECT_EQ(body->reason, CloseReason::version_mismatch);
  EXPECT_EQ(server().stats().connections, 0U);
}

TEST_F(AddressValidationTest, AFloodOfOneInitDrawsAnAcceptNowAndThen) {
  const SocketAddress client = next_stranger();
  const InitPacket init = with_cookie(new_init(), client);
  int accepts = 0;
  for (int i = 0; i < 1000; ++i) {
    inject(server_host(), client, init.bytes());
    if (answer_type() == wire::PacketType::accept) ++accepts;
    run_for(milliseconds(1));
  }
  EXPECT_GE(accepts, 5);
  EXPECT_LE(accepts, 11);
}

TEST_F(AddressValidationTest, AControllerThatCannotBeMadeRefuses) {
  static constexpr CongestionControllerFactory kNone{
      .name = "none",
      .make = [](const CongestionConfig&) { return std::unique_ptr<CongestionController>(); }};
  ConnectionConfig config;
  config.congestion = &kNone;
  const auto handle =
      client().connect({.remote = server_host().address, .config = config, .token = {}});
  ASSERT_FALSE(handle);
  EXPECT_EQ(handle.error(), Errc::not_enough_memory);
  EXPECT_EQ(client().stats().connections, 0U);
}

TEST_F(AddressValidationTest, ADamagedInitDrawsNothing) {
  Bytes packet = new_init().bytes();
  packet[600] ^= 1;
  inject(server_host(), next_stranger(), packet);
  EXPECT_TRUE(answer().empty());
  EXPECT_EQ(server().stats().checksum_failures, 1U);
}

TEST_F(AddressValidationTest, APureClientAnswersNoInit) {
  inject(client_host(), next_stranger(), new_init().bytes());
  inject(client_host(), next_stranger(), testing::with_version(new_init().bytes(), 77));
  EXPECT_EQ(client().stats().unexpected_dropped, 2U);
  flush();
  EXPECT_EQ(client_host().datagrams_sent, 0U);
}

// ---- Cookies and tokens ------------------------------------------------------------------------

TEST_F(AddressValidationTest, ACookieFromItsOwnAddressOpensAConnection) {
  const SocketAddress stranger = next_stranger();
  inject(server_host(), stranger, with_cookie(new_init(), stranger).bytes());
  EXPECT_EQ(server().stats().connections, 1U);
  EXPECT_EQ(answer_type(), wire::PacketType::accept);
}

TEST_F(AddressValidationTest, ACookieReplayedFromElsewhereIsRefused) {
  const SocketAddress stranger = next_stranger();
  const InitPacket init = with_cookie(new_init(), stranger);
  for (int i = 0; i < 10'000; ++i) {
    SocketAddress elsewhere = next_stranger();
    if (i % 2 == 0) {  // the right host with another port
      elsewhere = stranger;
      elsewhere.port = static_cast<std::uint16_t>(stranger.port + 1 + i);
    }
    inject(server_host(), elsewhere, init.bytes());
    ASSERT_EQ(answer_type(), wire::PacketType::retry);
  }
  EXPECT_EQ(server().stats().bad_cookie_dropped, 10'000U);
  EXPECT_EQ(server().stats().connections, 0U);
}

TEST_F(AddressValidationTest, ACookieForAnotherInitIsRefused) {
  const SocketAddress stranger = next_stranger();
  InitPacket init = with_cookie(new_init(), stranger);
  init.source_id = testing::random_id(random_);
  inject(server_host(), stranger, init.bytes());
  EXPECT_EQ(answer_type(), wire::PacketType::retry);
  EXPECT_EQ(server().stats().connections, 0U);
}

TEST_F(AddressValidationTest, ACookieEndsWithItsLifetime) {
  const SocketAddress stranger = next_stranger();
  const InitPacket init = with_cookie(new_init(), stranger);
  run_for(seconds(61));
  inject(server_host(), stranger, init.bytes());
  EXPECT_EQ(answer_type(), wire::PacketType::retry);
  EXPECT_EQ(server().stats().connections, 0U);
}

// Under heavy loss the ACCEPT may take longer than the cookie holds.
TEST_F(AddressValidationTest, AHandshakeMayOutlastItsCookie) {
  set_server([](EndpointConfig& config) { config.accepted.handshake_timeout = seconds(600); });
  ConnectionConfig config;
  config.handshake_timeout = seconds(600);
  const TimePoint start = now();
  script = [&](Flight& flight, const Host& from) {
    const auto view = wire::parse_packet(flight.bytes, 8);
    const bool is_accept =
        &from == &server_host() && view && view->type == wire::PacketType::accept;
    return is_accept && now() < start + seconds(65) ? Fate::drop : Fate::deliver;
  };
  connect(config);
  EXPECT_TRUE(run_until([this] { return client_host().count<ConnectedEvent>() == 1; }));
  EXPECT_GT(now(), start + seconds(65));
  EXPECT_EQ(server().stats().connections_accepted, 1U);
  EXPECT_EQ(server().stats().retries_sent, 1U);
}

TEST_F(AddressValidationTest, ARestartedServerWithItsSecretStillTakesTheToken) {
  set_server([](EndpointConfig& config) { config.endpoint_secret.emplace().fill(9); });
  connect_both();
  server_host().start(99);
  const TimePoint start = now();
  connect();
  ASSERT_TRUE(run_until([this] { return client_host().count<ConnectedEvent>() == 2; }));
  EXPECT_EQ(now() - start, 2 * delay);
  EXPECT_EQ(server().stats().retries_sent, 0U);
}

// ---- One INIT, one connection
// --------------------------------------------------------------------

TEST_F(AddressValidationTest, DuplicatedInitsMakeOneConnection) {
  script = [](Flight&, const Host&) { return Fate::duplicate; };
  connect();
  run_until_idle();
  EXPECT_EQ(client_host().count<ConnectedEvent>(), 1U);
  EXPECT_EQ(server_host().count<ConnectedEvent>(), 1U);
  EXPECT_EQ(server().stats().connections_accepted, 1U);
}

TEST_F(AddressValidationTest, AnInitRepeatedForeverMakesOneConnection) {
  const SocketAddress stranger = next_stranger();
  const Bytes packet = with_cookie(new_init(), stranger).bytes();
  for (int i = 0; i < 1000; ++i) {
    inject(server_host(), stranger, packet);
    while (!answer().empty()) {
    }
  }
  EXPECT_EQ(server().stats().connections, 1U);
  EXPECT_EQ(server().stats().connections_accepted, 1U);
}

// The destination of an INIT is its sender's invention, even where it names a connection of ours.
TEST_F(AddressValidationTest, AnInitUnderAConnectionsIdIsAStranger) {
  Bytes data;
  script = [&](Flight& flight, const Host& from) {
    if (&from == &client_host()) data = flight.bytes;
    return Fate::deliver;
  };
  const auto [mine, theirs] = connect_both();
  InitPacket init = new_init();
  init.destination_id = wire::parse_packet(data, 8)->destination_id;
  const auto before = server().stats(theirs);
  inject(server_host(), next_stranger(), init.bytes());
  EXPECT_EQ(answer_type(), wire::PacketType::retry);
  EXPECT_EQ(server().stats(theirs)->datagrams_received, before->datagrams_received);
}

// A client that moved before its handshake was done starts anew; both ids may be the old ones.
TEST_F(AddressValidationTest, TheSameInitFromAnotherAddressIsAnotherClient) {
  InitPacket init = new_init();
  for (const std::uint64_t connections : {1U, 2U}) {
    const SocketAddress stranger = next_stranger();
    init = with_cookie(init, stranger);
    inject(server_host(), stranger, init.bytes());
    EXPECT_EQ(answer_type(), wire::PacketType::accept);
    EXPECT_EQ(server().stats().connections, connections);
  }
}

TEST_F(AddressValidationTest, AnInitRepeatedAfterTheEndOpensAnotherConnection) {
  connect_both();  // the table does not run empty in between
  Bytes init;
  script = [&](Flight& flight, const Host& from) {
    if (&from == &client_host() && flight.bytes.size() >= 1200) init = flight.bytes;
    return Fate::deliver;
  };
  const auto [mine, theirs] = connect_both();
  ASSERT_FALSE(client().abort(mine));
  run_until_idle();
  ASSERT_EQ(server().stats().connections, 1U);
  inject(server_host(), client_host().address, init);
  EXPECT_EQ(server().stats().connections, 2U);
  EXPECT_EQ(server().stats().connections_accepted, 3U);
}

TEST_F(AddressValidationTest, TheServersLostAcceptIsDrawnAgainByARepeatedInit) {
  int accepts = 0;
  script = [&](Flight& flight, const Host& from) {
    if (&from != &server_host()) return Fate::deliver;
    const auto view = wire::parse_packet(flight.bytes, 8);
    const bool is_accept = view && view->type == wire::PacketType::accept;
    return is_accept && ++accepts == 1 ? Fate::drop : Fate::deliver;
  };
  connect();
  run_until_idle();
  EXPECT_EQ(client_host().count<ConnectedEvent>(), 1U);
  EXPECT_GE(accepts, 2);
  EXPECT_EQ(server().stats().connections_accepted, 1U);
}

// ---- Admission
// -----------------------------------------------------------------------------------

TEST_F(AddressValidationTest, AdmissionRefusesWithCodeAndPhrase) {
  std::vector<SocketAddress> asked;
  set_server([&](EndpointConfig& config) {
    config.admission = [&](const IncomingConnection& incoming) {
      asked.push_back(incoming.remote);
      EXPECT_EQ(text_of(incoming.handshake_payload), "let me in");
      return Admission{.is_accepted = false, .application_code = 403, .phrase = "not you"};
    };
  });
  ConnectionConfig config;
  const auto payload = testing::bytes_of("let me in");
  config.handshake_payload.assign(payload.begin(), payload.end());
  connect(config);
  run_until_idle();
  EXPECT_EQ(client_closed().reason, CloseReason::refused);
  EXPECT_EQ(client_closed().application_code, 403U);
  EXPECT_EQ(text_of(client_closed().phrase.bytes()), "not you");
  EXPECT_TRUE(client_closed().by_peer);
  // Asked once, and only after the address was validated.
  EXPECT_EQ(asked, std::vector<SocketAddress>{client_host().address});
  EXPECT_EQ(server().stats().connections_refused, 1U);
  EXPECT_EQ(server().stats().connections, 0U);
  EXPECT_EQ(client().stats().connections, 0U);
}

TEST_F(AddressValidationTest, AdmissionLearnsTheInstanceId) {
  client_host().config.instance_id.emplace().fill(0x77);
  client_host().start(8);
  std::optional<std::array<std::uint8_t, 16>> seen;
  set_server([&](EndpointConfig& config) {
    config.admission = [&](const IncomingConnection& incoming) {
      seen = incoming.instance_id;
      return Admission{};
    };
  });
  connect();
  run_until_idle();
  EXPECT_EQ(seen, client_host().config.instance_id);
  EXPECT_EQ(server_host().last<ConnectedEvent>()->instance_id, seen);
}

TEST_F(AddressValidationTest, ARefusalsOversizedValuesAreCut) {
  set_server([](EndpointConfig& config) {
    config.admission = [](const IncomingConnection&) {
      return Admission{
          .is_accepted = false, .application_code = UINT64_MAX, .phrase = std::string(1000, 'x')};
    };
  });
  connect();
  run_until_idle();
  EXPECT_EQ(client_closed().application_code, PacketNumber::last().value());
  EXPECT_EQ(client_closed().phrase.size(), 64U);
}

TEST_F(AddressValidationTest, AFullServerSaysSo) {
  set_server([](EndpointConfig& config) { config.connections_max = 2; });
  connect();
  connect();
  run_until_idle();
  EXPECT_EQ(server().stats().connections, 2U);
  connect();
  run_until_idle();
  EXPECT_EQ(client_closed().reason, CloseReason::server_full);
  EXPECT_EQ(text_of(client_closed().phrase.bytes()), "the server is at its connection limit");
  EXPECT_EQ(server().stats().connections_refused, 1U);
}

TEST_F(AddressValidationTest, HalfOpenConnectionsAreBoundedAndFreed) {
  set_server([](EndpointConfig& config) { config.half_open_max = 10; });
  for (int i = 0; i < 10; ++i) {
    const SocketAddress stranger = next_stranger();
    inject(server_host(), stranger, with_cookie(new_init(), stranger).bytes());
    EXPECT_EQ(answer_type(), wire::PacketType::accept);
  }
  EXPECT_EQ(server().stats().connections, 10U);
  const SocketAddress stranger = next_stranger();
  inject(server_host(), stranger, with_cookie(new_init(), stranger).bytes());
  EXPECT_EQ(answer_type(), wire::PacketType::refuse);
  // RFC 9000 s21.6: those who never answer are gone with the handshake's deadline.
  run_for(seconds(11));
  EXPECT_EQ(server().stats().connections, 0U);
  connect_both();
}

TEST_F(AddressValidationTest, ConfirmedConnectionsAreNotHalfOpen) {
  set_server([](EndpointConfig& config) { config.half_open_max = 1; });
  for (int i = 0; i < 5; ++i) connect_both();
  EXPECT_EQ(server().stats().connections, 5U);
}

TEST_F(AddressValidationTest, AfterStopAcceptingOldConnectionsGoOnAndNewOnesAreRefused) {
  const auto [mine, theirs] = connect_both();
  server().stop_accepting();
  connect();
  run_until_idle();
  EXPECT_EQ(client_closed().reason, CloseReason::refused);
  ASSERT_TRUE(send(mine, "still here"));
  run_until_idle();
  EXPECT_EQ(text_of(server_host().last<MessageEvent>()->bytes.bytes()), "still here");
}

TEST_F(AddressValidationTest, AServerWithoutMemoryRefuses) {
  set_server([](EndpointConfig& config) { config.memory_budget = ByteCount(600); });
  connect();
  run_until_idle();
  EXPECT_EQ(client_closed().reason, CloseReason::server_full);
  EXPECT_EQ(server().stats().connections, 0U);
  EXPECT_EQ(server().stats().memory.in_use, ByteCount(0));
}

// ---- Under attack
// --------------------------------------------------------------------------------

TEST_F(AddressValidationTest, ASpoofFloodDoesNotHinderAnHonestClient) {
  // 200 spoofed INITs for each datagram of the honest client, read in batches of 64 as a driver
  // reads them.
  script = [this](Flight&, const Host& from) {
    if (&from != &client_host()) return Fate::deliver;
    for (int i = 0; i < 200; ++i) {
      inject(server_host(), next_stranger(), new_init().bytes());
      if (i % 64 == 63) {
        while (!answer().empty()) {
        }
      }
    }
    while (!answer().empty()) {
    }
    return Fate::deliver;
  };
  const ConnectionHandle handle = connect();
  ASSERT_TRUE(send(handle, "through"));
  const TimePoint start = now();
  ASSERT_TRUE(run_until([this] { return server_host().count<MessageEvent>() == 1; }));
  EXPECT_EQ(now() - start, 5 * delay);
  EXPECT_EQ(server().stats().connections, 1U);
}

TEST_F(AddressValidationTest, TenThousandHalfOpenClientsAreAllFreedByTheDeadline) {
  set_server([](EndpointConfig& config) { config.half_open_max = 10'000; });
  for (int i = 0; i < 10'000; ++i) {
    const SocketAddress stranger = next_stranger();
    inject(server_host(), stranger, with_cookie(new_init(), stranger).bytes());
    while (!answer().empty()) {
    }
  }
  EXPECT_EQ(server().stats().connections, 10'000U);
  run_for(seconds(11));
  EXPECT_EQ(server().stats().connections, 0U);
  server_host().events.clear();
  EXPECT_EQ(server().stats().memory.in_use, ByteCount(0));
}

}  // namespace
}  // namespace hawser
