#include "arq/retransmission_timer.h"

#include <vector>

#include <gtest/gtest.h>

#include "tests/arq/support.h"

namespace hawser::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Mode = RetransmissionTimer::Mode;

RttEstimator steady_rtt(Duration rtt) {
  RttEstimator estimator;
  for (int i = 0; i < 200; ++i) estimator.update(rtt, Duration::zero());
  return estimator;
}

/// Lets a peer be silent from 0 on: probes are sent when due and re-arm the timer as any
/// transmission does. Returns when the probes left.
std::vector<Duration> probe_times(RetransmissionTimer& timer, const RttEstimator& rtt,
                                  std::size_t count) {
  std::vector<Duration> times;
  timer.arm(at(seconds(0)), rtt, Duration::zero());
  while (times.size() < count) {
    const TimePoint now = timer.deadline();
    timer.on_expired(now);
    while (timer.probes_due() > 0) {
      timer.on_probe_sent();
      timer.arm(now, rtt, Duration::zero());
      times.push_back(now - at(seconds(0)));
    }
  }
  return times;
}

// RFC 9002 s6.2.1, s6.2.2 with no sample: 333 + 4 x 166.5 ms; the fourth interval is capped at 6 s.
TEST(RetransmissionTimerTest, SilentPeerIsProbedWithBackoffUpToTheCap) {
  RetransmissionTimer timer;
  const std::vector<Duration> expected{ms(999),  ms(1009),  ms(2997),  ms(3007),  ms(6993),
                                       ms(7003), ms(12993), ms(13003), ms(18993), ms(19003)};
  EXPECT_EQ(probe_times(timer, RttEstimator(), expected.size()), expected);
  EXPECT_EQ(timer.expiry_count(), 5);
}

// RFC 9002 s6.2.1: 61 ms, and the second probe a quarter of it or 10 ms later.
TEST(RetransmissionTimerTest, ProbesAreSpacedByTenMillisecondsOrAQuarterOfTheTimeout) {
  RetransmissionTimer slow;
  EXPECT_EQ(probe_times(slow, steady_rtt(milliseconds(60)), 4),
            (std::vector<Duration>{ms(61), ms(71), ms(183), ms(193)}));
  RetransmissionTimer fast;
  EXPECT_EQ(probe_times(fast, steady_rtt(milliseconds(3)), 4),
            (std::vector<Duration>{ms(4), ms(5), ms(12), ms(13)}));
}

// RFC 6298 s5.5: 1 s doubling to 60 s; a single probe an expiry.
TEST(RetransmissionTimerTest, Rfc6298ModeDoublesFromOneSecondToSixty) {
  RetransmissionTimer timer(Mode::rfc6298);
  const std::vector<Duration> expected{seconds(1),  seconds(3),  seconds(7),   seconds(15),
                                       seconds(31), seconds(63), seconds(123), seconds(183)};
  EXPECT_EQ(probe_times(timer, RttEstimator(), expected.size()), expected);
  RetransmissionTimer measured(Mode::rfc6298);
  EXPECT_EQ(probe_times(measured, steady_rtt(milliseconds(60)), 2),
            (std::vector<Duration>{seconds(1), seconds(3)}));
}

// RFC 6298 s5.1: a transmission starts the timer only if it is not running.
TEST(RetransmissionTimerTest, Rfc6298ModeIsNotRestartedByTransmissions) {
  RetransmissionTimer timer(Mode::rfc6298);
  const RttEstimator rtt = steady_rtt(milliseconds(60));
  timer.arm(at(seconds(0)), rtt, Duration::zero());
  timer.arm(at(milliseconds(400)), rtt, Duration::zero());
  EXPECT_EQ(timer.deadline(), at(seconds(1)));
  timer.on_progress();
  timer.arm(at(milliseconds(400)), rtt, Duration::zero());
  EXPECT_EQ(timer.deadline(), at(milliseconds(1400)));
}

// RFC 9002 s6.2.1: restarted by each ack-eliciting transmission.
TEST(RetransmissionTimerTest, RunsFromTheNewestTransmission) {
  RetransmissionTimer timer;
  const RttEstimator rtt = steady_rtt(milliseconds(60));
  EXPECT_EQ(timer.deadline(), kNever);
  timer.arm(at(milliseconds(0)), rtt, Duration::zero());
  timer.arm(at(milliseconds(40)), rtt, Duration::zero());
  EXPECT_EQ(timer.deadline(), at(milliseconds(101)));
  timer.arm(at(milliseconds(40)), rtt, milliseconds(10));
  EXPECT_EQ(timer.deadline(), at(milliseconds(111)));
}

