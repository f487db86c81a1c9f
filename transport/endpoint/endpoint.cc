#include "hawser/endpoint.h"

#include <algorithm>
#include <utility>

#include "transport/connection/out_of_memory.h"
#include "transport/connection/pool_object.h"
#include "transport/endpoint/config_limits.h"
#include "transport/endpoint/endpoint_impl.h"
#include "transport/endpoint/endpoint_inspector.h"

namespace hawser {
namespace {

/// Datagrams that one connection may send before the next one's turn.
constexpr std::size_t kTransmitQuantum = 64;

std::size_t datagrams_in(const Transmit& transmit) {
  return (transmit.bytes + transmit.segment_size - 1) / transmit.segment_size;
}

KeyRing make_keys(const EndpointConfig& config, RandomSource& random) {
  std::array<std::uint8_t, 32> secret{};
  random.fill(secret);
  return KeyRing(config.endpoint_secret.value_or(secret));
}

/// As the connection has it: what one peer begins must leave room for what its messages wait for,
/// for what is sent, and for other connections.
std::shared_ptr<const ConnectionConfig> within_budget(ConnectionConfig config, ByteCount budget) {
  config.receive_window = std::min(config.receive_window, std::max(budget / 2, kReceiveWindowMin));
  return std::make_shared<const ConnectionConfig>(std::move(config));
}

}  // namespace

// ---- Life of the endpoint and its connections --------------------------------------------------

Endpoint::Impl::Impl(EndpointConfig config, RandomSource& random)
    : pool_(config.memory_budget),
      config_(std::move(config)),
      accepted_config_(within_budget(config_.accepted, config_.memory_budget)),
      random_(random),
      keys_(make_keys(config_, random)),
      validator_(keys_, {.cookie = config_.cookie_lifetime, .token = config_.token_lifetime}),
      incarnation_(random.next()),
      table_(pool_, random,
             {.connections_max = config_.connections_max,
              .id_size = config_.connection_id_size,
              .shard = config_.shard}),
      clients_(pool_),
      resets_(pool_),
      deadlines_(pool_),
      transmit_quantum_left_(kTransmitQuantum),
      tokens_(pool_) {
  random.fill(index_key_);
}

Endpoint::Impl::~Impl() {
  table_.for_each([this](ConnectionSlot& slot) { destroy(slot); });
}

Result<ConnectionSlot*> Endpoint::Impl::acquire_slot() {
  const auto slot = table_.acquire();
  if (!slot) return slot;
  const std::size_t count = table_.size();
  if (clients_.reserve(count) && resets_.reserve(count) && deadlines_.reserve(count)) return slot;
  destroy(**slot);
  return Errc::not_enough_memory;
}

ConnectionIdentity Endpoint::Impl::identity_of(const ConnectionSlot& slot) const {
  return {.handle = slot.handle,
          .local_id = slot.local_id,
          .reset_token = keys_.reset_token(slot.local_id)};
}

void Endpoint::Impl::refresh(ConnectionSlot& slot) {
  if (slot.connection->wants_transmit()) transmit_queue_.join(slot);
  refresh_all_but_transmit(slot);
}

void Endpoint::Impl::refresh_all_but_transmit(ConnectionSlot& slot) {
  const Connection& connection = *slot.connection;
  if (connection.is_finished()) return destroy(slot);
  if (connection.has_events()) event_queue_.join(slot);
  deadlines_.set(slot, connection.next_timeout());
  if (slot.is_half_open && connection.is_confirmed()) end_half_open(slot);
  if (!slot.has_looked_at_reset_token) look_at_reset_token(slot);
}

void Endpoint::Impl::look_at_reset_token(ConnectionSlot& slot) {
  const auto& token = slot.connection->peer_reset_token();
  if (!token) return;
  slot.has_looked_at_reset_token = true;
  // Of two connections whose peers gave the same token the first keeps it: a peer that repeats
  // tokens harms nobody but itself.
  const Digest digest = reset_digest(*token);
  if (resets_.insert(digest, slot)) slot.reset_digest = digest;
}

void Endpoint::Impl::end_half_open(ConnectionSlot& slot) {
  slot.is_half_open = false;
  --half_open_;
}

void Endpoint::Impl::destroy(ConnectionSlot& slot) {
  leave_transmit_queue(slot);
  event_queue_.leave(slot);
  deadlines_.remove(slot);
  if (slot.client_digest) clients_.erase(*slot.client_digest);
  if (slot.reset_digest) resets_.erase(*slot.reset_digest);
  if (slot.is_half_open) end_half_open(slot);
  pool_delete(pool_, slot.connection);
  table_.release(slot);
  if (table_.size() > 0) return;
  clients_.release();
  resets_.release();
  deadlines_.release();
}

void Endpoint::Impl::leave_transmit_queue(ConnectionSlot& slot) {
  if (transmit_queue_.front() == &slot) transmit_quantum_left_ = kTransmitQuantum;
  transmit_queue_.leave(slot);
}

template <typename Start>
bool Endpoint::Impl::make_connection(ConnectionSlot& slot, const Start& start) {
  auto controller = make_congestion_controller(*start.config);
  if (controller != nullptr) {
    slot.connection =
        pool_new<Connection>(pool_, resources(), identity_of(slot), start, std::move(controller));
  }
  const bool is_made = slot.connection != nullptr && slot.connection->has_memory();
  if (!is_made) destroy(slot);
  return is_made;
}
template bool Endpoint::Impl::make_connection(ConnectionSlot&, const ServerStart&);

// ---- The application's side ------------------------------------------------------------------

Result<ConnectionHandle> Endpoint::Impl::connect(const ConnectOptions& options) {
  const bool has_good_token = options.token.size() <= wire::kTokenSizeMax;
  if (!has_good_token || options.config.validate()) return Errc::invalid_config;
  const SocketAddress& remote = options.remote;
  if (remote.family == SocketAddress::Family::none || remote.port == 0) {
    return Errc::invalid_address;
  }
  // Copied before a slot is taken: this may throw, and nobody would give the slot back.
  auto config = within_budget(options.config, config_.memory_budget);
  const auto slot = acquire_slot();
  if (!slot) return slot.error();
  const ClientStart start{.config = std::move(config),
                          .remote = remote,
                          .token = options.token.empty() ? tokens_.find(remote) : options.token,
                          .instance_id = config_.instance_id};
  if (!make_connection(**slot, start)) return Errc::not_enough_memory;
  const ConnectionHandle handle = (*slot)->handle;
  refresh(**slot);
  return handle;
}

Result<MessageId> Endpoint::Impl::send(ConnectionHandle handle, Buffer message,
                                       const SendOptions& options) {
  ConnectionSlot* slot = table_.find(handle);
  if (slot == nullptr) return Errc::unknown_connection;
  auto id = slot->connection->send(std::move(message), options);
  refresh(*slot);
  return id;
}

Result<MessageId> Endpoint::Impl::send(ConnectionHandle handle, std::span<const std::uint8_t> bytes,
                                       const SendOptions& options) {
  ConnectionSlot* slot = table_.find(handle);
  if (slot == nullptr) return Errc::unknown_connection;
  auto id = slot->connection->send(bytes, options);
  refresh(*slot);
  return id;
}

std::error_code Endpoint::Impl::close(ConnectionHandle handle) {
  ConnectionSlot* slot = table_.find(handle);
  if (slot == nullptr) return Errc::unknown_connection;
  const std::error_code error = slot->connection->close();
  refresh(*slot);
  return error;
}

std::error_code Endpoint::Impl::abort(ConnectionHandle handle, std::uint64_t code,
                                      std::string_view phrase) {
  ConnectionSlot* slot = table_.find(handle);
  if (slot == nullptr) return Errc::unknown_connection;
  const std::error_code error = slot->connection->abort(CloseReason::aborted, code, phrase);
  refresh(*slot);
  return error;
}

std::optional<Event> Endpoint::Impl::poll_event() {
  ended_.handle = ConnectionHandle::none;
  while (ConnectionSlot* slot = event_queue_.front()) {
    auto event = slot->connection->poll_event();
    // The next connection's turn; `refresh` lets this one join again if it has more.
    event_queue_.leave(*slot);
    if (event) {
      const auto* connected = std::get_if<ConnectedEvent>(&event->what);
      if (connected != nullptr && connected->is_client) {
        tokens_.put(connected->remote, connected->token.bytes());
      }
      if (std::holds_alternative<ClosedEvent>(event->what))
        ended_ = {.handle = slot->handle, .stats = slot->connection->stats()};
    }
    refresh(*slot);
    if (event) return event;
  }
  return std::nullopt;
}

Result<ConnectionStats> Endpoint::Impl::stats(ConnectionHandle handle) const {
  if (const ConnectionSlot* slot = table_.find(handle)) return slot->connection->stats();
  if (handle != ConnectionHandle::none && handle == ended_.handle) return ended_.stats;
  return Errc::unknown_connection;
}

std::optional<ConnectionInspection> Endpoint::Impl::inspect(ConnectionHandle handle) const {
  const ConnectionSlot* slot = table_.find(handle);
  if (slot == nullptr) return std::nullopt;
  return slot->connection->inspect();
}

EndpointStats Endpoint::Impl::stats() const {
  EndpointStats stats = stats_;
  stats.connections = table_.size();
  stats.memory = pool_.stats();
  return stats;
}

// ---- The driver's side -------------------------------------------------------------------------

std::optional<Transmit> Endpoint::Impl::poll_transmit(TimePoint now, TransmitBuffer& buffer) {
  if (buffer.datagrams_max == 0) return std::nullopt;
  if (const auto answer = answers_.poll_transmit(buffer)) return answer;
  while (ConnectionSlot* slot = transmit_queue_.front()) {
    const std::size_t count_max = std::min(buffer.datagrams_max, transmit_quantum_left_);
    const auto transmit = slot->connection->poll_transmit(now, buffer.bytes, count_max);
    if (!transmit || !slot->connection->has_more_to_transmit()) {
      // Nothing more now. What pacing holds back comes again through the deadline, what a window
      // holds back with the acknowledgement that opens it.
      leave_transmit_queue(*slot);
    } else {
      // The turn outlasts the call, so that the order does not depend on the buffer's capacity.
      transmit_quantum_left_ -= datagrams_in(*transmit);
      if (transmit_quantum_left_ == 0) {
        transmit_queue_.rotate();
        transmit_quantum_left_ = kTransmitQuantum;
      }
    }
    refresh_all_but_transmit(*slot);
    if (transmit) return transmit;
  }
  return std::nullopt;
}

void Endpoint::Impl::handle_timeout(TimePoint now) {
  // All that are due are taken out first: a connection whose next deadline has come already must
  // not be served twice in one call.
  IntrusiveQueue<ConnectionSlot, &ConnectionSlot::due_link> due;
  while (deadlines_.earliest() <= now && deadlines_.front() != nullptr) {
    ConnectionSlot& slot = *deadlines_.front();
    deadlines_.remove(slot);
    due.join(slot);
  }
  while (ConnectionSlot* slot = due.front()) {
    due.leave(*slot);
    slot->connection->handle_timeout(now);
    refresh(*slot);
  }
}

void Endpoint::Impl::on_datagram_too_large(const SocketAddress& remote, ByteCount size) {
  table_.for_each([&](ConnectionSlot& slot) {
    slot.connection->on_datagram_too_large(remote, size);
    refresh(slot);
  });
}

// ---- The public face ---------------------------------------------------------------------------

Result<std::unique_ptr<Endpoint>> Endpoint::create(EndpointConfig config, RandomSource& random) {
  const auto make = [&]() -> Result<std::unique_ptr<Endpoint>> {
    if (config.validate()) return Errc::invalid_config;
    auto impl = std::make_unique<Impl>(std::move(config), random);
    return std::unique_ptr<Endpoint>(new Endpoint(std::move(impl)));
  };
  return unless_out_of_memory(make, Errc::not_enough_memory);
}

Endpoint::Endpoint(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Endpoint::~Endpoint() = default;

Result<ConnectionHandle> Endpoint::connect(const ConnectOptions& options) {
  return unless_out_of_memory([&] { return impl_->connect(options); }, Errc::not_enough_memory);
}
Result<MessageId> Endpoint::send(ConnectionHandle connection, Buffer message,
                                 const SendOptions& options) {
  return impl_->send(connection, std::move(message), options);
}
Result<MessageId> Endpoint::send(ConnectionHandle connection, std::span<const std::uint8_t> bytes,
                                 const SendOptions& options) {
  return impl_->send(connection, bytes, options);
}
std::error_code Endpoint::close(ConnectionHandle connection) { return impl_->close(connection); }
std::error_code Endpoint::abort(ConnectionHandle connection, std::uint64_t code,
                                std::string_view phrase) {
  return impl_->abort(connection, code, phrase);
}
void Endpoint::stop_accepting() { impl_->stop_accepting(); }
std::optional<Event> Endpoint::poll_event() { return impl_->poll_event(); }
Result<ConnectionStats> Endpoint::stats(ConnectionHandle connection) const {
  return std::as_const(*impl_).stats(connection);
}
EndpointStats Endpoint::stats() const { return std::as_const(*impl_).stats(); }
MemoryPool& Endpoint::pool() { return impl_->pool(); }

void Endpoint::receive(TimePoint now, const Received& received) { impl_->receive(now, received); }
std::optional<Transmit> Endpoint::poll_transmit(TimePoint now, TransmitBuffer& buffer) {
  return impl_->poll_transmit(now, buffer);
}
TimePoint Endpoint::next_timeout() const { return impl_->next_timeout(); }
void Endpoint::handle_timeout(TimePoint now) { impl_->handle_timeout(now); }
void Endpoint::on_datagram_too_large(const SocketAddress& remote, ByteCount size) {
  impl_->on_datagram_too_large(remote, size);
}

std::optional<ConnectionInspection> EndpointInspector::inspect(const Endpoint& endpoint,
                                                               ConnectionHandle connection) {
  return std::as_const(*endpoint.impl_).inspect(connection);
}

}  // namespace hawser
