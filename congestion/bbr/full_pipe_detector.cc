#include "congestion/bbr/full_pipe_detector.h"

namespace hawser::bbr {

void FullPipeDetector::restart(Bandwidth baseline) {
  baseline_ = baseline;
  rounds_without_growth_ = 0;
  is_full_ = false;
}

void FullPipeDetector::on_ack(const RateSample& sample, bool is_round_start) {
  // A round whose sample is not reliable shows neither growth nor its end.
  if (is_full_ || !is_round_start || sample.is_app_limited || sample.delivery_rate.is_zero()) {
    return;
  }
  if (sample.delivery_rate >= baseline_.scaled(5, 4)) {
    restart(sample.delivery_rate);
    return;
  }
  if (++rounds_without_growth_ >= kRounds) set_full();
}

void FullPipeDetector::set_full() {
  is_full_ = true;
  was_ever_full_ = true;
}

}  // namespace hawser::bbr
