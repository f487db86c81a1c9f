#include "congestion/congestion_window.h"

#include <gtest/gtest.h>

#include "tests/congestion/ack_clock.h"

namespace hawser {
namespace {

using namespace std::chrono_literals;

constexpr WindowFraction kHalf{1, 2};

CongestionWindow window_of(const CongestionConfig& config) {
  return CongestionWindow(WindowLimits(config));
}

AckEvent acked(ByteCount bytes, TimePoint sent_time) {
  return ack(sent_time + 100ms, bytes, sent_time);
}

TEST(WindowLimitsTest, TakesTheInitialWindowOfRfc9002Section7_2) {
  const auto initial = [](std::int64_t size) {
    return WindowLimits(CongestionConfig{.datagram_size = ByteCount(size)}).initial;
  };
  EXPECT_EQ(initial(1200), ByteCount(12000));  // ten datagrams
  EXPECT_EQ(initial(1472), ByteCount(14720));  // both
  EXPECT_EQ(initial(4000), ByteCount(14720));  // large datagrams
  EXPECT_EQ(initial(9000), ByteCount(18000));  // two, if larger still
}

TEST(WindowLimitsTest, TakesTwoDatagramsAsTheMinimumByDefault) {
  EXPECT_EQ(WindowLimits(CongestionConfig{}).min, ByteCount(2400));
  EXPECT_EQ(WindowLimits(CongestionConfig{.window_min = ByteCount(4800)}).min, ByteCount(4800));
}

TEST(WindowLimitsTest, KeepsTheInitialWindowBetweenTheBounds) {
  const WindowLimits low({.initial_window = ByteCount(1), .window_min = ByteCount(3600)});
  EXPECT_EQ(low.initial, ByteCount(3600));
  const WindowLimits high({.window_max = ByteCount(6000)});
  EXPECT_EQ(high.initial, ByteCount(6000));
  const WindowLimits crossed({.window_min = ByteCount(3600), .window_max = ByteCount(1200)});
  EXPECT_EQ(crossed.max, ByteCount(3600));
}

TEST(CongestionWindowTest, GrowsByTheAcknowledgedBytesInSlowStart) {
  CongestionWindow window = window_of({});
  EXPECT_EQ(window.phase(), "slow_start");
  EXPECT_EQ(window.on_ack(acked(ByteCount(5000), at(0s))), ByteCount(0));
  EXPECT_EQ(window.size(), ByteCount(17000));
}

TEST(CongestionWindowTest, StopsSlowStartAtSsthreshAndHandsTheRestOn) {
  CongestionWindow window = window_of({.initial_window = datagrams(20)});
  window.reduce(at(0s), kHalf);
  window.collapse(at(0s));
  EXPECT_EQ(window.on_ack(acked(datagrams(5), at(1s))), ByteCount(0));
  EXPECT_EQ(window.size(), datagrams(7));
  EXPECT_EQ(window.on_ack(acked(datagrams(5), at(1s))), datagrams(2));
  EXPECT_EQ(window.size(), datagrams(10));
  EXPECT_EQ(window.phase(), "congestion_avoidance");
  EXPECT_EQ(window.on_ack(acked(datagrams(5), at(1s))), datagrams(5));
}

// RFC 9002 s7.8: no growth unless the window was the limit.
TEST(CongestionWindowTest, DoesNotGrowWhenTheApplicationIsTheLimit) {
  CongestionWindow window = window_of({});
  AckEvent event = acked(datagrams(9), at(0s));
  event.context.is_app_limited = true;
  EXPECT_EQ(window.on_ack(event), ByteCount(0));
  EXPECT_EQ(window.size(), datagrams(10));
}

// RFC 9002 s7.3.2: recovery ends with the acknowledgement of a packet sent during it.
TEST(CongestionWindowTest, GrowsAgainOnceAPacketSentAfterTheReductionIsAcknowledged) {
  CongestionWindow window = window_of({});
  window.reduce(at(100ms), kHalf);
  EXPECT_EQ(window.size(), datagrams(5));
  EXPECT_EQ(window.ssthresh(), datagrams(5));
  EXPECT_EQ(window.phase(), "recovery");
  EXPECT_EQ(window.on_ack(acked(datagrams(1), at(99ms))), ByteCount(0));
  EXPECT_EQ(window.on_ack(acked(datagrams(1), at(100ms))), ByteCount(0));
  EXPECT_EQ(window.phase(), "recovery");
  EXPECT_EQ(window.on_ack(acked(datagrams(1), at(101ms))), datagrams(1));
  EXPECT_EQ(window.phase(), "congestion_avoidance");
}

TEST(CongestionWindowTest, CountsLossesOfOneRoundAsOneEpisode) {
  CongestionWindow window = window_of({});
  EXPECT_TRUE(window.is_new_episode(TimePoint(0s)));
  EXPECT_TRUE(window.is_new_episode(TimePoint(-5s)));  // a clock may start anywhere
  window.reduce(at(100ms), kHalf);
  EXPECT_FALSE(window.is_new_episode(at(50ms)));
  EXPECT_FALSE(window.is_new_episode(at(100ms)));
  EXPECT_TRUE(window.is_new_episode(at(101ms)));
}

TEST(CongestionWindowTest, NeverFallsBelowTheMinimum) {
  CongestionWindow window = window_of({});
  for (int i = 0; i < 10; ++i) window.reduce(at(i * 1s), kHalf);
  EXPECT_EQ(window.size(), datagrams(2));
  EXPECT_EQ(window.ssthresh(), datagrams(2));
}

TEST(CongestionWindowTest, NeverGrowsAboveTheMaximum) {
  CongestionWindow window = window_of({.window_max = datagrams(15)});
  window.on_ack(acked(datagrams(10), at(0s)));
  EXPECT_EQ(window.size(), datagrams(15));
  window.grow(datagrams(1));
  EXPECT_EQ(window.size(), datagrams(15));
}

// RFC 9002 s7.6.2, RFC 5681 s3.1.
TEST(CongestionWindowTest, CollapsesToTheMinimumAndKeepsSsthresh) {
  CongestionWindow window = window_of({.initial_window = datagrams(40)});
  window.reduce(at(100ms), kHalf);
  window.collapse(at(900ms));
  EXPECT_EQ(window.size(), datagrams(2));
  EXPECT_EQ(window.ssthresh(), datagrams(20));
  EXPECT_EQ(window.phase(), "slow_start");
  // Whatever else was in flight belongs to the same outage, but its acknowledgements count.
  EXPECT_FALSE(window.is_new_episode(at(800ms)));
  EXPECT_TRUE(window.is_new_episode(at(901ms)));
  window.on_ack(acked(datagrams(1), at(800ms)));
  EXPECT_EQ(window.size(), datagrams(3));
}

TEST(CongestionWindowTest, KeepsItsBytesWhenTheDatagramSizeChanges) {
  CongestionWindow window = window_of({});
  window.on_ack(acked(datagrams(10), at(0s)));
  window.set_limits(WindowLimits(CongestionConfig{.datagram_size = ByteCount(1472)}));
  EXPECT_EQ(window.size(), datagrams(20));
  window.set_limits(WindowLimits(CongestionConfig{.datagram_size = ByteCount(20000)}));
  EXPECT_EQ(window.size(), ByteCount(40000));  // two datagrams at least
}

// RFC 9002 s7.2: a window that has learned nothing follows the datagram size.
TEST(CongestionWindowTest, RecalculatesTheInitialWindowWhenTheDatagramSizeChanges) {
  CongestionWindow window = window_of({});
  window.set_limits(WindowLimits(CongestionConfig{.datagram_size = ByteCount(1472)}));
  EXPECT_EQ(window.size(), ByteCount(14720));
}

// RFC 9000 s9.4: packets sent on the old path do not contribute to the control of the new one.
TEST(CongestionWindowTest, IgnoresWhatBecomesOfTheOldPathsPacketsAfterARestart) {
  CongestionWindow window = window_of({});
  window.reduce(at(0s), kHalf);
  window.restart(WindowLimits(CongestionConfig{}), at(1s));
  EXPECT_EQ(window.size(), datagrams(10));
  EXPECT_EQ(window.ssthresh(), ByteCount::max());
  EXPECT_EQ(window.phase(), "slow_start");
  EXPECT_FALSE(window.is_new_episode(at(900ms)));
  EXPECT_EQ(window.on_ack(acked(datagrams(5), at(900ms))), ByteCount(0));
  EXPECT_EQ(window.size(), datagrams(10));
  window.on_ack(acked(datagrams(5), at(1100ms)));
  EXPECT_EQ(window.size(), datagrams(15));
}

// RFC 9002 s7.7.
TEST(CongestionWindowTest, PacesALittleFasterThanOneWindowPerRoundTrip) {
  CongestionWindow window = window_of({});
  EXPECT_TRUE(window.pacing_rate({}).is_infinite());
  // 12,000 B in 100 ms are 960 kbit/s: doubled in slow start.
  EXPECT_EQ(window.pacing_rate(rtt_of(100ms)), Bandwidth::bits_per_second(1'920'000));
  window.reduce(at(0s), kHalf);
  EXPECT_EQ(window.pacing_rate(rtt_of(100ms)), Bandwidth::bits_per_second(600'000));
}

}  // namespace
}  // namespace hawser
