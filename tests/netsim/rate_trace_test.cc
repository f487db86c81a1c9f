#include "hawser/netsim/rate_trace.h"

#include <vector>

#include <gtest/gtest.h>

namespace hawser::netsim {
namespace {

using namespace std::chrono_literals;

TEST(RateTraceTest, RefusesWhatIsNoTrace) {
  EXPECT_FALSE(RateTrace::from({}));
  EXPECT_FALSE(RateTrace::from({0ms}));
  EXPECT_FALSE(RateTrace::from({0ms, 0ms}));
  EXPECT_FALSE(RateTrace::from({2ms, 1ms}));
  EXPECT_FALSE(RateTrace::from({-1ms, 1ms}));
  EXPECT_TRUE(RateTrace::from({1ns}));
}

TEST(RateTraceTest, RepeatsAfterItsLastTime) {
  const RateTrace trace = *RateTrace::from({0ms, 3ms, 3ms, 10ms});
  const std::vector<Duration> expected{0ms,  3ms,  3ms,  10ms, 10ms, 13ms,
                                       13ms, 20ms, 20ms, 23ms, 23ms, 30ms};
  for (std::size_t i = 0; i < expected.size(); ++i) {
    EXPECT_EQ(trace.time_of(static_cast<std::int64_t>(i)), expected[i]) << i;
  }
  EXPECT_EQ(trace.time_of(4'000'000'003), 10ms * 1'000'000'001);
}

TEST(RateTraceTest, CountsWhatComesBeforeATime) {
  const RateTrace trace = *RateTrace::from({0ms, 3ms, 3ms, 10ms});
  EXPECT_EQ(trace.count_before(-1ms), 0);
  EXPECT_EQ(trace.count_before(0ms), 0);
  EXPECT_EQ(trace.count_before(1ns), 1);
  EXPECT_EQ(trace.count_before(3ms), 1);
  EXPECT_EQ(trace.count_before(3ms + 1ns), 3);
  EXPECT_EQ(trace.count_before(10ms), 3) << "the end of one repetition is the begin of the next";
  EXPECT_EQ(trace.count_before(10ms + 1ns), 5);
  EXPECT_EQ(trace.count_before(10'000ms), 3999);
  for (std::int64_t i = 0; i < 40; ++i) {
    EXPECT_LE(trace.count_before(trace.time_of(i)), i);
    EXPECT_GT(trace.count_before(trace.time_of(i) + 1ns), i);
  }
}

TEST(RateTraceTest, TellsItsMeanAndItsLongestGap) {
  const RateTrace trace = *RateTrace::from({0ms, 3ms, 3ms, 10ms});
  EXPECT_EQ(trace.mean_rate(), Bandwidth::bits_per_second(4 * 1504 * 8 * 100));
  EXPECT_EQ(trace.longest_gap(), 7ms);
  EXPECT_EQ(RateTrace::from({8ms, 10ms})->longest_gap(), 8ms) << "from the end to the next begin";
  EXPECT_EQ(RateTrace::from({5ms})->longest_gap(), 5ms);
}

TEST(RateTraceTest, IsEqualByContent) {
  const RateTrace trace = *RateTrace::from({1ms, 2ms});
  EXPECT_EQ(trace, RateTrace(trace));
  EXPECT_EQ(trace, *RateTrace::from({1ms, 2ms}));
  EXPECT_NE(trace, *RateTrace::from({1ms, 3ms}));
}

}  // namespace
}  // namespace hawser::netsim
