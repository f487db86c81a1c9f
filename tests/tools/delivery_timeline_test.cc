#include "tools/hawser/delivery_timeline.h"

#include <gtest/gtest.h>

namespace hawser::cli {
namespace {

using namespace std::chrono_literals;

constexpr Bandwidth kEightKbit = Bandwidth::bits_per_second(8000);  // 1000 bytes a second

TEST(DeliveryTimelineTest, FindsTheFirstSpanThatHasTheRate) {
  DeliveryTimeline timeline(10s);
  for (Duration now = 10s; now < 12s; now += 100ms) timeline.add(now, ByteCount(50));
  for (Duration now = 12s; now < 15s; now += 100ms) timeline.add(now, ByteCount(150));
  // From 11.5 s to 12.5 s: five steps of 50 bytes and five of 150.
  EXPECT_EQ(timeline.reached(kEightKbit, 1s), 1500ms);
  EXPECT_EQ(timeline.reached(kEightKbit, 100ms), 2s);
  EXPECT_EQ(timeline.reached(kEightKbit.scaled(1, 2), 1s), 0s);
}

TEST(DeliveryTimelineTest, ARateThatNeverCameIsNotReached) {
  DeliveryTimeline timeline(0s);
  EXPECT_EQ(timeline.reached(kEightKbit, 1s), std::nullopt);
  for (Duration now = 0s; now < 900ms; now += 100ms) timeline.add(now, ByteCount(200));
  EXPECT_EQ(timeline.reached(kEightKbit, 1s), std::nullopt);  // not a second long
  timeline.add(900ms, ByteCount(0));
  EXPECT_EQ(timeline.reached(kEightKbit, 1s), 0s);
}

TEST(DeliveryTimelineTest, WhatCameBeforeDoesNotCount) {
  DeliveryTimeline timeline(10s);
  timeline.add(9999ms, ByteCount(1'000'000));
  timeline.add(10s, ByteCount(99));
  EXPECT_EQ(timeline.reached(kEightKbit, 100ms), std::nullopt);
  timeline.add(10099ms, ByteCount(1));
  EXPECT_EQ(timeline.reached(kEightKbit, 100ms), 0s);
}

}  // namespace
}  // namespace hawser::cli