// The second probe is due at its time although the first has re-armed the timer.
TEST(RetransmissionTimerTest, TransmissionsInBackoffMoveNothing) {
  RetransmissionTimer timer;
  const RttEstimator rtt = steady_rtt(milliseconds(60));
  timer.arm(at(milliseconds(0)), rtt, Duration::zero());
  timer.on_expired(at(milliseconds(61)));
  EXPECT_EQ(timer.probes_due(), 1);
  timer.on_probe_sent();
  timer.arm(at(milliseconds(61)), rtt, Duration::zero());
  EXPECT_EQ(timer.deadline(), at(milliseconds(71)));
  timer.arm(at(milliseconds(65)), rtt, Duration::zero());  // new data
  EXPECT_EQ(timer.deadline(), at(milliseconds(71)));
  timer.on_expired(at(milliseconds(71)));
  EXPECT_EQ(timer.probes_due(), 1);
  EXPECT_EQ(timer.expiry_count(), 1);
  timer.on_probe_sent();
  timer.arm(at(milliseconds(150)), rtt, Duration::zero());
  EXPECT_EQ(timer.deadline(), at(milliseconds(61 + 122)));
}

// RFC 9002 s6.2.1: the backoff is reset when an acknowledgement arrives.
TEST(RetransmissionTimerTest, ProgressCancelsProbesAndBackoff) {
  RetransmissionTimer timer;
  const RttEstimator rtt = steady_rtt(milliseconds(60));
  timer.arm(at(milliseconds(0)), rtt, Duration::zero());
  timer.on_expired(at(milliseconds(61)));
  timer.on_progress();
  EXPECT_EQ(timer.probes_due(), 0);
  EXPECT_EQ(timer.expiry_count(), 0);
  timer.arm(at(milliseconds(61)), rtt, Duration::zero());
  EXPECT_EQ(timer.deadline(), at(milliseconds(122)));
}

TEST(RetransmissionTimerTest, DisarmingKeepsTheBackoffButNotItsStart) {
  RetransmissionTimer timer;
  const RttEstimator rtt = steady_rtt(milliseconds(60));
  timer.arm(at(milliseconds(0)), rtt, Duration::zero());
  timer.on_expired(at(milliseconds(61)));
  timer.disarm();
  EXPECT_EQ(timer.deadline(), kNever);
  EXPECT_EQ(timer.probes_due(), 0);
  timer.arm(at(seconds(100)), rtt, Duration::zero());
  EXPECT_EQ(timer.deadline(), at(seconds(100) + milliseconds(122)));
}

TEST(RetransmissionTimerTest, ProbesThatCouldNotBeSentDoNotPileUp) {
  RetransmissionTimer timer;
  const RttEstimator rtt = steady_rtt(milliseconds(60));
  timer.arm(at(milliseconds(0)), rtt, Duration::zero());
  for (int i = 0; i < 10; ++i) timer.on_expired(timer.deadline());
  EXPECT_EQ(timer.probes_due(), 2);
  EXPECT_EQ(timer.expiry_count(), 5);

  RetransmissionTimer plain(Mode::rfc6298);
  plain.arm(at(milliseconds(0)), rtt, Duration::zero());
  plain.on_expired(plain.deadline());
  plain.on_expired(plain.deadline());
  EXPECT_EQ(plain.probes_due(), 1);
}

TEST(RetransmissionTimerTest, ALateDriverGetsOneExpiryNotMany) {
  RetransmissionTimer timer;
  timer.arm(at(milliseconds(0)), steady_rtt(milliseconds(60)), Duration::zero());
  timer.on_expired(at(std::chrono::hours(1)));
  EXPECT_EQ(timer.expiry_count(), 1);
  EXPECT_EQ(timer.deadline(), at(std::chrono::hours(1) + milliseconds(10)));
}

TEST(RetransmissionTimerTest, EveryIntervalIsCapped) {
  RetransmissionTimer timer;
  timer.arm(at(seconds(0)), steady_rtt(seconds(10)), Duration::zero());
  EXPECT_EQ(timer.deadline(), at(seconds(6)));
  for (int i = 0; i < 2000; ++i) timer.on_expired(timer.deadline());
  EXPECT_EQ(timer.expiry_count(), 1000);
}

}  // namespace
}  // namespace hawser::test
