#pragma once
/// Everything that can be set. Defaults suit a service on the open internet; each entry says when
/// to change it. `validate` names what is out of range.

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "hawser/address.h"
#include "hawser/congestion_controller.h"
#include "hawser/error.h"
#include "hawser/time.h"
#include "hawser/trace.h"
#include "hawser/units.h"

namespace hawser {

/// The retransmission protocol of a connection, by its two windows. All but the default exist for
/// comparison and teaching.
enum class Arq : std::uint8_t { selective_repeat, go_back_n, stop_and_wait };

/// How the retransmission timer is derived.
enum class TimerMode : std::uint8_t {
  probe,   ///< SRTT + max(4 RTTVAR, 1 ms), no floor
  rfc6298  ///< with RFC 6298's floor of one second, for comparison
};

/// Of one connection. The client's `arq` holds for both directions.
struct ConnectionConfig {
  // ---- Affects behaviour -------------------------------------------------------------------
  /// No datagram from the peer for this long, since its last one or since the first question into
  /// the silence after it, ends the connection; the smaller of both sides' holds. 0: never. Raise
  /// it for links with long outages. A side whose messages wait for the peer's application to take
  /// others gives signs of life: that wait is no silence.
  Duration idle_timeout = std::chrono::seconds(30);
  /// A PING after this long without sending. 0: off. Set it below a NAT's binding lifetime (often
  /// 30 s), and below the idle timeout where silence is normal.
  Duration keepalive{0};
  /// `connect` gives up after this. Raise it for bad links: with a fifth of all datagrams lost each
  /// way, 3 of 100 handshakes take longer.
  Duration handshake_timeout = std::chrono::seconds(10);
  /// Accepting side: `ConnectedEvent` comes when the ACCEPT leaves, not a round trip later when the
  /// client's first packet answers it, so that a server may speak first (QUIC's 0.5-RTT data, RFC
  /// 9001 s5.7). Turn it on where servers send unasked. The client's address is validated by then,
  /// but the client may have gone, have asked again under another address, or its INIT may be an
  /// old one that the network repeats: such a connection is half open until `handshake_timeout` or
  /// a stateless reset ends it. Each replay of an INIT with an address token, while that is good
  /// (`token_lifetime`), draws what the initial window lets the server say.
  bool connects_on_accept = false;
  /// Sent to the peer with the handshake, opaque to the transport; at most 512 bytes.
  std::vector<std::uint8_t> handshake_payload;
  /// Channels that the peer may use here, 1..65536.
  std::uint32_t channels_max = 256;
  /// Largest message accepted from the peer and from `send`; 16 MiB at most.
  ByteCount message_size_max{16 << 20};
  /// A CRC32C over each message that travels in several segments, checked before it is handed up.
  bool message_checksum = true;
  Arq arq = Arq::selective_repeat;
  TimerMode timer_mode = TimerMode::probe;

