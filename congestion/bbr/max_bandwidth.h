#pragma once
/// The largest delivery rate of this probing cycle and of the one before: BBR.max_bw. Its time runs
/// in cycles, so that it holds at least one sample taken while probing above the known rate,
/// however long a cycle takes. draft-ietf-ccwg-bbr s5.5.2 to s5.5.5. A plain value.

#include <algorithm>

#include "congestion/bbr/rate_sample.h"

namespace hawser::bbr {

class MaxBandwidth {
 public:
  /// A sample that was limited by the application counts only if it raises the maximum.
  void on_ack(const RateSample& sample) {
    if (sample.delivery_rate.is_zero()) return;
    if (sample.is_app_limited && sample.delivery_rate < value()) return;
    this_cycle_ = std::max(this_cycle_, sample.delivery_rate);
  }
  /// What a probe found is known: the next cycle begins. A cycle without a sample is none.
  void advance_cycle() {
    if (this_cycle_.is_zero()) return;
    last_cycle_ = this_cycle_;
    this_cycle_ = Bandwidth::zero();
  }

  /// Zero before the first sample.
  Bandwidth value() const { return std::max(this_cycle_, last_cycle_); }

 private:
  Bandwidth this_cycle_;
  Bandwidth last_cycle_;
};

}  // namespace hawser::bbr
