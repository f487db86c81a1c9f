#include "congestion/recent_minimum.h"

#include <gtest/gtest.h>

#include "tests/congestion/ack_clock.h"

namespace hawser {
namespace {

using namespace std::chrono_literals;

TEST(RecentMinimumTest, IsForeverBeforeTheFirstValue) {
  RecentMinimum<4> minimum;
  EXPECT_EQ(minimum.value(), kForever);
  minimum.add(at(0s), 20ms, 1s);
  EXPECT_EQ(minimum.value(), 20ms);
  minimum.clear();
  EXPECT_EQ(minimum.value(), kForever);
}

// RFC 6817 s2.4.2: one minimum for each span, the smallest of them counts.
TEST(RecentMinimumTest, RemembersTheSmallestForThreeToFourOfFourSpans) {
  RecentMinimum<4> minimum;
  minimum.add(at(0ms), 50ms, 1s);
  minimum.add(at(900ms), 20ms, 1s);
  for (int i = 1; i < 4; ++i) {
    minimum.add(at(i * 1s), 30ms, 1s);
    EXPECT_EQ(minimum.value(), 20ms) << i;
  }
  minimum.add(at(4s), 40ms, 1s);
  EXPECT_EQ(minimum.value(), 30ms);
}

TEST(RecentMinimumTest, ForgetsEverythingInALongSilence) {
  RecentMinimum<4> minimum;
  minimum.add(at(0s), 20ms, 1s);
  minimum.add(at(1s), 25ms, 1s);
  minimum.add(at(1h), 90ms, 1s);
  EXPECT_EQ(minimum.value(), 90ms);
  minimum.add(at(1h + 3500ms), 95ms, 1s);
  EXPECT_EQ(minimum.value(), 90ms);
  minimum.add(at(1h + 4s), 95ms, 1s);
  EXPECT_EQ(minimum.value(), 95ms);
}

TEST(RecentMinimumTest, ForgetsWhatLiesInSpansThatSawNothing) {
  RecentMinimum<4> minimum;
  minimum.add(at(0s), 20ms, 1s);
  minimum.add(at(3500ms), 70ms, 1s);
  EXPECT_EQ(minimum.value(), 20ms);
  minimum.add(at(4s), 80ms, 1s);
  EXPECT_EQ(minimum.value(), 70ms);
}

TEST(RecentMinimumTest, FollowsASpanThatChanges) {
  RecentMinimum<4> minimum;
  minimum.add(at(0s), 20ms, 100ms);
  minimum.add(at(350ms), 60ms, 100ms);
  EXPECT_EQ(minimum.value(), 20ms);
  minimum.add(at(360ms), 60ms, 10ms);  // four spans reach back 40 ms
  EXPECT_EQ(minimum.value(), 60ms);
}

TEST(RecentMinimumTest, CountsFromAnyTime) {
  RecentMinimum<4> minimum;
  minimum.add(TimePoint(-9s), 20ms, 1s);
  minimum.add(TimePoint(-8s), 30ms, 1s);
  EXPECT_EQ(minimum.value(), 20ms);
  for (int i = -7; i < 5; ++i) minimum.add(TimePoint(i * 1s), 30ms, 1s);
  EXPECT_EQ(minimum.value(), 30ms);
}

}  // namespace
}  // namespace hawser
