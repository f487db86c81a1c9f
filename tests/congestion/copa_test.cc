#include "congestion/copa.h"

#include <vector>

#include <gtest/gtest.h>

#include "tests/congestion/queue_clock.h"

namespace hawser {
namespace {

using namespace std::chrono_literals;

/// Round trips with two hundred acknowledgements each, on a window that is always full and out of
/// slow start: 50 datagrams, with a base of 100 ms.
class CopaRoundsTest : public testing::Test {
 protected:
  CopaRoundsTest() {
    controller_.on_loss(loss(now_, now_, LossKind::ecn_ce));  // to 50
    now_ += 1s;
    acknowledge(100ms, kDatagram);
  }

  void acknowledge(Duration rtt, ByteCount bytes) {
    AckEvent event = ack(now_, bytes, now_ - rtt);
    event.rtt = {.latest = rtt, .smoothed = 100ms, .min = 100ms};
    event.context.is_app_limited = is_app_limited_;
    event.rate = {
        .is_valid = true, .rate = carried_, .prior_in_flight = controller_.congestion_window()};
    controller_.on_ack(event);
  }
  void run_round(Duration rtt) {
    constexpr int kAcks = 200;
    const ByteCount part = controller_.congestion_window() / kAcks;
    for (int i = 0; i < kAcks; ++i) {
      now_ += rtt / kAcks;
      acknowledge(rtt, part);
    }
  }
  void run_rounds(int count, Duration rtt) {
    for (int i = 0; i < count; ++i) run_round(rtt);
  }
  double window() const { return in_datagrams(controller_.congestion_window()); }

