#include "hawser/netsim/cross_traffic.h"

#include <algorithm>
#include <utility>

#include "hawser/assert.h"
#include "tools/netsim/draws.h"
#include "tools/netsim/host_streams.h"

namespace hawser::netsim {

CrossTraffic::CrossTraffic(EventQueue& events, Network& network, const CrossTrafficConfig& config)
    : events_(&events),
      network_(&network),
      config_(config),
      random_(host_stream(config.seed, config.client, HostStream::cross_traffic)),
      stop_(config.stop == kForever ? kNever : events.now() + config.stop),
      interval_(config.rate.transfer_time(config.payload + kUdpIpOverhead)) {
  HAWSER_ASSERT(!config.rate.is_zero() && !config.rate.is_infinite());
  HAWSER_ASSERT((config.mean_on > Duration::zero()) == (config.mean_off > Duration::zero()));
  // A rate beyond one datagram a nanosecond is not told apart from that.
  interval_ = std::max(interval_, Duration(1));
  client_ = network.add_host(config.client, *this, config.route);
  server_ = network.add_host(config.server, *this);
  begin_burst(events.now() + config.start);
}

// Sends from `now` on, for as long as chance wants it.
void CrossTraffic::begin_burst(TimePoint now) {
  if (config_.mean_on > Duration::zero()) {
    burst_end_ = now + draw_exponential(random_, config_.mean_on);
  }
  events_->schedule(*this, now < stop_ ? now : kNever);
}

void CrossTraffic::on_wake(TimePoint now) {
  send();
  const TimePoint next = now + interval_;
  if (next >= burst_end_) {
    return begin_burst(std::max(next, burst_end_ + draw_exponential(random_, config_.mean_off)));
  }
  events_->schedule(*this, next < stop_ ? next : kNever);
}

void CrossTraffic::send() {
  Buffer bytes = Buffer::allocate(network_->pool(), config_.payload.size());
  if (!bytes.is_null()) std::ranges::fill(bytes.writable(), std::uint8_t{0});
  ++stats_.sent;
  const bool is_from_server = config_.is_from_server;
  network_->send(is_from_server ? server_ : client_,
                 {.destination = network_->public_address(is_from_server ? client_ : server_),
                  .bytes = std::move(bytes)});
}

void CrossTraffic::on_datagram(TimePoint, Datagram&& datagram) {
  ++stats_.received;
  stats_.bytes_received += datagram.wire_size();
}

}  // namespace hawser::netsim
