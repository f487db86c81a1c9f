#include "congestion/bbr/full_pipe_detector.h"

#include <gtest/gtest.h>

#include "tests/congestion/bbr/samples.h"

namespace hawser::bbr {
namespace {

constexpr bool kRoundStart = true;

// draft-ietf-ccwg-bbr s5.3.1.2.
TEST(FullPipeDetectorTest, ThreeRoundsWithLessThanAQuarterMoreFillThePipe) {
  FullPipeDetector detector;
  for (const std::int64_t rate : {10, 20, 40, 80, 100}) {
    detector.on_ack(sample_of(mbit(rate)), kRoundStart);
    EXPECT_FALSE(detector.is_full());
  }
  detector.on_ack(sample_of(mbit(101)), kRoundStart);
  detector.on_ack(sample_of(mbit(124)), kRoundStart);
  EXPECT_FALSE(detector.is_full());
  detector.on_ack(sample_of(mbit(90)), kRoundStart);
  EXPECT_TRUE(detector.is_full());
  EXPECT_TRUE(detector.was_ever_full());
}

TEST(FullPipeDetectorTest, AQuarterMoreBeginsTheCountAnew) {
  FullPipeDetector detector;
  for (const std::int64_t rate : {100, 100, 100, 125, 125, 125}) {
    detector.on_ack(sample_of(mbit(rate)), kRoundStart);
    EXPECT_FALSE(detector.is_full());
  }
  detector.on_ack(sample_of(mbit(125)), kRoundStart);
  EXPECT_TRUE(detector.is_full());
}

TEST(FullPipeDetectorTest, LooksOnceInARound) {
  FullPipeDetector detector;
  for (int i = 0; i < 10; ++i) detector.on_ack(sample_of(mbit(100)), !kRoundStart);
  EXPECT_FALSE(detector.is_full());
}

TEST(FullPipeDetectorTest, RoundsThatTheApplicationLimitedCountForNothing) {
  FullPipeDetector detector;
  RateSample limited = sample_of(mbit(100));
  limited.is_app_limited = true;
  for (int i = 0; i < 100; ++i) detector.on_ack(limited, kRoundStart);
  EXPECT_FALSE(detector.is_full());
}

TEST(FullPipeDetectorTest, RoundsWithoutAReliableSampleCountForNothing) {
  FullPipeDetector detector;
  for (int i = 0; i < 100; ++i) detector.on_ack(sample_of(Bandwidth::zero()), kRoundStart);
  EXPECT_FALSE(detector.is_full());
}

TEST(FullPipeDetectorTest, ARestartLooksAnewFromItsBaseline) {
  FullPipeDetector detector;
  detector.set_full();
  detector.restart(mbit(100));
  EXPECT_FALSE(detector.is_full());
  EXPECT_TRUE(detector.was_ever_full());
  for (int i = 0; i < 3; ++i) detector.on_ack(sample_of(mbit(124)), kRoundStart);
  EXPECT_TRUE(detector.is_full());
  detector.forget();
  EXPECT_FALSE(detector.was_ever_full());
}

}  // namespace
}  // namespace hawser::bbr
