#include "tools/netsim/wait_histogram.h"

#include <gtest/gtest.h>

namespace hawser::netsim {
namespace {

using namespace std::chrono_literals;

TEST(WaitHistogramTest, IsExactForTheSmallestAndWithinA32ndForAll) {
  for (std::int64_t wait = 0; wait < INT64_MAX / 8; wait = wait * 5 / 4 + 1) {
    WaitHistogram histogram;
    histogram.add(Duration(wait));
    const std::int64_t shown = histogram.percentile(50).count();
    EXPECT_LE(shown, wait);
    EXPECT_GE(shown, wait - wait / 32);
    if (wait < 64) {
      EXPECT_EQ(shown, wait);
    }
  }
  WaitHistogram histogram;
  EXPECT_EQ(histogram.percentile(99), 0ms);
  histogram.add(kForever);
  EXPECT_GT(histogram.percentile(99), kForever / 32 * 31);
}

TEST(WaitHistogramTest, PercentilesAreByNearestRank) {
  WaitHistogram histogram;
  for (int i = 1; i <= 50; ++i) histogram.add(Duration(i));
  EXPECT_EQ(histogram.percentile(50), Duration(25));
  EXPECT_EQ(histogram.percentile(99), Duration(50));
  EXPECT_EQ(histogram.percentile(1), Duration(1));
  histogram.clear();
  EXPECT_EQ(histogram.percentile(50), 0ms);
}

}  // namespace
}  // namespace hawser::netsim
