#include "congestion/vegas.h"

#include <vector>

#include <gtest/gtest.h>

#include "tests/congestion/queue_clock.h"

namespace hawser {
namespace {

using namespace std::chrono_literals;

/// One round trip after the other, each with round-trip times of one's choice, on a window that is
/// always full. It begins out of slow start, with a base of 100 ms.
class VegasRoundsTest : public testing::Test {
 protected:
  VegasRoundsTest() {
    controller_.on_loss(loss(now_, now_));  // to 50
    now_ += 1s;
    acknowledge(100ms, now_ - 100ms);
    run_round(100ms);  // to 51
  }

  /// All but the last acknowledgement are of packets from before the round trip began.
  void run_round(Duration rtt) {
    const TimePoint start = now_;
    now_ += 1s;
    const ByteCount window = controller_.congestion_window();
    for (ByteCount acked{0}; acked + datagrams(2) < window; acked += datagrams(2)) {
      acknowledge(rtt, start);
    }
    acknowledge(rtt, now_ - rtt);
  }
  void acknowledge(Duration rtt, TimePoint sent_time) {
    AckEvent event = ack(now_, datagrams(2), sent_time);
    event.rtt = rtt_of(rtt);
    event.context.is_app_limited = is_app_limited_;
    controller_.on_ack(event);
  }
  double window() const { return in_datagrams(controller_.congestion_window()); }

