#include "hawser/netsim/endpoint_host.h"

#include <algorithm>
#include <utility>

namespace hawser::netsim {
namespace {

constexpr std::size_t kDatagramSizeMax = 65507;
constexpr std::size_t kOrdinaryDatagramSize = 1500;

// Names the host's stream of randomness. The set bit keeps it apart from the links' streams.
std::uint64_t stream_label(const SocketAddress& address) {
  std::uint64_t label = address.port;
  for (const std::uint8_t byte : address.ip) label = label * 257 + byte;
  return label | (std::uint64_t{1} << 63);
}

// Whether `next` may follow `first` in one joined read: as UDP receive offload does it.
bool is_joinable(const Datagram& first, const Datagram& next) {
  return next.source == first.source && next.destination == first.destination &&
         next.ecn == first.ecn && next.bytes.size() <= first.bytes.size() && next.bytes.size() > 0;
}

}  // namespace

Result<std::unique_ptr<EndpointHost>> EndpointHost::create(EventQueue& events, Network& network,
                                                           const EndpointHostConfig& config) {
  std::unique_ptr<EndpointHost> host(new EndpointHost(events, network, config));
  if (const std::error_code error = host->restart(config.endpoint)) return error;
  host->id_ = network.add_host(config.address, *host, config.route);
  return host;
}

EndpointHost::EndpointHost(EventQueue& events, Network& network, const EndpointHostConfig& config)
    : events_(&events),
      network_(&network),
      config_(config),
      random_(SeededRandom::stream(config.seed, stream_label(config.address))),
      transmit_space_(std::max(kDatagramSizeMax, config.batch * kOrdinaryDatagramSize)) {
  HAWSER_ASSERT(config.batch >= 1 && config.batch <= 64);
  HAWSER_ASSERT(config.receive_batch >= 1 && config.receive_batch <= 64);
}

EndpointHost::~EndpointHost() = default;

std::error_code EndpointHost::restart(const EndpointConfig& config) {
  endpoint_.reset();
  auto created = Endpoint::create(config, random_);
  if (!created) return created.error();
  endpoint_ = std::move(*created);
  return {};
}

void EndpointHost::pump() {
  if (is_pumping_) return;  // a handler called: the pump that called it goes on
  is_pumping_ = true;
  const TimePoint now = events_->now();
  // Each may make work for the other.
  while (take_events(now) || transmit(now)) {
  }
  events_->schedule(*this, arrived_.empty() ? endpoint_->next_timeout() : now);
  is_pumping_ = false;
}

bool EndpointHost::take_events(TimePoint now) {
  bool is_any = false;
  while (is_reading_) {
    std::optional<Event> event = endpoint_->poll_event();
    if (!event) break;
    is_any = true;
    events_->count_towards_storm();  // one datagram may bring hundreds
    if (on_event_) on_event_(now, *event);
  }
  return is_any;
}

bool EndpointHost::transmit(TimePoint now) {
  const std::uint64_t refused_before = refused_datagrams_;
  bool is_any = false;
  SocketAddress refused_by;
  for (;;) {
    TransmitBuffer buffer{.bytes = transmit_space_, .datagrams_max = config_.batch};
    const std::optional<Transmit> transmit = endpoint_->poll_transmit(now, buffer);
    if (!transmit) break;
    is_any = true;
    if (ByteCount::of(transmit->segment_size) > datagram_limit_) refused_by = transmit->path.remote;
    send(now, *transmit);
  }
  // Told at the end, so that the capacity of the buffer cannot show in what is sent.
  if (refused_datagrams_ > refused_before) {
    endpoint_->on_datagram_too_large(refused_by, datagram_limit_ + ByteCount(1));
  }
  return is_any;
}

// Splits a batch: each datagram is offered on its own, all at this instant.
void EndpointHost::send(TimePoint now, const Transmit& transmit) {
  std::span<const std::uint8_t> rest(transmit_space_.data(), transmit.bytes);
  while (!rest.empty()) {
    const auto bytes = rest.first(std::min(transmit.segment_size, rest.size()));
    rest = rest.subspan(bytes.size());
    if (ByteCount::of(bytes.size()) > datagram_limit_) {
      ++refused_datagrams_;
      continue;
    }
    Datagram datagram{.source = config_.address,
                      .destination = transmit.path.remote,
                      .bytes = Buffer::copy_of(network_->pool(), bytes),
                      .ecn = transmit.ecn};
    if (on_transmit_) on_transmit_(now, datagram);
    network_->send(id_, std::move(datagram));
  }
}

void EndpointHost::set_reading(bool is_reading) {
  is_reading_ = is_reading;
  pump();
}

void EndpointHost::on_wake(TimePoint now) {
  receive_arrived(now);
  if (endpoint_->next_timeout() <= now) endpoint_->handle_timeout(now);
  pump();
}

void EndpointHost::on_datagram(TimePoint now, Datagram&& datagram) {
  arrived_.push_back(std::move(datagram));
  // Those that are to be joined wait for the others of this instant.
  if (arrived_.size() < config_.receive_batch) return events_->schedule(*this, now);
  receive_arrived(now);
  pump();
}

void EndpointHost::receive_arrived(TimePoint now) {
  for (std::size_t first = 0; first < arrived_.size();) {
    const Datagram& datagram = arrived_[first];
    const std::size_t end = end_of_batch(first);
    endpoint_->receive(now, {.bytes = join(first, end),
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
  while (end < arrived_.size() && is_joinable(head, arrived_[end])) {
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
