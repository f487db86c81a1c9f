#pragma once
/// What a value did over a run of any length, in bounded memory.

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "hawser/time.h"

namespace hawser::seeing {

/// Samples in buckets of equal length. When time goes beyond the last bucket they are joined in
/// pairs and their length doubles: number, sum, least and greatest stay exact, so no peak and no
/// single event is ever lost, only its time grows coarser. A pure value; integers only.
class TimeSeries {
 public:
  static constexpr std::size_t kBuckets = 8192;
  __extension__ using Wide = __int128;

  struct Bucket {
    std::int64_t count = 0;
    Wide sum = 0;
    std::int64_t least = 0;     ///< 0 without samples
    std::int64_t greatest = 0;  ///< likewise
    std::int64_t mean() const { return count > 0 ? static_cast<std::int64_t>(sum / count) : 0; }
  };

  /// Takes a sample at `since_start`, which is not negative and may decrease.
  void add(Duration since_start, std::int64_t value);
  /// Spreads a sum evenly from `from` to `to`, which is not before it, as a sample in each bucket.
  void add_over(Duration from, Duration to, std::int64_t sum);
  /// Joins buckets in pairs.
  void coarsen();

  /// Of a series that never decreases: when its samples first reached `value`, to the bucket;
  /// nothing if they did not.
  std::optional<Duration> time_of(std::int64_t value) const;

  Duration bucket_length() const { return length_; }
  /// From the start to the last one with a sample.
  std::span<const Bucket> buckets() const { return buckets_; }
  /// Buckets with samples.
  std::size_t filled() const;

 private:
  Duration length_{std::chrono::microseconds(50)};
  std::vector<Bucket> buckets_;
};

}  // namespace hawser::seeing
