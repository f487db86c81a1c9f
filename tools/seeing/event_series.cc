#include "tools/seeing/event_series.h"

#include <algorithm>

namespace hawser::seeing {

void EventSeries::add(Duration since_start, std::int64_t value) {
  TimeSeries::add(since_start, value);
  if (!is_exact_) return;
  if (samples_.size() == kExactMax) return forget_samples();
  samples_.push_back({since_start, value});
}

std::vector<EventSeries::Sample> EventSeries::samples() const {
  std::vector<Sample> sorted = samples_;
  std::ranges::stable_sort(sorted, {}, &Sample::since_start);
  return sorted;
}

void EventSeries::forget_samples() {
  is_exact_ = false;
  samples_ = {};
}

}  // namespace hawser::seeing
