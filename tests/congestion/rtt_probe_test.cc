#include "congestion/rtt_probe.h"

#include <gtest/gtest.h>

#include "tests/congestion/ack_clock.h"

namespace hawser {
namespace {

using namespace std::chrono_literals;

/// Ends `count` round trips of 200 ms that see `rtt`; the base, if the last one measured it.
class RttProbeTest : public testing::Test {
 protected:
  std::optional<Duration> run_rounds(int count, Duration rtt) {
    std::optional<Duration> base;
    for (int i = 0; i < count; ++i) {
      now_ += 200ms;
      probe_.on_sample(rtt);
      base = probe_.on_round_trip(now_, false);
    }
    return base;
  }

  RttProbe probe_;
  TimePoint now_ = at(0s);
};

TEST_F(RttProbeTest, RestsAndMeasuresWhenTheQueueHasNotBeenEmptyFor64RoundTrips) {
  EXPECT_EQ(run_rounds(63, 50ms), std::nullopt);
  EXPECT_TRUE(probe_.is_idle());
  run_rounds(1, 50ms);
  EXPECT_TRUE(probe_.is_resting());
  EXPECT_EQ(run_rounds(1, 30ms), std::nullopt);  // of packets from before the rest
  EXPECT_FALSE(probe_.is_resting());
  EXPECT_FALSE(probe_.is_idle());
  EXPECT_EQ(run_rounds(1, 40ms), 40ms);
  EXPECT_TRUE(probe_.is_idle());
}

TEST_F(RttProbeTest, TakesTheSmallestSampleOfTheMeasuringRoundTrip) {
  run_rounds(65, 50ms);
  probe_.on_sample(42ms);
  probe_.on_sample(41ms);
  EXPECT_EQ(run_rounds(1, 45ms), 41ms);
}

TEST_F(RttProbeTest, LeavesAPathOfShortRoundTripsAloneForTenSeconds) {
  for (int i = 0; i < 1000; ++i) {
    now_ += 10ms;
    probe_.on_round_trip(now_, false);
    ASSERT_TRUE(probe_.is_idle()) << i;
  }
  now_ += 10ms;
  probe_.on_round_trip(now_, false);
  EXPECT_TRUE(probe_.is_resting());
}

TEST_F(RttProbeTest, IsNotNeededWhereTheQueueIsSeenEmpty) {
  for (int i = 0; i < 10; ++i) {
    run_rounds(60, 50ms);
    EXPECT_TRUE(probe_.is_idle());
    probe_.on_empty_queue(now_);
  }
}

TEST_F(RttProbeTest, BeginsAtOnceWhenItIsWanted) {
  EXPECT_EQ(probe_.on_round_trip(now_, true), std::nullopt);
  EXPECT_TRUE(probe_.is_resting());
  EXPECT_EQ(run_rounds(2, 40ms), 40ms);
}

TEST_F(RttProbeTest, KnowsNothingWithoutASample) {
  probe_.on_round_trip(now_, true);
  probe_.on_round_trip(now_, false);
  EXPECT_EQ(probe_.on_round_trip(now_, false), std::nullopt);
  EXPECT_TRUE(probe_.is_idle());
}

TEST_F(RttProbeTest, CountsAnewAfterARestart) {
  run_rounds(64, 50ms);
  EXPECT_TRUE(probe_.is_resting());
  probe_.restart(now_);
  EXPECT_TRUE(probe_.is_idle());
  run_rounds(63, 50ms);
  EXPECT_TRUE(probe_.is_idle());
  run_rounds(1, 50ms);
  EXPECT_TRUE(probe_.is_resting());
}

}  // namespace
}  // namespace hawser
