#include "congestion/ledbat.h"

#include <vector>

#include <gtest/gtest.h>

#include "tests/congestion/queue_clock.h"

namespace hawser {
namespace {

using namespace std::chrono_literals;

/// Acknowledgements of whole windows, with round-trip times of one's choice, to a LEDBAT that is
/// out of slow start: 50 datagrams, a base of 100 ms, a target of 25 ms, so a gain of 1.
class LedbatRoundsTest : public testing::Test {
 protected:
  LedbatRoundsTest() {
    controller_.on_loss(loss(now_, now_));  // to 50
    now_ += 1s;
    AckEvent event = ack(now_, ByteCount(1), now_ - 100ms);
    event.rtt = rtt_of(100ms);
    controller_.on_ack(event);
  }

  void acknowledge(Duration rtt, ByteCount bytes) {
    now_ += 1ms;
    AckEvent event = ack(now_, bytes, now_ - rtt);
    event.rtt = rtt_of(rtt);
    event.context.is_app_limited = is_app_limited_;
    controller_.on_ack(event);
  }
  /// Half a window, after enough samples for the filter to know the delay.
  void run_half(Duration rtt) {
    for (int i = 0; i < 4; ++i) acknowledge(rtt, ByteCount(0));
    ByteCount left = controller_.congestion_window() / 2;
    for (; left > datagrams(2); left -= datagrams(2)) acknowledge(rtt, datagrams(2));
    acknowledge(rtt, left);
  }
  double window() const { return in_datagrams(controller_.congestion_window()); }

