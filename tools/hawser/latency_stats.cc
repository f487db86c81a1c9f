#include "tools/hawser/latency_stats.h"

#include <algorithm>
#include <bit>

namespace hawser::cli {

void LatencyStats::add(Duration sample) {
  sample = std::max(sample, Duration::zero());
  min_ = count_ == 0 ? sample : std::min(min_, sample);
  max_ = std::max(max_, sample);
  sum_ns_ += static_cast<double>(sample.count());
  ++count_;
  if (buckets_.empty() && exact_.size() < exact_max_) {
    exact_.push_back(sample.count());
    return;
  }
  for (const std::int64_t nanos : exact_) add_to_buckets(nanos);
  exact_.clear();
  exact_.shrink_to_fit();
  add_to_buckets(sample.count());
}

Duration LatencyStats::mean() const {
  if (count_ == 0) return Duration::zero();
  return Duration(static_cast<std::int64_t>(sum_ns_ / static_cast<double>(count_)));
}

Duration LatencyStats::percentile(unsigned per_mille) const {
  if (count_ == 0) return Duration::zero();
  const std::uint64_t rank = (count_ * per_mille + 999) / 1000;  // from 1
  if (buckets_.empty()) {
    if (!std::ranges::is_sorted(exact_)) std::ranges::sort(exact_);
    return Duration(exact_[static_cast<std::size_t>(rank - 1)]);
  }
  std::uint64_t seen = 0;
  for (std::size_t bucket = 0; bucket < buckets_.size(); ++bucket) {
    seen += buckets_[bucket];
    // Rounding down must not leave the range of what was seen.
    if (seen >= rank) return std::clamp(Duration(lowest_of(bucket)), min_, max_);
  }
  return max_;
}

std::size_t LatencyStats::bucket_of(std::int64_t nanos) {
  const auto value = static_cast<std::uint64_t>(nanos);
  const auto width = static_cast<unsigned>(std::bit_width(value));
  if (width <= kSubBits + 1) return static_cast<std::size_t>(value);
  const unsigned shift = width - (kSubBits + 1);
  return static_cast<std::size_t>((std::uint64_t{shift} << kSubBits) + (value >> shift));
}

std::int64_t LatencyStats::lowest_of(std::size_t bucket) {
  const std::uint64_t position = bucket;
  if (position < (std::uint64_t{2} << kSubBits)) return static_cast<std::int64_t>(position);
  const std::uint64_t shift = (position >> kSubBits) - 1;
  const std::uint64_t mantissa = position - (shift << kSubBits);
  return static_cast<std::int64_t>(mantissa << shift);
}

void LatencyStats::add_to_buckets(std::int64_t nanos) {
  if (buckets_.empty()) buckets_.resize((64 - kSubBits) << kSubBits);
  ++buckets_[bucket_of(nanos)];
}

}  // namespace hawser::cli
