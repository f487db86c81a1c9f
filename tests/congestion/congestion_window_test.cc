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

/// With something left in flight.
AckEvent acked(ByteCount bytes, TimePoint sent_time) {
  AckEvent event = ack(sent_time + 100ms, bytes, sent_time);
  event.context.bytes_in_flight = datagrams(1);
  return event;
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

TEST(WindowLimitsTest, TakesFourDatagramsAsTheMinimumByDefault) {
  EXPECT_EQ(WindowLimits(CongestionConfig{}).min, ByteCount(4800));
  EXPECT_EQ(WindowLimits(CongestionConfig{.window_min = ByteCount(2400)}).min, ByteCount(2400));
  // But never more than RFC 9002's initial window.
  EXPECT_EQ(WindowLimits(CongestionConfig{.datagram_size = ByteCount(4000)}).min, ByteCount(14720));
  EXPECT_EQ(WindowLimits(CongestionConfig{.datagram_size = ByteCount(9000)}).min, ByteCount(18000));
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
  EXPECT_EQ(window.size(), datagrams(9));
  EXPECT_EQ(window.on_ack(acked(datagrams(5), at(1s))), datagrams(4));
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
  EXPECT_EQ(window.size(), datagrams(4));
  EXPECT_EQ(window.ssthresh(), datagrams(4));
}

TEST(CongestionWindowTest, NeverGrowsAboveTheMaximum) {
  CongestionWindow window = window_of({.window_max = datagrams(15)});
  window.on_ack(acked(datagrams(10), at(0s)));
  EXPECT_EQ(window.size(), datagrams(15));
  window.grow(datagrams(1));
  EXPECT_EQ(window.size(), datagrams(15));
}

TEST(CongestionWindowTest, ShrinksDownToTheMinimumWithoutARecovery) {
  CongestionWindow window = window_of({.initial_window = datagrams(40)});
  window.shrink(ByteCount(0));
  EXPECT_EQ(window.phase(), "congestion_avoidance");  // slow start is over
  EXPECT_EQ(window.size(), datagrams(40));
  window.shrink(ByteCount(1));
  EXPECT_EQ(window.size(), datagrams(40) - ByteCount(1));
  EXPECT_EQ(window.phase(), "congestion_avoidance");
  EXPECT_EQ(window.evidence(acked(datagrams(3), at(0s))), datagrams(3));
  window.shrink(datagrams(100));
  EXPECT_EQ(window.size(), datagrams(4));
  EXPECT_TRUE(window.is_new_episode(at(0s)));  // it answered nothing
}

TEST(CongestionWindowTest, ResumesSlowStartWithoutAnEnd) {
  CongestionWindow window = window_of({.initial_window = datagrams(40)});
  window.reduce(at(100ms), kHalf);
  window.resume_slow_start();
  EXPECT_EQ(window.phase(), "slow_start");
  EXPECT_EQ(window.slow_start(datagrams(100)), ByteCount(0));
  EXPECT_EQ(window.size(), datagrams(120));
}

TEST(CongestionWindowTest, TellsWhichBytesAreEvidence) {
  CongestionWindow window = window_of({.initial_window = datagrams(40)});
  AckEvent event = acked(datagrams(3), at(0s));
  EXPECT_EQ(window.evidence(event), datagrams(3));
  event.context.is_app_limited = true;
  EXPECT_EQ(window.evidence(event), ByteCount(0));
  window.reduce(at(100ms), kHalf);
  EXPECT_EQ(window.evidence(acked(datagrams(3), at(100ms))), ByteCount(0));
  EXPECT_EQ(window.evidence(acked(datagrams(3), at(101ms))), datagrams(3));
  EXPECT_EQ(window.size(), datagrams(20));  // nothing of it grew
}

// RFC 9002 s7.6.2, RFC 5681 s3.1.
TEST(CongestionWindowTest, CollapsesToTheMinimumAndKeepsSsthresh) {
  CongestionWindow window = window_of({.initial_window = datagrams(40)});
  window.reduce(at(100ms), kHalf);
  window.collapse(at(900ms));
  EXPECT_EQ(window.size(), datagrams(4));
  EXPECT_EQ(window.ssthresh(), datagrams(20));
  EXPECT_EQ(window.phase(), "slow_start");
  // Whatever else was in flight belongs to the same outage, but its acknowledgements count.
  EXPECT_FALSE(window.is_new_episode(at(800ms)));
  EXPECT_TRUE(window.is_new_episode(at(901ms)));
  window.on_ack(acked(datagrams(1), at(800ms)));
  EXPECT_EQ(window.size(), datagrams(5));
}

TEST(CongestionWindowTest, KeepsItsBytesWhenTheDatagramSizeChanges) {
  CongestionWindow window = window_of({});
  window.on_ack(acked(datagrams(10), at(0s)));
  window.set_limits(WindowLimits(CongestionConfig{.datagram_size = ByteCount(1472)}));
  EXPECT_EQ(window.size(), datagrams(20));
  window.set_limits(WindowLimits(CongestionConfig{.datagram_size = ByteCount(20000)}));
  EXPECT_EQ(window.size(), ByteCount(40000));  // the minimum for that size
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

/// A window of 20 datagrams in congestion avoidance, all of them in flight at 0 s, with HyStart++
/// and Proportional Rate Reduction.
class ShapedWindowTest : public testing::Test {
 protected:
  static CongestionWindow full_window() {
    CongestionWindow window(CongestionConfig{.initial_window = datagrams(20)});
    return window;
  }
  /// The loss of `lost` of so many in flight, sent at `sent_time`, found with `acked` others.
  LossEvent found(TimePoint now, TimePoint sent_time, std::int64_t lost, std::int64_t acked = 0) {
    LossEvent event = loss(now, sent_time);
    event.prior_in_flight = datagrams(in_flight_);
    in_flight_ -= lost + acked;
    event.context.bytes_in_flight = datagrams(in_flight_);
    return event;
  }
  AckEvent acked_one(TimePoint now, TimePoint sent_time) {
    AckEvent event = ack(now, kDatagram, sent_time);
    event.context.bytes_in_flight = datagrams(--in_flight_);
    return event;
  }
  /// Sends what is allowed; how many that is.
  std::int64_t send_allowed(TimePoint now) {
    std::int64_t sent = 0;
    while (datagrams(in_flight_ + 1) <= window_.allowed()) {
      ++sent;
      ++in_flight_;
      window_.on_sent(
          {.context = {.now = now, .bytes_in_flight = datagrams(in_flight_)}, .bytes = kDatagram});
    }
    return sent;
  }
  void reduce(const LossEvent& event) {
    window_.note_loss(event);
    if (window_.is_new_episode(event.largest_lost_sent_time)) window_.reduce(event, kHalf);
  }

  CongestionWindow window_ = full_window();
  std::int64_t in_flight_ = 20;
};

// RFC 6937 s3.1, second example: before the recovery each acknowledgement lets a new one leave.
TEST_F(ShapedWindowTest, LetsOneLeaveForEachAcknowledgementBeforeTheRecovery) {
  for (int i = 1; i <= 2; ++i) {
    AckEvent event = acked_one(at(100ms), at(i * 1ms));
    event.context.is_app_limited = true;  // nothing new was sent yet: the window stays
    window_.on_ack(event);
    EXPECT_EQ(send_allowed(at(100ms)), 1) << i;
    EXPECT_EQ(window_.size(), datagrams(20));
  }
}

// RFC 9937: in flight falls to ssthresh over the round trip, on every second acknowledgement.
TEST_F(ShapedWindowTest, ApproachesSsthreshWithinARoundTrip) {
  reduce(found(at(100ms), at(0s), 1));
  EXPECT_EQ(window_.size(), datagrams(10));
  EXPECT_EQ(window_.allowed(), datagrams(20));  // 19 in flight, one to leave at once
  EXPECT_EQ(send_allowed(at(100ms)), 1);
  std::int64_t sent = 0;
  for (int i = 1; i <= 18; ++i) {
    window_.on_ack(acked_one(at(100ms + i * 1ms), at(0s)));
    sent += send_allowed(at(100ms + i * 1ms));
    EXPECT_EQ(window_.phase(), "recovery");
  }
  EXPECT_EQ(sent, 8);
  EXPECT_EQ(in_flight_, 10);
}

// RFC 9937 s6.4.
TEST_F(ShapedWindowTest, IsSsthreshAtTheEndOfTheRecovery) {
  reduce(found(at(100ms), at(0s), 15));
  EXPECT_EQ(window_.allowed(), datagrams(6));
  EXPECT_EQ(send_allowed(at(100ms)), 1);
  window_.on_ack(acked_one(at(201ms), at(101ms)));
  EXPECT_EQ(window_.phase(), "congestion_avoidance");
  EXPECT_EQ(window_.allowed(), datagrams(10));
}

// Linux's packet test of four of ten lost (RFC 6937 s3.1): four of ten lost, and nothing more to
// send until recovery is over. Then as many as ssthresh leave at once.
TEST_F(ShapedWindowTest, LetsAnApplicationThatWasSilentUseSsthresh) {
  in_flight_ = 14;
  reduce(found(at(100ms), at(0s), 4));
  EXPECT_EQ(window_.size(), datagrams(10));
  for (int i = 0; i < 10; ++i) window_.on_ack(acked_one(at(110ms), at(0s)));
  EXPECT_EQ(window_.phase(), "congestion_avoidance");
  EXPECT_EQ(send_allowed(at(5s)), 10);
}

// Whatever was lost, nothing in flight is the end only once something came back.
TEST_F(ShapedWindowTest, StaysInRecoveryWhenTheWholeFlightWasLost) {
  reduce(found(at(100ms), at(0s), 19));
  window_.on_ack(acked_one(at(100ms), at(50ms)));
  EXPECT_EQ(window_.phase(), "recovery");
  EXPECT_EQ(send_allowed(at(100ms)), 4);  // the minimum window
}

TEST_F(ShapedWindowTest, StartsFromSsthreshWhenASecondEpisodeBeginsInRecovery) {
  reduce(found(at(100ms), at(0s), 1));
  EXPECT_EQ(send_allowed(at(101ms)), 1);
  reduce(found(at(150ms), at(50ms), 1));  // the same episode
  EXPECT_EQ(window_.size(), datagrams(10));
  EXPECT_EQ(send_allowed(at(150ms)), 0);
  reduce(found(at(210ms), at(101ms), 1));
  EXPECT_EQ(window_.size(), datagrams(5));
  EXPECT_EQ(window_.ssthresh(), datagrams(5));
  EXPECT_EQ(send_allowed(at(210ms)), 1);
  // 19 were in flight and 5 are to be: the next leaves when eight are delivered.
  for (int i = 1; i <= 6; ++i) window_.on_ack(acked_one(at(210ms + i * 1ms), at(101ms)));
  EXPECT_EQ(send_allowed(at(217ms)), 0);
}

TEST_F(ShapedWindowTest, EndsWithACollapse) {
  reduce(found(at(5s), at(0s), 15));
  window_.collapse(at(5s));
  EXPECT_EQ(window_.allowed(), datagrams(4));
  EXPECT_EQ(window_.phase(), "slow_start");
}

TEST_F(ShapedWindowTest, IsWholeAgainWhenItComesBack) {
  reduce(found(at(100ms), at(0s), 1));
  EXPECT_EQ(send_allowed(at(101ms)), 1);
  const CongestionWindow before = window_;
  reduce(found(at(210ms), at(101ms), 1));
  window_ = before;
  window_.come_back();
  EXPECT_EQ(window_.allowed(), datagrams(10));
}

// RFC 9937 is of what is in flight; what always may be stays.
TEST_F(ShapedWindowTest, IsNeverBelowTheMinimumNorAboveTheMaximum) {
  reduce(found(at(100ms), at(0s), 20));
  EXPECT_EQ(window_.allowed(), datagrams(4));
  window_ = CongestionWindow(
      CongestionConfig{.initial_window = datagrams(20), .window_max = datagrams(20)});
  in_flight_ = 25;  // probes are exempt
  reduce(found(at(100ms), at(0s), 1));
  EXPECT_EQ(window_.allowed(), datagrams(20));
}

TEST_F(ShapedWindowTest, FollowsAReductionAtOnceWithoutPrr) {
  CongestionConfig config{.initial_window = datagrams(20)};
  config.prr = false;
  window_ = CongestionWindow(config);
  reduce(found(at(100ms), at(0s), 1));
  EXPECT_EQ(window_.allowed(), datagrams(10));
}

/// Acknowledges the window datagram by datagram with this round-trip time, sent after all before.
void run_round(CongestionWindow& window, TimePoint& now, Duration rtt) {
  now += 1s;
  for (ByteCount left = window.size(); left > ByteCount(0); left -= kDatagram) {
    now += 1us;
    AckEvent event = ack(now, kDatagram, now - rtt);
    event.context.bytes_in_flight = datagrams(1);
    window.on_ack(event);
  }
}

// RFC 9406 s4.2: a quarter of the growth for five rounds, then congestion avoidance.
TEST(HyStartedWindowTest, LeavesTheFirstSlowStartWhenTheRoundTripTimeRises) {
  CongestionWindow window{CongestionConfig{}};
  TimePoint now = at(0s);
  run_round(window, now, 60ms);
  EXPECT_EQ(window.size(), datagrams(20));
  EXPECT_EQ(window.phase(), "slow_start");
  run_round(window, now, 80ms);
  EXPECT_EQ(window.phase(), "conservative_slow_start");
  // Seven acknowledgements before it was known, thirteen after.
  EXPECT_EQ(window.size(), datagrams(27) + datagrams(13) / 4);
  for (int round = 2; round <= 5; ++round) {
    const ByteCount before = window.size();
    run_round(window, now, 80ms);
    EXPECT_NEAR(in_datagrams(window.size()), in_datagrams(before) * 1.25, 1);
  }
  EXPECT_EQ(window.phase(), "conservative_slow_start");
  EXPECT_EQ(window.ssthresh(), ByteCount::max());
  const ByteCount at_the_end = window.size();
  run_round(window, now, 80ms);
  EXPECT_EQ(window.phase(), "congestion_avoidance");
  EXPECT_EQ(window.ssthresh(), at_the_end);
  EXPECT_EQ(window.size(), at_the_end);
}

// RFC 9406 s4.3: later slow starts know where to end.
TEST(HyStartedWindowTest, DoublesInLaterSlowStartsWhateverTheRoundTripTime) {
  CongestionWindow window{CongestionConfig{.initial_window = datagrams(1000)}};
  window.reduce(loss(at(0s), at(-1s)), kHalf);
  window.collapse(at(0s));
  TimePoint now = at(1s);
  for (int round = 1; round <= 4; ++round) run_round(window, now, round * 60ms);
  EXPECT_EQ(window.size(), datagrams(4 * 16));
  EXPECT_EQ(window.phase(), "slow_start");
}

TEST(HyStartedWindowTest, DoublesThroughoutWhenHyStartIsOff) {
  CongestionConfig config;
  config.hystart = false;
  CongestionWindow window{config};
  TimePoint now = at(0s);
  for (int round = 1; round <= 4; ++round) run_round(window, now, round * 60ms);
  EXPECT_EQ(window.size(), datagrams(160));
}

TEST(HyStartedWindowTest, StartsAfreshOnANewPath) {
  CongestionWindow window{CongestionConfig{}};
  TimePoint now = at(0s);
  run_round(window, now, 60ms);
  run_round(window, now, 80ms);
  ASSERT_EQ(window.phase(), "conservative_slow_start");
  window.restart(WindowLimits(CongestionConfig{}), now);
  EXPECT_EQ(window.phase(), "slow_start");
  run_round(window, now, 300ms);
  EXPECT_EQ(window.size(), datagrams(20));
  run_round(window, now, 320ms);
  EXPECT_EQ(window.phase(), "conservative_slow_start");
}

}  // namespace
}  // namespace hawser
