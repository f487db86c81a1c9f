#include "tools/seeing/time_series.h"

#include <gtest/gtest.h>

namespace hawser::seeing {
namespace {

using namespace std::chrono_literals;

struct Sums {
  std::int64_t count = 0;
  std::int64_t total = 0;
  std::int64_t least = INT64_MAX;
  std::int64_t greatest = INT64_MIN;
  bool operator==(const Sums&) const = default;
};

Sums sums_of(const TimeSeries& series) {
  Sums sums;
  for (const TimeSeries::Bucket& bucket : series.buckets()) {
    if (bucket.count == 0) continue;
    sums.count += bucket.count;
    sums.total += static_cast<std::int64_t>(bucket.sum);
    sums.least = std::min(sums.least, bucket.least);
    sums.greatest = std::max(sums.greatest, bucket.greatest);
  }
  return sums;
}

TEST(TimeSeriesTest, KeepsNumberSumAndExtentOfEachBucket) {
  TimeSeries series;
  series.add(0us, 7);
  series.add(49us, -3);
  series.add(50us, 4);
  ASSERT_EQ(series.buckets().size(), 2U);
  const TimeSeries::Bucket& first = series.buckets()[0];
  EXPECT_EQ(first.count, 2);
  EXPECT_EQ(first.mean(), 2);
  EXPECT_EQ(first.least, -3);
  EXPECT_EQ(first.greatest, 7);
  EXPECT_EQ(series.buckets()[1].least, 4);
}

TEST(TimeSeriesTest, LosesNoPeakAndNoSampleHoweverLongTheRun) {
  TimeSeries series;
  for (int i = 0; i < 100'000; ++i) series.add(i * 10ms, i == 31'415 ? 1'000'000 : i % 10);
  EXPECT_LE(series.buckets().size(), TimeSeries::kBuckets);
  EXPECT_GE(series.buckets().size(), TimeSeries::kBuckets / 2);
  EXPECT_EQ(sums_of(series), (Sums{100'000, 1'449'995, 0, 1'000'000}));
  // 314.15 s, in buckets of 204.8 ms.
  EXPECT_EQ(series.bucket_length(), 204'800us);
  EXPECT_EQ(series.buckets()[1533].greatest, 1'000'000);
}

TEST(TimeSeriesTest, SpreadsASumEvenlyAndWhole) {
  TimeSeries series;
  series.add_over(60us, 210us, 10);
  ASSERT_EQ(series.buckets().size(), 5U);
  EXPECT_EQ(series.buckets()[0].count, 0);
  EXPECT_EQ(series.filled(), 4U);
  EXPECT_EQ(sums_of(series), (Sums{4, 10, 2, 3}));
  series.add_over(7us, 7us, 5);
  EXPECT_EQ(series.buckets()[0].sum, 5);
}

TEST(TimeSeriesTest, JoinsAnOddNumberOfBuckets) {
  TimeSeries series;
  for (int i = 0; i < 5; ++i) series.add(i * 50us, i);
  series.coarsen();
  ASSERT_EQ(series.buckets().size(), 3U);
  EXPECT_EQ(series.bucket_length(), 100us);
  EXPECT_EQ(series.buckets()[1].least, 2);
  EXPECT_EQ(series.buckets()[1].greatest, 3);
  EXPECT_EQ(series.buckets()[2].count, 1);
}

TEST(TimeSeriesTest, TellsWhenAGrowingValueWasReached) {
  TimeSeries series;
  series.add(0us, 0);
  series.add(100us, 1);
  series.add(110us, 2);
  series.add(500us, 3);
  EXPECT_EQ(series.time_of(0), 0us);
  EXPECT_EQ(series.time_of(2), 100us);
  EXPECT_EQ(series.time_of(3), 500us);
  EXPECT_EQ(series.time_of(4), std::nullopt);
}

}  // namespace
}  // namespace hawser::seeing
