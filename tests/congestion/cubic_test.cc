#include "congestion/cubic.h"

#include <map>
#include <vector>

#include <gtest/gtest.h>

#include "tests/congestion/ack_clock.h"

namespace hawser {
namespace {

using namespace std::chrono_literals;

double window_of(const Cubic& controller) { return in_datagrams(controller.congestion_window()); }

/// The curve of RFC 9438 s4.2 after a loss at `plateau` datagrams, in datagrams.
double curve_at(double plateau, Duration t) {
  const double cut = plateau * 0.7;
  const CubicCurve curve({.start = ByteCount(static_cast<std::int64_t>(cut * 1200)),
                          .plateau = ByteCount(static_cast<std::int64_t>(plateau * 1200)),
                          .datagram_size = kDatagram});
  return in_datagrams(curve.window(t));
}

// RFC 9002 s7.3.1. So 10 Mbit/s and 30 ms (31 datagrams) are full after two rounds, 100 Mbit/s and
// 60 ms (625) after six, 1 Gbit/s and 100 ms (10,417) after eleven.
TEST(CubicTest, DoublesTheWindowEachRoundInSlowStart) {
  Cubic controller(without_prr({}));
  AckClock path(controller, {});
  for (std::int64_t expected = 10; expected <= 20480; expected *= 2) {
    EXPECT_EQ(controller.congestion_window(), datagrams(expected));
    path.run_round();
  }
}

// RFC 9438 s4.6.
TEST(CubicTest, KeepsSevenTenthsOfTheWindowBeforeTheLoss) {
  Cubic controller(without_prr({.initial_window = datagrams(100)}));
  controller.on_loss(loss(at(100ms), at(10ms)));
  EXPECT_EQ(controller.congestion_window(), datagrams(70));
  EXPECT_EQ(controller.snapshot().ssthresh, datagrams(70));
  EXPECT_EQ(controller.snapshot().phase, "recovery");
  // From the window, not from W_max: 0.7 * 70.
  controller.on_loss(loss(at(300ms), at(200ms)));
  EXPECT_EQ(controller.congestion_window(), datagrams(49));
}

TEST(CubicTest, ReducesOncePerRound) {
  Cubic controller(without_prr({.initial_window = datagrams(100)}));
  controller.on_loss(loss(at(100ms), at(10ms)));
  controller.on_loss(loss(at(110ms), at(90ms)));
  controller.on_loss(loss(at(120ms), at(100ms), LossKind::ecn_ce));
  EXPECT_EQ(controller.congestion_window(), datagrams(70));
}

TEST(CubicTest, DoesNotGrowInRecovery) {
  Cubic controller(without_prr({.initial_window = datagrams(100)}));
  AckClock path(controller, {});
  path.advance(100ms);
  path.lose_packet();
  path.ack_packets(70);
  EXPECT_EQ(controller.congestion_window(), datagrams(70));
  path.ack_packets(70);
  EXPECT_GT(controller.congestion_window(), datagrams(70));
}

// RFC 9438 s4.2: per round trip the window reaches where the curve will be one round trip on.
TEST(CubicTest, FollowsTheCurveBackToWhereItWasAndBeyond) {
  Cubic controller(without_prr({.initial_window = datagrams(1000)}));
  AckClock path(controller, {.rtt = 100ms, .is_feedback_instant = true});
  path.lose_packet();
  path.ack_packet();  // the stage begins: t = 0
  const TimePoint start = path.now();
  for (const Duration t : std::vector<Duration>{100ms, 500ms, 1s, 2s, 5s, 9s, 10s, 15s, 20s}) {
    while (path.now() < start + t) path.ack_packet();
    EXPECT_GE(window_of(controller), curve_at(1000, t) - 0.5) << t.count();
    EXPECT_LE(window_of(controller), curve_at(1000, t + 100ms) + 0.5) << t.count();
  }
}

// A trace of s2n-quic: datagrams of 1200 B, RTT 200 ms, one loss once the window has reached 3 MB.
// Any CUBIC (RFC 9438 s4.2) lies between the curve and the curve one round trip later.
TEST(CubicTest, LiesOnTheCurveRoundByRoundAfterSlowStart) {
  const std::map<int, double> trace = {{10, 1815}, {20, 2116},  {30, 2327},  {40, 2457}, {60, 2554},
                                       {76, 2560}, {100, 2632}, {120, 2920}, {134, 3333}};
  Cubic controller(without_prr({}));
  AckClock path(controller, {.rtt = 200ms});
  for (int round = 0; round <= 134; ++round) {
    if (round == 8) {
      EXPECT_EQ(controller.congestion_window(), datagrams(2560));
      path.lose_packet();
    } else {
      path.run_round();
    }
    if (round >= 10) {
      EXPECT_GE(window_of(controller), curve_at(2560, (round - 10) * 200ms) - 2) << round;
      EXPECT_LE(window_of(controller), curve_at(2560, (round - 9) * 200ms) + 2) << round;
    }
    const auto traced = trace.find(round);
    if (traced == trace.end()) continue;
    EXPECT_NEAR(window_of(controller), traced->second, 0.01 * traced->second) << round;
  }
}

// RFC 9438 s4.7: W_max 100, a loss at 80, so W_max 68, which the curve reaches after 3.107 s.
TEST(CubicTest, LevelsOutAtSixtyEightAfterLossesAtAHundredAndEighty) {
  Cubic controller(without_prr({.initial_window = datagrams(100)}));
  AckClock path(controller, {.rtt = 500ms, .is_feedback_instant = true});
  path.lose_packet();
  while (controller.congestion_window() < datagrams(80)) path.ack_packet();
  path.lose_packet();
  EXPECT_NEAR(window_of(controller), 56, 0.1);
  path.ack_packet();
  const TimePoint plateau = path.now() + 3'107'230us;
  while (path.now() < plateau) path.ack_packet();
  EXPECT_NEAR(window_of(controller), 68, 0.5);
}

// RFC 9438 s4.7: a loss below the last W_max lowers it to 0.85 of the window.
TEST(CubicTest, LevelsOutLowerWithFastConvergence) {
  for (const bool fast_convergence : {true, false}) {
    Cubic controller(
        without_prr({.initial_window = datagrams(1000), .fast_convergence = fast_convergence}));
    AckClock path(controller, {.rtt = 200ms, .is_feedback_instant = true});
    path.lose_packet();
    while (controller.congestion_window() < datagrams(800)) path.ack_packet();
    path.lose_packet();
    EXPECT_NEAR(window_of(controller), 560, 1);
    path.ack_packet();
    const double plateau = fast_convergence ? 680 : 800;
    const TimePoint reached =
        path.now() + CubicCurve({.start = datagrams(560),
                                 .plateau = ByteCount(static_cast<std::int64_t>(plateau) * 1200),
                                 .datagram_size = kDatagram})
                         .time_to_plateau();
    while (path.now() < reached) path.ack_packet();
    EXPECT_NEAR(window_of(controller), plateau, 1);
  }
}

TEST(CubicTest, KeepsWMaxWhenTheWindowHadGrownBeyondIt) {
  Cubic controller(without_prr({.initial_window = datagrams(1000)}));
  AckClock path(controller, {.rtt = 200ms, .is_feedback_instant = true});
  path.lose_packet();
  while (controller.congestion_window() < datagrams(1100)) path.ack_packet();
  path.lose_packet();
  path.ack_packet();
  const TimePoint start = path.now();
  while (path.now() < start + 9s) path.ack_packet();
  EXPECT_NEAR(window_of(controller), curve_at(1100, 9s), 1);
}

// RFC 9438 s4.2: the target is at most 1.5 windows, whatever the curve asks for.
TEST(CubicTest, GrowsByHalfAWindowPerRoundAtMost) {
  Cubic controller(without_prr({.initial_window = datagrams(100)}));
  AckClock path(controller, {.rtt = 100ms, .is_feedback_instant = true});
  path.lose_packet();
  path.ack_packet();
  path.advance(60s);  // packets were in flight all the time
  const double before = window_of(controller);
  path.ack_packets(20);
  EXPECT_GT(window_of(controller), before + 9);
  EXPECT_LE(window_of(controller), before + 10);
}

// RFC 9438 s4.3: alpha is 9/17 up to the window before the loss, then 1. At 1 ms the cubic curve
// plays no part.
TEST(CubicTest, GrowsAsRenoOnShortPaths) {
  Cubic controller(without_prr({.initial_window = datagrams(20)}));
  AckClock path(controller, {.rtt = 1ms, .is_feedback_instant = true});
  path.lose_packet();
  EXPECT_EQ(controller.congestion_window(), datagrams(14));
  path.run_rounds(10);
  EXPECT_NEAR(window_of(controller), 14 + 10 * 9.0 / 17, 0.25);
  while (controller.congestion_window() < datagrams(20)) path.ack_packet();
  path.run_rounds(10);
  EXPECT_NEAR(window_of(controller), 30, 0.5);
}

TEST(CubicTest, TakesTheLargerOfTheCurveAndTheRenoWindow) {
  Cubic controller(without_prr({.initial_window = datagrams(200)}));
  AckClock path(controller, {.rtt = 100ms, .is_feedback_instant = true});
  path.lose_packet();
  path.ack_packet();
  const TimePoint start = path.now();
  for (int round = 0; round < 200; ++round) {
    path.run_round();
    EXPECT_GE(window_of(controller) + 0.5, curve_at(200, path.now() - start)) << round;
    EXPECT_GE(window_of(controller) + 1, std::min(140 + round * 9.0 / 17, 200.0)) << round;
  }
}

// RFC 9438 s4.2 and s5.8: neither the window nor t moves while the application is the limit.
TEST(CubicTest, StandsStillWhileTheApplicationIsTheLimit) {
  Cubic controller(without_prr({.initial_window = datagrams(640)}));
  AckClock full(controller, {.rtt = 200ms, .is_feedback_instant = true});
  full.lose_packet();
  full.run_rounds(10);
  const ByteCount before = controller.congestion_window();

  AckClock limited(controller, {.rtt = 200ms, .application_limit = datagrams(400)});
  limited.advance(full.now() - limited.now());
  limited.run_rounds(500);  // 100 s
  EXPECT_EQ(controller.congestion_window(), before);

  // The curve goes on where it stopped.
  full.advance(limited.now() - full.now());
  full.run_round();
  EXPECT_LT(controller.congestion_window(), before + datagrams(20));
}

TEST(CubicTest, StopsGrowingWhereTheApplicationBecomesTheLimit) {
  // 1 MB in a round trip are 833 datagrams; a loss at 640.
  Cubic controller(without_prr({.initial_window = datagrams(640)}));
  AckClock path(
      controller,
      {.rtt = 200ms, .is_feedback_instant = true, .application_limit = ByteCount(1'000'000)});
  path.lose_packet();
  EXPECT_EQ(controller.congestion_window(), datagrams(448));
  path.run_rounds(120);
  EXPECT_NEAR(window_of(controller), 833.5, 0.5);
}

/// CUBIC with all that is on by default, and so many datagrams in flight.
class DefaultCubicTest : public testing::Test {
 protected:
  void lose_one(TimePoint now, TimePoint sent_time) {
    LossEvent event = loss(now, sent_time);
    event.prior_in_flight = datagrams(in_flight_--);
    event.context.bytes_in_flight = datagrams(in_flight_);
    controller_.on_loss(event);
  }
  void ack_one(TimePoint now, TimePoint sent_time, bool is_app_limited = false) {
    AckEvent event = ack(now, kDatagram, sent_time);
    event.context.bytes_in_flight = datagrams(--in_flight_);
    event.context.is_app_limited = is_app_limited;
    controller_.on_ack(event);
  }
  std::int64_t send_allowed(TimePoint now) {
    std::int64_t sent = 0;
    for (; datagrams(in_flight_ + 1) <= controller_.congestion_window(); ++sent) {
      ++in_flight_;
      controller_.on_sent(
          {.context = {.now = now, .bytes_in_flight = datagrams(in_flight_)}, .bytes = kDatagram});
    }
    return sent;
  }
  void run_slow_start_round(Duration rtt) {
    now_ += 1s;
    for (in_flight_ = controller_.congestion_window().value() / kDatagram.value();
         in_flight_ > 1;) {
      now_ += 1us;
      ack_one(now_, now_ - rtt);
    }
  }

