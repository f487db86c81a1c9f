#include "congestion/hystart.h"

#include <gtest/gtest.h>

#include "tests/congestion/ack_clock.h"

namespace hawser {
namespace {

using namespace std::chrono_literals;

class HyStartTest : public testing::Test {
 protected:
  /// An acknowledgement with this round-trip time. Whether slow start is over.
  bool sample(Duration rtt) {
    now_ += 1us;
    AckEvent event = ack(now_, kDatagram, now_ - rtt);
    event.context.is_app_limited = is_app_limited_;
    return hystart_.on_ack(event);
  }
  /// A round of so many acknowledgements, the first of them of a packet sent in the round before.
  bool run_round(Duration rtt, int samples = HyStart::kRttSamplesMin) {
    now_ += 2s;
    bool is_over = false;
    for (int i = 0; i < samples; ++i) is_over |= sample(rtt);
    return is_over;
  }
  bool is_conservative_after(Duration first, Duration second) {
    run_round(first);
    run_round(second);
    return hystart_.is_conservative();
  }

  HyStart hystart_;
  TimePoint now_ = at(0s);
  bool is_app_limited_ = false;
};

struct Threshold {
  Duration last_round;
  Duration leaves_at;
};
class HyStartThresholdTest : public HyStartTest, public testing::WithParamInterface<Threshold> {};

// RFC 9406 s4.2: an eighth of the last round's minimum, at least 4 ms and at most 16 ms.
TEST_P(HyStartThresholdTest, SlowStartTurnsConservativeAtIt) {
  EXPECT_TRUE(is_conservative_after(GetParam().last_round, GetParam().leaves_at));
}
TEST_P(HyStartThresholdTest, SlowStartGoesOnBelowIt) {
  EXPECT_FALSE(is_conservative_after(GetParam().last_round, GetParam().leaves_at - 1us));
}

INSTANTIATE_TEST_SUITE_P(Rfc9406, HyStartThresholdTest,
                         testing::Values(Threshold{10ms, 14ms}, Threshold{24ms, 28ms},
                                         Threshold{32ms, 36ms}, Threshold{60ms, 67500us},
                                         Threshold{100ms, 112500us}, Threshold{128ms, 144ms},
                                         Threshold{200ms, 216ms}, Threshold{300ms, 316ms}),
                         [](const auto& each) {
                           return "At" + std::to_string(each.param.last_round / 1ms) + "Ms";
                         });

// RFC 9406 s4.2: N_RTT_SAMPLE.
TEST_F(HyStartTest, NeedsEightSamplesInTheRound) {
  run_round(200ms);
  run_round(240ms, 7);
  EXPECT_FALSE(hystart_.is_conservative());
  sample(240ms);
  EXPECT_TRUE(hystart_.is_conservative());
}

TEST_F(HyStartTest, OneFastPacketOfARoundDisprovesTheRise) {
  run_round(200ms);
  now_ += 2s;
  for (int i = 0; i < 20; ++i) sample(i == 5 ? 205ms : 240ms);
  EXPECT_FALSE(hystart_.is_conservative());
}

// RFC 9406 s4.2: 209 ms after 200 are below the threshold of 216.
TEST_F(HyStartTest, IsNotMovedByJitterBelowTheThreshold) {
  EXPECT_FALSE(is_conservative_after(200ms, 209ms));
  now_ += 2s;
  for (int i = 0; i < 20; ++i) sample(200ms + (i % 10) * 1ms);
  EXPECT_FALSE(hystart_.is_conservative());
  for (int round = 0; round < 100; ++round) {
    EXPECT_FALSE(run_round(200ms + (round % 10) * 1ms));
    ASSERT_FALSE(hystart_.is_conservative()) << round;
  }
}

// A round is a flight of packets, however long its acknowledgements take to come.
TEST_F(HyStartTest, ARoundEndsWithAPacketThatLeftAfterItsStart) {
  const TimePoint flight_left = now_;
  now_ += 200ms;
  sample(200ms);  // the first round starts here
  for (int i = 0; i < 20; ++i) {
    now_ += 50ms;
    sample(now_ + 1us - flight_left);
  }
  EXPECT_FALSE(hystart_.is_conservative());
  run_round(240ms, 8);  // the first round's minimum is 200 ms
  EXPECT_TRUE(hystart_.is_conservative());
}

TEST_F(HyStartTest, APacketThatLeftAtTheRoundsStartEndsIt) {
  now_ += 200ms;
  for (int i = 0; i < 8; ++i) {
    AckEvent event = ack(now_, kDatagram, now_ - 200ms);
    (void)hystart_.on_ack(event);
  }
  for (int i = 0; i < 8; ++i) {
    AckEvent event = ack(now_ + 240ms, kDatagram, now_);
    (void)hystart_.on_ack(event);
  }
  EXPECT_TRUE(hystart_.is_conservative());
}

// RFC 9406 s4.2: CSS_GROWTH_DIVISOR; L is infinite, since we pace.
TEST_F(HyStartTest, GrowsByAQuarterOnceConservative) {
  EXPECT_EQ(hystart_.growth(datagrams(40)), datagrams(40));
  ASSERT_TRUE(is_conservative_after(60ms, 80ms));
  EXPECT_EQ(hystart_.growth(datagrams(40)), datagrams(10));
}

// RFC 9406 s4.2: CSS_ROUNDS; the round in which the phase begins counts.
TEST_F(HyStartTest, EndsSlowStartAfterFiveConservativeRounds) {
  ASSERT_TRUE(is_conservative_after(60ms, 80ms));
  for (int round = 1; round <= 4; ++round) ASSERT_FALSE(run_round(80ms)) << round;
  EXPECT_TRUE(run_round(80ms, 1));
}

TEST_F(HyStartTest, GoesBackToSlowStartWhenTheRttFallsBelowThatOfItsEntry) {
  ASSERT_TRUE(is_conservative_after(60ms, 80ms));
  ASSERT_FALSE(run_round(80ms));
  run_round(79ms, 7);
  EXPECT_TRUE(hystart_.is_conservative());
  sample(79ms);
  EXPECT_FALSE(hystart_.is_conservative());
  EXPECT_EQ(hystart_.growth(datagrams(40)), datagrams(40));
  // Five rounds are counted afresh.
  ASSERT_TRUE(is_conservative_after(60ms, 80ms));
  for (int round = 1; round <= 4; ++round) ASSERT_FALSE(run_round(80ms)) << round;
  EXPECT_TRUE(run_round(80ms, 1));
}

TEST_F(HyStartTest, StaysInSlowStartWhileTheApplicationIsTheLimit) {
  is_app_limited_ = true;
  for (int round = 1; round <= 20; ++round) EXPECT_FALSE(run_round(round * 60ms));
  EXPECT_FALSE(hystart_.is_conservative());
  // What the round-trip time is by then is where a rise begins.
  is_app_limited_ = false;
  run_round(1200ms);
  EXPECT_FALSE(hystart_.is_conservative());
  run_round(1216ms);
  EXPECT_TRUE(hystart_.is_conservative());
}

TEST_F(HyStartTest, CountsNoConservativeRoundsWhileTheApplicationIsTheLimit) {
  ASSERT_TRUE(is_conservative_after(60ms, 80ms));
  is_app_limited_ = true;
  for (int round = 1; round <= 20; ++round) EXPECT_FALSE(run_round(80ms));
  is_app_limited_ = false;
  for (int round = 1; round <= 4; ++round) ASSERT_FALSE(run_round(80ms)) << round;
  EXPECT_TRUE(run_round(80ms, 1));
}

TEST_F(HyStartTest, ComparesNoRoundWithOneBeforeAnIdleTime) {
  run_round(60ms);
  now_ += 60s;
  hystart_.on_sent({.context = {.now = now_, .bytes_in_flight = kDatagram}, .bytes = kDatagram});
  run_round(100ms);
  EXPECT_FALSE(hystart_.is_conservative());
  run_round(115ms);
  EXPECT_TRUE(hystart_.is_conservative());
}

TEST_F(HyStartTest, KeepsItsRoundWhenPacketsFollowOthers) {
  run_round(100ms);
  hystart_.on_sent({.context = {.now = now_, .bytes_in_flight = datagrams(2)}, .bytes = kDatagram});
  run_round(115ms);
  EXPECT_TRUE(hystart_.is_conservative());
}

}  // namespace
}  // namespace hawser
