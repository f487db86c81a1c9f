#pragma once
/// Counters. All but the gauges only grow; nothing is dropped without one that says why.

#include <cstdint>
#include <string_view>

#include "hawser/congestion_controller.h"
#include "hawser/ecn.h"
#include "hawser/memory_pool.h"
#include "hawser/time.h"
#include "hawser/units.h"

namespace hawser {

/// Of one connection, from its start; plain copies.
struct ConnectionStats {
  // Datagrams and bytes, UDP payload.
  std::uint64_t datagrams_sent = 0;
  std::uint64_t datagrams_received = 0;
  ByteCount bytes_sent{0};
  ByteCount bytes_received{0};
  // Recovery.
  std::uint64_t packets_sent = 0;
  std::uint64_t packets_lost = 0;     ///< declared lost, disproved ones included
  std::uint64_t spurious_losses = 0;  ///< declared lost and acknowledged later
  std::uint64_t probes_sent = 0;
  std::uint64_t persistent_congestions = 0;
  ByteCount retransmitted_bytes{0};      ///< message bytes sent again
  std::uint64_t segments_abandoned = 0;  ///< they no longer fitted the path's datagram size
  // Congestion that the network told of by marks (CE) instead of losses.
  std::uint64_t ecn_ce_received = 0;  ///< packets that came marked
  std::uint64_t ecn_ce_reported = 0;  ///< packets of ours that the peer says came marked
  std::uint64_t ecn_reductions = 0;   ///< times that marks were answered, once a round trip at most
  // Search for the largest datagram that the path carries.
  std::uint64_t mtu_probes_sent = 0;
  std::uint64_t mtu_probes_lost = 0;  ///< in no other count of losses
  std::uint64_t mtu_black_holes = 0;  ///< times that the path ceased to carry what it had carried
  // Received packets that were refused, by reason.
  std::uint64_t duplicates_dropped = 0;  ///< packet number seen before or too old to tell
  std::uint64_t checksum_failures = 0;
  std::uint64_t malformed_dropped = 0;
  std::uint64_t unexpected_dropped = 0;  ///< a type or address that the state does not allow
  std::uint64_t duplicate_segments = 0;
  std::uint64_t segments_ahead_dropped = 0;  ///< beyond the receive window (textbook protocols)
  std::uint64_t low_memory_dropped = 0;      ///< would have begun a message while memory was short
  /// Unreliable messages given up: incomplete ones to make room for newer ones or because no part
  /// came any more, and those for which no room could be made. Messages, not parts; one of which no
  /// part arrived before a newer one of its channel was given up may be left out.
  std::uint64_t unreliable_evicted = 0;
  // Messages.
  std::uint64_t messages_sent = 0;       ///< accepted by `send`
  std::uint64_t messages_refused = 0;    ///< `send` answered with an error
  std::uint64_t messages_received = 0;   ///< handed up
  std::uint64_t messages_delivered = 0;  ///< receipts by outcome
  std::uint64_t messages_lost = 0;
  std::uint64_t messages_refused_late = 0;
  std::uint64_t messages_connection_lost = 0;
  ByteCount message_bytes_sent{0};
  ByteCount message_bytes_received{0};
  // Gauges.
  RttSnapshot rtt;
  Duration probe_timeout{0};
  ByteCount bytes_in_flight{0};
  ByteCount send_queue{0};     ///< message bytes accepted and not yet delivered
  ByteCount datagram_size{0};  ///< largest datagram that may be sent now
  EcnState ecn_state = EcnState::off;
  CongestionSnapshot congestion;
};

/// Of one endpoint.
struct EndpointStats {
  std::uint64_t connections = 0;  ///< gauge
  std::uint64_t connections_accepted = 0;
  std::uint64_t connections_refused = 0;
  std::uint64_t retries_sent = 0;
  std::uint64_t resets_sent = 0;
  std::uint64_t versions_sent = 0;
  // Received datagrams that belong to no connection, by reason.
  std::uint64_t empty_dropped = 0;
  std::uint64_t malformed_dropped = 0;
  std::uint64_t checksum_failures = 0;
  std::uint64_t unknown_connection_dropped = 0;
  std::uint64_t unknown_reset_dropped = 0;
  std::uint64_t short_init_dropped = 0;  ///< below 1200 bytes
  std::uint64_t unexpected_dropped = 0;  ///< a type that the endpoint does not await
  std::uint64_t bad_cookie_dropped = 0;  ///< neither cookie nor token held; answered by a RETRY
  std::uint64_t answers_suppressed = 0;  ///< stateless answers that a rate limit held back
  MemoryPool::Stats memory;
};

/// Of the socket below a `UvEndpoint`.
struct SocketStats {
  std::uint64_t datagrams_sent = 0;
  std::uint64_t datagrams_received = 0;
  std::uint64_t send_calls = 0;  ///< system calls; with batches fewer than datagrams
  std::uint64_t receive_calls = 0;
  std::uint64_t sends_blocked = 0;
  std::uint64_t sends_too_large = 0;
  std::uint64_t sends_refused = 0;
  std::uint64_t offload_refusals = 0;   ///< segmented sends refused; 1 switches them off
  std::uint64_t source_refusals = 0;    ///< sent from an address that the host no longer has
  std::uint64_t receive_errors = 0;     ///< ICMP errors and the like
  std::uint64_t receive_truncated = 0;  ///< it or its control messages cut off; dropped
  /// Given up because the kernel refused them or one of their batch: losses to the ARQ, which sends
  /// again what they carried.
  std::uint64_t datagrams_dropped = 0;
};

}  // namespace hawser
