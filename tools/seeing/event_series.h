#pragma once
/// Single events over a run: each with its own time as long as they are few.

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "hawser/time.h"
#include "tools/seeing/time_series.h"

namespace hawser::seeing {

/// A time series that also keeps its samples themselves, up to `kExactMax`; beyond them its buckets
/// have to do. A pure value.
class EventSeries : public TimeSeries {
 public:
  static constexpr std::size_t kExactMax = 2000;

  struct Sample {
    Duration since_start{0};
    std::int64_t value = 0;
    bool operator==(const Sample&) const = default;
  };

  void add(Duration since_start, std::int64_t value);
  /// All of them in the order of time, or none if there were too many.
  std::vector<Sample> samples() const;
  bool has_samples() const { return !samples_.empty(); }
  std::size_t sample_count() const { return samples_.size(); }
  /// Makes do with the buckets from now on.
  void forget_samples();

 private:
  std::vector<Sample> samples_;
  bool is_exact_ = true;
};

}  // namespace hawser::seeing