  // ---- Affects performance -----------------------------------------------------------------
  /// Makes the congestion controller. nullptr: the default, CUBIC.
  const CongestionControllerFactory* congestion = nullptr;
  /// What it is made with; its `datagram_size` is the connection's, whatever stands here.
  CongestionConfig congestion_config;
  /// Largest datagram to send at first, 1200..65507 bytes of UDP payload. Raise it where the path
  /// is known to carry more (1472 on plain Ethernet): then the first round trips need no search.
  ByteCount datagram_size{1200};
  /// Whether the connection finds out which size its path carries (RFC 8899) and notices when that
  /// becomes less. Probes leave only in the company of more than a datagram's worth of messages,
  /// and cost nothing else when they are lost. Off: `datagram_size` holds, but for what the own
  /// host refuses to send. The textbook ARQs never search.
  bool path_mtu_search = true;
  /// The largest size to try, 1200..65507; one below `datagram_size` counts as that. Raise it where
  /// jumbo frames may be found (8972).
  ByteCount datagram_size_max{1472};
  /// Whether packets leave marked as ECN-capable, so that a network that is about to be full marks
  /// them instead of dropping some (RFC 3168). Each path is tested first, and one that does not
  /// keep the marks goes without (RFC 9000 s13.4.2). The textbook ARQs and the portable socket
  /// driver go without, too. Off for comparison.
  bool ecn = true;
  /// W of the ARQs: segments from the oldest unacknowledged to the newest sent, 1..2^20.
  std::uint64_t send_window = 1 << 20;
  /// Segments accepted beyond the oldest missing one, 1..2^20.
  std::uint64_t receive_window_segments = 1 << 16;
  /// The most message bytes (plus 64 per message) that the peer may send ahead of the application
  /// taking them. Two of the largest messages, at least 1 MiB, are granted at first, then four
  /// times what the application takes in a round trip, up to this: raise it for a path whose
  /// bandwidth-delay product is more than a quarter of it, lower it to bound a connection's memory.
  /// Messages larger than this are not accepted. No more than half of the endpoint's
  /// `memory_budget` is granted, whatever stands here.
  ByteCount receive_window{64 << 20};
  /// The most message bytes that `send` accepts ahead of delivery, before it answers
  /// `would_block`: 16 MiB, or twice the largest congestion window so far, up to this. Lower
  /// it so that less waits in the sender. One message is always accepted while nothing is queued.
  ByteCount send_buffer{64 << 20};
  /// Messages that may be queued or unacknowledged at a time.
  std::uint32_t send_messages_max = 1 << 16;
  /// Memory for incomplete unreliable messages; the oldest are given up beyond it, and all of them
  /// once no part of any was taken for about three probe timeouts, or a second where that is
  /// longer.
  ByteCount unreliable_reassembly{4 << 20};
  /// The longest an acknowledgement is held back.
  Duration ack_delay_max = std::chrono::milliseconds(10);

  /// What is wrong, as one line that names the value and its range; nothing if all is well.
  std::optional<std::string> validate() const;
};

/// What a server's admission callback learns of a client whose address was validated.
struct IncomingConnection {
  SocketAddress remote;
  std::span<const std::uint8_t> handshake_payload;
  std::optional<std::array<std::uint8_t, 16>> instance_id;
};
/// Its answer.
struct Admission {
  bool is_accepted = true;
  std::uint64_t application_code = 0;  ///< sent with a refusal; at most 2^62 - 1
  std::string phrase;                  ///< sent with a refusal, at most 64 bytes
};

/// Of one endpoint.
struct EndpointConfig {
  /// Whether INITs are answered. A pure client leaves it off.
  bool accepts_connections = false;
  /// Asked once per connection, after address validation; absent: all are accepted. It must not
  /// call the endpoint.
  std::function<Admission(const IncomingConnection&)> admission;
  /// For accepted connections.
  ConnectionConfig accepted;
  /// All connections at a time, 1..2^24.
  std::uint32_t connections_max = 1 << 16;
  /// Accepted connections whose client has not yet answered.
  std::uint32_t half_open_max = 1024;
  /// Derives reset tokens, address tokens and cookies. Share it among the loops of one port and
  /// keep it over restarts: then a restarted server is noticed at once. Absent: random, and all of
  /// these die with the process.
  std::optional<std::array<std::uint8_t, 32>> endpoint_secret;
  /// Names this client process to servers.
  std::optional<std::array<std::uint8_t, 16>> instance_id;
  /// Length of the ids that peers address us by, 8..20. Longer ones are harder to guess.
  std::size_t connection_id_size = 8;
  /// Stands in every id, so that several loops on one port can tell their datagrams apart.
  std::uint8_t shard = 0;
  /// How long a RETRY cookie holds (at least 10 s: under loss a client shows it again only every
  /// 6 s), and an address token.
  Duration cookie_lifetime = std::chrono::seconds(60);
  Duration token_lifetime = std::chrono::hours(24);
  /// Budget of the endpoint's memory pool. A connection's peer is granted half of it at most (see
  /// `receive_window`). Once three quarters are in use, messages that would begin to arrive wait,
  /// ordered ones before their turn from a half on (a quarter where `message_size_max` is large
  /// beside it); so leave room beyond what the application's own sends may hold (`send_buffer` of
  /// each connection that is used to the full), and what connections take even idle.
  ByteCount memory_budget{256 << 20};
  /// Sees every event of every connection; must outlive the endpoint. May be nullptr.
  TraceSink* trace = nullptr;

  std::optional<std::string> validate() const;
};

}  // namespace hawser
