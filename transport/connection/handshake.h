#pragma once
/// Opens a connection: what INIT and ACCEPT say, when they are sent again, and whether an answer
/// belongs to our question. Keeps no other state of the connection. Owned by it.
///
///   client                      server
///   INIT (>= 1200 B)  ───────>  no state: RETRY (cookie)
///   INIT + cookie     ───────>  state, ACCEPT ──> established at the client
///   any data packet   ───────>  confirmed: established at the server (unless it was at the ACCEPT)
///
/// Both sides repeat their packet at 999 ms, doubling up to 6 s (RFC 9002 s6.2.2: three times the
/// initial round-trip time of 333 ms), the server also once per repeated INIT.

#include <array>
#include <optional>

#include "hawser/buffer.h"
#include "transport/connection/connection_api.h"
#include "transport/wire/codec.h"

namespace hawser {

class Handshake {
 public:
  Handshake(const ConnectionIdentity& identity, const ClientStart& start, RandomSource& random,
            const wire::Credit& credit);
  Handshake(MemoryPool& pool, const ConnectionIdentity& identity, const ServerStart& start,
            const wire::Credit& credit);

  bool is_client() const { return is_client_; }
  /// The other side's answer came; nothing is repeated any more.
  bool is_confirmed() const { return is_confirmed_; }
  void confirm();
  /// Nothing is repeated any more, answered or not.
  void stop_repeating();

  // ---- Sending ----
  bool is_packet_due() const { return is_due_; }
  /// Writes the INIT or ACCEPT and arms its repetition. Returns its size.
  std::size_t write(TimePoint now, std::span<std::uint8_t> space, PacketNumber number);
  TimePoint deadline() const { return deadline_; }
  void on_timeout() { is_due_ = true; }

  /// The other side has the INIT or ACCEPT of that number.
  void on_acked(PacketNumber number) {
    if (!acked_ || number < *acked_) acked_ = number;
  }
  /// What was sent before the first of ours that the other side has, it could not read.
  PacketNumber readable_from() const { return acked_.value_or(PacketNumber(0)); }

  // ---- Client: answers ----
  enum class Answer : std::uint8_t {
    ignored,   ///< not an answer to our INIT, or one too many
    retry,     ///< an INIT with the cookie is due
    accepted,  ///< `peer()` and `peer_id()` are known
    refused,
    version_mismatch,
    mismatch  ///< it answers another INIT than ours, or breaks the rules
  };
  Answer on_answer(const wire::PacketView& view, MemoryPool& pool);
  /// Of the ACCEPT: which of our INITs it acknowledges, and how long that waited.
  PacketNumber acknowledged_init() const { return acknowledged_init_; }
  Duration ack_delay() const { return ack_delay_; }
  const wire::RefuseBody& refusal() const { return refusal_; }  ///< valid right after `on_answer`

  // ---- Server ----
  /// False: it comes too soon after the one before to be a repetition, and is not answered.
  bool on_repeated_init(TimePoint now, PacketNumber number);
  /// The hash that binds ACCEPT to INIT.
  std::uint64_t transcript() const { return transcript_; }

  const wire::TransportParameters& peer() const { return peer_; }
  const ConnectionId& peer_id() const { return peer_id_; }
  /// The peer's opaque payload, and the token for the next connection; null if there was none.
  Buffer take_peer_payload() { return std::move(peer_payload_); }
  Buffer take_token() { return std::move(peer_token_); }
  /// What the peer said at the handshake could not be kept.
  bool is_out_of_memory() const { return is_out_of_memory_; }

 private:
  Answer on_accept(const wire::PacketView& view, MemoryPool& pool);
  Answer on_retry(const wire::PacketView& view);
  std::size_t write_init(std::span<std::uint8_t> space, PacketNumber number);
  std::size_t write_accept(TimePoint now, std::span<std::uint8_t> space, PacketNumber number);
  void set_token(std::span<const std::uint8_t> token);
  std::span<const std::uint8_t> token() const { return {token_.data(), token_size_}; }
  void adopt(MemoryPool& pool, const wire::TransportParameters& peer,
             std::span<const std::uint8_t> payload);

  std::shared_ptr<const ConnectionConfig> config_;
  bool is_client_;
  bool is_due_ = true;
  bool is_confirmed_ = false;
  bool has_cookie_ = false;
  bool is_out_of_memory_ = false;
  int transmissions_ = 0;
  std::optional<PacketNumber> acked_;  ///< the smallest
  TimePoint deadline_ = kNever;
  ConnectionId local_id_;
  ConnectionId peer_id_;  // client: the random id of the INIT until the ACCEPT tells the real one
  wire::TransportParameters local_;
  wire::TransportParameters peer_;
  std::array<std::uint8_t, wire::kTokenSizeMax> token_{};  // client: to show; server: to give
  std::size_t token_size_ = 0;
  std::uint64_t transcript_ = 0;
  PacketNumber acknowledged_init_;
  TimePoint init_received_time_;
  Duration ack_delay_{0};
  wire::RefuseBody refusal_;
  Buffer peer_payload_;
  Buffer peer_token_;
};

/// What this side tells the other of its limits.
wire::TransportParameters local_parameters(const ConnectionConfig& config,
                                           const ConnectionIdentity& identity,
                                           const wire::Credit& credit);
wire::ArqProtocol to_wire(Arq arq);
Arq from_wire(wire::ArqProtocol arq);

}  // namespace hawser