  Cubic controller_{CongestionConfig{}};
  std::int64_t in_flight_ = 10;
  TimePoint now_ = at(0s);
};

// Linux's packet test prr-ss-10pkt-lost-1 (RFC 6937 s3.1 with CUBIC): 10 sent, the first lost,
// which the third acknowledgement of the others finds. One leaves for each, and 7 are the window at
// the end.
TEST_F(DefaultCubicTest, SendsOneForOneAfterALossAndLeavesRecoveryWithSevenTenths) {
  ack_one(at(100ms), at(1ms), true);  // nothing new was to be sent yet
  ack_one(at(100ms), at(2ms), true);
  lose_one(at(100ms), at(0ms));
  ack_one(at(100ms), at(3ms));
  EXPECT_EQ(controller_.snapshot().ssthresh, datagrams(7));
  EXPECT_EQ(controller_.congestion_window(), datagrams(7));
  EXPECT_EQ(send_allowed(at(100ms)), 1);  // the retransmission
  for (int i = 4; i <= 9; ++i) {
    ack_one(at(100ms + i * 1ms), at(i * 1ms));
    EXPECT_EQ(send_allowed(at(100ms + i * 1ms)), 1) << i;
    EXPECT_EQ(controller_.snapshot().phase, "recovery");
  }
  ack_one(at(201ms), at(101ms), true);
  EXPECT_EQ(controller_.snapshot().phase, "congestion_avoidance");
  EXPECT_EQ(controller_.congestion_window(), datagrams(7));
  EXPECT_EQ(send_allowed(at(201ms)), 1);
}

// The same with four of the ten lost and an application that waits for the end of it.
TEST_F(DefaultCubicTest, LetsSevenTenthsLeaveAtOnceAfterARecovery) {
  for (int i = 0; i < 4; ++i) lose_one(at(100ms), at(i * 1ms));
  for (int i = 4; i < 10; ++i) ack_one(at(100ms + i * 1ms), at(i * 1ms));
  EXPECT_EQ(send_allowed(at(1s)), 7);
}

// RFC 9438 s4.9.2: everything of before the reduction, and of HyStart++ as well.
TEST_F(DefaultCubicTest, GoesOnInConservativeSlowStartWhenALossThereIsDisproved) {
  run_slow_start_round(60ms);
  run_slow_start_round(80ms);
  ASSERT_EQ(controller_.snapshot().phase, "conservative_slow_start");
  const ByteCount before = controller_.congestion_window();
  in_flight_ = 20;
  lose_one(now_, now_ - 80ms);
  EXPECT_EQ(controller_.congestion_window(), datagrams(20));  // 19 in flight, one may follow
  EXPECT_LT(controller_.snapshot().ssthresh, before);
  controller_.on_spurious_loss(spurious(true));
  EXPECT_EQ(controller_.congestion_window(), before);
  EXPECT_EQ(controller_.snapshot().ssthresh, ByteCount::max());
  EXPECT_EQ(controller_.snapshot().phase, "conservative_slow_start");
}

// RFC 9438 s4.10: CUBIC leaves HyStart++ without a loss with K = 0 and W_max = the window.
TEST_F(DefaultCubicTest, GrowsFromItsPlateauWhereHyStartEndsSlowStart) {
  run_slow_start_round(60ms);
  for (int round = 0; round < 6; ++round) run_slow_start_round(80ms);
  ASSERT_EQ(controller_.snapshot().phase, "congestion_avoidance");
  const double plateau = window_of(controller_);
  EXPECT_NEAR(in_datagrams(controller_.snapshot().ssthresh), plateau, 1);
  AckClock path(controller_, {.rtt = 80ms});
  path.advance(now_ - path.now());
  path.ack_packet();
  const TimePoint start = path.now();
  while (path.now() < start + 10s) path.ack_packet();
  EXPECT_GE(window_of(controller_), plateau + 0.4 * 10 * 10 * 10 - 1);
  EXPECT_LE(window_of(controller_), plateau + 0.4 * 10.1 * 10.1 * 10.1 + 2);
}

/// A CUBIC that has just reached ssthresh = 48 datagrams in slow start without a loss, on a path of
/// 100 ms: persistent congestion at a window of 82,286 B left 0.7 of it as ssthresh.
class CubicAfterSlowStartTest : public testing::Test {
 protected:
  CubicAfterSlowStartTest() {
    controller_.on_loss(loss(at(0s), at(-1s), LossKind::persistent));
    path_.advance(1s);
    path_.ack_packets(46);
  }

