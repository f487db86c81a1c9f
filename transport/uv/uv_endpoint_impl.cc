#include "transport/uv/uv_endpoint_impl.h"

#include <algorithm>
#include <utility>

#include "transport/uv/monotonic_clock.h"
#include "transport/uv/system_address.h"
#include "transport/wire/packet.h"

namespace hawser {

namespace {

// One pump's share, so that neither sending nor events hold up the socket for long. What is left
// over goes on after a look at the socket, without sleep.
constexpr int kEventsPerPump = 256;
constexpr int kBatchesPerPump = 16;
// Datagrams that one segmented send may carry on every kernel (UDP_MAX_SEGMENTS before Linux 6.9).
constexpr std::size_t kBatchDatagramsMax = 64;
// Room for one batch behind another, so that what does not fit the first one need not move.
constexpr std::size_t kTransmitBytes = 4 * rim::kBatchBytesMax;
// While the socket is full the core may ask to be called at once for what it cannot send anyway.
constexpr Duration kBlockedDelay = std::chrono::milliseconds(1);

}  // namespace

// ---- Life -----------------------------------------------------------------------------------

Result<std::unique_ptr<UvEndpoint>> UvEndpoint::Impl::create(uv_loop_t* loop,
                                                             UvEndpointConfig config,
                                                             EventHandler on_event,
                                                             const rim::DriverParts& parts) {
  std::unique_ptr<UvEndpoint> result(new UvEndpoint(
      std::unique_ptr<Impl>(new Impl(loop, std::move(config), std::move(on_event)))));
  if (const std::error_code error = result->impl_->open(parts)) return error;
  return result;
}

UvEndpoint::Impl::Impl(uv_loop_t* loop, UvEndpointConfig config, EventHandler on_event)
    : loop_(loop),
      config_(std::move(config)),
      on_event_(std::move(on_event)),
      barrier_([this] { on_released(); }),
      tasks_([this] { run_tasks(); }) {}

std::error_code UvEndpoint::Impl::open(const rim::DriverParts& parts) {
  driver_ = parts.driver;
  config_.endpoint.accepted.ecn = config_.endpoint.accepted.ecn && has_ecn();
  auto endpoint = Endpoint::create(config_.endpoint, random_);
  if (!endpoint) return endpoint.error();
  endpoint_ = std::move(*endpoint);
  if (const std::error_code error = open_socket(parts)) return error;
  resolver_.emplace(loop_, socket_->local_address());
  auto timer = parts.make_timer(loop_, [this] {
    armed_ = kNever;
    mark_dirty();
  });
  if (!timer) return timer.error();
  timer_ = std::move(*timer);
  if (const std::error_code error = tasks_.open(loop_)) return error;
  if (const std::error_code error = socket_->start(*this)) return error;
  transmit_bytes_ = std::make_unique_for_overwrite<std::uint8_t[]>(kTransmitBytes);

  uv_prepare_init(loop_, &prepare_);
  uv_check_init(loop_, &check_);
  uv_idle_init(loop_, &idle_);
  has_phases_ = true;
  prepare_.data = check_.data = this;
  uv_prepare_start(&prepare_, [](uv_prepare_t* phase) { static_cast<Impl*>(phase->data)->pump(); });
  uv_check_start(&check_, [](uv_check_t* phase) { static_cast<Impl*>(phase->data)->pump(); });
  // The socket alone decides whether the loop stays alive.
  uv_unref(reinterpret_cast<uv_handle_t*>(&prepare_));
  uv_unref(reinterpret_cast<uv_handle_t*>(&check_));
  uv_unref(reinterpret_cast<uv_handle_t*>(&idle_));
  update_reference();
  return {};
}

std::error_code UvEndpoint::Impl::open_socket(const rim::DriverParts& parts) {
  rim::SocketOptions options{.bind = config_.bind, .buffer = config_.socket_buffer};
  const bool is_any = options.bind.family == SocketAddress::Family::none;
  if (is_any) options.bind.family = SocketAddress::Family::ipv6;
  auto socket = parts.open_socket(loop_, options);
  if (!socket && is_any) {
    // A host without IPv6.
    options.bind.family = SocketAddress::Family::ipv4;
    socket = parts.open_socket(loop_, options);
  }
  if (!socket) return socket.error();
  socket_ = std::move(*socket);
  return {};
}

void UvEndpoint::Impl::close(std::function<void()> done) {
  if (state_ == State::closed) return;
  on_closed_.push_back(std::move(done));
  if (state_ != State::open) return;
  mark_dirty();
  state_ = State::closing;
  tasks_.refuse();
  update_reference();
}

void UvEndpoint::Impl::note(const Event& event) {
  if (std::holds_alternative<ConnectedEvent>(event.what)) connections_.insert(event.connection);
  if (std::holds_alternative<ClosedEvent>(event.what)) connections_.erase(event.connection);
}

void UvEndpoint::Impl::abort_all() {
  for (const ConnectionHandle connection : connections_) endpoint_->abort(connection);
}

void UvEndpoint::Impl::finish_closing() {
  // First what happened before: it may bring connections that nobody has heard of yet.
  deliver_events();
  run_tasks();
  // A handler or a task may destroy the endpoint.
  if (state_ != State::closing) return;
  do {
    abort_all();
    deliver_events();
    if (state_ != State::closing) return;
    while (transmit()) continue;
    deliver_events();  // sending may begin a connection (`connects_on_accept`)
    if (state_ != State::closing) return;
  } while (!connections_.empty());
  release();
}

void UvEndpoint::Impl::orphan() {
  is_orphan_ = true;
  on_closed_.clear();
  if (state_ == State::closed) {
    delete this;
    return;
  }
  // All that may hold bytes of the endpoint's pool goes before it.
  if (handled_ != nullptr) handled_->reset();
  if (resolver_) resolver_->forget();
  tasks_.clear();
  if (state_ < State::releasing && has_phases_) {
    while (const std::optional<Event> event = endpoint_->poll_event()) note(*event);
    abort_all();
    while (endpoint_->poll_event()) continue;
    while (transmit()) continue;
  }
  // Now, not with the handles: what the application lent (trace, controllers) may be gone by then.
  endpoint_.reset();
  if (state_ < State::releasing) release();
}

void UvEndpoint::Impl::release() {
  state_ = State::releasing;
  barrier_.enter();
  if (socket_) socket_->close(barrier_);
  if (timer_) timer_->close(barrier_);
  if (resolver_) resolver_->close(barrier_);
  tasks_.close(barrier_);
  if (has_phases_) {
    barrier_.close(prepare_);
    barrier_.close(check_);
    barrier_.close(idle_);
  }
  barrier_.leave();
}

void UvEndpoint::Impl::on_released() {
  state_ = State::closed;
  if (is_orphan_) {
    delete this;
    return;
  }
  // The first may already destroy the endpoint, and this with it.
  const std::vector<std::function<void()>> callbacks = std::move(on_closed_);
  for (const auto& done : callbacks) {
    if (done) done();
  }
}

// ---- One turn of the loop -------------------------------------------------------------------

void UvEndpoint::Impl::mark_dirty() {
  if (is_dirty_ || state_ >= State::releasing) return;
  is_dirty_ = true;
  uv_idle_start(&idle_, [](uv_idle_t*) {});
}

void UvEndpoint::Impl::clear_dirty() {
  is_dirty_ = false;
  uv_idle_stop(&idle_);
}

void UvEndpoint::Impl::pump() {
  if (!is_dirty_) return;
  clear_dirty();
  if (state_ == State::closing) {
    finish_closing();
    return;
  }
  const TimePoint now = rim::monotonic_now();
  if (endpoint_->next_timeout() <= now) endpoint_->handle_timeout(now);
  bool has_more = deliver_events();
  if (state_ >= State::releasing) return;
  // What the handlers caused leaves right here.
  if (state_ == State::open) clear_dirty();
  has_more |= transmit();
  // Sending may end a connection.
  has_more |= deliver_events();
  if (state_ >= State::releasing) return;
  if (has_more) mark_dirty();
  if (!is_dirty_) arm_timer();
  update_reference();
}

/// Returns whether there may be more.
bool UvEndpoint::Impl::deliver_events() {
  for (int i = 0; i < kEventsPerPump || state_ == State::closing; ++i) {
    std::optional<Event> event = endpoint_->poll_event();
    if (!event) return false;
    note(*event);
    if (!on_event_) continue;
    handled_ = &event;
    on_event_(*event);
    handled_ = nullptr;
    if (is_orphan_) return false;
  }
  return true;
}

/// Returns whether there may be more that can leave now.
bool UvEndpoint::Impl::transmit() {
  for (int i = 0; i < kBatchesPerPump; ++i) {
    if (is_blocked_) return false;
    if (!batch_ && !gather_batch()) return false;
    if (!send_batch()) return false;
  }
  return true;
}

/// Whether another datagram may follow: not behind a shorter one, which ends a segmented send, nor
/// behind a probe, which may be refused and take it along.
bool UvEndpoint::Impl::Batch::has_room() const {
  return !transmit.is_mtu_probe && transmit.bytes % transmit.segment_size == 0 &&
         transmit.bytes + transmit.segment_size <= rim::kBatchBytesMax &&
         transmit.bytes / transmit.segment_size < kBatchDatagramsMax;
}

/// Whether the same send may carry `more`: datagrams of the same size, or a shorter one to end it.
bool UvEndpoint::Impl::Batch::can_take(const Transmit& more) const {
  const std::size_t size = transmit.segment_size;
  const std::size_t bytes = transmit.bytes + more.bytes;
  const bool is_end = more.segment_size < size && more.bytes == more.segment_size;
  return more.path == transmit.path && more.ecn == transmit.ecn && !more.is_mtu_probe &&
         (more.segment_size == size || is_end) && bytes <= rim::kBatchBytesMax &&
         (bytes + size - 1) / size <= kBatchDatagramsMax;
}

/// The core ends a batch at a datagram that is not full, as messages often leave them; those that
/// are of one size all the same are joined here.
bool UvEndpoint::Impl::gather_batch() {
  // Anew for each batch: a packet's sending time is what its round trip is measured from.
  const TimePoint now = rim::monotonic_now();
  batch_ = next_batch_ ? std::exchange(next_batch_, std::nullopt) : write_batch(now, 0);
  while (batch_ && batch_->has_room() && batch_->end() + rim::kBatchBytesMax <= kTransmitBytes) {
    next_batch_ = write_batch(now, batch_->end());
    if (!next_batch_ || !batch_->can_take(next_batch_->transmit)) break;
    batch_->transmit.bytes += next_batch_->transmit.bytes;
    next_batch_.reset();
  }
  return batch_.has_value();
}

std::optional<UvEndpoint::Impl::Batch> UvEndpoint::Impl::write_batch(TimePoint now,
                                                                     std::size_t offset) {
  TransmitBuffer buffer{.bytes = {transmit_bytes_.get() + offset, rim::kBatchBytesMax}};
  const std::optional<Transmit> written = endpoint_->poll_transmit(now, buffer);
  if (!written) return std::nullopt;
  return Batch{*written, offset};
}

/// Returns false if the rest of the batch has to wait.
bool UvEndpoint::Impl::send_batch() {
  const std::span<const std::uint8_t> all(transmit_bytes_.get() + batch_->offset,
                                          batch_->transmit.bytes);
  const std::span<const std::uint8_t> rest = all.subspan(batch_->bytes_taken);
  if (rest.empty()) {
    batch_.reset();
    return true;
  }
  const rim::SendResult result = socket_->send(batch_->transmit, rest);
  batch_->bytes_taken += result.bytes_taken;
  if (result.status == rim::SendStatus::blocked) {
    is_blocked_ = true;
    return false;
  }
  const std::size_t left = rest.size() - result.bytes_taken;
  count_dropped(batch_->transmit, left);
  if (result.status == rim::SendStatus::too_large) {
    report_too_large(ByteCount::of(std::min(batch_->transmit.segment_size, left)),
                     result.datagram_size_limit);
  }
  // What the kernel refused is a loss like any other; the ARQ repairs it.
  batch_.reset();
  return true;
}

/// The last `bytes` of a batch do not leave.
void UvEndpoint::Impl::count_dropped(const Transmit& transmit, std::size_t bytes) {
  datagrams_dropped_ += (bytes + transmit.segment_size - 1) / transmit.segment_size;
}

SocketStats UvEndpoint::Impl::socket_stats() const {
  SocketStats stats = socket_->counters();
  stats.datagrams_dropped = datagrams_dropped_;
  return stats;
}

/// `limit`: what the host says that the way out carries, or 0.
void UvEndpoint::Impl::report_too_large(ByteCount size, ByteCount limit) {
  const SocketAddress& remote = batch_->transmit.path.remote;
  // The one behind would draw the same refusal.
  const bool is_next_too = next_batch_ && next_batch_->transmit.path.remote == remote &&
                           next_batch_->transmit.segment_size >= size.size();
  if (is_next_too) {
    count_dropped(next_batch_->transmit, next_batch_->transmit.bytes);
    next_batch_.reset();
  }
  if (limit > ByteCount(0) && limit < size) {
    size = limit + ByteCount(1);
  } else if (batch_->transmit.is_mtu_probe) {
    // What was proven before still is.
  } else if (remote == narrowed_) {
    // One byte less did not help, and trying each size below would cost a refusal each.
    size = std::min(size, wire::kInitSizeMin + ByteCount(1));
  } else {
    narrowed_ = remote;
  }
  endpoint_->on_datagram_too_large(remote, size);
}

void UvEndpoint::Impl::arm_timer() {
  TimePoint deadline = endpoint_->next_timeout();
  if (is_blocked_ && deadline != kNever) {
    deadline = std::max(deadline, rim::monotonic_now() + kBlockedDelay);
  }
  // Deadlines mostly move on: letting the timer ring early now and then saves a call per turn.
  if (deadline >= armed_) return;
  armed_ = deadline;
  timer_->arm(deadline);
}

void UvEndpoint::Impl::update_reference() {
  if (state_ >= State::releasing) return;
  const bool is_idle = state_ == State::open && !is_dirty_ && !batch_ && connections_.empty() &&
                       connects_under_way_ == 0;
  socket_->set_referenced(!config_.unref_when_idle || !is_idle);
}

void UvEndpoint::Impl::on_received(TimePoint now, const Received& received) {
  endpoint_->receive(now, received);
  mark_dirty();
}

void UvEndpoint::Impl::on_writable() {
  is_blocked_ = false;
  mark_dirty();
}

// ---- The application's calls ----------------------------------------------------------------

Result<ConnectionHandle> UvEndpoint::Impl::connect(const ConnectOptions& options) {
  if (state_ != State::open) return Errc::connection_closing;
  if (!rim::can_reach(socket_->local_address(), options.remote)) return Errc::invalid_address;
  ConnectOptions possible = options;
  possible.config.ecn = possible.config.ecn && has_ecn();
  Result<ConnectionHandle> connection = endpoint_->connect(possible);
  if (connection) connections_.insert(*connection);
  mark_dirty();
  update_reference();
  return connection;
}

std::error_code UvEndpoint::Impl::close(ConnectionHandle connection) {
  if (state_ != State::open) return make_error_code(Errc::connection_closing);
  mark_dirty();
  return endpoint_->close(connection);
}

std::error_code UvEndpoint::Impl::abort(ConnectionHandle connection, std::uint64_t code,
                                        std::string_view phrase) {
  if (state_ != State::open) return make_error_code(Errc::connection_closing);
  mark_dirty();
  return endpoint_->abort(connection, code, phrase);
}

void UvEndpoint::Impl::stop_accepting() {
  endpoint_->stop_accepting();
  mark_dirty();
}

bool UvEndpoint::Impl::connect_to(std::string_view host_and_port, ConnectionConfig config,
                                  std::function<void(Result<ConnectionHandle>)> done) {
  if (state_ != State::open) return false;
  ++connects_under_way_;
  update_reference();
  auto connect_then = [this, config = std::move(config), done = std::move(done)](
                          Result<SocketAddress> remote) { connect_resolved(remote, config, done); };
  // Addresses need no look-up; like errors they are told from the loop, not from within this call.
  Result<SocketAddress> remote = SocketAddress::parse(host_and_port);
  if (!remote) {
    const std::error_code error = resolver_->resolve(host_and_port, connect_then);
    if (!error) return true;
    remote = error;
  }
  return tasks_.post([connect_then = std::move(connect_then), remote] { connect_then(remote); });
}

void UvEndpoint::Impl::connect_resolved(const Result<SocketAddress>& remote,
                                        const ConnectionConfig& config,
                                        const std::function<void(Result<ConnectionHandle>)>& done) {
  --connects_under_way_;
  mark_dirty();  // whether the loop may end is decided after `done`
  if (!remote) {
    done(remote.error());
    return;
  }
  done(connect({.remote = *remote, .config = config, .token = {}}));
}

void UvEndpoint::Impl::run_tasks() {
  // As many as there are now: one that posts itself again waits for the next turn.
  for (std::size_t left = tasks_.size(); left > 0 && !is_orphan_; --left) {
    if (const std::optional<rim::TaskQueue::Task> task = tasks_.take()) (*task)();
  }
}

}  // namespace hawser