  Copa controller_{{.initial_window = datagrams(100)}};
  TimePoint now_ = at(0s);
  bool is_app_limited_ = false;
  Bandwidth carried_ = Bandwidth::from(datagrams(50), 100ms);
};

// NSDI 2018 s2.1: v / (delta cwnd) for each acknowledged packet, so 2 datagrams per round trip.
TEST_F(CopaRoundsTest, MovesByVelocityOverDeltaPerRoundTrip) {
  const double start = window();
  run_round(100ms);  // no queue: any rate is below the target
  EXPECT_NEAR(window(), start + 2, 0.1);
  run_rounds(2, 110ms);  // 52 / 110 ms > 1 / (0.5 * 10 ms), once the standing RTT shows it
  EXPECT_LT(window(), start + 2);
}

// The target: window / standing = 1 / (delta queueing). At 50 datagrams and 100 ms that is where
// 50 * 0.5 * queueing = 100 ms + queueing: 4.2 ms.
TEST_F(CopaRoundsTest, TurnsWhereTheRateIsTheTargetRate) {
  run_round(104ms);  // the standing round-trip time is still that of before
  const double below = window();
  run_round(104ms);
  EXPECT_GT(window(), below);
  run_round(106ms);
  const double above = window();
  run_round(106ms);
  EXPECT_LT(window(), above);
}

TEST_F(CopaRoundsTest, TakesTheSmallestRoundTripTimeOfHalfARoundTrip) {
  const double start = window();
  for (int i = 0; i < 50; ++i) {  // late acknowledgements between punctual ones
    now_ += 2ms;
    acknowledge(i % 10 == 0 ? 100ms : 150ms, datagrams(1));
  }
  EXPECT_NEAR(window(), start + 2, 0.1);
}

// s2.1: doubled from the third round trip in one direction on.
TEST_F(CopaRoundsTest, DoublesTheVelocityWhileTheDirectionStays) {
  std::vector<double> gains;
  for (int round = 0; round < 8; ++round) {
    const double before = window();
    run_round(100ms);
    gains.push_back(window() - before);
  }
  EXPECT_NEAR(gains[0], 2, 0.1);
  EXPECT_NEAR(gains[3], 2, 0.1);
  EXPECT_NEAR(gains[4], 4, 0.2);
  EXPECT_NEAR(gains[5], 6, 0.4);  // an eighth of the window: three times 2
  EXPECT_LE(gains[6], window() / 8);
}

TEST_F(CopaRoundsTest, GoesBackToWhatThePathCarriesOnATurnAtSpeed) {
  run_rounds(8, 100ms);
  EXPECT_GT(window(), 75);
  carried_ = Bandwidth::from(datagrams(50), 100ms);  // 70 in 140 ms
  run_round(140ms);
  EXPECT_LE(window(), 70);
  EXPECT_GE(window(), 67);  // and on from there with the velocity of 1
}

// A sample may be of a packet that came late, and the rate of another.
TEST_F(CopaRoundsTest, ATurnOnALateSampleGoesBackToWhatWasUnderWay) {
  run_rounds(8, 100ms);
  EXPECT_GT(window(), 75);
  now_ += 200ms;
  AckEvent event = ack(now_, kDatagram, now_ - 5s);
  event.rtt = {.latest = 5s, .smoothed = 100ms, .min = 100ms};
  event.rate = {.is_valid = true, .rate = carried_, .prior_in_flight = datagrams(60)};
  controller_.on_ack(event);
  EXPECT_EQ(controller_.snapshot().congestion_window, datagrams(60));
}

TEST_F(CopaRoundsTest, AHalvedWindowAllowsNoStretchOfBefore) {
  now_ += 100ms;
  acknowledge(100ms, datagrams(30));
  EXPECT_GT(window(), 60);
  controller_.on_loss(loss(now_, now_ - 10ms, LossKind::ecn_ce));
  EXPECT_EQ(controller_.congestion_window(), controller_.snapshot().ssthresh);
}

TEST_F(CopaRoundsTest, ChangesNothingWhileTheApplicationIsTheLimit) {
  const double start = window();
  is_app_limited_ = true;
  run_rounds(20, 100ms);
  run_rounds(20, 300ms);
  EXPECT_EQ(window(), start);
}

TEST_F(CopaRoundsTest, MeasuresTheBaseAnewWhenTheQueueHasLongNotBeenEmpty) {
  run_rounds(60, 180ms);  // a path that became longer: to next to nothing
  EXPECT_LE(window(), 6);
  int rounds = 60;
  while (controller_.snapshot().phase != "rtt_probe" && rounds < 80) {
    run_round(180ms);
    ++rounds;
  }
  EXPECT_NEAR(rounds, 65, 2);
  run_rounds(3, 180ms);  // rest and measure
  EXPECT_EQ(controller_.snapshot().phase, "congestion_avoidance");
  const double start = window();
  run_rounds(10, 180ms);
  EXPECT_GT(window(), start + 10);
}

// One lost packet in fifty, and eight at a time, are no sign of congestion.
TEST_F(CopaRoundsTest, ToleratesFewLosses) {
  run_rounds(20, 100ms);
  const std::vector<LostPacket> eight(
      8, {.number = PacketNumber(0), .bytes = kDatagram, .sent_time = now_});
  LossEvent event = loss(now_, now_ - 10ms);
  event.packets = eight;
  const double before = window();
  controller_.on_loss(event);
  EXPECT_EQ(window(), before);
  event.packets = event.packets.first(1);
  controller_.on_loss(event);
  EXPECT_NEAR(window(), before / 2, 0.001);
  controller_.on_loss(event);  // of the same round trip
  EXPECT_NEAR(window(), before / 2, 0.001);
}

TEST_F(CopaRoundsTest, DoesNotTakeBackAReductionWhenToleratedLossesAreDisproved) {
  const std::vector<LostPacket> many(
      20, {.number = PacketNumber(0), .bytes = kDatagram, .sent_time = now_});
  LossEvent event = loss(now_, now_);
  event.packets = many;
  controller_.on_loss(event);
  const double reduced = window();
  now_ += 1s;
  run_rounds(10, 100ms);
  event = loss(now_, now_ - 10ms);
  event.packets = std::span(many).first(1);
  controller_.on_loss(event);
  const double before = window();
  controller_.on_spurious_loss(spurious(true));
  EXPECT_EQ(window(), before);
  EXPECT_GT(before, reduced);
}

// NSDI 2018 s2.1: doubles until the rate exceeds the target.
TEST(CopaTest, DoublesTheWindowEachRoundInSlowStart) {
  Copa controller(CongestionConfig{});
  AckClock path(controller, {});
  for (std::int64_t expected = 10; expected <= 20480; expected *= 2) {
    EXPECT_EQ(controller.congestion_window(), datagrams(expected));
    path.run_round();
  }
}

struct CopaRow {
  std::int64_t delta_percent;
  Duration rtt;
  Duration queue;
};

// 10 Mbit/s: a datagram takes 960 us. Around 1 / delta of them wait, a quarter more on average (the
// paper's s3: the queue swings between none and 2.5 / delta).
TEST(CopaTest, KeepsOneOverDeltaDatagramsInTheQueue) {
  const std::vector<CopaRow> rows = {
      {50, 40ms, 1920us}, {50, 200ms, 1920us}, {5, 40ms, 19'200us}, {5, 100ms, 19'200us}};
  for (const CopaRow& row : rows) {
    Copa controller({.copa_delta_percent = row.delta_percent});
    QueueClock path(controller, {.base_rtt = row.rtt});
    path.run_for(20s);
    const Duration queue = path.mean_queue_over(60s);
    EXPECT_GE(queue, row.queue * 3 / 4) << row.delta_percent << " % " << row.rtt.count();
    EXPECT_LE(queue, row.queue * 3 / 2) << row.delta_percent << " % " << row.rtt.count();
    EXPECT_GE(path.utilisation(60s), 0.98) << row.delta_percent << " % " << row.rtt.count();
  }
}

TEST(CopaTest, FindsAPathThatBecameLonger) {
  Copa controller(CongestionConfig{});
  QueueClock path(controller, {.base_rtt = 20ms});
  path.run_for(10s);
  path.config().base_rtt = 100ms;
  path.run_for(20s);
  EXPECT_LE(path.mean_queue_over(10s), 4ms);
  EXPECT_GE(path.utilisation(10s), 0.98);
}

TEST(CopaTest, FollowsARateThatFellOrRose) {
  Copa controller(CongestionConfig{});
  QueueClock path(controller, {});
  path.run_for(5s);
  for (const Duration service_time : {9600us, 240us, 960us}) {  // 1, 40, 10 Mbit/s
    path.config().service_time = service_time;
    path.run_for(15s);
    EXPECT_LE(path.mean_queue_over(10s), 4 * service_time);
    EXPECT_GE(path.utilisation(10s), 0.95);
  }
}

TEST(CopaTest, SurvivesLateAcknowledgements) {
  Copa controller(CongestionConfig{});
  QueueClock path(controller, {.jitter = 10ms});
  path.run_for(20s);
  (void)path.mean_queue_over(20s);
  EXPECT_GE(path.utilisation(20s), 0.4);
}

// Eight packets are less than 1 / delta: losses are all that tells of the queue.
TEST(CopaTest, IsHeldByAQueueThatIsTooShortForIt) {
  Copa controller({.copa_delta_percent = 5});
  QueueClock path(controller, {.queue_packets = 8});
  for (int i = 0; i < 300; ++i) {
    path.run_for(100ms);
    ASSERT_LE(controller.congestion_window(), datagrams(110)) << i;
  }
  (void)path.mean_queue_over(20s);
  EXPECT_GE(path.utilisation(20s), 0.5);
}

TEST(CopaTest, LearnsANewPathAfresh) {
  Copa controller(CongestionConfig{});
  QueueClock path(controller, {.base_rtt = 10ms});
  path.run_for(5s);
  path.change_path(80ms);
  path.run_for(10s);
  EXPECT_LE(path.mean_queue_over(5s), 4ms);
  EXPECT_GE(path.utilisation(5s), 0.98);
}

}  // namespace
}  // namespace hawser