  Ledbat controller_{{.initial_window = datagrams(100)}};
  TimePoint now_ = at(0s);
  bool is_app_limited_ = false;
};

// draft-irtf-iccrg-ledbat-plus-plus s4.3: W += GAIN per round trip.
TEST_F(LedbatRoundsTest, GainsADatagramPerRoundTripBelowTheTarget) {
  const double start = window();
  run_half(100ms);
  EXPECT_NEAR(window(), start + 0.5, 0.01);
  run_half(124ms);  // just below
  EXPECT_NEAR(window(), start + 1, 0.01);
}

// s4.3: in proportion to the window and to the excess. Here: by half of what stands in the queue.
TEST_F(LedbatRoundsTest, TakesBackHalfOfWhatStandsInTheQueueBeyondTheTarget) {
  const double start = window();
  run_half(150ms);  // 50 * 25 / 150 = 8.4 datagrams, half of them, in half a window
  EXPECT_NEAR(window(), start + 0.5 - start * 25 / 150 / 4, 0.05);
}

// s4.3: by half of the window per round trip at most.
TEST_F(LedbatRoundsTest, YieldsHalfAWindowPerRoundTripToALongQueue) {
  const double start = window();
  run_half(4s);
  run_half(4s);
  EXPECT_LT(window(), start * 0.65);
  EXPECT_GE(window(), start * 0.5);
  for (int i = 0; i < 60; ++i) run_half(4s);
  EXPECT_LT(window(), 5);
}

// RFC 6817 s2.4.2, CURRENT_FILTER: the smallest of four samples.
TEST_F(LedbatRoundsTest, TakesTheSmallestOfTheLatestFourSamples) {
  const double start = window();
  for (const Duration rtt : {110ms, 400ms, 300ms}) acknowledge(rtt, ByteCount(0));
  acknowledge(500ms, datagrams(2));
  EXPECT_NEAR(window(), start + 0.04, 0.001);
  acknowledge(500ms, datagrams(2));
  EXPECT_LT(window(), start);
}

// RFC 6817 s2.4.2, with RFC 9002 s7.8 for ALLOWED_INCREASE.
TEST_F(LedbatRoundsTest, ChangesNothingWhileTheApplicationIsTheLimit) {
  const double start = window();
  is_app_limited_ = true;
  run_half(100ms);
  run_half(400ms);
  EXPECT_EQ(window(), start);
}

// s4.2 of the draft: GAIN = 1 / min(16, ceil(2 TARGET / base)).
TEST(LedbatTest, GainsLessOnShortPaths) {
  struct Case {
    Duration rtt;
    double gain;
  };
  for (const Case& each :
       {Case{100ms, 1}, Case{40ms, 0.5}, Case{20ms, 1.0 / 3}, Case{1ms, 1.0 / 16}}) {
    Ledbat controller({.initial_window = datagrams(200)});
    controller.on_loss(loss(at(0s), at(0s)));
    AckClock path(controller, {.rtt = each.rtt});
    path.advance(1s);
    path.ack_packets(1);
    const double start = in_datagrams(controller.congestion_window());
    path.run_rounds(10);
    EXPECT_NEAR(in_datagrams(controller.congestion_window()), start + 10 * each.gain, 0.15);
  }
}

// RFC 6817 s2.4.2: INIT_CWND is MIN_CWND, here the minimum of all controllers.
TEST(LedbatTest, BeginsWithTheMinimumUnlessToldOtherwise) {
  EXPECT_EQ(Ledbat(CongestionConfig{}).congestion_window(), datagrams(4));
  EXPECT_EQ(Ledbat({.initial_window = datagrams(8)}).congestion_window(), datagrams(8));
}

// s4.1 of the draft: slow start with the gain, up to three quarters of the target.
TEST(LedbatTest, LeavesSlowStartAtThreeQuartersOfTheTarget) {
  Ledbat controller({.initial_window = datagrams(10)});
  AckClock path(controller, {.rtt = 100ms});
  path.run_round();
  EXPECT_EQ(controller.congestion_window(), datagrams(20));
  AckEvent event = ack(path.now(), datagrams(4), path.now() - 10ms);
  event.rtt = rtt_of(119ms);
  for (int i = 0; i < 3; ++i) controller.on_ack(event);
  EXPECT_EQ(controller.snapshot().phase, "slow_start");  // the filter still knows one of 100 ms
  controller.on_ack(event);
  EXPECT_EQ(controller.snapshot().phase, "congestion_avoidance");
}

// 10 Mbit/s: the queue of the target and no other.
TEST(LedbatTest, KeepsItsTargetInTheQueue) {
  for (const Duration target : {25ms, 60ms, 100ms}) {
    for (const Duration rtt : {20ms, 100ms}) {
      Ledbat controller({.ledbat_target = target});
      QueueClock path(controller, {.base_rtt = rtt});
      path.run_for(20s);
      const Duration queue = path.mean_queue_over(100s);
      EXPECT_GE(queue, target - 3ms) << rtt.count();
      EXPECT_LE(queue, target + 3ms) << rtt.count();
      EXPECT_GE(path.utilisation(100s), 0.95) << rtt.count();
    }
  }
}

TEST(LedbatTest, TakesTheEndOfTheRangeForATargetBeyondIt) {
  Ledbat controller({.ledbat_target = 10s});
  QueueClock path(controller, {});
  path.run_for(30s);
  EXPECT_LE(path.mean_queue_over(10s), 103ms);
}

// s4.4 of the draft: at the minimum for as long as the queue takes to drain.
TEST(LedbatTest, SlowsDownNowAndThenUntilTheQueueIsEmpty) {
  Ledbat controller(CongestionConfig{});
  QueueClock path(controller, {});
  path.run_for(5s);
  int slow_downs = 0;
  bool was_slow = false;
  for (int i = 0; i < 6000; ++i) {
    path.run_for(10ms);
    const bool is_slow = controller.congestion_window() == datagrams(4);
    if (is_slow && !was_slow) ++slow_downs;
    was_slow = is_slow;
  }
  EXPECT_GE(slow_downs, 5);  // one in ten seconds
  EXPECT_LE(slow_downs, 6);
  EXPECT_GE(controller.congestion_window(), datagrams(60));
}

TEST(LedbatTest, FindsAPathThatBecameLonger) {
  Ledbat controller(CongestionConfig{});
  QueueClock path(controller, {.base_rtt = 20ms});
  path.run_for(10s);
  path.config().base_rtt = 100ms;
  path.run_for(20s);
  EXPECT_LE(controller.congestion_window(), datagrams(4));  // it might be somebody's queue
  path.run_for(40s);
  const Duration queue = path.mean_queue_over(20s);
  EXPECT_GE(queue, 22ms);
  EXPECT_LE(queue, 28ms);
}

// The queue of others swings: it never becomes part of the base.
TEST(LedbatTest, DoesNotTakeASwingingQueueForThePath) {
  Ledbat controller(CongestionConfig{});
  QueueClock path(controller, {});
  path.run_for(5s);
  for (int i = 0; i < 100; ++i) {  // a sawtooth of 60 ms over 5 s, never empty
    for (int step = 0; step < 10; ++step) {
      path.config().base_rtt = 140ms + step * 6ms;
      path.run_for(500ms);
      if (i == 0) continue;
      ASSERT_LE(controller.congestion_window(), datagrams(5)) << i << " " << step;
    }
  }
}

TEST(LedbatTest, SurvivesLateAcknowledgements) {
  Ledbat controller(CongestionConfig{});
  QueueClock path(controller, {.jitter = 10ms});
  path.run_for(20s);
  (void)path.mean_queue_over(20s);
  EXPECT_GE(path.utilisation(20s), 0.95);
}

TEST(LedbatTest, LearnsANewPathAfresh) {
  Ledbat controller(CongestionConfig{});
  QueueClock path(controller, {.base_rtt = 10ms});
  path.run_for(5s);
  path.change_path(80ms);
  path.run_for(10s);
  const Duration queue = path.mean_queue_over(10s);
  EXPECT_GE(queue, 22ms);
  EXPECT_LE(queue, 28ms);
}

}  // namespace
}  // namespace hawser
