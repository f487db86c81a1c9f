#include "arq/retransmission_timer.h"

#include <algorithm>

namespace hawser {

void RetransmissionTimer::arm(TimePoint last_eliciting_sent, const RttEstimator& rtt,
                              Duration ack_delay_max) {
  timeout_ = mode_ == Mode::probe ? rtt.probe_timeout() + ack_delay_max
                                  : rtt.retransmission_timeout(kRfc6298Floor);
  if (!is_armed_ || restarts_on_transmission_) start_ = last_eliciting_sent;
  is_armed_ = true;
  restarts_on_transmission_ = mode_ == Mode::probe && expiry_count_ == 0;
}

void RetransmissionTimer::disarm() {
  is_armed_ = false;
  probes_due_ = 0;
  second_probe_time_ = kNever;
}

void RetransmissionTimer::on_progress() {
  expiry_count_ = 0;
  probes_due_ = 0;
  second_probe_time_ = kNever;
  restarts_on_transmission_ = true;
}

void RetransmissionTimer::on_expired(TimePoint now) {
  HAWSER_ASSERT(now >= deadline());
  if (second_probe_time_ <= now) {
    second_probe_time_ = kNever;
    owe_probe();
  }
  if (now < expiry()) return;
  // However late the driver comes, this is one expiry: the peer had no chance to answer in between.
  ++expiry_count_;
  owe_probe();
  start_ = now;
  restarts_on_transmission_ = false;
  if (mode_ == Mode::probe) second_probe_time_ = now + std::min(kProbeSpacing, timeout_ / 4);
}

TimePoint RetransmissionTimer::deadline() const {
  return is_armed_ ? std::min(expiry(), second_probe_time_) : kNever;
}

void RetransmissionTimer::on_probe_sent() {
  if (probes_due_ > 0) --probes_due_;
}

/// The running interval: doubled with each expiry, within the mode's cap.
Duration RetransmissionTimer::interval() const {
  const Duration cap = mode_ == Mode::probe ? kBackoffMax : kRfc6298BackoffMax;
  Duration interval = std::min(timeout_, cap);
  for (int i = 0; i < expiry_count_ && interval < cap; ++i) interval = std::min(2 * interval, cap);
  return interval;
}

void RetransmissionTimer::owe_probe() {
  // Probes that could not leave do not pile up: the newest expiry's are enough to test the path.
  const int probes_max = mode_ == Mode::probe ? kProbesMax : 1;
  probes_due_ = std::min(probes_due_ + 1, probes_max);
}

}  // namespace hawser
