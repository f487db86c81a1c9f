#include "congestion/congestion_window.h"

#include <algorithm>

namespace hawser {
namespace {

constexpr std::int64_t kInitialDatagrams = 10;
// RFC 9002 s7.2: at least so many datagrams of any size are the initial window.
constexpr std::int64_t kInitialDatagramsMin = 2;
constexpr std::int64_t kMinimumDatagrams = 4;
constexpr ByteCount kInitialWindowBytes{14720};

ByteCount initial_window_of(ByteCount datagram_size) {
  return std::min(datagram_size * kInitialDatagrams,
                  std::max(datagram_size * kInitialDatagramsMin, kInitialWindowBytes));
}

ByteCount minimum_window_of(const CongestionConfig& config) {
  // A connection does not start above what it may always have: that matters for large datagrams.
  const ByteCount minimum =
      std::min(config.datagram_size * kMinimumDatagrams, initial_window_of(config.datagram_size));
  return std::min(minimum,
                  std::max(config.datagram_size * kInitialDatagramsMin, config.window_max));
}

}  // namespace

WindowLimits::WindowLimits(const CongestionConfig& config)
    : datagram_size(config.datagram_size),
      min(config.window_min > ByteCount(0) ? config.window_min : minimum_window_of(config)),
      max(std::max(config.window_max, min)) {
  const bool is_given = config.initial_window > ByteCount(0);
  initial = is_given ? config.initial_window : initial_window_of(config.datagram_size);
  initial = std::clamp(initial, min, max);
}

CongestionWindow::CongestionWindow(const WindowLimits& limits)
    : limits_(limits), size_(limits.initial) {}

CongestionWindow::CongestionWindow(const CongestionConfig& config)
    : CongestionWindow(WindowLimits(config)) {
  uses_prr_ = config.prr;
  if (config.hystart) hystart_.emplace();
}

void CongestionWindow::on_sent(const SentEvent& event) {
  if (prr_) prr_->on_sent(event);
  if (hystart_) hystart_->on_sent(event);
}

ByteCount CongestionWindow::evidence(const AckEvent& event) {
  if (is_recovering_ && !ends_recovery(event)) {
    if (prr_) prr_->on_ack(event);
    return ByteCount(0);
  }
  leave_recovery();
  if (has_hystart() && hystart_->on_ack(event)) ssthresh_ = size_;
  return event.context.is_app_limited ? ByteCount(0) : event.acked_bytes;
}

ByteCount CongestionWindow::slow_start(ByteCount acked) {
  if (!is_slow_start()) return acked;
  const ByteCount offered = has_hystart() ? hystart_->growth(acked) : acked;
  const ByteCount used = std::min(offered, ssthresh_ - size_);
  grow(used);
  return offered - used;
}

bool CongestionWindow::ends_recovery(const AckEvent& event) const {
  // An event names its newest packet alone. One that ends the recovery may carry bytes sent before
  // it as well; they count, which is worth less than a datagram of growth.
  if (event.largest_acked_sent_time > recovery_start_) return true;
  // The fate of all that was under way is known, and nothing was sent since that could tell more.
  return event.context.bytes_in_flight == ByteCount(0) && event.context.now > recovery_start_;
}

void CongestionWindow::leave_recovery() {
  is_recovering_ = false;
  prr_.reset();
}

void CongestionWindow::grow(ByteCount bytes) { size_ += std::min(bytes, limits_.max - size_); }

void CongestionWindow::shrink(ByteCount bytes) {
  size_ -= std::min(bytes, size_ - limits_.min);
  ssthresh_ = std::min(ssthresh_, size_);
}

void CongestionWindow::reduce(TimePoint now, WindowFraction kept) {
  ssthresh_ = std::max(size_ * kept.numerator / kept.denominator, limits_.min);
  size_ = ssthresh_;
  recovery_start_ = now;
  is_recovering_ = true;
  prr_.reset();
}

void CongestionWindow::reduce(const LossEvent& event, WindowFraction kept) {
  reduce(event.context.now, kept);
  if (uses_prr_) prr_.emplace(event, Prr::Target{ssthresh_, limits_.datagram_size});
}

void CongestionWindow::note_loss(const LossEvent& event) {
  if (prr_) prr_->on_loss(event);
}

void CongestionWindow::collapse(TimePoint now) {
  size_ = limits_.min;
  recovery_start_ = now;
  leave_recovery();
}

void CongestionWindow::set_limits(const WindowLimits& limits) {
  const bool is_initial = size_ == limits_.initial && ssthresh_ == ByteCount::max();
  limits_ = limits;
  size_ = is_initial ? limits.initial : std::clamp(size_, limits.min, limits.max);
}

void CongestionWindow::restart(const WindowLimits& limits, TimePoint now) {
  const bool uses_prr = uses_prr_;
  const bool uses_hystart = hystart_.has_value();
  *this = CongestionWindow(limits);
  uses_prr_ = uses_prr;
  if (uses_hystart) hystart_.emplace();
  recovery_start_ = now;
  is_recovering_ = true;
}

ByteCount CongestionWindow::allowed() const {
  return prr_ ? std::clamp(prr_->window(), limits_.min, limits_.max) : size_;
}

std::string_view CongestionWindow::phase() const {
  if (is_slow_start()) {
    return has_hystart() && hystart_->is_conservative() ? "conservative_slow_start" : "slow_start";
  }
  return is_recovering_ ? "recovery" : "congestion_avoidance";
}

Bandwidth CongestionWindow::pacing_rate(const RttSnapshot& rtt) const {
  return Bandwidth::from(size_, rtt.smoothed).scaled(is_slow_start() ? 8 : 5, 4);
}

Bandwidth CongestionWindow::even_pacing_rate(Duration rtt) const {
  return Bandwidth::from(size_, rtt).scaled(is_slow_start() ? 2 : 1, 1);
}

}  // namespace hawser
