#include "tools/hawser/latency_stats.h"

#include <gtest/gtest.h>

namespace hawser::cli {
namespace {

using namespace std::chrono_literals;

TEST(LatencyStatsTest, WithoutSamplesAllIsZero) {
  const LatencyStats stats;
  EXPECT_EQ(stats.count(), 0U);
  EXPECT_EQ(stats.min(), 0ns);
  EXPECT_EQ(stats.mean(), 0ns);
  EXPECT_EQ(stats.percentile(500), 0ns);
}

TEST(LatencyStatsTest, PercentilesAreNearestRanks) {
  LatencyStats stats;
  for (int i = 1000; i >= 1; --i) stats.add(i * 1ms);
  EXPECT_EQ(stats.percentile(1), 1ms);
  EXPECT_EQ(stats.percentile(500), 500ms);
  EXPECT_EQ(stats.percentile(995), 995ms);
  EXPECT_EQ(stats.percentile(999), 999ms);
  EXPECT_EQ(stats.percentile(1000), 1000ms);
  EXPECT_EQ(stats.min(), 1ms);
  EXPECT_EQ(stats.max(), 1000ms);
  EXPECT_EQ(stats.mean(), 500500us);
}

TEST(LatencyStatsTest, OneSampleIsEveryPercentile) {
  LatencyStats stats;
  stats.add(7us);
  EXPECT_EQ(stats.percentile(1), 7us);
  EXPECT_EQ(stats.percentile(1000), 7us);
}

TEST(LatencyStatsTest, SamplesMayComeAfterAPercentileWasAsked) {
  LatencyStats stats;
  stats.add(5ms);
  EXPECT_EQ(stats.percentile(500), 5ms);
  stats.add(1ms);
  stats.add(2ms);
  EXPECT_EQ(stats.percentile(500), 2ms);
}

TEST(LatencyStatsTest, NegativeSamplesCountAsZero) {
  LatencyStats stats;
  stats.add(-5ms);
  EXPECT_EQ(stats.min(), 0ns);
  EXPECT_EQ(stats.percentile(1000), 0ns);
}

TEST(LatencyStatsTest, BeyondItsExactPartItRoundsDownByAtMostAThousandth) {
  LatencyStats exact;
  LatencyStats rounded(100);
  std::int64_t sample = 1;
  for (int i = 0; i < 5000; ++i) {
    sample = (sample * 48271) % 2147483647;  // any spread over nine decades
    const Duration value(sample >> (i % 31));
    exact.add(value);
    rounded.add(value);
  }
  EXPECT_EQ(rounded.count(), exact.count());
  EXPECT_EQ(rounded.min(), exact.min());
  EXPECT_EQ(rounded.max(), exact.max());
  EXPECT_EQ(rounded.mean(), exact.mean());
  for (unsigned per_mille = 1; per_mille <= 1000; ++per_mille) {
    const std::int64_t truth = exact.percentile(per_mille).count();
    const std::int64_t found = rounded.percentile(per_mille).count();
    EXPECT_LE(found, truth);
    EXPECT_GE(found, truth - truth / 1024) << per_mille;
  }
}

}  // namespace
}  // namespace hawser::cli
