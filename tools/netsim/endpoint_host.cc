#include "hawser/netsim/endpoint_host.h"

#include <algorithm>
#include <utility>

#include "tools/netsim/host_clock.h"
#include "tools/netsim/host_socket.h"
#include "tools/netsim/host_streams.h"
#include "tools/netsim/misuse.h"
#include "tools/netsim/time_after.h"

namespace hawser::netsim {
namespace {

constexpr std::size_t kDatagramSizeMax = 65507;
constexpr std::size_t kOrdinaryDatagramSize = 1500;

// Whether `next` may follow `first` in one joined read: as UDP receive offload does it.
bool is_joinable(const Datagram& first, const Datagram& next) {
  return next.source == first.source && next.destination == first.destination &&
         next.ecn == first.ecn && next.bytes.size() <= first.bytes.size() && next.bytes.size() > 0;
}

}  // namespace

// ---- Life of the host and its process -----------------------------------------------------------

std::optional<std::string> EndpointHostConfig::validate() const {
  FieldCheck check;
  check.in("batch", std::uint64_t{batch}, std::uint64_t{1}, std::uint64_t{64})
      .in("receive_batch", std::uint64_t{receive_batch}, std::uint64_t{1}, std::uint64_t{64});
  if (auto complaint = std::move(check).complaint()) return complaint;
  if (const auto complaint = faults.validate()) return "faults." + *complaint;
  return std::nullopt;
}

Result<std::unique_ptr<EndpointHost>> EndpointHost::create(EventQueue& events, Network& network,
                                                           const EndpointHostConfig& config) {
  refuse_if("EndpointHostConfig", config.validate());
  std::unique_ptr<EndpointHost> host(new EndpointHost(events, network, config));
  if (const std::error_code error = host->restart(config.endpoint)) return error;
  host->id_ = network.add_host(config.address, *host, config.route);
  for (const Period& down : config.faults.crashes) {
    const TimePoint until = time_after(host->start_, down.to);
    host->crashes_.at(time_after(host->start_, down.from),
                      [self = host.get(), until] { self->crash(until); });
  }
  return host;
}

EndpointHost::EndpointHost(EventQueue& events, Network& network, const EndpointHostConfig& config)
    : events_(&events),
      network_(&network),
      config_(config),
      random_(host_stream(config.seed, config.address, HostStream::endpoint)),
      start_(events.now()),
      clock_(std::make_unique<HostClock>(config.faults, start_)),
      socket_(std::make_unique<HostSocket>(
          config.faults, host_stream(config.seed, config.address, HostStream::faults))),
      crashes_(events),
      transmit_space_(std::max(kDatagramSizeMax, config.batch * kOrdinaryDatagramSize)) {}

EndpointHost::~EndpointHost() = default;

std::error_code EndpointHost::restart(const EndpointConfig& config) {
  auto created = Endpoint::create(config, random_);
  if (!created) return created.error();
  config_.endpoint = config;
  successor_ = std::move(*created);
  // A handler may hold an event of the old one: its pump goes on and replaces it at its end.
  if (!is_pumping_) take_over();
  return {};
}

// The new process knows nothing of what lay in the old one's hands.
void EndpointHost::take_over() {
  posted_.clear();
  arrived_.clear();
  socket_->clear();
  is_reading_ = true;
  next_read_ = {};
  endpoint_ = std::move(successor_);
}

void EndpointHost::crash(TimePoint until) {
  const bool was_down = is_down();
  down_until_ = std::max(down_until_, until);
  if (was_down) return events_->schedule(*this, down_until_);  // nothing runs that could die
  ++stats_.crashes;
  if (on_crash_) on_crash_(events_->now());
  // The configuration was good before; without memory for another process the old one stays, as
  // deaf and dumb as the new one would be.
  (void)restart(config_.endpoint);
  events_->schedule(*this, down_until_);
}

bool EndpointHost::post(std::function<void()> task) {
  if (is_down()) return false;
  posted_.push_back(std::move(task));
  wake_soon();
  return true;
}

// Those that they post come with the next wake-up. A restart waits for the pump that follows, as in
// a handler; those behind it die with their process.
void EndpointHost::run_posted() {
  is_pumping_ = true;
  for (const auto& task : std::exchange(posted_, {})) {
    if (successor_) break;
    task();
  }
  is_pumping_ = false;
}

// ---- The application's side ---------------------------------------------------------------------

Result<ConnectionHandle> EndpointHost::connect(const ConnectOptions& options) {
  auto connection = endpoint_->connect(options);
  wake_soon();
  return connection;
}

Result<MessageId> EndpointHost::send(ConnectionHandle connection, Buffer message,
                                     const SendOptions& options) {
  auto id = endpoint_->send(connection, std::move(message), options);
  wake_soon();
  return id;
}

Result<MessageId> EndpointHost::send(ConnectionHandle connection,
                                     std::span<const std::uint8_t> bytes,
                                     const SendOptions& options) {
  auto id = endpoint_->send(connection, bytes, options);
  wake_soon();
  return id;
}

std::error_code EndpointHost::close(ConnectionHandle connection) {
  const std::error_code error = endpoint_->close(connection);
  wake_soon();
  return error;
}

std::error_code EndpointHost::abort(ConnectionHandle connection, std::uint64_t code,
                                    std::string_view phrase) {
  const std::error_code error = endpoint_->abort(connection, code, phrase);
  wake_soon();
  return error;
}

HostStats EndpointHost::stats() const {
  HostStats stats = stats_;
  stats.sends_blocked = socket_->counters().blocked;
  stats.sends_refused = socket_->counters().refused;
  return stats;
}

// What a handler asks for, the pump that called it does.
void EndpointHost::wake_soon() {
  if (!is_pumping_) events_->schedule(*this, end_of_pause(events_->now()));
}

// ---- The driver's side --------------------------------------------------------------------------

void EndpointHost::pump() {
  if (is_pumping_) return;  // a handler called: the pump that called it goes on
  is_pumping_ = true;
  const TimePoint now = events_->now();
  const TimePoint end = end_of_pause(now);
  if (end <= now) {
    // Each may make work for the other: even a transmission that comes to nothing, when it is the
    // one for which there is no memory.
    bool has_work = true;
    for (take_events(now); has_work && !successor_;) {
      const bool has_learned = transmit(now);
      has_work = take_events(now) || has_learned;
    }
  }
  is_pumping_ = false;
  if (successor_) take_over();
  // What was asked for during a pause is done after it.
  events_->schedule(*this, end > now ? end : next_wake(now));
}

TimePoint EndpointHost::next_wake(TimePoint now) const {
  TimePoint next = now;
  if (arrived_.empty() && posted_.empty()) {
    next = std::min(clock_->time_of(endpoint_->next_timeout()), socket_->next_try());
    if (next_read_ > now) next = std::min(next, next_read_);
  }
  // What falls into a pause happens after it.
  return next == kNever ? kNever : end_of_pause(std::max(next, now));
}

// When the process will run, `now` or later.
TimePoint EndpointHost::end_of_pause(TimePoint now) const {
  TimePoint end = std::max(now, down_until_);
  for (const Period& pause : config_.faults.pauses) {
    const TimePoint to = time_after(start_, pause.to);
    if (time_after(start_, pause.from) <= now && now < to) end = std::max(end, to);
  }
  return end;
}

bool EndpointHost::take_events(TimePoint now) {
  bool is_any = false;
  while (is_reading_ && next_read_ <= now && !successor_) {
    std::optional<Event> event = endpoint_->poll_event();
    if (!event) break;
    is_any = true;
    if (config_.faults.read_interval > Duration::zero()) {
      next_read_ = now + config_.faults.read_interval;
    }
    events_->count_towards_storm();  // one datagram may bring hundreds
    if (on_event_) on_event_(now, *event);
  }
  return is_any;
}

bool EndpointHost::transmit(TimePoint now) {
  const std::uint64_t refused_before = stats_.too_large_refused;
  empty_socket(now);
  SocketAddress refused_by;
  while (socket_->room() > 0) {
    TransmitBuffer buffer{.bytes = transmit_space_,
                          .datagrams_max = std::min(config_.batch, socket_->room())};
    const std::optional<Transmit> transmit = endpoint_->poll_transmit(clock_->read(now), buffer);
    if (!transmit) break;
    if (ByteCount::of(transmit->segment_size) > datagram_limit_) refused_by = transmit->path.remote;
    fill_socket(now, *transmit);
  }
  // Told at the end, so that the capacity of the buffer cannot show in what is sent.
  if (stats_.too_large_refused == refused_before) return false;
  endpoint_->on_datagram_too_large(refused_by, datagram_limit_ + ByteCount(1));
  return true;
}

// Splits a batch: each datagram is sent on its own, all at this instant if the socket takes them.
void EndpointHost::fill_socket(TimePoint now, const Transmit& transmit) {
  std::span<const std::uint8_t> rest(transmit_space_.data(), transmit.bytes);
  while (!rest.empty()) {
    const auto bytes = rest.first(std::min(transmit.segment_size, rest.size()));
    rest = rest.subspan(bytes.size());
    if (ByteCount::of(bytes.size()) > datagram_limit_) {
      ++stats_.too_large_refused;
      continue;
    }
    Datagram datagram{.source = config_.address,
                      .destination = transmit.path.remote,
                      .bytes = Buffer::copy_of(network_->pool(), bytes),
                      .ecn = transmit.ecn};
    if (socket_->is_ideal()) {
      send_out(now, std::move(datagram));
    } else {
      socket_->push(std::move(datagram));
      empty_socket(now);
    }
  }
}

void EndpointHost::empty_socket(TimePoint now) {
  while (auto datagram = socket_->poll(now)) send_out(now, *std::move(datagram));
}

void EndpointHost::send_out(TimePoint now, Datagram&& datagram) {
  if (on_transmit_) on_transmit_(now, datagram);
  network_->send(id_, std::move(datagram));
}

void EndpointHost::set_reading(bool is_reading) {
  is_reading_ = is_reading;
  pump();
}

void EndpointHost::end_faults() {
  socket_->end_faults();
  config_.faults.read_interval = Duration::zero();
}

void EndpointHost::on_wake(TimePoint now) {
  if (const TimePoint end = end_of_pause(now); end > now) return events_->schedule(*this, end);
  receive_arrived(now);
  const TimePoint shown = clock_->read(now);
  if (endpoint_->next_timeout() <= shown) endpoint_->handle_timeout(shown);
  run_posted();
  pump();
}

void EndpointHost::on_datagram(TimePoint now, Datagram&& datagram) {
  if (is_down()) {
    ++stats_.dropped_while_down;
    return;
  }
  const TimePoint end = end_of_pause(now);
  if (end > now && arrived_.size() >= config_.faults.receive_buffer) {
    ++stats_.receive_overflows;
    return;
  }
  arrived_.push_back(std::move(datagram));
  // Those that are to be joined wait for the others of this instant.
  if (end > now || arrived_.size() < config_.receive_batch) return events_->schedule(*this, end);
  receive_arrived(now);
  pump();
}

void EndpointHost::receive_arrived(TimePoint now) {
  for (std::size_t first = 0; first < arrived_.size();) {
    const Datagram& datagram = arrived_[first];
    const std::size_t end = end_of_batch(first);
    endpoint_->receive(clock_->read(now),
                       {.bytes = join(first, end),
                        .segment_size = datagram.bytes.size(),
                        .path = {.local = config_.address, .remote = datagram.source},
                        .ecn = datagram.ecn});
    first = end;
  }
  arrived_.clear();
}

// The datagrams from `first` on that one read may bring together.
std::size_t EndpointHost::end_of_batch(std::size_t first) const {
  const Datagram& head = arrived_[first];
  std::size_t bytes = head.bytes.size();
  std::size_t end = first + 1;
  const std::size_t last = std::min(arrived_.size(), first + config_.receive_batch);
  while (end < last && is_joinable(head, arrived_[end])) {
    bytes += arrived_[end].bytes.size();
    if (bytes > kDatagramSizeMax) break;
    // A shorter one ends a batch.
    if (arrived_[end++].bytes.size() < head.bytes.size()) break;
  }
  return end;
}

std::span<const std::uint8_t> EndpointHost::join(std::size_t first, std::size_t end) {
  if (end == first + 1) return arrived_[first].bytes.bytes();
  joined_.clear();
  for (std::size_t i = first; i < end; ++i) {
    const auto bytes = arrived_[i].bytes.bytes();
    joined_.insert(joined_.end(), bytes.begin(), bytes.end());
  }
  return joined_;
}

}  // namespace hawser::netsim
