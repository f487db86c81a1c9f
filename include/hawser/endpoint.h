#pragma once
/// The sans-I/O endpoint: many connections behind one UDP port, driven from outside.
///
/// One endpoint belongs to one thread. It never blocks, reads no clock, opens no socket and calls
/// nobody back but the admission callback and the trace sink. Applications on libuv use
/// `UvEndpoint` (uv_endpoint.h), which drives one of these; tests drive it in `hawser::netsim`.
///
/// The driver's loop:
///   receive(now, ...) for what arrived; handle_timeout(now) once next_timeout() has come;
///   then poll_event() and poll_transmit(now, ...) until both are empty: each may make work for
///   the other; also after every application call; then sleep until next_timeout().

#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "hawser/address.h"
#include "hawser/config.h"
#include "hawser/ecn.h"
#include "hawser/event.h"
#include "hawser/message.h"
#include "hawser/random.h"
#include "hawser/result.h"
#include "hawser/stats.h"

namespace hawser {

/// Where `poll_transmit` writes. Equal-sized datagrams lie one behind the other.
struct TransmitBuffer {
  std::span<std::uint8_t> bytes;
  std::size_t datagrams_max = 64;  ///< at most this many, however large `bytes` is
};

/// What was written: `bytes` in datagrams of `segment_size`, the last perhaps shorter; all for one
/// destination and with one ECN mark, so one segmented send can carry them.
struct Transmit {
  NetworkPath path;
  Ecn ecn = Ecn::not_ect;
  std::size_t segment_size = 0;
  std::size_t bytes = 0;
  /// One datagram that the way out may refuse as too large (`on_datagram_too_large`): send it by
  /// itself, joined to no other.
  bool is_mtu_probe = false;
};

/// What arrived in one read: datagrams of `segment_size`, the last perhaps shorter (as UDP GRO
/// joins them). A single datagram has `segment_size` = size of `bytes`.
struct Received {
  std::span<const std::uint8_t> bytes;
  std::size_t segment_size = 0;
  NetworkPath path;
  Ecn ecn = Ecn::not_ect;
};

struct ConnectOptions {
  SocketAddress remote;
  ConnectionConfig config{};
  std::span<const std::uint8_t> token{};  ///< from an earlier `ConnectedEvent`; saves a round trip
};

class Endpoint {
 public:
  /// `random` must outlive the endpoint. Errors: `invalid_config` (ask `config.validate()` for the
  /// sentence), `not_enough_memory`.
  static Result<std::unique_ptr<Endpoint>> create(EndpointConfig config, RandomSource& random);
  /// Sends nothing; peers notice by their idle timeout, or by a reset once they send again. Every
  /// `Buffer` that came from it or its pool must be gone by then.
  ~Endpoint();
  Endpoint(const Endpoint&) = delete;
  Endpoint& operator=(const Endpoint&) = delete;

  // ---- The application's side ----------------------------------------------------------------

  /// Starts a handshake. A `ConnectedEvent` or a `ClosedEvent` follows. Messages may be sent at
  /// once; they wait for the handshake.
  /// Errors: `invalid_config`, `invalid_address`, `too_many_connections`, `not_enough_memory`.
  [[nodiscard]] Result<ConnectionHandle> connect(const ConnectOptions& options);

  /// Accepts a message of 0 bytes to `message_size_max`, or says why not. The bytes are shared, not
  /// copied. Exactly one `ReceiptEvent` follows each id.
  /// Errors: `would_block` (a `WritableEvent` follows), `message_too_large`, `unknown_channel`,
  /// `connection_closing`, `unknown_connection`, `not_enough_memory` (also for a null buffer, which
  /// is what a refused allocation gives; an empty message is a buffer of size 0). A refused buffer
  /// is let go: keep a reference to send it again.
  [[nodiscard]] Result<MessageId> send(ConnectionHandle connection, Buffer message,
                                       const SendOptions& options = {});
  /// The same with a copy of `bytes`.
  [[nodiscard]] Result<MessageId> send(ConnectionHandle connection,
                                       std::span<const std::uint8_t> bytes,
                                       const SendOptions& options = {});

  /// Closes gracefully: what is queued is delivered first (after the handshake, if that is still
  /// going on), then the peer is told. A `ClosedEvent` follows; but not as long as the peer is
  /// there and takes nothing: `abort` what takes too long. Errors: `unknown_connection`,
  /// `connection_closing` if it was closed before.
  std::error_code close(ConnectionHandle connection);
  /// Closes at once, also during a graceful close: the peer is told `code` (2^62 - 1 at most;
  /// larger ones arrive as that) and `phrase` (its first 64 bytes); queued messages get
  /// `connection_lost`. Errors: `unknown_connection`, `connection_closing` if it is over.
  std::error_code abort(ConnectionHandle connection, std::uint64_t code = 0,
                        std::string_view phrase = {});
  /// No new connections are accepted from now on; existing ones go on.
  void stop_accepting();

  /// The next event, oldest first per connection, or nothing.
  std::optional<Event> poll_event();

  /// A connection's final figures can be had until the call of `poll_event` that follows the one
  /// which gave its `ClosedEvent`. Errors: `unknown_connection`.
  Result<ConnectionStats> stats(ConnectionHandle connection) const;
  EndpointStats stats() const;
  /// For messages that the application fills in place: `Buffer::allocate(endpoint.pool(), size)`.
  MemoryPool& pool();

  // ---- The driver's side ---------------------------------------------------------------------

  /// Takes what one read brought. Anything may be in it; what is not ours is counted and dropped.
  void receive(TimePoint now, const Received& received);
  /// Writes the next datagrams into `buffer`, or returns nothing. The sequence of datagrams does
  /// not depend on the buffer's capacity. `buffer.bytes` must hold the largest datagram configured
  /// (`datagram_size_max`).
  std::optional<Transmit> poll_transmit(TimePoint now, TransmitBuffer& buffer);
  /// When `handle_timeout` wants to be called next; kNever if not at all. Also the earliest time at
  /// which pacing lets `poll_transmit` say more.
  TimePoint next_timeout() const;
  void handle_timeout(TimePoint now);
  /// A datagram of `size` bytes to `remote` could not leave because it is too large (EMSGSIZE), or
  /// the path is known to carry only `size - 1`: no datagram of that size is sent there again, and
  /// what is in flight in larger ones leaves anew. At least 1200 stays.
  void on_datagram_too_large(const SocketAddress& remote, ByteCount size);

  class Impl;

 private:
  friend class EndpointInspector;  // for tests
  explicit Endpoint(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace hawser
