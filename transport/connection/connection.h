#pragma once
/// One connection: holds the parts and calls them in order; it computes nothing itself.
///
/// Owned by the endpoint, which routes datagrams to it by its id. Not thread-safe.

#include <array>
#include <optional>
#include <string_view>

#include "hawser/endpoint.h"
#include "transport/connection/connection_api.h"
#include "transport/connection/connection_inspection.h"
#include "transport/connection/connection_parts.h"
#include "transport/connection/connection_state.h"
#include "transport/connection/packet_receiver.h"
#include "transport/connection/timer_table.h"

namespace hawser {

class Connection {
 public:
  Connection(const ConnectionResources& resources, const ConnectionIdentity& identity,
             const ClientStart& start, std::unique_ptr<CongestionController> controller);
  Connection(const ConnectionResources& resources, const ConnectionIdentity& identity,
             const ServerStart& start, std::unique_ptr<CongestionController> controller);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // ---- Application ---------------------------------------------------------------------------
  Result<MessageId> send(Buffer message, const SendOptions& options);
  /// The same with a copy of `bytes`, made only if the message is accepted.
  Result<MessageId> send(std::span<const std::uint8_t> bytes, const SendOptions& options);
  std::error_code close();
  std::error_code abort(CloseReason reason, std::uint64_t application_code,
                        std::string_view phrase);
  std::optional<Event> poll_event();
  ConnectionStats stats() const;
  ConnectionInspection inspect() const;

  // ---- Datagrams in --------------------------------------------------------------------------
  /// `receive` comes once per datagram of a batch, `receive_end` once after them: acknowledgements
  /// are processed and made there. `first` is the datagram's first packet: the endpoint has parsed
  /// it to find this connection.
  void receive(TimePoint now, const ReceivedDatagram& datagram, const wire::PacketView& first);
  void receive_end(TimePoint now);
  /// The client sent its INIT again: our ACCEPT was lost or is late. `init` was verified.
  void on_repeated_init(TimePoint now, const wire::PacketView& init, const wire::InitBody& body,
                        const ReceivedDatagram& datagram);
  /// A reset with the peer's token came.
  void on_stateless_reset(TimePoint now);

  // ---- Datagrams and time out ----------------------------------------------------------------
  /// Up to `datagrams_max` datagrams; the sequence does not depend on that number.
  std::optional<Transmit> poll_transmit(TimePoint now, std::span<std::uint8_t> space,
                                        std::size_t datagrams_max);
  TimePoint next_timeout() const { return timers_.next(); }
  void handle_timeout(TimePoint now);
  void on_datagram_too_large(const SocketAddress& remote, ByteCount size);

  // ---- What the endpoint asks afterwards -----------------------------------------------------
  bool has_events() const { return !parts_.events.empty(); }
  /// Worth a `poll_transmit` now (it may still yield nothing: windows, pacing).
  bool wants_transmit() const;
  /// Right after `poll_transmit`: worth another one now.
  bool has_more_to_transmit() const { return has_more_to_transmit_; }
  /// The handshake was completed by the peer's answer; before, a server counts it as half open.
  bool is_confirmed() const { return parts_.handshake.is_confirmed(); }
  /// Everything is over and every event was taken: the endpoint may destroy it.
  bool is_finished() const { return state_ == ConnectionState::closed && !has_events(); }
  /// False: it could not be set up for want of memory and must be destroyed at once.
  bool has_memory() const { return !parts_.handshake.is_out_of_memory(); }
  const std::optional<ResetToken>& peer_reset_token() const;
  const NetworkPath& path() const { return parts_.paths.current(); }
  const ConnectionIdentity& identity() const { return parts_.identity; }

 private:
  /// Why and how the connection ended.
  struct Ending {
    CloseReason reason = CloseReason::none;
    std::uint64_t application_code = 0;
    bool by_peer = false;
    std::array<char, wire::kClosePhraseMax> phrase{};
    std::size_t phrase_size = 0;
  };

  std::error_code refuses(ByteCount size, const SendOptions& options);
  void move_to(TimePoint now, ConnectionState state);
  void establish(TimePoint now);
  void confirm(TimePoint now);
  void begin_silence(TimePoint now);
  void enter_closing(TimePoint now, const CloseNotice& notice);
  void end(TimePoint now, ConnectionState state, const CloseNotice& notice, bool by_peer);
  void finish_flush_if_done(TimePoint now);
  bool is_closing_wanted() const {
    return flushes_when_established_ || state_ == ConnectionState::flushing || is_over(state_);
  }

  /// Whether data may follow the ACCEPT at once.
  bool speaks_first() const {
    return !parts_.handshake.is_client() && parts_.config->connects_on_accept;
  }
  /// Whether data packets can be verified: the client must know the server's id first.
  bool can_read_data() const {
    return is_open(state_) ||
           (state_ == ConnectionState::handshaking && !parts_.handshake.is_client());
  }
  void receive_packet(TimePoint now, const wire::PacketView& view,
                      const ReceivedDatagram& datagram);
  void trace_handshake_packet(TimePoint now, const wire::PacketView& view) const;
  void receive_answer(TimePoint now, const wire::PacketView& view,
                      const ReceivedDatagram& datagram);
  void on_accepted(TimePoint now, const wire::PacketView& view, const ReceivedDatagram& datagram);
  void receive_data(TimePoint now, const wire::PacketView& view, const ReceivedDatagram& datagram);
  void receive_after_close(TimePoint now, const wire::PacketView& view);
  void apply(TimePoint now, const PacketEffect& effect);
  void change_path(TimePoint now, const PathValidator::Change& change);

  BuiltDatagram build(TimePoint now, std::span<std::uint8_t> space, NetworkPath& path);
  void adopt_datagram_size(TimePoint now);
  void set_send_timers(TimePoint now);
  void set_ack_frequency(TimePoint now);
  void tune_buffers(TimePoint now);
  Duration idle_timeout() const;
  void set_idle_timer(TimePoint now);
  void set_credit_timer(TimePoint now);
  void set_keepalive_timer(TimePoint now);
  void set_reassembly_timer(TimePoint now);
  void set_close_timer(TimePoint now);
  BuiltDatagram build_last_words(TimePoint now, std::span<std::uint8_t> space);
  void on_sent(TimePoint now, std::size_t bytes);
  Event event_of(EventNode& node);

  ConnectionParts parts_;
  ConnectionState state_ = ConnectionState::handshaking;
  TimerTable timers_;
  TimePoint now_;  // of the driver's latest call
  Ending ending_;
  bool has_more_to_transmit_ = false;      // when it was last polled for
  bool is_close_due_ = false;              // a CLOSE waits to be sent
  bool has_started_ = false;               // client: the handshake's clock runs
  bool flushes_when_established_ = false;  // closed by the application during the handshake
  bool has_asked_since_receipt_ = false;   // something that elicits an answer left since the last
  std::uint64_t packets_after_close_ = 0;
  EventNode connected_;
  EventNode path_changed_;
  EventNode closed_;
};

}  // namespace hawser
