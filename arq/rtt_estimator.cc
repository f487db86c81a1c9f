#include "arq/rtt_estimator.h"

#include <algorithm>

namespace hawser {

RttEstimator::RttEstimator(Duration initial_rtt)
    : initial_rtt_(initial_rtt), smoothed_(initial_rtt), variation_(initial_rtt / 2) {}

void RttEstimator::reset() { *this = RttEstimator(initial_rtt_); }

void RttEstimator::update(Duration sample, Duration ack_delay) {
  sample = std::max(sample, Duration::zero());
  latest_ = sample;
  if (!has_sample_) {
    has_sample_ = true;
    min_ = sample;
    smoothed_ = sample;
    variation_ = sample / 2;
    return;
  }
  min_ = std::min(min_, sample);
  // RFC 9002 s5.3: a delay that would bring the sample below the minimum is not plausible.
  const Duration adjusted = ack_delay <= sample - min_ ? sample - ack_delay : sample;
  // RFC 6298 s2.3: RTTVAR first, from the SRTT before this sample.
  const Duration deviation = std::chrono::abs(smoothed_ - adjusted);
  variation_ = (3 * variation_ + deviation) / 4;
  smoothed_ = (7 * smoothed_ + adjusted) / 8;
}

Duration RttEstimator::probe_timeout() const {
  return smoothed_ + std::max(4 * variation_, kGranularity);
}

Duration RttEstimator::retransmission_timeout(Duration floor) const {
  if (!has_sample_) return std::max(floor, kInitialRetransmissionTimeout);
  return std::max(floor, probe_timeout());
}

}  // namespace hawser
