#include "tools/hawser/relay_monitor.h"

#include <fmt/format.h>

#include "hawser/assert.h"
#include "tools/hawser/flow_report.h"

namespace hawser::cli {
namespace {

std::string describe_link(const char* name, const netsim::LinkStats& before,
                          const netsim::LinkStats& after, Duration elapsed) {
  const double seconds = to_ms(elapsed) / 1e3;
  const auto datagrams = static_cast<double>(after.packets - before.packets);
  const auto bits = static_cast<double>((after.bytes - before.bytes).value()) * 8;
  return fmt::format("{} {:.0f}/s {:.2f} Mbit/s, {} dropped", name, datagrams / seconds,
                     bits / seconds / 1e6, after.dropped());
}

}  // namespace

std::string describe_interval(const UdpRelayStats& before, const UdpRelayStats& after,
                              Duration elapsed) {
  return fmt::format("{} clients; {}; {}", after.clients,
                     describe_link("up", before.up, after.up, elapsed),
                     describe_link("down", before.down, after.down, elapsed));
}

RelayMonitor::RelayMonitor(EventLoop& loop, const UdpRelay& relay, Duration interval)
    : relay_(&relay),
      interval_(interval),
      start_(monotonic_now()),
      last_(start_),
      before_(relay.stats()),
      alarm_(loop, [this] { show(); }) {
  HAWSER_ASSERT(interval > Duration::zero());
  alarm_.arm(start_ + interval_);
}

void RelayMonitor::show() {
  const TimePoint now = monotonic_now();
  const UdpRelayStats stats = relay_->stats();
  const LatencyStats& lateness = relay_->lateness();
  fmt::print(stderr, "{:.1f} s: {}; late by p50 {:.3f} p99 {:.3f} ms\n", to_ms(now - start_) / 1e3,
             describe_interval(before_, stats, now - last_), to_ms(lateness.percentile(500)),
             to_ms(lateness.percentile(990)));
  before_ = stats;
  last_ = now;
  alarm_.arm(now + interval_);
}

}  // namespace hawser::cli
