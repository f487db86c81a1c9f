#include "congestion/bbr/bbr.h"

#include <set>
#include <string_view>

#include <gtest/gtest.h>

#include "tests/congestion/ack_clock.h"
#include "tests/congestion/bbr/bottleneck_path.h"
#include "tests/congestion/bbr/samples.h"

// The test cases of draft-ietf-ccwg-bbr, appendix A, and what its parts only show together.

namespace hawser {
namespace {

using namespace std::chrono_literals;
using bbr::mbit;

using Settings = BottleneckPath::Settings;

/// 96 Mbit/s, ten datagrams each millisecond, and 20 ms: a product of 201 datagrams.
Settings fast() { return {.rate = mbit(96), .delay = 20ms}; }

/// The rate that the pacing rate stands for, of a gain in hundredths.
double mbit_paced(const BottleneckPath& path, int gain) {
  return static_cast<double>(path.pacing_rate().bits_per_second()) / 1e6 / 0.99 * 100 / gain;
}

double datagrams_of(ByteCount bytes) { return in_datagrams(bytes); }

/// Datagrams delivered during the interval, per millisecond.
double delivered_per_ms(BottleneckPath& path, Duration interval) {
  const ByteCount before = path.delivered();
  path.run_for(interval);
  return datagrams_of(path.delivered() - before) / (static_cast<double>(interval.count()) / 1e6);
}

// ---- Startup and Drain -------------------------------------------------------------------------

// A.1 Exiting STARTUP on Bandwidth Plateau.
TEST(BbrTest, LeavesStartupThreeRoundsAfterTheRateStoppedGrowing) {
  BottleneckPath path(fast());
  EXPECT_EQ(path.phase(), "startup");
  ASSERT_TRUE(path.run_until([&] { return mbit_paced(path, 277) > 95; }, 1s));
  const TimePoint found = path.now();
  ASSERT_TRUE(path.run_until_phase("drain", 1s));
  // Of the path and of the queue that Startup builds, which is as long.
  EXPECT_GE(path.now() - found, 3 * 20ms);
  EXPECT_LE(path.now() - found, 3 * 41ms + 20ms);
  EXPECT_NEAR(mbit_paced(path, 50), 96, 96 * 0.02);
}

TEST(BbrTest, DoublesItsRateEachRoundTrip) {
  BottleneckPath path({.rate = mbit(9600), .delay = 20ms});
  path.run_for(41ms);
  for (int round = 0; round < 6; ++round) {
    const double before = mbit_paced(path, 277);
    path.run_for(20ms);
    EXPECT_GE(mbit_paced(path, 277), before * 1.5);
    EXPECT_LE(mbit_paced(path, 277), before * 3);
  }
}

// A.2 Exiting STARTUP on Loss When Application-Limited: 8 of 100 in flight are lost.
TEST(BbrTest, LeavesStartupOnLossThoughTheApplicationIsTheLimit) {
  Settings settings = fast();
  settings.application = mbit(48);
  BottleneckPath path(settings);
  path.run_for(1s);
  EXPECT_EQ(path.phase(), "startup");
  path.settings.one_lost_in = 12;
  EXPECT_FALSE(path.run_until_phase("drain", 35ms));  // the first loss shows after 20, then a round
  EXPECT_TRUE(path.run_until_phase("drain", 30ms));
}

TEST(BbrTest, StaysInStartupOnLittleLoss) {
  Settings settings = fast();
  settings.application = mbit(48);
  settings.one_lost_in = 100;
  BottleneckPath path(settings);
  path.run_for(4s);
  EXPECT_EQ(path.phase(), "startup");
}

// A.3 Exiting DRAIN Based on Inflight.
TEST(BbrTest, LeavesDrainWhenTheProductIsInFlight) {
  BottleneckPath path(fast());
  ASSERT_TRUE(path.run_until_phase("drain", 1s));
  EXPECT_GT(path.in_flight(), path.product() * 3 / 2);
  const TimePoint entered = path.now();
  ASSERT_TRUE(path.run_until_phase("probe_bw_down", 1s));
  EXPECT_LE(path.in_flight(), path.product());
  EXPECT_LT(path.now() - entered, 60ms);
}

// A.7 Never Exiting STARTUP When Application-Limited With No Loss.
TEST(BbrTest, StaysInStartupWhileTheApplicationIsTheLimit) {
  Settings settings = fast();
  settings.application = mbit(20);
  BottleneckPath path(settings);
  EXPECT_FALSE(path.run_until([&] { return path.phase() != "startup"; }, 4900ms));
}

// A.20 Entering and Exiting PROBE_RTT During STARTUP. On a path that grew: as long as it sees no
// queue, such a flow needs no probe.
TEST(BbrTest, GoesBackToStartupAfterAProbeRttWithinIt) {
  Settings settings = fast();
  settings.application = mbit(20);
  BottleneckPath path(settings);
  EXPECT_FALSE(path.run_until_phase("probe_rtt", 11s));
  path.settings.delay = 22ms;
  EXPECT_FALSE(path.run_until_phase("probe_rtt", 4900ms));
  ASSERT_TRUE(path.run_until_phase("probe_rtt", 200ms));
  ASSERT_TRUE(path.run_until([&] { return path.phase() != "probe_rtt"; }, 1s));
  EXPECT_EQ(path.phase(), "startup");
  path.settings.application = Bandwidth::infinite();
  EXPECT_TRUE(path.run_until_phase("probe_bw_cruise", 1s));
  EXPECT_NEAR(mbit_paced(path, 100), 96, 2);
}

// ---- ProbeBW -----------------------------------------------------------------------------------

class BbrProbeBwTest : public testing::Test {
 protected:
  explicit BbrProbeBwTest(const Settings& settings = fast()) : path_(settings) {}
  void run_to(std::string_view phase) { ASSERT_TRUE(path_.run_until_phase(phase, 8s)) << phase; }
  BottleneckPath path_;
};

TEST_F(BbrProbeBwTest, GoesThroughItsPhasesInOrder) {
  run_to("probe_bw_down");
  EXPECT_NEAR(mbit_paced(path_, 90), 96, 1);
  run_to("probe_bw_cruise");
  EXPECT_NEAR(mbit_paced(path_, 100), 96, 1);
  run_to("probe_bw_refill");
  EXPECT_NEAR(mbit_paced(path_, 100), 96, 1);
  run_to("probe_bw_up");
  EXPECT_NEAR(mbit_paced(path_, 125), 96, 1);
  run_to("probe_bw_down");
}

// A.5 Exiting PROBE_UP on Bandwidth Plateau.
TEST_F(BbrProbeBwTest, LeavesUpThreeRoundsAfterItsBeginning) {
  run_to("probe_bw_up");
  const TimePoint entered = path_.now();
  run_to("probe_bw_down");
  EXPECT_GE(path_.now() - entered, 3 * 20ms);
  EXPECT_LE(path_.now() - entered, 3 * 40ms);
}

// A.6 Exiting PROBE_UP on Loss When Application-Limited.
TEST_F(BbrProbeBwTest, LeavesUpOnLossThoughTheApplicationIsTheLimit) {
  run_to("probe_bw_up");
  path_.settings.application = mbit(48);
  path_.run_for(100ms);
  ASSERT_EQ(path_.phase(), "probe_bw_up");
  path_.settings.one_lost_in = 20;
  ASSERT_TRUE(path_.run_until([&] { return path_.phase() != "probe_bw_up"; }, 60ms));
  EXPECT_EQ(path_.phase(),
            "probe_bw_cruise");  // nothing queues, so DOWN is over with its first ack
}

// A.7 Never Exiting PROBE_UP When Application-Limited With No Loss.
TEST_F(BbrProbeBwTest, StaysInUpWhileTheApplicationIsTheLimit) {
  run_to("probe_bw_up");
  path_.settings.application = mbit(48);
  EXPECT_FALSE(path_.run_until([&] { return path_.phase() != "probe_bw_up"; }, 3s));
}

// A.8 Exiting PROBE_DOWN on Inflight.
TEST_F(BbrProbeBwTest, LeavesDownWhenTheQueueIsGone) {
  run_to("probe_bw_up");
  run_to("probe_bw_down");
  EXPECT_GT(path_.queued(), datagrams(100));
  run_to("probe_bw_cruise");
  EXPECT_LE(path_.queued(), datagrams(2));
}

// A.9 Exiting PROBE_DOWN After Max Time.
TEST_F(BbrProbeBwTest, ProbesAgainThoughTheQueueNeverWentAway) {
  run_to("probe_bw_up");
  run_to("probe_bw_down");
  path_.settings.rate = mbit(60);
  const TimePoint entered = path_.now();
  ASSERT_TRUE(path_.run_until([&] { return path_.phase() != "probe_bw_down"; }, 5s));
  EXPECT_EQ(path_.phase(), "probe_bw_refill");
  EXPECT_LE(path_.now() - entered, 3100ms);
}

// A.21 Handling Loss During PROBE_UP After inflight_longterm is Set.
class BbrShallowBufferTest : public BbrProbeBwTest {
 protected:
  BbrShallowBufferTest()
      : BbrProbeBwTest({.rate = mbit(96), .delay = 20ms, .queue = datagrams(40)}) {}
};

TEST_F(BbrShallowBufferTest, KeepsWithinTheBoundThatAProbeFound) {
  run_to("probe_bw_cruise");
  run_to("probe_bw_up");
  path_.run_for(10s);
  const std::uint64_t lost_before = path_.stats().packets_lost;
  const std::uint64_t sent_before = path_.stats().packets_sent;
  EXPECT_GE(delivered_per_ms(path_, 15s), 9.3);
  const auto lost = static_cast<double>(path_.stats().packets_lost - lost_before);
  const auto sent = static_cast<double>(path_.stats().packets_sent - sent_before);
  EXPECT_LE(lost, sent * 0.01);
  // 15 % below a bound of at most the product and the queue.
  run_to("probe_bw_cruise");
  EXPECT_LE(path_.window(), datagrams((241 + 5) * 85 / 100));
}

// A.22 Handling Application-Limited Sending During PROBE_REFILL.
TEST_F(BbrProbeBwTest, LearnsNothingFromAnApplicationThatPausesWhileRefilling) {
  run_to("probe_bw_refill");
  path_.settings.application = mbit(5);
  run_to("probe_bw_up");
  EXPECT_NEAR(mbit_paced(path_, 125), 96, 1);
  path_.settings.application = Bandwidth::infinite();
  run_to("probe_bw_down");
  EXPECT_NEAR(mbit_paced(path_, 90), 96, 1);
}

// A.15 Increasing Bandwidth 10x and Ensuring Full Bandwidth is Reached.
TEST_F(BbrProbeBwTest, FindsTenTimesTheRateInOneProbe) {
  run_to("probe_bw_cruise");
  path_.settings.rate = mbit(960);
  run_to("probe_bw_up");
  const TimePoint entered = path_.now();
  ASSERT_TRUE(path_.run_until([&] { return path_.phase() != "probe_bw_up"; }, 5s));
  // 1.25 to the power of eleven is more than ten, and each step takes two round trips.
  EXPECT_LE(path_.now() - entered, 30 * 20ms);
  EXPECT_NEAR(mbit_paced(path_, 90), 960, 960 * 0.05);
}

// A.16 Decreasing Bandwidth 10x and Ensuring Max Bandwidth Adapts Down.
TEST(BbrTest, FollowsATenthOfTheRateWithinTwoCycles) {
  BottleneckPath path({.rate = mbit(96), .delay = 20ms, .queue = datagrams(200)});
  ASSERT_TRUE(path.run_until_phase("probe_bw_cruise", 1s));
  path.run_for(1s);
  path.settings.rate = Bandwidth::bits_per_second(9'600'000);
  path.settings.queue = datagrams(20);
  path.run_for(500ms);
  EXPECT_LE(mbit_paced(path, 100), 40);  // the short-term bounds
  EXPECT_LE(path.window(), datagrams(45));
  path.run_for(9s);
  for (int i = 0; i < 100; ++i) {
    path.run_for(10ms);
    EXPECT_LE(path.pacing_rate(), mbit(13));
  }
  EXPECT_GE(delivered_per_ms(path, 5s), 0.9);
}

// ---- ProbeRTT and idleness ---------------------------------------------------------------------

// A.10 Entering and Exiting PROBE_RTT.
TEST_F(BbrProbeBwTest, ProbesTheRoundTripAfterFiveSecondsForTwoHundredMilliseconds) {
  const TimePoint start = path_.now();
  run_to("probe_rtt");
  EXPECT_NEAR(static_cast<double>((path_.now() - start).count()) / 1e9, 5.0, 0.1);
  const TimePoint entered = path_.now();
  path_.run_for(100ms);
  EXPECT_NEAR(datagrams_of(path_.window()), 100, 2);
  EXPECT_LE(path_.queued(), datagrams(2));
  ASSERT_TRUE(path_.run_until([&] { return path_.phase() != "probe_rtt"; }, 1s));
  EXPECT_EQ(path_.phase(), "probe_bw_cruise");
  EXPECT_GE(path_.now() - entered, 200ms);
  EXPECT_LE(path_.now() - entered, 260ms);
  EXPECT_GE(path_.window(), datagrams(400));
  EXPECT_NEAR(mbit_paced(path_, 100), 96, 1);
  path_.run_for(40ms);
  EXPECT_GE(delivered_per_ms(path_, 200ms), 9.8);
}

// A.11 Skipping PROBE_RTT Due to Application-Limited Sending.
TEST_F(BbrProbeBwTest, SkipsProbeRttAfterIdleness) {
  run_to("probe_bw_cruise");
  path_.settings.application = Bandwidth::bits_per_second(1000);  // a packet in 9.6 s
  path_.run_for(9s);
  path_.settings.application = Bandwidth::infinite();
  EXPECT_FALSE(path_.run_until_phase("probe_rtt", 3s));
}

// s5.4.1.
TEST_F(BbrProbeBwTest, RestartsFromIdlenessAtTheKnownRate) {
  run_to("probe_bw_up");
  path_.settings.application = Bandwidth::bits_per_second(1000);
  path_.run_for(9s);
  path_.settings.application = Bandwidth::infinite();
  path_.run_for(600ms);
  path_.run_for(40ms);
  EXPECT_GE(delivered_per_ms(path_, 200ms), 9.8);
}

// s5.4.1: at once, and no faster.
TEST_F(BbrProbeBwTest, TheFirstPacketAfterIdlenessEndsTheGainOfAProbe) {
  run_to("probe_bw_up");
  path_.run_for(5ms);
  EXPECT_NEAR(mbit_paced(path_, 125), 96, 2);
  SentEvent first;
  first.bytes = kDatagram;
  first.context = {.now = path_.now(), .bytes_in_flight = kDatagram, .is_app_limited = true};
  path_.controller().on_sent(first);
  EXPECT_NEAR(mbit_paced(path_, 100), 96, 2);
}

// ---- Aggregation and small products ------------------------------------------------------------

// A.12 Achieving Expected STARTUP Bandwidth on a Link With Aggregation.
TEST(BbrTest, FindsTheRateInStartupThoughAcknowledgementsComeInHeaps) {
  Settings settings = fast();
  settings.ack_interval = 20ms;
  BottleneckPath path(settings);
  ASSERT_TRUE(path.run_until_phase("drain", 2s));
  EXPECT_GT(path.window(), datagrams(2 * 201));
  EXPECT_NEAR(mbit_paced(path, 50), 96, 96 * 0.1);
}

// A.13 Achieving Expected Cruise Bandwidth on a Link With Aggregation.
TEST_F(BbrProbeBwTest, KeepsTheRateWhileAcknowledgementsComeInHeaps) {
  run_to("probe_bw_cruise");
  path_.settings.ack_interval = 60ms;  // three round trips
  path_.run_for(300ms);
  EXPECT_GT(path_.window(), datagrams(900));
  EXPECT_GE(delivered_per_ms(path_, 1200ms), 9.8);
}

// A.14 Correctly Managing Sub-Packet BDPs: 240 kbit/s x 20 ms are 600 B.
TEST(BbrTest, KeepsFourDatagramsInFlightOnAPathThatHoldsHalfOfOne) {
  BottleneckPath path({.rate = Bandwidth::bits_per_second(240'000), .delay = 20ms});
  ASSERT_TRUE(path.run_until_phase("probe_bw_cruise", 20s));
  for (int i = 0; i < 1000; ++i) {
    path.run_for(10ms);
    ASSERT_GE(path.window(), datagrams(4));
    ASSERT_LE(path.window(), datagrams(12));
  }
  EXPECT_GE(delivered_per_ms(path, 20s), 0.025 * 0.97);  // one in 40 ms
}

// ---- Losses ------------------------------------------------------------------------------------

// A deviation from s5.5.10.3, for paths that lose by themselves: one packet in a hundred.
TEST_F(BbrProbeBwTest, BearsLossBelowTheThreshold) {
  path_.settings.one_lost_in = 100;
  path_.run_for(5s);
  EXPECT_GE(delivered_per_ms(path_, 20s), 10 * 0.99 * 0.95);
}

TEST_F(BbrProbeBwTest, SlowsDownForLossAboveTheThreshold) {
  run_to("probe_bw_cruise");
  path_.settings.one_lost_in = 20;
  path_.run_for(400ms);
  EXPECT_LE(mbit_paced(path_, 100), 96 * 0.7);
}

TEST(BbrTest, BearsMoreLossWhereItIsToldTo) {
  Settings settings = fast();
  settings.one_lost_in = 20;
  BottleneckPath path(settings, {.loss_threshold_percent = 10});
  path.run_for(5s);
  EXPECT_GE(delivered_per_ms(path, 20s), 10 * 0.95 * 0.95);
}

// A whole flight that is lost is no sign of congestion.
TEST_F(BbrProbeBwTest, GoesOnAtItsRateAfterAnOutage) {
  run_to("probe_bw_cruise");
  path_.run_for(500ms);
  path_.lose_next = 1'000'000;
  path_.run_for(200ms);
  path_.lose_next = 0;
  // The next probe finds the path again.
  ASSERT_TRUE(path_.run_until([&] { return path_.stats().packets_lost > 0; }, 1s));
  path_.run_for(80ms);
  EXPECT_GE(delivered_per_ms(path_, 200ms), 9.7);
}

// An outage drains the queue as well as a ProbeRTT.
TEST_F(BbrProbeBwTest, NeedsNoProbeRttAfterAnOutage) {
  run_to("probe_bw_cruise");
  path_.lose_next = 1'000'000;
  path_.run_for(20s);
  path_.lose_next = 0;
  ASSERT_TRUE(path_.run_until([&] { return path_.stats().packets_lost > 0; }, 10s));
  EXPECT_FALSE(path_.run_until_phase("probe_rtt", 4s));
}

// A.18 Handling Spurious Fast Recovery: packets that come 30 ms late.
TEST_F(BbrProbeBwTest, TakesBackWhatLateArrivalsMadeItDo) {
  run_to("probe_bw_up");
  path_.hold = 30ms;
  path_.hold_next = 20;
  run_to("probe_bw_down");  // they count as lost
  ASSERT_GT(path_.stats().packets_lost, 0U);
  ASSERT_TRUE(path_.run_until([&] { return path_.phase() != "probe_bw_down"; }, 100ms));
  EXPECT_EQ(path_.phase(), "probe_bw_refill");
  EXPECT_EQ(path_.stats().spurious_losses, path_.stats().packets_lost);
  run_to("probe_bw_up");
  run_to("probe_bw_cruise");
  EXPECT_GE(path_.window(), datagrams(400));  // no bound is left
}

// One packet in ten is held up, for two round trips.
TEST_F(BbrProbeBwTest, GoesBackToItsWindowAfterASpuriousLossWhileCruising) {
  run_to("probe_bw_cruise");
  path_.run_for(100ms);
  const ByteCount window = path_.window();
  path_.hold = 40ms;
  for (int i = 0; i < 42; ++i) {
    path_.hold_next = 1;
    path_.run_for(1ms);
  }
  ASSERT_TRUE(path_.run_until([&] { return path_.window() < window * 3 / 4; }, 25ms));
  ASSERT_TRUE(path_.run_until([&] { return path_.stats().spurious_losses == 42; }, 60ms));
  path_.run_for(5ms);
  EXPECT_GE(path_.window(), window * 9 / 10);
}

// Eight of 100 in flight, within one round trip.
TEST(BbrTest, GoesBackToStartupWhenTheLossesThatEndedItWereNone) {
  Settings settings = fast();
  settings.application = mbit(48);
  BottleneckPath path(settings);
  path.run_for(200ms);
  path.hold = 40ms;
  for (int i = 0; i < 8; ++i) {
    path.hold_next = 1;
    path.run_for(2ms);
  }
  ASSERT_TRUE(path.run_until([&] { return path.phase() != "startup"; }, 50ms));
  ASSERT_TRUE(path.run_until_phase("startup", 60ms));
  EXPECT_EQ(path.stats().spurious_losses, 8U);
  path.settings.application = Bandwidth::infinite();
  ASSERT_TRUE(path.run_until_phase("probe_bw_cruise", 1s));
  EXPECT_NEAR(mbit_paced(path, 100), 96, 1);
}

// RFC 9002 s7.6 where the draft has its timeout (s5.6.4.4).
TEST(BbrTest, CollapsesOnPersistentCongestionUntilSomethingSentAfterItIsAcknowledged) {
  Bbr controller({.initial_window = datagrams(50)});
  controller.on_loss(loss(at(1s), at(900ms), LossKind::persistent));
  EXPECT_EQ(controller.congestion_window(), datagrams(4));
  controller.on_ack(ack(at(1010ms), kDatagram, at(950ms)));
  EXPECT_LT(controller.congestion_window(), datagrams(10));
  controller.on_ack(ack(at(1100ms), kDatagram, at(1001ms)));
  EXPECT_GE(controller.congestion_window(), datagrams(50));
}

// A.19 Handling Spurious RTO, of persistent congestion.
TEST(BbrTest, HasItsWindowAgainWhenAnOutageIsDisproved) {
  Bbr controller({.initial_window = datagrams(50)});
  controller.on_loss(loss(at(1s), at(900ms), LossKind::persistent));
  ASSERT_EQ(controller.congestion_window(), datagrams(4));
  controller.on_spurious_loss(spurious(true));
  EXPECT_EQ(controller.congestion_window(), datagrams(50));
  EXPECT_EQ(controller.snapshot().phase, "startup");
}

// s3.6: a mark counts as congestion.
TEST_F(BbrProbeBwTest, AMarkSlowsItDownWhileCruising) {
  run_to("probe_bw_cruise");
  path_.run_for(100ms);
  const ByteCount window = path_.window();
  path_.controller().on_loss(loss(path_.now(), path_.now() - 20ms, LossKind::ecn_ce));
  path_.run_for(60ms);
  EXPECT_LE(path_.window(), window * 8 / 10);
}

TEST(BbrTest, AMarkEndsStartupForGood) {
  BottleneckPath path(fast());
  path.run_for(60ms);
  ASSERT_EQ(path.phase(), "startup");
  path.controller().on_loss(loss(path.now(), path.now() - 20ms, LossKind::ecn_ce));
  EXPECT_TRUE(path.run_until_phase("drain", 25ms));
  path.controller().on_spurious_loss(spurious(true));
  path.run_for(25ms);
  EXPECT_NE(path.phase(), "startup");
}

// Whatever else is disproved meanwhile.
TEST_F(BbrProbeBwTest, KeepsItsBoundsWhenALossBeforeAMarkIsDisproved) {
  run_to("probe_bw_cruise");
  const TimePoint now = path_.now();
  path_.controller().on_loss(loss(now, now - 20ms));
  path_.controller().on_loss(loss(now, now - 10ms, LossKind::ecn_ce));
  path_.run_for(50ms);
  const ByteCount bounded = path_.window();
  path_.controller().on_spurious_loss(spurious(true));
  path_.run_for(2ms);
  EXPECT_LE(path_.window(), bounded);
}

// ---- Bounds and paths --------------------------------------------------------------------------

TEST(BbrTest, HasFourDatagramsAtLeastUnlessToldOtherwise) {
  const auto least = [](const CongestionConfig& config) {
    Bbr controller(config);
    controller.on_loss(loss(at(1s), at(900ms), LossKind::persistent));
    return controller.congestion_window();
  };
  EXPECT_EQ(least({}), datagrams(4));
  EXPECT_EQ(least({.window_min = datagrams(2)}), datagrams(2));
  EXPECT_EQ(least({.window_max = datagrams(3)}), datagrams(3));
}

TEST(BbrTest, StaysWithinTheLargestWindow) {
  BottleneckPath path(fast(), {.window_max = datagrams(50)});
  for (int i = 0; i < 100; ++i) {
    path.run_for(20ms);
    ASSERT_LE(path.window(), datagrams(50));
  }
}

TEST_F(BbrProbeBwTest, StartsAfreshOnANewPath) {
  run_to("probe_bw_cruise");
  path_.controller().on_path_change(new_path(path_.now(), kDatagram));
  EXPECT_EQ(path_.phase(), "startup");
  EXPECT_EQ(path_.window(), datagrams(10));
  EXPECT_TRUE(path_.run_until_phase("probe_bw_cruise", 2s));
}

TEST_F(BbrProbeBwTest, KeepsItsModelWhenTheDatagramSizeChanges) {
  run_to("probe_bw_cruise");
  const ByteCount window = path_.window();
  path_.controller().on_path_change(new_datagram_size(ByteCount(9000)));
  EXPECT_EQ(path_.window(), window);
  EXPECT_EQ(path_.phase(), "probe_bw_cruise");
}

TEST(BbrTest, NamesItsPhases) {
  BottleneckPath path(fast());
  std::set<std::string_view> phases;
  for (int i = 0; i < 8000; ++i) {
    path.run_for(1ms);
    phases.insert(path.phase());
  }
  EXPECT_EQ(phases,
            (std::set<std::string_view>{"startup", "drain", "probe_bw_down", "probe_bw_cruise",
                                        "probe_bw_refill", "probe_bw_up", "probe_rtt"}));
}

}  // namespace
}  // namespace hawser
