#include "arq/number_skips.h"

#include <gtest/gtest.h>

namespace hawser {
namespace {

TEST(NumberSkipsTest, TheFirstIsDueAfter256Numbers) {
  const NumberSkips skips;
  EXPECT_FALSE(skips.is_due(PacketNumber(255)));
  EXPECT_TRUE(skips.is_due(PacketNumber(256)));
}

// The next is drawn from one interval on, and the intervals double.
TEST(NumberSkipsTest, TheNextIsOneToTwoIntervalsLater) {
  NumberSkips soonest;
  soonest.on_skipped(PacketNumber(256), 0);
  EXPECT_FALSE(soonest.is_due(PacketNumber(511)));
  EXPECT_TRUE(soonest.is_due(PacketNumber(512)));
  NumberSkips latest;
  latest.on_skipped(PacketNumber(256), 255);
  EXPECT_FALSE(latest.is_due(PacketNumber(766)));
  EXPECT_TRUE(latest.is_due(PacketNumber(767)));
  latest.on_skipped(PacketNumber(767), 0);
  EXPECT_FALSE(latest.is_due(PacketNumber(767 + 511)));
  EXPECT_TRUE(latest.is_due(PacketNumber(767 + 512)));
}

TEST(NumberSkipsTest, IntervalsGrowNoFurtherThan131072) {
  NumberSkips skips;
  PacketNumber number(256);
  for (int i = 0; i < 40; ++i) {
    skips.on_skipped(number, 0);
    if (i >= 10) {
      EXPECT_TRUE(skips.is_due(number + NumberSkips::kIntervalMax));
    }
    number = number + NumberSkips::kIntervalMax;
  }
  EXPECT_FALSE(skips.is_due(number - 1));
}

}  // namespace
}  // namespace hawser
