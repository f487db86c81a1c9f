#include "tools/seeing/time_series.h"

#include <algorithm>
#include <utility>

#include "hawser/assert.h"

namespace hawser::seeing {
namespace {

void join(TimeSeries::Bucket& into, const TimeSeries::Bucket& other) {
  if (other.count == 0) return;
  into.least = into.count > 0 ? std::min(into.least, other.least) : other.least;
  into.greatest = into.count > 0 ? std::max(into.greatest, other.greatest) : other.greatest;
  into.count += other.count;
  into.sum += other.sum;
}

}  // namespace

void TimeSeries::add(Duration since_start, std::int64_t value) {
  HAWSER_ASSERT(since_start >= Duration::zero());
  while (since_start / length_ >= static_cast<std::int64_t>(kBuckets)) coarsen();
  const auto index = static_cast<std::size_t>(since_start / length_);
  if (index >= buckets_.size()) buckets_.resize(index + 1);
  join(buckets_[index], {.count = 1, .sum = value, .least = value, .greatest = value});
}

void TimeSeries::add_over(Duration from, Duration to, std::int64_t sum) {
  while (to / length_ >= static_cast<std::int64_t>(kBuckets)) coarsen();
  const std::int64_t first = from / length_;
  const std::int64_t count = to / length_ - first + 1;
  for (std::int64_t i = 0; i < count; ++i) {
    // What is left over goes to the last ones.
    const auto share =
        static_cast<std::int64_t>(Wide{sum} * (i + 1) / count - Wide{sum} * i / count);
    add((first + i) * length_, share);
  }
}

std::size_t TimeSeries::filled() const {
  return static_cast<std::size_t>(
      std::ranges::count_if(buckets_, [](const Bucket& bucket) { return bucket.count > 0; }));
}

void TimeSeries::coarsen() {
  for (std::size_t i = 0; i < buckets_.size(); ++i) {
    const Bucket bucket = std::exchange(buckets_[i], {});
    join(buckets_[i / 2], bucket);
  }
  buckets_.resize((buckets_.size() + 1) / 2);
  length_ *= 2;
}

std::optional<Duration> TimeSeries::time_of(std::int64_t value) const {
  // Buckets without samples stand in between, so the search walks; from the end, where the values
  // asked for mostly are.
  std::optional<Duration> found;
  for (std::size_t i = buckets_.size(); i-- > 0;) {
    if (buckets_[i].count == 0) continue;
    if (buckets_[i].greatest < value) break;
    found = static_cast<std::int64_t>(i) * length_;
  }
  return found;
}

}  // namespace hawser::seeing
