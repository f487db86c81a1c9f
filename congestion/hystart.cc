#include "congestion/hystart.h"

#include <algorithm>

namespace hawser {

void HyStart::on_sent(const SentEvent& event) {
  const bool was_idle = event.context.bytes_in_flight == event.bytes;
  if (!was_idle) return;
  round_start_.reset();
  samples_ = 0;
  round_min_ = kForever;
  last_round_min_ = kForever;
}

bool HyStart::on_ack(const AckEvent& event) {
  const bool is_app_limited = event.context.is_app_limited;
  if (!round_start_) {
    round_start_ = event.context.now;
  } else if (event.largest_acked_sent_time >= *round_start_) {
    start_round(event.context.now);
    if (is_conservative() && !is_app_limited && ++conservative_rounds_ == kConservativeRounds) {
      return true;
    }
  }
  // Not the connection's latest sample: that may be of an acknowledgement before this one.
  round_min_ = std::min(round_min_, event.context.now - event.largest_acked_sent_time);
  ++samples_;
  if (samples_ < kRttSamplesMin) return false;

  if (is_conservative()) {
    // The rise was jitter, or the queue of somebody who has left.
    if (round_min_ < *baseline_) baseline_.reset();
  } else if (!is_app_limited && has_risen()) {
    baseline_ = round_min_;
    conservative_rounds_ = 0;
  }
  return false;
}

void HyStart::start_round(TimePoint now) {
  round_start_ = now;
  last_round_min_ = round_min_;
  round_min_ = kForever;
  samples_ = 0;
}

bool HyStart::has_risen() const {
  if (last_round_min_ == kForever) return false;
  return round_min_ - last_round_min_ >=
         std::clamp(last_round_min_ / kRttDivisor, kRttThresholdMin, kRttThresholdMax);
}

}  // namespace hawser
