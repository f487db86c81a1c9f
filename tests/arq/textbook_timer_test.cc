#include "arq/textbook_timer.h"

#include <gtest/gtest.h>

#include "arq/retransmission_timer.h"
#include "tests/arq/support.h"

namespace hawser::test {
namespace {

using std::chrono::milliseconds;

RttEstimator steady_rtt(Duration rtt) {
  RttEstimator estimator;
  for (int i = 0; i < 200; ++i) estimator.update(rtt, Duration::zero());
  return estimator;
}

constexpr ByteCount kPacket{1250};  // 1 ms at 10 Mbit/s
constexpr Bandwidth kTenMegabits = Bandwidth::bits_per_second(10'000'000);

/// Acknowledges a flight of five packets that left at 0 over a line of 10 Mbit/s and 20 ms.
void acknowledge_flight(TextbookTimer& timer) {
  for (int i = 0; i < 5; ++i) timer.on_ack(at(milliseconds(20 + i)), kPacket, at(milliseconds(0)));
}

TEST(TextbookTimerTest, KnowsNothingAtFirst) {
  TextbookTimer timer;
  EXPECT_TRUE(timer.line_rate().is_infinite());
  EXPECT_EQ(timer.packets_in_path(kPacket, steady_rtt(milliseconds(10))), UINT64_MAX);
  timer.on_sent(at(milliseconds(3)), kPacket);
  EXPECT_EQ(timer.next_send_time(), at(milliseconds(3)));
}

TEST(TextbookTimerTest, LearnsTheLineFromAFlightSentAtOnce) {
  TextbookTimer timer;
  acknowledge_flight(timer);
  EXPECT_EQ(timer.line_rate(), kTenMegabits);
  // 20 ms hold 20 packets, and one to spare; a begun packet counts.
  EXPECT_EQ(timer.packets_in_path(kPacket, steady_rtt(milliseconds(20))), 21U);
  EXPECT_EQ(timer.packets_in_path(kPacket, steady_rtt(ms(20.5))), 22U);
  EXPECT_EQ(timer.packets_in_path(kPacket, RttEstimator()), UINT64_MAX);
  timer.reset();
  EXPECT_TRUE(timer.line_rate().is_infinite());
}

// It keeps pace with the line, a little ahead of it so as to notice a line faster than believed.
TEST(TextbookTimerTest, ASenderIsItsLinesTransmitter) {
  TextbookTimer timer;
  acknowledge_flight(timer);
  const auto expect_free = [&](Duration sent, int frames) {
    const Duration taken = timer.next_send_time() - at(sent);
    EXPECT_LE(taken, milliseconds(1) * frames);
    EXPECT_GE(taken, milliseconds(1) * frames * 15 / 16);
  };
  timer.on_sent(at(milliseconds(30)), kPacket);
  expect_free(milliseconds(30), 1);
  timer.on_sent(at(milliseconds(30)), kPacket * 2);
  expect_free(milliseconds(30), 3);
  timer.on_sent(at(milliseconds(90)), kPacket);  // idle time is no credit
  expect_free(milliseconds(90), 1);
}

TEST(TextbookTimerTest, AcksThatComeTogetherCountTogether) {
  TextbookTimer timer;
  timer.on_ack(at(milliseconds(20)), kPacket, at(milliseconds(0)));
  timer.on_ack(at(milliseconds(24)), kPacket, at(milliseconds(0)));
  timer.on_ack(at(milliseconds(24)), kPacket * 3, at(milliseconds(0)));
  EXPECT_EQ(timer.line_rate(), kTenMegabits);
  // Nothing acknowledged is no acknowledgement: the next one's spacing begins at 24 ms.
  timer.on_ack(at(milliseconds(25)), ByteCount(0), at(milliseconds(0)));
  timer.on_ack(at(milliseconds(26)), kPacket * 2, at(milliseconds(0)));
  EXPECT_EQ(timer.line_rate(), kTenMegabits);
}

// Under stop-and-wait the spacing is the round trip, which tells nothing of the line, even if it
// grows.
TEST(TextbookTimerTest, PacketsThatWereNotUnderWayTogetherTellNothing) {
  TextbookTimer timer;
  TimePoint sent = at(milliseconds(0));
  for (int i = 0; i < 10; ++i) {
    const TimePoint acked = sent + milliseconds(20 + i);
    timer.on_ack(acked, kPacket, sent);
    sent = acked;
  }
  EXPECT_TRUE(timer.line_rate().is_infinite());
}

// A round trip that outgrew the timer would never be learned: all is declared lost before its
// acknowledgement can come.
TEST(TextbookTimerTest, BacksOffFromTheThirdExpiryInARow) {
  TextbookTimer timer;
  RttEstimator rtt;
  for (int i = 0; i < 100; ++i) rtt.update(milliseconds(64), Duration(0));
  const auto wait = [&] { return timer.deadline(at(milliseconds(0)), rtt) - at(milliseconds(0)); };
  const Duration first = wait();
  timer.on_expired();
  timer.on_expired();
  EXPECT_EQ(wait(), first);
  timer.on_expired();
  EXPECT_EQ(wait(), 2 * first);
  timer.on_expired();
  EXPECT_EQ(wait(), 4 * first);
  for (int i = 0; i < 100; ++i) timer.on_expired();
  EXPECT_EQ(wait(), RetransmissionTimer::kBackoffMax);
  timer.on_progress();
  EXPECT_EQ(wait(), first);
}

TEST(TextbookTimerTest, NeverExpiresWithinTheGranularity) {
  TextbookTimer timer;
  RttEstimator rtt;
  for (int i = 0; i < 100; ++i) rtt.update(Duration(10), Duration(0));
  EXPECT_GE(timer.deadline(at(milliseconds(5)), rtt), at(milliseconds(5)) + kGranularity);
}

TEST(TextbookTimerTest, PacketsThatTheSenderSpacedTellNothing) {
  TextbookTimer timer;
  for (int i = 0; i < 10; ++i) {
    timer.on_ack(at(milliseconds(50 + 7 * i)), kPacket, at(milliseconds(7 * i)));
  }
  EXPECT_TRUE(timer.line_rate().is_infinite());
}

TEST(TextbookTimerTest, ForgetsTheOldRateWhenTheLineSlowsDown) {
  TextbookTimer timer;
  TimePoint now = at(milliseconds(20));
  const auto flight = [&](int count, Duration spacing) {
    for (int i = 0; i < count; ++i) {
      now += spacing;
      timer.on_ack(now, kPacket, at(milliseconds(0)));
    }
  };
  flight(100, milliseconds(1));
  flight(300, milliseconds(5));
  EXPECT_EQ(timer.line_rate(), kTenMegabits);
  flight(300, milliseconds(5));
  EXPECT_EQ(timer.line_rate(), kTenMegabits.scaled(1, 5));
  flight(2, milliseconds(1));
  EXPECT_EQ(timer.line_rate(), kTenMegabits);
}

// The measured round trip holds one frame time; what is added is little, or what the path varies
// by.
TEST(TextbookTimerTest, WaitsARoundTripAndForTheLastAck) {
  const TextbookTimer timer;
  EXPECT_EQ(timer.deadline(at(milliseconds(0)), steady_rtt(milliseconds(64))),
            at(milliseconds(65)));
  // Where the line is not known, an acknowledgement ahead of the frame may take a part of it.
  EXPECT_EQ(timer.deadline(at(milliseconds(0)), steady_rtt(milliseconds(8))), at(ms(8.5)));
  TextbookTimer learned;  // on a short path of long frames, the largest packet counts
  acknowledge_flight(learned);
  learned.on_sent(at(milliseconds(30)), kPacket);
  learned.on_sent(at(milliseconds(31)), kPacket / 5);
  const TimePoint deadline = learned.deadline(at(milliseconds(30)), steady_rtt(milliseconds(2)));
  EXPECT_GE(deadline, at(ms(32.1)));
  EXPECT_LE(deadline, at(ms(32.5)));
  RttEstimator varying;
  varying.update(milliseconds(60), Duration::zero());
  EXPECT_EQ(timer.deadline(at(milliseconds(0)), varying), at(milliseconds(90)));
}

}  // namespace
}  // namespace hawser::test