  Vegas controller_{{.initial_window = datagrams(100)}};
  TimePoint now_ = at(0s);
  bool is_app_limited_ = false;
};

// Brakmo and Peterson s3.2: between alpha and beta nothing changes.
TEST_F(VegasRoundsTest, KeepsTwoToFourDatagramsInTheQueue) {
  EXPECT_EQ(window(), 51);
  run_round(104ms);  // 51 * 4 / 104 = 1.96
  EXPECT_EQ(window(), 52);
  run_round(104ms);  // 2.0
  EXPECT_EQ(window(), 52);
  run_round(108ms);  // 3.85
  EXPECT_EQ(window(), 52);
  run_round(109ms);  // 4.29
  EXPECT_EQ(window(), 51);
  run_round(109ms);  // 4.21
  EXPECT_EQ(window(), 50);
  run_round(100ms);
  EXPECT_EQ(window(), 51);
}

TEST_F(VegasRoundsTest, DecideOncePerRoundTrip) {
  for (int i = 0; i < 100; ++i) acknowledge(100ms, now_);  // sent before it began
  EXPECT_EQ(window(), 51);
}

TEST_F(VegasRoundsTest, TakeTheSmallestRoundTripTimeOfEach) {
  for (const Duration rtt : {300ms, 103ms, 250ms}) acknowledge(rtt, now_);  // some came late
  run_round(280ms);                                                         // 51 * 3 / 103 = 1.5
  EXPECT_EQ(window(), 52);
}

// RFC 9002 s7.8. What a queue of others does to a window that nobody uses is no evidence either.
TEST_F(VegasRoundsTest, ChangeNothingWhileTheApplicationIsTheLimit) {
  is_app_limited_ = true;
  run_round(100ms);
  run_round(400ms);
  EXPECT_EQ(window(), 51);
}

TEST_F(VegasRoundsTest, DoubtTheBaseWhenSixteenReductionsBroughtNothing) {
  // A path that became longer: 51 * 100 / 200 = 25.5 seem to be queued.
  for (int round = 1; round < 16; ++round) run_round(200ms);
  EXPECT_EQ(window(), 36);
  run_round(200ms);
  EXPECT_EQ(window(), 18);  // half of it rests
  EXPECT_EQ(controller_.snapshot().phase, "rtt_probe");
  run_round(200ms);  // of packets from before the rest
  EXPECT_EQ(window(), 36);
  run_round(200ms);  // still as long: this is the base, and all of the window fitted
  EXPECT_EQ(window(), 36);
  EXPECT_EQ(controller_.snapshot().phase, "congestion_avoidance");
  run_round(200ms);
  EXPECT_EQ(window(), 37);
  run_round(220ms);  // 37 * 20 / 220 = 3.4
  EXPECT_EQ(window(), 37);
}

TEST_F(VegasRoundsTest, GiveUpWhatWasAQueueOfTheirOwn) {
  for (int round = 1; round <= 16; ++round) run_round(200ms);
  run_round(200ms);
  EXPECT_EQ(window(), 36);
  run_round(100ms);  // gone with the rest: 36 * 100 / 200 had stood in the queue
  EXPECT_EQ(window(), 18);
  run_round(130ms);  // 18 * 30 / 130 = 4.2 by the same base
  EXPECT_EQ(window(), 17);
}

// Three datagrams in the queue are what Vegas wants, and hide a base that grew.
TEST_F(VegasRoundsTest, MeasureTheBaseAnewWhenTheQueueHasLongNotBeenEmpty) {
  for (int round = 2; round < 64; ++round) {  // one lies behind
    run_round(106ms);
    ASSERT_EQ(window(), 51) << round;
  }
  run_round(106ms);
  EXPECT_EQ(window(), 25.5);
  run_round(106ms);
  run_round(106ms);  // the path is 106 ms long
  EXPECT_EQ(window(), 51);
  run_round(106ms);
  EXPECT_EQ(window(), 52);
}

TEST_F(VegasRoundsTest, SlowStartAgainWhereSixteenInARowFindNextToNothingQueued) {
  for (int round = 2; round < 16; ++round) run_round(103ms);
  EXPECT_EQ(window(), 65);
  EXPECT_EQ(controller_.snapshot().phase, "congestion_avoidance");
  run_round(100ms);
  EXPECT_EQ(window(), 66);
  EXPECT_EQ(controller_.snapshot().phase, "slow_start");
  run_round(100ms);
  EXPECT_EQ(window(), 132);
  run_round(130ms);  // the burst of having doubled is not looked at
  EXPECT_EQ(window(), 132);
  run_round(120ms);  // 132 * 20 / 120 = 22 queued: what fits, and one datagram
  EXPECT_EQ(window(), 111);
  EXPECT_EQ(controller_.snapshot().phase, "congestion_avoidance");
}

// Brakmo and Peterson s3.3, with a round trip more for the pacer.
TEST(VegasTest, DoublesTheWindowInEveryThirdRoundOfSlowStart) {
  Vegas controller(CongestionConfig{});
  TimePoint now = at(0s);
  controller.on_ack(ack(now, ByteCount(0), now - 100ms));  // the first round trip begins
  for (std::int64_t size = 10; size <= 640; size *= 2) {
    for (int round = 0; round < 3; ++round) {
      const TimePoint start = now;
      now += 200ms;
      const std::int64_t acks = controller.congestion_window().value() / datagrams(2).value();
      for (std::int64_t i = 1; i <= acks; ++i) {
        AckEvent event = ack(now, datagrams(2), i < acks ? start : now - 100ms);
        event.rtt = rtt_of(100ms);
        controller.on_ack(event);
      }
      EXPECT_EQ(controller.congestion_window(), datagrams(2 * size)) << round;
    }
  }
}

// 10 Mbit/s in datagrams of 1200 B: two to four of them are 1.92 to 3.84 ms.
TEST(VegasTest, FillsAPathWithTwoToFourDatagramsInTheQueue) {
  for (const Duration rtt : {5ms, 40ms, 200ms}) {
    Vegas controller(CongestionConfig{});
    QueueClock path(controller, {.base_rtt = rtt});
    path.run_for(20s);
    const Duration queue = path.mean_queue_over(10s);
    EXPECT_GE(queue, 1920us) << rtt.count();
    EXPECT_LE(queue, 3840us) << rtt.count();
    EXPECT_GE(path.utilisation(10s), 0.99) << rtt.count();
  }
}

TEST(VegasTest, FindsAPathThatBecameLonger) {
  Vegas controller(CongestionConfig{});
  QueueClock path(controller, {.base_rtt = 20ms});
  path.run_for(10s);
  path.config().base_rtt = 100ms;
  path.run_for(15s);
  EXPECT_LE(path.mean_queue_over(10s), 4ms);
  EXPECT_GE(path.utilisation(10s), 0.99);
}

TEST(VegasTest, FollowsARateThatFellWithoutKeepingTheQueue) {
  Vegas controller(CongestionConfig{});
  QueueClock path(controller, {});
  path.run_for(5s);
  path.config().service_time = 9600us;  // 1 Mbit/s
  path.run_for(20s);
  EXPECT_LE(path.mean_queue_over(10s), 4 * 9600us);
  EXPECT_GE(path.utilisation(10s), 0.95);
}

TEST(VegasTest, SurvivesLateAcknowledgements) {
  Vegas controller(CongestionConfig{});
  QueueClock path(controller, {.jitter = 10ms});
  path.run_for(20s);
  (void)path.mean_queue_over(20s);
  EXPECT_GE(path.utilisation(20s), 0.5);
}

TEST(VegasTest, LearnsANewPathAfresh) {
  Vegas controller(CongestionConfig{});
  QueueClock path(controller, {.base_rtt = 10ms});
  path.run_for(5s);
  path.change_path(80ms);
  path.run_for(10s);
  EXPECT_LE(path.mean_queue_over(5s), 4ms);
  EXPECT_GE(path.utilisation(5s), 0.97);
}

}  // namespace
}  // namespace hawser
