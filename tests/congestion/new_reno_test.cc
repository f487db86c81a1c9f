#include "congestion/new_reno.h"

#include <vector>

#include <gtest/gtest.h>

#include "tests/congestion/ack_clock.h"

namespace hawser {
namespace {

using namespace std::chrono_literals;

// RFC 9002 s7.3.1: the window doubles each round trip.
TEST(NewRenoTest, DoublesTheWindowEachRoundInSlowStart) {
  NewReno controller(without_prr({}));
  AckClock path(controller, {});
  for (std::int64_t expected = 10; expected <= 20480; expected *= 2) {
    EXPECT_EQ(controller.congestion_window(), datagrams(expected));
    path.run_round();
  }
}

// RFC 9002 s7.8, strictly: nine packets in a window of ten are no evidence for a larger one.
TEST(NewRenoTest, GrowsOnAFullWindowAndNotOnNineTenthsOfIt) {
  NewReno controller(without_prr({}));
  AckEvent event = ack(at(100ms), datagrams(9), at(0s));
  event.context.is_app_limited = true;
  controller.on_ack(event);
  EXPECT_EQ(controller.congestion_window(), datagrams(10));
  controller.on_ack(ack(at(200ms), datagrams(10), at(100ms)));
  EXPECT_EQ(controller.congestion_window(), datagrams(20));
}

// RFC 9002 s7.3.3: one datagram per round trip.
TEST(NewRenoTest, GainsOneDatagramPerRoundInCongestionAvoidance) {
  NewReno controller(without_prr({.initial_window = datagrams(100)}));
  controller.on_loss(loss(at(0s), at(-1ms)));
  AckClock path(controller, {});
  path.ack_packets(1);
  path.run_rounds(1);  // the recovery
  const ByteCount start = controller.congestion_window();
  for (int round = 1; round <= 20; ++round) {
    path.run_round();
    EXPECT_NEAR(in_datagrams(controller.congestion_window() - start), round, 0.03 * round);
  }
}

TEST(NewRenoTest, StillGrowsWhenADatagramIsLessThanAByteOfAnAcknowledgement) {
  // 4 MB in datagrams of 1200 B: 0.36 B for each acknowledgement.
  NewReno controller(without_prr({.initial_window = ByteCount(8'000'000)}));
  AckClock path(controller, {.is_feedback_instant = true});
  path.lose_packet();
  EXPECT_EQ(controller.congestion_window(), ByteCount(4'000'000));
  path.ack_packets(3334);
  EXPECT_NEAR(static_cast<double>(controller.congestion_window().value()), 4'001'200, 2);
}

TEST(NewRenoTest, HalvesOncePerRoundHoweverManyPacketsWereLost) {
  NewReno controller(without_prr({.initial_window = datagrams(64)}));
  controller.on_loss(loss(at(100ms), at(10ms)));
  EXPECT_EQ(controller.congestion_window(), datagrams(32));
  EXPECT_EQ(controller.snapshot().ssthresh, datagrams(32));
  controller.on_loss(loss(at(110ms), at(20ms)));
  controller.on_loss(loss(at(150ms), at(100ms)));
  EXPECT_EQ(controller.congestion_window(), datagrams(32));
  controller.on_loss(loss(at(210ms), at(101ms)));
  EXPECT_EQ(controller.congestion_window(), datagrams(16));
}

// RFC 9002 s7.3.2: no growth in the recovery period.
TEST(NewRenoTest, DoesNotGrowInRecovery) {
  NewReno controller(without_prr({.initial_window = datagrams(64)}));
  AckClock path(controller, {.rtt = 100ms});
  path.advance(100ms);
  path.lose_packet();
  path.ack_packets(32);
  EXPECT_EQ(controller.congestion_window(), datagrams(32));
  EXPECT_EQ(controller.snapshot().phase, "recovery");
  path.ack_packets(32);
  EXPECT_GT(controller.congestion_window(), datagrams(32));
}

// RFC 9002 s7.6.2.
TEST(NewRenoTest, CollapsesOnPersistentCongestionAndSlowStartsToSsthresh) {
  NewReno controller(without_prr({.initial_window = datagrams(10)}));
  controller.on_loss(loss(at(3s), at(0s), LossKind::persistent));
  EXPECT_EQ(controller.congestion_window(), datagrams(4));
  EXPECT_EQ(controller.snapshot().ssthresh, datagrams(5));
  EXPECT_EQ(controller.snapshot().phase, "slow_start");
  AckClock path(controller, {});
  path.advance(4s);
  path.ack_packets(1);
  EXPECT_EQ(controller.congestion_window(), datagrams(5));
  path.ack_packets(5);
  EXPECT_NEAR(in_datagrams(controller.congestion_window()), 6, 0.1);
}

TEST(NewRenoTest, DoesNotLowerSsthreshTwiceForOnePersistentCongestion) {
  NewReno controller(without_prr({.initial_window = datagrams(40)}));
  controller.on_loss(loss(at(1s), at(900ms)));
  controller.on_loss(loss(at(4s), at(950ms), LossKind::persistent));
  controller.on_loss(loss(at(5s), at(3s)));
  EXPECT_EQ(controller.congestion_window(), datagrams(4));
  EXPECT_EQ(controller.snapshot().ssthresh, datagrams(20));
}

// RFC 9002 s7.1: a mark is answered as a loss is, once per round trip.
TEST(NewRenoTest, AnswersCongestionMarksOncePerRound) {
  NewReno controller(without_prr({.initial_window = datagrams(64)}));
  controller.on_loss(loss(at(100ms), at(10ms), LossKind::ecn_ce));
  controller.on_loss(loss(at(120ms), at(50ms), LossKind::ecn_ce));
  EXPECT_EQ(controller.congestion_window(), datagrams(32));
  controller.on_loss(loss(at(250ms), at(150ms), LossKind::ecn_ce));
  EXPECT_EQ(controller.congestion_window(), datagrams(16));
}

TEST(NewRenoTest, RestoresWhatASpuriousLossTookAway) {
  NewReno controller(without_prr({.initial_window = datagrams(64)}));
  controller.on_loss(loss(at(100ms), at(10ms)));
  controller.on_spurious_loss(spurious(false));
  EXPECT_EQ(controller.congestion_window(), datagrams(32));
  controller.on_spurious_loss(spurious(true));
  EXPECT_EQ(controller.congestion_window(), datagrams(64));
  EXPECT_EQ(controller.snapshot().ssthresh, ByteCount::max());
  EXPECT_EQ(controller.snapshot().phase, "slow_start");
  // The next loss of that round is a new one: the reduction that covered it is undone.
  controller.on_loss(loss(at(120ms), at(20ms)));
  EXPECT_EQ(controller.congestion_window(), datagrams(32));
}

TEST(NewRenoTest, RestoresThePersistentCongestionOfADelaySpike) {
  NewReno controller(without_prr({.initial_window = datagrams(64)}));
  controller.on_loss(loss(at(3s), at(10ms), LossKind::persistent));
  EXPECT_EQ(controller.congestion_window(), datagrams(4));
  controller.on_spurious_loss(spurious(true));
  EXPECT_EQ(controller.congestion_window(), datagrams(64));
}

TEST(NewRenoTest, KeepsAWindowThatOutgrewTheOneBeforeTheSpuriousLoss) {
  NewReno controller(without_prr({.initial_window = datagrams(4)}));
  AckClock path(controller, {.is_feedback_instant = true});
  path.lose_packet();
  path.run_rounds(10);
  const ByteCount outgrown = controller.congestion_window();
  EXPECT_GT(outgrown, datagrams(4));
  controller.on_spurious_loss(spurious(true));
  EXPECT_EQ(controller.congestion_window(), outgrown);
}

TEST(NewRenoTest, DoesNotUndoAReductionThatAMarkConfirmed) {
  NewReno controller(without_prr({.initial_window = datagrams(64)}));
  controller.on_loss(loss(at(100ms), at(10ms)));
  controller.on_loss(loss(at(110ms), at(20ms), LossKind::ecn_ce));
  controller.on_spurious_loss(spurious(true));
  EXPECT_EQ(controller.congestion_window(), datagrams(32));
}

// RFC 9937: the window falls with what is in flight and is half at the end.
TEST(NewRenoTest, ShrinksWithinARoundTripAfterALoss) {
  NewReno controller({.initial_window = datagrams(64)});
  LossEvent found = loss(at(100ms), at(10ms));
  found.prior_in_flight = datagrams(64);
  found.context.bytes_in_flight = datagrams(63);
  controller.on_loss(found);
  EXPECT_EQ(controller.congestion_window(), datagrams(64));
  EXPECT_EQ(controller.snapshot().ssthresh, datagrams(32));
  AckEvent half = ack(at(150ms), datagrams(20), at(50ms));
  half.context.bytes_in_flight = datagrams(43);
  controller.on_ack(half);
  EXPECT_EQ(controller.congestion_window(), datagrams(53));
  controller.on_ack(ack(at(201ms), kDatagram, at(101ms)));
  EXPECT_NEAR(in_datagrams(controller.congestion_window()), 32, 0.1);
}

TEST(NewRenoTest, RestoresTheWholeWindowWhenALossIsDisprovedDuringTheRecovery) {
  NewReno controller({.initial_window = datagrams(64)});
  LossEvent found = loss(at(100ms), at(10ms));
  found.prior_in_flight = datagrams(64);
  found.context.bytes_in_flight = datagrams(63);
  controller.on_loss(found);
  found = loss(at(210ms), at(101ms));  // of a packet sent in the recovery: a second episode
  found.context.bytes_in_flight = datagrams(30);
  controller.on_loss(found);
  EXPECT_EQ(controller.congestion_window(), datagrams(31));
  controller.on_spurious_loss(spurious(true));
  EXPECT_EQ(controller.congestion_window(), datagrams(32));
  EXPECT_EQ(controller.snapshot().ssthresh, datagrams(32));
}

TEST(NewRenoTest, StartsAfreshOnANewPath) {
  NewReno controller(without_prr({}));
  controller.on_ack(ack(at(50ms), datagrams(10), at(0s)));
  controller.on_loss(loss(at(100ms), at(10ms)));
  controller.on_path_change(new_path(at(1s), ByteCount(1472)));
  EXPECT_EQ(controller.congestion_window(), ByteCount(14720));
  EXPECT_EQ(controller.snapshot().ssthresh, ByteCount::max());
  controller.on_spurious_loss(spurious(true));  // of the old path
  EXPECT_EQ(controller.congestion_window(), ByteCount(14720));
  controller.on_loss(loss(at(1100ms), at(900ms)));  // sent on the old path
  EXPECT_EQ(controller.congestion_window(), ByteCount(14720));
}

TEST(NewRenoTest, GainsOneDatagramOfTheNewSizePerRound) {
  NewReno controller(without_prr({.initial_window = ByteCount(120'000)}));
  AckClock path(controller, {.is_feedback_instant = true});
  path.lose_packet();
  controller.on_path_change(new_datagram_size(ByteCount(600)));
  EXPECT_EQ(controller.congestion_window(), ByteCount(60'000));
  path.ack_packets(50);
  EXPECT_NEAR(static_cast<double>(controller.congestion_window().value()), 60'600, 10);
}

// The sawtooth between W/2 and W keeps a path without a buffer 75 % busy.
TEST(NewRenoTest, UsesThreeQuartersOfAPathWithoutABuffer) {
  NewReno controller(without_prr({.initial_window = datagrams(100)}));
  AckClock path(controller, {.is_feedback_instant = true});
  for (int i = 0; i < 20; ++i) {
    if (i == 10) path.start_measuring();
    path.lose_packet();
    while (controller.congestion_window() < datagrams(100)) path.ack_packet();
  }
  EXPECT_NEAR(path.mean_window(), 75, 0.75);
}

struct RenoRow {
  std::int64_t packets_per_loss;
  double expected;
  double tolerance;
};

// RFC 9438 table 1, the Reno column; 1.2 / sqrt(p). The model has no round trip of recovery, which
// is an eighth of the cycle at p = 1e-2.
TEST(NewRenoTest, HasTheAverageWindowOfRfc9438Section5_1) {
  const std::vector<RenoRow> rows = {
      {100, 12, 0.06}, {1'000, 38, 0.03}, {10'000, 120, 0.03}, {100'000, 379, 0.03}};
  for (const RenoRow& row : rows) {
    NewReno controller(without_prr({.initial_window = datagrams(10)}));
    AckClock path(controller, {});
    const double mean = mean_window_at(path, row.packets_per_loss, 6);
    EXPECT_NEAR(mean, row.expected, row.tolerance * row.expected) << row.packets_per_loss;
  }
}

// The window in bytes at the start of each round: the same on every platform and optimisation.
TEST(NewRenoTest, HasThisWindowByRound) {
  NewReno controller(without_prr({}));
  AckClock path(controller, {});
  std::vector<std::int64_t> windows;
  for (int round = 0; round < 20; ++round) {
    windows.push_back(controller.congestion_window().value());
    if (round == 6) path.lose_packet();
    path.run_round();
  }
  EXPECT_EQ(windows,
            (std::vector<std::int64_t>{12000,  24000,  48000,  96000,  192000, 384000, 768000,
                                       384000, 385198, 386392, 387587, 388781, 389976, 391170,
                                       392365, 393559, 394754, 395949, 397143, 398338}));
}

}  // namespace
}  // namespace hawser
