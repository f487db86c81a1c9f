#include "congestion/bbr/min_rtt_filter.h"

#include <algorithm>

namespace hawser::bbr {

Duration MinRttFilter::probe_interval() const {
  return has_sample() ? std::max(kProbeInterval, kProbeRounds * min_) : kProbeInterval;
}

void MinRttFilter::on_ack(TimePoint now, Duration rtt, bool is_app_limited) {
  if (has_sample() && is_app_limited && rtt <= recent_ + recent_ / kNoQueueDivisor) {
    recent_time_ = now;
  }
  is_probe_due_ = has_sample() && now > recent_time_ + probe_interval();
  if (rtt < recent_ || is_probe_due_) {
    recent_ = rtt;
    recent_time_ = now;
  }
  if (recent_ < min_ || now > min_time_ + kWindowProbes * probe_interval()) {
    min_ = recent_;
    min_time_ = recent_time_;
  }
}

}  // namespace hawser::bbr
