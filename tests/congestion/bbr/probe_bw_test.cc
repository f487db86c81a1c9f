#include "congestion/bbr/probe_bw.h"

#include <gtest/gtest.h>

#include "tests/congestion/bbr/samples.h"

namespace hawser::bbr {
namespace {

using namespace std::chrono_literals;
using Phase = ProbeBw::Phase;

/// A path of 96 Mbit/s and 20 ms, 200 datagrams, whose pipe was full.
class ProbeBwTest : public testing::Test {
 protected:
  ProbeBwTest() { model_.full_pipe.set_full(); }

  struct Ack {
    Duration at;
    std::int64_t in_flight = 200;
    bool is_round_start = false;
    std::int64_t rate = 96;
  };
  void acknowledge(const Ack& ack) {
    delivered_ += 2;
    sender_.now = hawser::at(ack.at);
    sender_.in_flight = datagrams(ack.in_flight);
    sender_.total_delivered = datagrams(delivered_);
    RateSample sample = sample_of(mbit(ack.rate), ack.is_round_start ? delivered_ : -1);
    sample.tx_in_flight = datagrams(ack.in_flight);
    sample.newly_acked = datagrams(2);
    model_.rounds.on_ack(sender_, sample);
    model_.max_bandwidth.on_ack(sample);
    model_.full_pipe.on_ack(sample, ack.is_round_start);
    if (!probe_.take_feedback(model_, sender_, sample)) probe_.on_ack(model_, sender_, sample);
  }
  void start_down(Duration since_start) {
    sender_.now = hawser::at(since_start);
    probe_.start_down(model_, sender_);
  }
  void start_up() {
    probe_.start_refill(model_, sender_);
    acknowledge({.at = 20ms, .is_round_start = true});
    ASSERT_EQ(probe_.phase(), Phase::up);
  }
  /// A packet of that flight was lost, as the `lost`-th of it.
  bool lose(std::int64_t in_flight, std::int64_t lost) {
    return probe_.on_lost(model_, sender_,
                          {.bytes = kDatagram,
                           .tx_in_flight = datagrams(in_flight),
                           .lost = datagrams(lost),
                           .is_app_limited = false});
  }

