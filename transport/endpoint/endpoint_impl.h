#pragma once
/// The endpoint's inside: which datagram belongs to which connection, and which connection is
/// served next. It holds the parts and calls them in order.
///
///   receive ──> route ──> Connection::receive ... receive_end ──┐
///                 └─────> on_stray ──> StatelessAnswers         ├──> refresh(slot)
///   handle_timeout ─────> due connections ──────────────────────┤     events queue,
///   send, close, abort, poll_event ─────────────────────────────┘     transmit queue, deadline
///   poll_transmit <────── StatelessAnswers, then the transmit queue
///
/// After every call into a connection `refresh` asks it what it wants. Not thread-safe.

#include "hawser/endpoint.h"
#include "transport/connection/connection.h"
#include "transport/endpoint/address_validation.h"
#include "transport/endpoint/connection_table.h"
#include "transport/endpoint/keyed_index.h"
#include "transport/endpoint/stateless_answers.h"
#include "transport/endpoint/token_cache.h"

namespace hawser {

class Endpoint::Impl {
 public:
  /// `config` was validated.
  Impl(EndpointConfig config, RandomSource& random);
  ~Impl();
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  // ---- The application's side (endpoint.cc) ------------------------------------------------
  Result<ConnectionHandle> connect(const ConnectOptions& options);
  Result<MessageId> send(ConnectionHandle handle, Buffer message, const SendOptions& options);
  Result<MessageId> send(ConnectionHandle handle, std::span<const std::uint8_t> bytes,
                         const SendOptions& options);
  std::error_code close(ConnectionHandle handle);
  std::error_code abort(ConnectionHandle handle, std::uint64_t code, std::string_view phrase);
  void stop_accepting() { is_accepting_ = false; }
  std::optional<Event> poll_event();
  Result<ConnectionStats> stats(ConnectionHandle handle) const;
  EndpointStats stats() const;
  std::optional<ConnectionInspection> inspect(ConnectionHandle handle) const;
  MemoryPool& pool() { return pool_; }

  // ---- The driver's side ---------------------------------------------------------------------
  std::optional<Transmit> poll_transmit(TimePoint now, TransmitBuffer& buffer);
  TimePoint next_timeout() const { return deadlines_.earliest(); }
  void handle_timeout(TimePoint now);
  void on_datagram_too_large(const SocketAddress& remote, ByteCount size);
  void receive(TimePoint now, const Received& received);  // endpoint_receive.cc

 private:
  using Counter = std::uint64_t EndpointStats::*;
  /// Why a datagram is dropped: the counter, and its name for the trace.
  struct DropReason {
    Counter counter;
    std::string_view name;
  };
  /// A datagram that belongs to no connection, its first packet decoded.
  struct Stray {
    TimePoint now;
    const ReceivedDatagram& datagram;
    const wire::PacketView& view;
  };

  // ---- Life of connections (endpoint.cc) -----------------------------------------------------
  /// A slot, with room for it wherever it may have to be entered later.
  Result<ConnectionSlot*> acquire_slot();
  /// Makes the connection that `start` describes. False: no memory, and the slot is given back.
  template <typename Start>
  [[nodiscard]] bool make_connection(ConnectionSlot& slot, const Start& start);
  ConnectionIdentity identity_of(const ConnectionSlot& slot) const;
  ConnectionResources resources() { return {&pool_, &random_, config_.trace}; }
  /// Asks the connection what it wants now. May destroy it.
  void refresh(ConnectionSlot& slot);
  /// As `refresh`, but leaves the transmit queue alone.
  void refresh_all_but_transmit(ConnectionSlot& slot);
  void look_at_reset_token(ConnectionSlot& slot);
  void end_half_open(ConnectionSlot& slot);
  void destroy(ConnectionSlot& slot);
  void leave_transmit_queue(ConnectionSlot& slot);

  // ---- Datagrams without a connection (endpoint_receive.cc) ----------------------------------
  /// The first packet, if all of the datagram is well formed; else counts why not.
  Result<wire::PacketView> inspect(TimePoint now, const ReceivedDatagram& datagram);
  void end_group(TimePoint now, ConnectionSlot* slot);
  void on_stray(const Stray& stray);
  void on_stray_data(const Stray& stray);
  void on_reset(const Stray& stray);
  void on_init(const Stray& stray);
  void on_verified_init(const Stray& stray, const wire::InitBody& body);
  void admit(const Stray& stray, const wire::InitBody& body, const Digest& client);
  void accept(const Stray& stray, const wire::InitBody& body, const Digest& client);
  void refuse(const Stray& stray, const wire::RefuseBody& body);
  /// Counts an answer that was queued, or one that was held back.
  void count_answer(bool is_queued, Counter counter);
  void drop(TimePoint now, const ReceivedDatagram& datagram, const DropReason& reason);
  Digest client_digest(const ConnectionId& source_id, const SocketAddress& remote) const;
  Digest reset_digest(std::span<const std::uint8_t> token) const;

  // The pool is destroyed last: everything below lives in it.
  MemoryPool pool_;
  EndpointConfig config_;
  std::shared_ptr<const ConnectionConfig> accepted_config_;
  RandomSource& random_;
  KeyRing keys_;
  SecretKey index_key_{};  // for the indices; never leaves this object
  AddressValidator validator_;
  std::uint64_t incarnation_;

  ConnectionTable table_;
  KeyedIndex clients_;  // (client's id, address) -> accepted connection
  KeyedIndex resets_;   // peer's reset token -> connection
  DeadlineHeap<ConnectionSlot> deadlines_;
  IntrusiveQueue<ConnectionSlot, &ConnectionSlot::transmit_link> transmit_queue_;
  IntrusiveQueue<ConnectionSlot, &ConnectionSlot::event_link> event_queue_;
  std::size_t transmit_quantum_left_;  // datagrams that the front may still send in its turn
  TokenCache tokens_;
  StatelessAnswers answers_;

  // The connection whose ClosedEvent was polled last, which may be gone by now.
  struct Ended {
    ConnectionHandle handle = ConnectionHandle::none;
    ConnectionStats stats;
  };
  Ended ended_;

  bool is_accepting_ = true;
  std::size_t half_open_ = 0;
  EndpointStats stats_;
};

}  // namespace hawser
