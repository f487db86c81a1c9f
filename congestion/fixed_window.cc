#include "congestion/fixed_window.h"

#include <algorithm>

namespace hawser {

FixedWindow::FixedWindow(const CongestionConfig& config)
    : packets_(std::max<std::int64_t>(config.fixed_window_packets, 1)),
      datagram_size_(config.datagram_size) {}

void FixedWindow::on_ack(const AckEvent& event) {
  if (!event.rate.is_valid || event.rate.is_app_limited || event.rate.rate.is_infinite()) return;
  if (event.context.now >= epoch_end_) {
    delivered_ = {Bandwidth::zero(), delivered_[0]};
    epoch_end_ = event.context.now + kEpochRoundTrips * event.rtt.smoothed;
  }
  delivered_[0] = std::max(delivered_[0], event.rate.rate);
}

Bandwidth FixedWindow::pacing_rate(const RttSnapshot& rtt) const {
  const Bandwidth highest = std::max(delivered_[0], delivered_[1]);
  if (highest.is_zero()) return Bandwidth::infinite();
  // A sixteenth more, so that a path that has become faster is found out. What was delivered while
  // hardly anything was sent (a blackout, a peer without memory) tells little of the path.
  const Bandwidth least = Bandwidth::from(datagram_size_ * kLeastPerRoundTrip, rtt.smoothed);
  return std::max(highest.scaled(17, 16), least);
}

void FixedWindow::on_path_change(const PathChangeEvent& event) {
  if (event.is_new_path) delivered_ = {};
  datagram_size_ = event.datagram_size;
}

CongestionSnapshot FixedWindow::snapshot() const {
  return {.name = "fixed", .phase = "fixed", .congestion_window = congestion_window()};
}

}  // namespace hawser
