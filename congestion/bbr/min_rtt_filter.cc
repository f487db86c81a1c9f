#include "congestion/bbr/min_rtt_filter.h"

namespace hawser::bbr {

void MinRttFilter::on_ack(TimePoint now, Duration rtt) {
  is_probe_due_ = has_sample() && now > recent_time_ + kProbeInterval;
  if (rtt < recent_ || is_probe_due_) {
    recent_ = rtt;
    recent_time_ = now;
  }
  if (recent_ < min_ || now > min_time_ + kWindow) {
    min_ = recent_;
    min_time_ = recent_time_;
  }
}

}  // namespace hawser::bbr
