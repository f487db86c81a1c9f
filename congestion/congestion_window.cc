#include "congestion/congestion_window.h"

#include <algorithm>

namespace hawser {
namespace {

constexpr std::int64_t kInitialDatagrams = 10;
constexpr std::int64_t kMinimumDatagrams = 2;
constexpr ByteCount kInitialWindowBytes{14720};

ByteCount initial_window_of(ByteCount datagram_size) {
  return std::min(datagram_size * kInitialDatagrams,
                  std::max(datagram_size * kMinimumDatagrams, kInitialWindowBytes));
}

}  // namespace

WindowLimits::WindowLimits(const CongestionConfig& config)
    : datagram_size(config.datagram_size),
      min(config.window_min > ByteCount(0) ? config.window_min
                                           : config.datagram_size * kMinimumDatagrams),
      max(std::max(config.window_max, min)) {
  const bool is_given = config.initial_window > ByteCount(0);
  initial = is_given ? config.initial_window : initial_window_of(config.datagram_size);
  initial = std::clamp(initial, min, max);
}

CongestionWindow::CongestionWindow(const WindowLimits& limits)
    : limits_(limits), size_(limits.initial) {}

ByteCount CongestionWindow::on_ack(const AckEvent& event) {
  // An event names its newest packet alone. One that ends the recovery may carry bytes sent before
  // it as well; they count, which is worth less than a datagram of growth.
  if (is_recovering_ && event.largest_acked_sent_time <= recovery_start_) return ByteCount(0);
  is_recovering_ = false;
  if (event.context.is_app_limited) return ByteCount(0);

  if (!is_slow_start()) return event.acked_bytes;
  const ByteCount used = std::min(event.acked_bytes, ssthresh_ - size_);
  grow(used);
  return event.acked_bytes - used;
}

void CongestionWindow::grow(ByteCount bytes) { size_ += std::min(bytes, limits_.max - size_); }

void CongestionWindow::reduce(TimePoint now, WindowFraction kept) {
  ssthresh_ = std::max(size_ * kept.numerator / kept.denominator, limits_.min);
  size_ = ssthresh_;
  recovery_start_ = now;
  is_recovering_ = true;
}

void CongestionWindow::collapse(TimePoint now) {
  size_ = limits_.min;
  recovery_start_ = now;
  is_recovering_ = false;
}

void CongestionWindow::set_limits(const WindowLimits& limits) {
  const bool is_initial = size_ == limits_.initial && ssthresh_ == ByteCount::max();
  limits_ = limits;
  size_ = is_initial ? limits.initial : std::clamp(size_, limits.min, limits.max);
}

void CongestionWindow::restart(const WindowLimits& limits, TimePoint now) {
  *this = CongestionWindow(limits);
  recovery_start_ = now;
  is_recovering_ = true;
}

std::string_view CongestionWindow::phase() const {
  if (is_slow_start()) return "slow_start";
  return is_recovering_ ? "recovery" : "congestion_avoidance";
}

Bandwidth CongestionWindow::pacing_rate(const RttSnapshot& rtt) const {
  return Bandwidth::from(size_, rtt.smoothed).scaled(is_slow_start() ? 8 : 5, 4);
}

}  // namespace hawser
