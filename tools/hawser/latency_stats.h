#pragma once
/// Collects durations and answers with their percentiles. Not thread-safe.

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "hawser/time.h"

namespace hawser::cli {

/// Exact up to `kExactMax` samples; beyond them each sample is rounded down by at most 1/1024.
class LatencyStats {
 public:
  static constexpr std::size_t kExactMax = std::size_t{1} << 22;

  /// `exact_max`: where rounding begins; smaller than the default only in tests.
  explicit LatencyStats(std::size_t exact_max = kExactMax) : exact_max_(exact_max) {}
  /// Negative samples (a clock that stepped) count as 0.
  void add(Duration sample);

  std::uint64_t count() const { return count_; }
  Duration min() const { return min_; }
  Duration max() const { return max_; }
  Duration mean() const;
  /// The smallest sample that at least `per_mille` thousandths of all do not exceed (nearest rank);
  /// 0 without samples. `per_mille`: 1..1000.
  Duration percentile(unsigned per_mille) const;

 private:
  // Log-linear: every power of two is cut into 1024 equal buckets.
  static constexpr unsigned kSubBits = 10;
  static std::size_t bucket_of(std::int64_t nanos);
  static std::int64_t lowest_of(std::size_t bucket);
  void add_to_buckets(std::int64_t nanos);

  std::size_t exact_max_;
  mutable std::vector<std::int64_t> exact_;  // sorted when asked
  std::vector<std::uint64_t> buckets_;       // used once `exact_` would grow too large
  std::uint64_t count_ = 0;
  Duration min_{0};
  Duration max_{0};
  double sum_ns_ = 0;
};

}  // namespace hawser::cli
