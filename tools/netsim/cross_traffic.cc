#include "hawser/netsim/cross_traffic.h"

#include <algorithm>
#include <utility>

#include "tools/netsim/draws.h"
#include "tools/netsim/host_streams.h"
#include "tools/netsim/misuse.h"
#include "tools/netsim/time_after.h"

namespace hawser::netsim {

std::optional<std::string> CrossTrafficConfig::validate() const {
  FieldCheck check;
  check
      .that(!rate.is_zero() && !rate.is_infinite(), "rate", rate,
            text_of(Bandwidth::bits_per_second(1)) + " or more, and finite")
      .in("payload", payload, ByteCount(0), ByteCount(65'507))
      .duration("mean_on", mean_on)
      .duration("mean_off", mean_off)
      .that((mean_on > Duration::zero()) == (mean_off > Duration::zero()), "mean_off", mean_off,
            "zero if mean_on is, and above zero otherwise")
      .period("stop", start, stop);
  return std::move(check).complaint();
}

CrossTraffic::CrossTraffic(EventQueue& events, Network& network, const CrossTrafficConfig& config)
    : events_(&events),
      network_(&network),
      config_(config),
      random_(host_stream(config.seed, config.client, HostStream::cross_traffic)),
      stop_(time_after(events.now(), config.stop)),
      // A rate beyond one datagram a nanosecond is not told apart from that.
      interval_(std::max(config.rate.transfer_time(config.payload + kUdpIpOverhead), Duration(1))) {
  refuse_if("CrossTrafficConfig", config.validate());
  client_ = network.add_host(config.client, *this, config.route);
  server_ = network.add_host(config.server, *this);
  begin_burst(time_after(events.now(), config.start));
}

// Is on from `now`, for as long as chance wants it.
void CrossTraffic::begin_burst(TimePoint now) {
  is_off_ = false;
  if (config_.mean_on > Duration::zero()) {
    burst_end_ = time_after(now, draw_exponential(random_, config_.mean_on));
  }
  go_on(now);
}

// On from `now`: sets the alarm for the next datagram, or for the next burst if this one is over
// before.
void CrossTraffic::go_on(TimePoint now) {
  TimePoint next = time_after(now, wait_);
  if (next >= burst_end_ && burst_end_ != kNever) {
    is_off_ = true;
    wait_ -= burst_end_ - now;
    next = time_after(burst_end_, draw_exponential(random_, config_.mean_off));
  }
  events_->schedule(*this, next < stop_ ? next : kNever);
}

void CrossTraffic::on_wake(TimePoint now) {
  if (is_off_) return begin_burst(now);
  send(now);
  wait_ = interval_;
  go_on(now);
}

void CrossTraffic::send(TimePoint now) {
  Buffer bytes = Buffer::allocate(network_->pool(), config_.payload.size());
  if (!bytes.is_null()) std::ranges::fill(bytes.writable(), std::uint8_t{0});
  ++stats_.sent;
  const bool is_from_server = config_.is_from_server;
  const HostId from = is_from_server ? server_ : client_;
  Datagram datagram{.source = network_->public_address(from),
                    .destination = network_->public_address(is_from_server ? client_ : server_),
                    .bytes = std::move(bytes)};
  if (on_transmit_ && !datagram.bytes.is_null()) on_transmit_(now, datagram);
  network_->send(from, std::move(datagram));
}

void CrossTraffic::on_datagram(TimePoint, Datagram&& datagram) {
  ++stats_.received;
  stats_.bytes_received += datagram.wire_size();
}

}  // namespace hawser::netsim
