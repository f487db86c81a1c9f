#include "congestion/pacer.h"

#include <vector>

#include <gtest/gtest.h>

#include "tests/congestion/ack_clock.h"

namespace hawser {
namespace {

using namespace std::chrono_literals;

constexpr Bandwidth kilobits(std::int64_t count) {
  return Bandwidth::bits_per_second(count * 1000);
}
constexpr Bandwidth kGigabit = kilobits(1'000'000);

/// A pacer whose initial window of two datagrams is used up at 0 s.
Pacer spent_pacer(Bandwidth rate) {
  Pacer pacer({.datagram_size = kDatagram, .initial_window = datagrams(2)});
  pacer.on_sent(at(0s), datagrams(2), rate);
  return pacer;
}

/// Sends all that may leave at `now`, at most `most` packets; returns how many left.
std::int64_t send_at(Pacer& pacer, TimePoint now, Bandwidth rate, std::int64_t most = INT64_MAX) {
  std::int64_t count = 0;
  while (count < most && pacer.can_send(now, rate)) {
    pacer.on_sent(now, kDatagram, rate);
    ++count;
  }
  return count;
}

/// Wakes up every `tick` until `end` and counts what leaves.
std::int64_t packets_sent(Bandwidth rate, Duration tick, Duration end) {
  Pacer pacer = spent_pacer(rate);
  std::int64_t count = 0;
  for (Duration t = tick; t <= end; t += tick) count += send_at(pacer, at(t), rate);
  return count;
}

TEST(PacerTest, LetsTheInitialWindowLeaveAtOnce) {
  Pacer pacer({.datagram_size = kDatagram, .initial_window = datagrams(10)});
  EXPECT_EQ(send_at(pacer, at(0s), kilobits(1)), 10);
  EXPECT_FALSE(pacer.can_send(at(0s), kilobits(1)));
}

TEST(PacerTest, StartsWithTwoDatagramsAtLeast) {
  Pacer pacer({.datagram_size = kDatagram, .initial_window = ByteCount(0)});
  EXPECT_EQ(send_at(pacer, at(0s), kilobits(1)), 2);
}

TEST(PacerTest, SpacesPacketsByTheirTransferTime) {
  Pacer pacer = spent_pacer(kilobits(9600));  // 1200 B take 1 ms
  // The first packet waits for the smallest credit only; each after it for all of the one before.
  EXPECT_EQ(pacer.next_send_time(at(0s), kilobits(9600)), at(1ns));
  pacer.on_sent(at(1ns), kDatagram, kilobits(9600));
  EXPECT_EQ(pacer.next_send_time(at(1ns), kilobits(9600)), at(1ms + 1ns));
  pacer.on_sent(at(1ms + 1ns), kDatagram / 2, kilobits(9600));
  EXPECT_EQ(pacer.next_send_time(at(1ms + 1ns), kilobits(9600)), at(1500us + 1ns));
}

TEST(PacerTest, NextSendTimeIsTheFirstNanosecondAtWhichAPacketMayLeave) {
  for (const std::int64_t bits : {7LL, 9'999LL, 1'234'567LL, 333'333'333LL, 98'765'432'109LL}) {
    const Bandwidth rate = Bandwidth::bits_per_second(bits);
    Pacer pacer = spent_pacer(rate);
    TimePoint now = at(0s);
    for (int i = 0; i < 100; ++i) {
      const TimePoint next = pacer.next_send_time(now, rate);
      ASSERT_TRUE(pacer.can_send(next, rate));
      ASSERT_FALSE(pacer.can_send(next - 1ns, rate));
      now = next;
      pacer.on_sent(now, kDatagram, rate);
    }
  }
}

TEST(PacerTest, DoesNotDriftWhenServedOnTime) {
  // 333,333,333 bit/s: 1200 B take 28.8000000288 us, no whole number of nanoseconds.
  const Bandwidth rate = Bandwidth::bits_per_second(333'333'333);
  Pacer pacer = spent_pacer(rate);
  TimePoint now = at(0s);
  for (int i = 0; i < 100'000; ++i) {
    now = pacer.next_send_time(now, rate);
    pacer.on_sent(now, kDatagram, rate);
  }
  // 99,999 packets lie between the first and the last.
  const Duration exact = rate.transfer_time(datagrams(99'999));
  EXPECT_LE(now - at(0s) - exact, 1ns);
  EXPECT_GE(now - at(0s), exact);
}

// 1 Gbit/s is 104,166.67 packets of 1200 B in a second, 105 of them in a burst.
TEST(PacerTest, IsExactAtAGigabitHoweverOftenTheDriverWakesUp) {
  for (const Duration tick : std::vector<Duration>{10us, 33333ns, 250us, 999us, 1ms}) {
    EXPECT_NEAR(static_cast<double>(packets_sent(kGigabit, tick, 1s)), 104'166.67, 105)
        << "tick " << tick.count() << " ns";
  }
  // No more than a burst off after five seconds either: the error does not grow.
  EXPECT_NEAR(static_cast<double>(packets_sent(kGigabit, 1ms, 5s)), 520'833.3, 105);
}

TEST(PacerTest, IsExactBelowOnePacketPerTick) {
  // 10 kbit/s: a packet of 1200 B each 0.96 s, 104.17 in 100 s.
  EXPECT_EQ(packets_sent(kilobits(10), 1ms, 100s), 105);
  EXPECT_EQ(packets_sent(kilobits(10), 7ms, 100s), 105);
  // 6.4 Mbit/s: a packet each 1.5 ms, every second tick or so.
  EXPECT_EQ(packets_sent(kilobits(6400), 1ms, 30s), 20'000);
}

TEST(PacerTest, GathersOneBurstOverAnIdleTimeHoweverLong) {
  Pacer slow = spent_pacer(kilobits(100));
  EXPECT_EQ(send_at(slow, at(3h), kilobits(100)), 2);
  Pacer fast = spent_pacer(kGigabit);  // 1 ms is 125,000 B: 104.17 packets, the last one owed
  EXPECT_EQ(send_at(fast, at(3h), kGigabit), 105);
  EXPECT_FALSE(fast.can_send(at(3h), kGigabit));
}

TEST(PacerTest, TakesTheBurstIntervalFromTheConfiguration) {
  Pacer pacer({.datagram_size = kDatagram,
               .initial_window = datagrams(2),
               .burst_interval = std::chrono::milliseconds(4)});
  pacer.on_sent(at(0s), datagrams(2), kGigabit);
  EXPECT_EQ(send_at(pacer, at(1h), kGigabit), 417);
}

TEST(PacerTest, ForgetsCreditThatALowerRateWouldNotHaveGiven) {
  Pacer pacer = spent_pacer(kGigabit);
  pacer.on_sent(at(1s), kDatagram, kGigabit);  // leaves 1 ms at 1 Gbit/s but for a packet
  EXPECT_EQ(send_at(pacer, at(1s), kilobits(100)), 2);
}

TEST(PacerTest, RepaysADebtAtTheRateOfTheTime) {
  Pacer pacer = spent_pacer(kilobits(9600));
  pacer.on_sent(at(0s), datagrams(10), kilobits(9600));  // ten probes that did not ask
  EXPECT_EQ(pacer.next_send_time(at(0s), kilobits(9600)), at(10ms + 1ns));
  EXPECT_EQ(pacer.next_send_time(at(0s), kilobits(19200)), at(5ms + 1ns));
}

TEST(PacerTest, DoesNotHoldBackAtAnInfiniteRate) {
  Pacer pacer = spent_pacer(Bandwidth::infinite());
  EXPECT_EQ(send_at(pacer, at(0s), Bandwidth::infinite(), 1000), 1000);
  EXPECT_EQ(pacer.next_send_time(at(0s), Bandwidth::infinite()), at(0s));
  // What left unpaced is not owed once there is a rate.
  EXPECT_EQ(pacer.next_send_time(at(0s), kilobits(9600)), at(1ns));
}

TEST(PacerTest, NeverSendsAtRateZeroAndNeverOverflows) {
  Pacer pacer = spent_pacer(kilobits(10));
  EXPECT_EQ(pacer.next_send_time(at(1ms), Bandwidth::zero()), kNever);
  pacer.on_sent(at(0s), ByteCount(INT64_MAX / 16), kilobits(10));
  EXPECT_EQ(pacer.next_send_time(at(0s), Bandwidth::bits_per_second(1)), kNever);
  const Bandwidth fastest = Bandwidth::bits_per_second(INT64_MAX - 1);
  Pacer fast = spent_pacer(fastest);
  EXPECT_TRUE(fast.can_send(at(24h * 365 * 100), fastest));
}

TEST(PacerTest, QueriesChangeNothing) {
  Pacer asked = spent_pacer(kilobits(5000));
  Pacer left_alone = asked;
  for (int i = 0; i < 100; ++i) {
    asked.can_send(at(i * 100us), kGigabit);
    asked.next_send_time(at(i * 100us), kilobits(1));
  }
  EXPECT_EQ(asked.next_send_time(at(0s), kilobits(5000)),
            left_alone.next_send_time(at(0s), kilobits(5000)));
  EXPECT_EQ(send_at(asked, at(20ms), kilobits(5000)),
            send_at(left_alone, at(20ms), kilobits(5000)));
}

TEST(PacerTest, AdmitsTheSamePacketsWhateverTheBatchSize) {
  // Departure times with `batch` packets at most per call, the call repeated until it sends none.
  const auto departures = [](std::int64_t batch) {
    Pacer pacer({.datagram_size = kDatagram, .initial_window = datagrams(10)});
    std::vector<TimePoint> times;
    Bandwidth rate = kilobits(50'000);
    for (TimePoint now = at(0s); now < at(200ms);) {
      for (;;) {
        const std::int64_t count = send_at(pacer, now, rate, batch);
        if (count == 0) break;
        times.insert(times.end(), static_cast<std::size_t>(count), now);
      }
      rate = rate.scaled(1001, 1000);  // acknowledgements came in
      now = std::max(now + 70us, pacer.next_send_time(now, rate));
    }
    return times;
  };
  const std::vector<TimePoint> one_by_one = departures(1);
  EXPECT_GT(one_by_one.size(), 1000U);
  EXPECT_EQ(one_by_one, departures(2));
  EXPECT_EQ(one_by_one, departures(64));
}

TEST(PacerTest, BurstsFollowTheDatagramSize) {
  Pacer pacer = spent_pacer(kilobits(100));
  pacer.set_datagram_size(ByteCount(3000));
  // 6000 B of credit are five packets of 1200 B.
  EXPECT_EQ(send_at(pacer, at(1h), kilobits(100)), 5);
}

// Phase effects: what an acknowledgement makes room for must not leave in one piece.
TEST(PacerTest, SpacesWhatWaitedForTheWindow) {
  const Bandwidth rate = kilobits(48'000);  // 1200 B take 200 us
  Pacer pacer = spent_pacer(rate);
  pacer.set_limiting_window(datagrams(10));
  EXPECT_EQ(send_at(pacer, at(1s), rate), 1);
  EXPECT_EQ(pacer.next_send_time(at(1s), rate), at(1s + 200us));
  EXPECT_EQ(send_at(pacer, at(1s + 200us), rate), 1);
}

TEST(PacerTest, KeepsBurstsOfTwoInSmallWindows) {
  Pacer pacer = spent_pacer(kilobits(1000));
  pacer.set_limiting_window(datagrams(10) - ByteCount(1));
  EXPECT_EQ(send_at(pacer, at(1s), kilobits(1000)), 2);
}

TEST(PacerTest, GathersForLateWakeUpsWhenItIsThePacerThatHoldsPacketsBack) {
  const Bandwidth rate = kilobits(48'000);
  Pacer pacer = spent_pacer(rate);
  pacer.set_limiting_window(datagrams(100));
  EXPECT_EQ(send_at(pacer, at(1s), rate), 1);
  pacer.set_limiting_window(std::nullopt);  // more could be in flight
  EXPECT_EQ(send_at(pacer, at(1s + 800us), rate), 4);
}

TEST(PacerTest, KeepsBurstsOfASenderThatHadNothingToSend) {
  const Bandwidth rate = kilobits(48'000);
  Pacer pacer = spent_pacer(rate);
  pacer.set_limiting_window(datagrams(100));
  pacer.set_limiting_window(std::nullopt);
  EXPECT_EQ(send_at(pacer, at(1s), rate), 5);
}

TEST(PacerTest, LetsMoreLeaveTogetherWherePacketsAreTooMany) {
  const auto burst_at = [](Bandwidth rate) {
    Pacer pacer = spent_pacer(rate);
    pacer.set_limiting_window(datagrams(10'000));
    return send_at(pacer, at(1s), rate);
  };
  EXPECT_EQ(burst_at(kilobits(96'000)), 1);    // credit for 1152 B
  EXPECT_EQ(burst_at(kilobits(100'000)), 2);   // 1250 B
  EXPECT_EQ(burst_at(kilobits(200'000)), 5);   // 5000 B
  EXPECT_EQ(burst_at(kilobits(500'000)), 27);  // 31,250 B
  EXPECT_EQ(burst_at(kGigabit), 105);          // 1 ms
  EXPECT_EQ(burst_at(kilobits(2'000'000)), 209);
}

}  // namespace
}  // namespace hawser
