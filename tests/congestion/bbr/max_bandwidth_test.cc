#include "congestion/bbr/max_bandwidth.h"

#include <gtest/gtest.h>

#include "tests/congestion/bbr/samples.h"

namespace hawser::bbr {
namespace {

// draft-ietf-ccwg-bbr s5.5.5: two cycles, however long they take.
TEST(MaxBandwidthTest, RemembersThisCycleAndTheLast) {
  MaxBandwidth filter;
  EXPECT_TRUE(filter.value().is_zero());
  filter.on_ack(sample_of(mbit(100)));
  filter.on_ack(sample_of(mbit(80)));
  EXPECT_EQ(filter.value(), mbit(100));
  filter.advance_cycle();
  filter.on_ack(sample_of(mbit(50)));
  EXPECT_EQ(filter.value(), mbit(100));
  filter.advance_cycle();
  EXPECT_EQ(filter.value(), mbit(50));
}

TEST(MaxBandwidthTest, ACycleWithoutASampleForgetsNothing) {
  MaxBandwidth filter;
  filter.on_ack(sample_of(mbit(100)));
  for (int i = 0; i < 5; ++i) filter.advance_cycle();
  EXPECT_EQ(filter.value(), mbit(100));
}

// s5.5.3.
TEST(MaxBandwidthTest, TakesAnAppLimitedSampleOnlyIfItIsTheLargest) {
  MaxBandwidth filter;
  filter.on_ack(sample_of(mbit(10)));
  filter.advance_cycle();
  RateSample limited = sample_of(mbit(8));
  limited.is_app_limited = true;
  filter.on_ack(limited);
  filter.advance_cycle();  // the sample did not count, so there was no cycle
  EXPECT_EQ(filter.value(), mbit(10));
  limited.delivery_rate = mbit(12);
  filter.on_ack(limited);
  EXPECT_EQ(filter.value(), mbit(12));
}

TEST(MaxBandwidthTest, TakesNoSampleThatIsNotReliable) {
  MaxBandwidth filter;
  filter.on_ack(sample_of(Bandwidth::zero()));
  EXPECT_TRUE(filter.value().is_zero());
}

}  // namespace
}  // namespace hawser::bbr
