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

Bandwidth FixedWindow::pacing_rate(const RttSnapshot&) const {
  const Bandwidth highest = std::max(delivered_[0], delivered_[1]);
  // A sixteenth more, so that a path that has become faster is found out.
  return highest.is_zero() ? Bandwidth::infinite() : highest.scaled(17, 16);
}

void FixedWindow::on_path_change(const PathChangeEvent& event) {
  if (event.is_new_path) delivered_ = {};
  datagram_size_ = event.datagram_size;
}

CongestionSnapshot FixedWindow::snapshot() const {
  return {.name = "fixed", .phase = "fixed", .congestion_window = congestion_window()};
}

}  // namespace hawser