  /// Acknowledges `count` packets, two each 100 ms, which fill the window as far as it matters.
  void ack_two_per_round(int count) {
    for (int i = 0; i < count; ++i) {
      if (i % 2 == 0) now_ += 100ms;
      AckEvent event = ack(now_, kDatagram, now_ - 100ms);
      event.context.bytes_in_flight = datagrams(40);
      event.rtt = rtt_of(100ms);
      controller_.on_ack(event);
    }
  }

  Cubic controller_{without_prr({.initial_window = ByteCount(82'286), .window_min = datagrams(2)})};
  AckClock path_{controller_, {.rtt = 100ms}};
  TimePoint now_ = at(10s);
};

// RFC 9438 s4.8, s4.10: K = 0 and W_max = the window at the start of congestion avoidance.
TEST_F(CubicAfterSlowStartTest, GrowsFromThePlateau) {
  EXPECT_EQ(controller_.congestion_window(), datagrams(48));
  EXPECT_EQ(controller_.snapshot().phase, "congestion_avoidance");
  path_.ack_packet();
  const TimePoint start = path_.now();
  while (path_.now() < start + 5s) path_.ack_packet();
  EXPECT_GE(window_of(controller_), 48 + 0.4 * 5 * 5 * 5);
  EXPECT_LE(window_of(controller_), 48 + 0.4 * 5.1 * 5.1 * 5.1 + 0.5);
}

// RFC 9438 s5.8, and Linux's own packet test of it. With the idle time on its clock the window
// would stand at 58 after 20 packets and at 68 after 40.
TEST_F(CubicAfterSlowStartTest, IsNotMovedByAnIdleTime) {
  path_.ack_packet();
  now_ = path_.now() + 4s;
  controller_.on_sent({.context = {.now = now_, .bytes_in_flight = kDatagram}, .bytes = kDatagram});
  ack_two_per_round(20);
  EXPECT_NEAR(window_of(controller_), 48.2, 0.1);
  ack_two_per_round(20);
  EXPECT_NEAR(window_of(controller_), 48.85, 0.1);
}

TEST_F(CubicAfterSlowStartTest, GrowsTheSameWithoutAnIdleTime) {
  path_.ack_packet();
  now_ = path_.now();
  ack_two_per_round(20);
  EXPECT_NEAR(window_of(controller_), 48.2, 0.1);
  ack_two_per_round(20);
  EXPECT_NEAR(window_of(controller_), 48.85, 0.1);
}

// An established window, an outage, and slow start back to 0.7 of what was there.
TEST(CubicTest, CollapsesOnPersistentCongestionAndSlowStartsToSsthresh) {
  Cubic controller(without_prr({.initial_window = datagrams(10)}));
  controller.on_loss(loss(at(3s), at(0s), LossKind::persistent));
  EXPECT_EQ(controller.congestion_window(), datagrams(4));
  EXPECT_EQ(controller.snapshot().ssthresh, datagrams(7));
  AckClock path(controller, {.rtt = 100ms});
  path.advance(4s);
  path.ack_packets(3);
  EXPECT_EQ(controller.congestion_window(), datagrams(7));
  // At the plateau of the new curve: about one datagram for 7 * 17/9 acknowledged.
  path.ack_packets(14);
  EXPECT_NEAR(window_of(controller), 8, 0.25);
}

TEST(CubicTest, ForgetsWMaxAfterPersistentCongestion) {
  Cubic controller(without_prr({.initial_window = datagrams(1000)}));
  controller.on_loss(loss(at(1s), at(900ms)));
  controller.on_ack(ack(at(1100ms), ByteCount(1), at(1001ms)));  // a curve towards 1000 begins
  controller.on_loss(loss(at(4s), at(950ms), LossKind::persistent));
  EXPECT_EQ(controller.snapshot().ssthresh, datagrams(700));  // not lowered again
  AckClock path(controller, {.rtt = 200ms, .is_feedback_instant = true});
  path.advance(5s);
  path.ack_packets(696);
  EXPECT_EQ(controller.congestion_window(), datagrams(700));
  path.ack_packet();
  const TimePoint start = path.now();
  while (path.now() < start + 3s) path.ack_packet();
  // A curve towards 1000 would be at 920 by now; this one has left its plateau by 0.4 * 3^3.
  EXPECT_NEAR(window_of(controller), 712, 2);
}

// RFC 9438 s4.9.2.
TEST(CubicTest, GoesOnAfterASpuriousLossAsIfItHadNotHappened) {
  Cubic disturbed(without_prr({.initial_window = datagrams(1000)}));
  Cubic undisturbed(without_prr({.initial_window = datagrams(1000)}));
  AckClock path(disturbed, {.rtt = 100ms});
  AckClock reference(undisturbed, {.rtt = 100ms});
  for (AckClock* clock : {&path, &reference}) {
    clock->lose_packet();
    clock->run_rounds(30);
  }
  disturbed.on_loss(loss(path.now(), path.now() - 50ms));
  EXPECT_LT(disturbed.congestion_window(), undisturbed.congestion_window());
  disturbed.on_spurious_loss(spurious(true));
  for (int round = 0; round < 100; ++round) {
    ASSERT_EQ(disturbed.congestion_window(), undisturbed.congestion_window());
    ASSERT_EQ(disturbed.snapshot().ssthresh, undisturbed.snapshot().ssthresh);
    path.run_round();
    reference.run_round();
  }
}

// RFC 9438 s4.9.2 restores the start of the stage: the time under suspicion counts on the curve.
TEST(CubicTest, IsBackOnItsCurveOnceALossIsDisproved) {
  Cubic controller(without_prr({.initial_window = datagrams(1000)}));
  AckClock path(controller, {.rtt = 100ms, .is_feedback_instant = true});
  path.lose_packet();
  path.ack_packet();
  const TimePoint start = path.now();
  path.run_rounds(20);
  const ByteCount before = controller.congestion_window();
  controller.on_loss(loss(path.now(), path.now()));
  path.run_rounds(5);
  controller.on_spurious_loss(spurious(false));
  EXPECT_LT(controller.congestion_window(), before);
  controller.on_spurious_loss(spurious(true));
  EXPECT_EQ(controller.congestion_window(), before);
  path.run_rounds(10);
  const Duration t = path.now() - start;
  EXPECT_GE(window_of(controller), curve_at(1000, t) - 2);
  EXPECT_LE(window_of(controller), curve_at(1000, t + 100ms) + 1);
}

TEST(CubicTest, KeepsAWindowThatOutgrewTheOneBeforeTheSpuriousLoss) {
  Cubic controller(without_prr({.initial_window = datagrams(10)}));
  AckClock path(controller, {.is_feedback_instant = true});
  path.lose_packet();
  path.run_rounds(50);
  const ByteCount outgrown = controller.congestion_window();
  EXPECT_GT(outgrown, datagrams(10));
  controller.on_spurious_loss(spurious(true));
  EXPECT_EQ(controller.congestion_window(), outgrown);
}

TEST(CubicTest, UndoesAReductionOnce) {
  Cubic controller(without_prr({.initial_window = datagrams(100)}));
  controller.on_loss(loss(at(100ms), at(10ms)));
  controller.on_spurious_loss(spurious(true));
  EXPECT_EQ(controller.congestion_window(), datagrams(100));
  controller.on_loss(loss(at(200ms), at(150ms), LossKind::ecn_ce));
  controller.on_spurious_loss(spurious(true));
  EXPECT_EQ(controller.congestion_window(), datagrams(70));
}

TEST(CubicTest, DoesNotUndoAReductionThatAMarkConfirmed) {
  Cubic controller(without_prr({.initial_window = datagrams(100)}));
  controller.on_loss(loss(at(100ms), at(10ms)));
  controller.on_loss(loss(at(110ms), at(20ms), LossKind::ecn_ce));
  controller.on_spurious_loss(spurious(true));
  EXPECT_EQ(controller.congestion_window(), datagrams(70));
}

// Path MTU discovery succeeds in the first round trip, in which a packet may be overtaken.
TEST(CubicTest, UndoesAReductionAfterTheDatagramSizeChanged) {
  Cubic controller(without_prr({}));
  controller.on_loss(loss(at(100ms), at(10ms)));
  EXPECT_EQ(controller.congestion_window(), datagrams(7));
  controller.on_path_change(new_datagram_size(ByteCount(1472)));
  controller.on_spurious_loss(spurious(true));
  EXPECT_EQ(controller.congestion_window(), ByteCount(14'720));
  EXPECT_EQ(controller.snapshot().phase, "slow_start");
}

TEST(CubicTest, StartsAfreshOnANewPath) {
  Cubic controller(without_prr({.initial_window = datagrams(10)}));
  controller.on_ack(ack(at(50ms), datagrams(10), at(0s)));
  controller.on_loss(loss(at(100ms), at(10ms)));
  controller.on_path_change(new_path(at(1s), ByteCount(1472)));
  EXPECT_EQ(controller.congestion_window(), datagrams(10));  // as configured
  EXPECT_EQ(controller.snapshot().phase, "slow_start");
  controller.on_spurious_loss(spurious(true));  // of the old path
  EXPECT_EQ(controller.congestion_window(), datagrams(10));
  controller.on_loss(loss(at(1100ms), at(900ms)));  // sent on the old path
  EXPECT_EQ(controller.congestion_window(), datagrams(10));
}

TEST(CubicTest, DrawsANewCurveFromWhereItIsWhenTheDatagramSizeChanges) {
  Cubic controller(without_prr({.initial_window = datagrams(1000)}));
  AckClock path(controller, {.rtt = 200ms, .is_feedback_instant = true});
  path.lose_packet();
  path.run_rounds(10);
  const ByteCount before = controller.congestion_window();
  controller.on_path_change(new_datagram_size(ByteCount(9000)));
  EXPECT_EQ(controller.congestion_window(), before);
  path.ack_packet();
  const TimePoint start = path.now();
  while (path.now() < start + 2s) path.ack_packet();
  const CubicCurve curve(
      {.start = before, .plateau = datagrams(1000), .datagram_size = ByteCount(9000)});
  EXPECT_GE(controller.congestion_window(), curve.window(2s) - datagrams(1));
  EXPECT_LE(controller.congestion_window(), curve.window(2200ms) + datagrams(1));
}

// RFC 9438 s4.2: the target is at least the window. It lies one round trip ahead on the curve, so
// that a shorter round trip puts it below a window that has already been there.
TEST(CubicTest, DoesNotShrinkWhenTheRoundTripTimeFalls) {
  Cubic controller(without_prr({.initial_window = datagrams(1000)}));
  controller.on_loss(loss(at(0s), at(0s)));
  controller.on_ack(ack(at(1s), kDatagram, at(1ms)));
  AckEvent whole_window = ack(at(2s), datagrams(700), at(1s));
  whole_window.rtt = rtt_of(1s);
  controller.on_ack(whole_window);
  const ByteCount reached = controller.congestion_window();
  EXPECT_GT(reached, datagrams(850));
  AckEvent next = ack(at(2010ms), kDatagram, at(2s));
  next.rtt = rtt_of(10ms);
  controller.on_ack(next);
  EXPECT_EQ(controller.congestion_window(), reached);
}

TEST(CubicTest, StaysBetweenItsBounds) {
  Cubic controller(without_prr({.window_min = datagrams(4), .window_max = datagrams(50)}));
  AckClock path(controller, {.rtt = 10ms, .is_feedback_instant = true});
  path.run_rounds(10);
  EXPECT_EQ(controller.congestion_window(), datagrams(50));
  for (int i = 0; i < 20; ++i) path.lose_packet();
  EXPECT_EQ(controller.congestion_window(), datagrams(4));
  path.run_rounds(2000);
  EXPECT_EQ(controller.congestion_window(), datagrams(50));
}

// The share of a path without a buffer that is used: (3 + beta) / 4 on the curve, (1 + beta) / 2 in
// the Reno-friendly region.
TEST(CubicTest, UsesTheShareOfAPathThatItsSawtoothLeaves) {
  struct Case {
    Duration rtt;
    std::int64_t window;
    double share;
  };
  for (const Case& path_case : {Case{200ms, 2000, 0.925}, Case{1ms, 100, 0.85}}) {
    Cubic controller(
        without_prr({.initial_window = datagrams(path_case.window), .fast_convergence = false}));
    AckClock path(controller, {.rtt = path_case.rtt, .is_feedback_instant = true});
    for (int i = 0; i < 10; ++i) {
      if (i == 5) path.start_measuring();
      path.lose_packet();
      while (controller.congestion_window() < datagrams(path_case.window)) path.ack_packet();
    }
    const auto window = static_cast<double>(path_case.window);
    EXPECT_NEAR(path.mean_window() / window, path_case.share, 0.01) << window;
  }
}

// The window in bytes at the start of each round: the same on every platform and optimisation.
TEST(CubicTest, HasThisWindowByRound) {
  Cubic controller(without_prr({}));
  AckClock path(controller, {});
  std::vector<std::int64_t> windows;
  for (int round = 0; round < 32; ++round) {
    windows.push_back(controller.congestion_window().value());
    if (round == 6 || round == 20) path.lose_packet();
    path.run_round();
  }
  EXPECT_EQ(windows, (std::vector<std::int64_t>{
                         12000,  24000,  48000,  96000,  192000, 384000, 768000, 537600,
                         546178, 554580, 562786, 570772, 578558, 586148, 593529, 600707,
                         607688, 614476, 621075, 627478, 633689, 443582, 448306, 452902,
                         457354, 461656, 465801, 469801, 473649, 477350, 480908, 484326}));
}

}  // namespace
}  // namespace hawser