  Model model_ = model_of(mbit(96), 20ms);
  ProbeBw probe_;
  std::int64_t delivered_ = 1000;
  SenderState sender_{.now = at(0ms),
                      .in_flight = datagrams(200),
                      .total_delivered = datagrams(1000),
                      .window = datagrams(400),
                      .is_window_limited = false};
};

// draft-ietf-ccwg-bbr s5.6.1, the table.
TEST_F(ProbeBwTest, EachPhaseHasItsGains) {
  start_down(0ms);
  EXPECT_EQ(probe_.pacing_gain().hundredths, 90);
  acknowledge({.at = 1ms});
  EXPECT_EQ(probe_.phase(), Phase::cruise);
  EXPECT_EQ(probe_.pacing_gain().hundredths, 100);
  EXPECT_EQ(probe_.window_gain().hundredths, 200);
  probe_.start_refill(model_, sender_);
  EXPECT_EQ(probe_.pacing_gain().hundredths, 100);
  EXPECT_TRUE(probe_.is_accelerating());
  start_up();
  EXPECT_EQ(probe_.pacing_gain().hundredths, 125);
  EXPECT_EQ(probe_.window_gain().hundredths, 225);
}

// ---- DOWN --------------------------------------------------------------------------------------

// s5.3.3.1.
TEST_F(ProbeBwTest, DownEndsWhenNoQueueStands) {
  start_down(0ms);
  acknowledge({.at = 1ms, .in_flight = 201});
  EXPECT_EQ(probe_.phase(), Phase::down);
  acknowledge({.at = 2ms, .in_flight = 200});
  EXPECT_EQ(probe_.phase(), Phase::cruise);
}

TEST_F(ProbeBwTest, DownWaitsForHeadroomBelowTheBound) {
  model_.long_term.set(datagrams(200));
  start_down(0ms);
  acknowledge({.at = 1ms, .in_flight = 171});
  EXPECT_EQ(probe_.phase(), Phase::down);
  acknowledge({.at = 2ms, .in_flight = 170});
  EXPECT_EQ(probe_.phase(), Phase::cruise);
}

TEST_F(ProbeBwTest, DownGoesStraightToRefillWhenItIsTimeToProbe) {
  start_down(0ms);
  acknowledge({.at = 1999ms, .in_flight = 300});
  EXPECT_EQ(probe_.phase(), Phase::down);
  acknowledge({.at = 3s, .in_flight = 300});
  EXPECT_EQ(probe_.phase(), Phase::refill);
}

// s5.5.5: once the round after a probe has told all, a new cycle of the filter begins.
TEST_F(ProbeBwTest, TheRoundAfterAProbeEndsTheCycleOfTheFilter) {
  start_up();
  start_down(100ms);
  acknowledge({.at = 101ms, .in_flight = 300, .rate = 120});
  acknowledge({.at = 120ms, .in_flight = 300, .is_round_start = true, .rate = 90});
  start_down(200ms);
  acknowledge({.at = 220ms, .in_flight = 300, .is_round_start = true, .rate = 90});
  EXPECT_EQ(model_.max_bandwidth.value(), mbit(90));
}

// ---- CRUISE ------------------------------------------------------------------------------------

// s5.3.3.5: 62 or 63 rounds where they are over before 2 s.
TEST_F(ProbeBwTest, CruisesForSixtyTwoRoundsOrThree) {
  probe_.start_cruise(model_, sender_);
  int rounds = 0;
  while (probe_.phase() == Phase::cruise && rounds < 100) {
    ++rounds;
    acknowledge({.at = 1ms * rounds, .is_round_start = true});
  }
  EXPECT_EQ(probe_.phase(), Phase::refill);
  EXPECT_GE(rounds, 62);
  EXPECT_LE(rounds, 63);
}

TEST_F(ProbeBwTest, CruisesForAsManyRoundsAsTheProductHasDatagrams) {
  model_ = model_of(mbit(96), 2ms);  // 20
  model_.full_pipe.set_full();
  probe_.start_cruise(model_, sender_);
  int rounds = 0;
  while (probe_.phase() == Phase::cruise && rounds < 100) {
    ++rounds;
    acknowledge({.at = 1ms * rounds, .in_flight = 20, .is_round_start = true});
  }
  EXPECT_GE(rounds, 19);
  EXPECT_LE(rounds, 20);
}

// A deviation: the draft begins to wait anew.
TEST_F(ProbeBwTest, AfterProbeRttTheNextProbeComesWhenItWasDue) {
  start_down(0ms);
  probe_.leave();
  sender_.now = at(1900ms);
  probe_.start_cruise(model_, sender_);
  acknowledge({.at = 2s});
  EXPECT_EQ(probe_.phase(), Phase::cruise);
  acknowledge({.at = 3s});
  EXPECT_EQ(probe_.phase(), Phase::refill);
}

TEST_F(ProbeBwTest, CruisesForTwoToThreeSeconds) {
  probe_.start_cruise(model_, sender_);
  acknowledge({.at = 2s});
  EXPECT_EQ(probe_.phase(), Phase::cruise);
  acknowledge({.at = 3s});
  EXPECT_EQ(probe_.phase(), Phase::refill);
}

// ---- REFILL and UP -----------------------------------------------------------------------------

// s5.3.3.3.
TEST_F(ProbeBwTest, RefillLiftsTheShortTermBoundsAndLastsOneRound) {
  model_.short_term.lower(round_with(mbit(50), datagrams(100)), mbit(96), datagrams(400));
  probe_.start_refill(model_, sender_);
  EXPECT_TRUE(model_.short_term.bandwidth().is_infinite());
  acknowledge({.at = 19ms});
  EXPECT_EQ(probe_.phase(), Phase::refill);
  acknowledge({.at = 20ms, .is_round_start = true});
  EXPECT_EQ(probe_.phase(), Phase::up);
}

// s5.3.3.4.
TEST_F(ProbeBwTest, UpEndsWhenThreeRoundsBringNoQuarterMore) {
  start_up();
  acknowledge({.at = 40ms, .is_round_start = true, .rate = 97});
  acknowledge({.at = 60ms, .is_round_start = true, .rate = 97});
  EXPECT_EQ(probe_.phase(), Phase::up);
  acknowledge({.at = 80ms, .is_round_start = true, .rate = 97});
  EXPECT_EQ(probe_.phase(), Phase::down);
}

TEST_F(ProbeBwTest, UpGoesOnWhileTheRateGrows) {
  start_up();
  std::int64_t rate = 96;
  for (int round = 1; round <= 20; ++round) {
    if (round % 3 == 0) rate = rate * 5 / 4 + 1;
    acknowledge({.at = 20ms * round, .is_round_start = true, .rate = rate});
    EXPECT_EQ(probe_.phase(), Phase::up);
  }
}

// While the bound is what holds the sender back, a rate that stands still is no sign; the bound
// grows.
TEST_F(ProbeBwTest, UpGoesOnAndRaisesTheBoundWhereThatIsTheLimit) {
  model_.long_term.set(datagrams(400));
  start_up();
  sender_.is_window_limited = true;
  for (int round = 1; round <= 5; ++round) {
    for (int i = 0; i < 200; ++i) {
      sender_.window = model_.long_term.value();
      acknowledge({.at = 20ms * round + 50us * i});
    }
    sender_.window = model_.long_term.value();
    acknowledge({.at = 20ms * (round + 1), .is_round_start = true});
    EXPECT_EQ(probe_.phase(), Phase::up);
  }
  // 1 + 2 + 4 + 8 + 16, and the acknowledgements that began the rounds.
  EXPECT_GE(model_.long_term.value(), datagrams(431));
  EXPECT_LE(model_.long_term.value(), datagrams(435));
}

// ---- Losses ------------------------------------------------------------------------------------

// s5.5.10.2: 5 of 240 are more than 2 %. The pipe holds 200 datagrams, which takes a bound of
// 235.3 with headroom, and no more of the queue is kept.
TEST_F(ProbeBwTest, TooMuchLossEndsUpAndSetsTheBound) {
  start_up();
  EXPECT_FALSE(lose(240, 4));
  EXPECT_TRUE(lose(240, 5));
  EXPECT_EQ(probe_.phase(), Phase::down);
  EXPECT_EQ(model_.long_term.value(), ByteCount(282'353));
  EXPECT_GE(model_.inflight_with_headroom(), datagrams(200));
}

// The threshold was passed within the packet: 219 before it, of which 4 were lost, allow
// (0.02 x 219 - 4) / 0.98 = 0.388 datagrams of it.
TEST_F(ProbeBwTest, TheBoundIsWhatWasInFlightAtTheLossIfThatIsLess) {
  start_up();
  EXPECT_TRUE(lose(220, 5));
  EXPECT_EQ(model_.long_term.value(), datagrams(219) + ByteCount(465));
}

// A deviation: the draft would keep all of 500.
TEST_F(ProbeBwTest, SevenTenthsOfALongQueueAreKept) {
  start_up();
  EXPECT_TRUE(lose(501, 11));
  EXPECT_GE(model_.long_term.value(), datagrams(350));
  EXPECT_LE(model_.long_term.value(), datagrams(351));
}

TEST_F(ProbeBwTest, WhatAggregationNeedsIsKept) {
  model_.aggregation.on_ack(sender_, datagrams(50), {.bandwidth = mbit(96), .round = 0});
  start_up();
  EXPECT_TRUE(lose(400, 9));
  EXPECT_GE(model_.inflight_with_headroom(), datagrams(250));
}

TEST_F(ProbeBwTest, TheBoundIsNotBelowSevenTenthsOfTheProduct) {
  start_up();
  EXPECT_TRUE(lose(10, 3));
  EXPECT_EQ(model_.long_term.value(), datagrams(140));
}

TEST_F(ProbeBwTest, OneProbeIsAnsweredOnce) {
  start_up();
  EXPECT_TRUE(lose(240, 6));
  const ByteCount bound = model_.long_term.value();
  EXPECT_FALSE(lose(150, 50));
  EXPECT_EQ(model_.long_term.value(), bound);
}

TEST_F(ProbeBwTest, ALossWhileCruisingSetsNoBound) {
  probe_.start_cruise(model_, sender_);
  EXPECT_FALSE(lose(200, 100));
  EXPECT_FALSE(model_.long_term.is_set());
}

TEST_F(ProbeBwTest, AnAppLimitedFlightEndsUpButSetsNoBound) {
  start_up();
  EXPECT_TRUE(probe_.on_lost(model_, sender_,
                             {.bytes = kDatagram,
                              .tx_in_flight = datagrams(20),
                              .lost = datagrams(3),
                              .is_app_limited = true}));
  EXPECT_EQ(probe_.phase(), Phase::down);
  EXPECT_FALSE(model_.long_term.is_set());
}

// Losses of the probe may come when it is over.
TEST_F(ProbeBwTest, LossesOfAProbeCountForOneRoundMore) {
  start_up();
  start_down(100ms);
  EXPECT_FALSE(lose(300, 60));  // not in UP any more, but
  EXPECT_TRUE(model_.long_term.is_set());
}

TEST_F(ProbeBwTest, LossesOfLaterDoNot) {
  start_up();
  start_down(100ms);
  acknowledge({.at = 120ms, .in_flight = 300, .is_round_start = true});
  lose(300, 60);
  EXPECT_FALSE(model_.long_term.is_set());
}

TEST_F(ProbeBwTest, OneMarkEndsAProbe) {
  start_up();
  EXPECT_TRUE(probe_.on_marked(model_, sender_,
                               {.bytes = kDatagram,
                                .tx_in_flight = datagrams(230),
                                .lost = ByteCount(0),
                                .is_app_limited = false}));
  EXPECT_EQ(probe_.phase(), Phase::down);
  EXPECT_EQ(model_.long_term.value(), datagrams(230));
}

// ---- Caution -----------------------------------------------------------------------------------

// s5.3.3.4.2: after a probe that lost too much the next one only touches the bound; where that goes
// well, another follows at once.
TEST_F(ProbeBwTest, AfterTooMuchLossTheNextProbeIsCautious) {
  start_up();
  ASSERT_TRUE(lose(240, 6));
  probe_.start_refill(model_, sender_);
  acknowledge({.at = 120ms, .is_round_start = true});
  ASSERT_EQ(probe_.phase(), Phase::up);
  acknowledge({.at = 121ms, .in_flight = 234});
  EXPECT_EQ(probe_.phase(), Phase::up);
  acknowledge({.at = 122ms, .in_flight = 240});
  EXPECT_EQ(probe_.phase(), Phase::down);
  acknowledge({.at = 140ms, .in_flight = 300, .is_round_start = true});
  EXPECT_EQ(probe_.phase(), Phase::refill);
  // This time it stays where it is safe.
  acknowledge({.at = 160ms, .is_round_start = true});
  acknowledge({.at = 161ms, .in_flight = 240});
  EXPECT_EQ(probe_.phase(), Phase::up);
}

TEST_F(ProbeBwTest, ACautiousProbeThatLosesIsFollowedByTheUsualWait) {
  start_up();
  ASSERT_TRUE(lose(240, 6));
  probe_.start_refill(model_, sender_);
  acknowledge({.at = 120ms, .is_round_start = true});
  acknowledge({.at = 122ms, .in_flight = 240});
  ASSERT_EQ(probe_.phase(), Phase::down);
  lose(230, 10);
  acknowledge({.at = 140ms, .in_flight = 300, .is_round_start = true});
  EXPECT_EQ(probe_.phase(), Phase::down);
}

// ---- Other states ------------------------------------------------------------------------------

// s5.3.3.6: what is delivered without too much loss was not too much, in whatever state.
TEST_F(ProbeBwTest, TheBoundIsRaisedByWhatWasInFlight) {
  model_.long_term.set(datagrams(200));
  start_down(0ms);
  probe_.leave();
  RateSample sample = sample_of(mbit(96));
  sample.tx_in_flight = datagrams(220);
  EXPECT_FALSE(probe_.take_feedback(model_, sender_, sample));
  EXPECT_EQ(model_.long_term.value(), datagrams(220));
  sample.tx_in_flight = datagrams(300);
  sample.has_lost_too_much = true;
  EXPECT_FALSE(probe_.take_feedback(model_, sender_, sample));
  EXPECT_EQ(model_.long_term.value(), datagrams(220));
}

TEST_F(ProbeBwTest, NoCycleEndsWhileAnotherStateHolds) {
  start_up();
  probe_.leave();
  acknowledge({.at = 40ms, .is_round_start = true, .rate = 50});
  probe_.leave();
  acknowledge({.at = 60ms, .is_round_start = true, .rate = 50});
  EXPECT_EQ(model_.max_bandwidth.value(), mbit(96));
}

}  // namespace
}  // namespace hawser::bbr
