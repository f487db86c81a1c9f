#include "arq/textbook_timer.h"

#include <array>
#include <deque>
#include <map>

#include <gtest/gtest.h>

#include "arq/receive_window.h"
#include "arq/retransmission_timer.h"
#include "arq/send_window.h"
#include "hawser/random.h"
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

/// A saturated textbook sender over a line with a queue, which learns all it knows: it sends at the
/// learned rate and holds back at the learned length of the path.
class LearningTransfer {
 public:
  LearningTransfer(double propagation, std::uint64_t loss_per_mille, std::uint64_t window)
      : propagation_(ms(propagation)), loss_per_mille_(loss_per_mille), sender_(pool_, window) {
    sender_.set_peer_limit(Sequence::last());
  }

  double utilisation(std::uint64_t frames) {
    while (sent_at_.size() < frames) {
      const TimePoint ack_time = acks_.empty() ? kNever : acks_.front().time;
      const TimePoint send_time = may_send() ? std::max(now_, timer_.next_send_time()) : kNever;
      const TimePoint expiry = deadline();
      now_ = std::max(now_, std::min({ack_time, send_time, expiry}));
      if (ack_time <= now_) {
        take_ack();
      } else if (expiry <= now_) {
        sender_.mark_all_lost();
      } else {
        send_frame();
      }
    }
    return static_cast<double>(delivered_) * (kFrameTime / Duration(1)) /
           static_cast<double>((now_ - at(Duration(0))).count());
  }

 private:
  static constexpr Duration kFrameTime = milliseconds(1);

  struct Ack {
    TimePoint time;
    Sequence sequence;
    PacketNumber number;
  };

  bool may_send() const {
    if (!sender_.next_lost() && !sender_.can_push()) return false;
    return sender_.unacked_count() - sender_.lost_count() < timer_.packets_in_path(kPacket, rtt_);
  }
  TimePoint deadline() const {
    if (sender_.empty() || sender_.state(sender_.base()) != SegmentState::in_flight) return kNever;
    return timer_.deadline(sent_at_[base_number().value()], rtt_);
  }
  PacketNumber base_number() const { return newest_number_.at(sender_.base()); }

  void send_frame() {
    Sequence sequence;
    if (const auto lost = sender_.next_lost()) {
      sequence = *lost;
    } else {
      ASSERT_TRUE(sender_.push({}, sequence));
    }
    const PacketNumber number(sent_at_.size());
    sent_at_.push_back(now_);
    newest_number_[sequence] = number;
    sender_.on_transmitted(sequence, number);
    timer_.on_sent(now_, kPacket);
    line_free_ = std::max(line_free_, now_) + kFrameTime;
    if (random_.below(1000) < loss_per_mille_) return;
    if (receiver_.accept(sequence) == ReceiveWindow::Verdict::ahead) return;
    acks_.push_back({line_free_ + 2 * propagation_, sequence, number});
  }

  void take_ack() {
    const Ack ack = acks_.front();
    acks_.pop_front();
    const TimePoint sent = sent_at_[ack.number.value()];
    rtt_.update(now_ - sent, Duration::zero());
    timer_.on_ack(now_, kPacket, sent);
    if (sender_.on_acked(ack.sequence)) ++delivered_;
    newest_number_.erase(newest_number_.begin(), newest_number_.lower_bound(sender_.base()));
  }

  Duration propagation_;
  std::uint64_t loss_per_mille_;
  MemoryPool pool_;
  SendWindow sender_;
  ReceiveWindow receiver_{pool_, 1};
  RttEstimator rtt_;
  TextbookTimer timer_;
  SeededRandom random_{1};
  std::deque<TimePoint> sent_at_;  // by packet number
  std::map<Sequence, PacketNumber> newest_number_;
  std::deque<Ack> acks_;
  TimePoint now_ = at(Duration(0));
  TimePoint line_free_ = at(Duration(0));
  std::uint64_t delivered_ = 0;
};

// Two of the rows are window-limited; the first flight, sent unpaced, is part of each run.
TEST(TextbookTimerTest, ASaturatedGoBackNSenderComesCloseToTheTextbook) {
  struct Row {
    double propagation;
    std::uint64_t loss_per_mille;
    std::uint64_t window;
    double go_back_n;
  };
  constexpr std::array<Row, 6> kRows{{{0.1, 0, 7, 1.0},
                                      {1, 10, 7, .970},
                                      {5, 10, 7, .599},
                                      {10, 50, 32, .473},
                                      {50, 10, 127, .492},
                                      {100, 100, 64, .043}}};
  for (const Row& row : kRows) {
    SCOPED_TRACE(testing::Message() << "a = " << row.propagation);
    const double measured =
        LearningTransfer(row.propagation, row.loss_per_mille, row.window).utilisation(300'000);
    EXPECT_NEAR(measured, row.go_back_n, row.go_back_n * 0.04);
  }
}

TEST(TextbookTimerTest, ASaturatedStopAndWaitSenderComesCloseToTheTextbook) {
  for (const double propagation : {0.1, 1.0, 10.0, 100.0}) {
    for (const auto loss_per_mille : {0U, 10U, 100U}) {
      SCOPED_TRACE(testing::Message()
                   << "a = " << propagation << ", loss " << loss_per_mille << " per mille");
      const double expected = (1 - loss_per_mille / 1000.0) / (1 + 2 * propagation);
      const double measured = LearningTransfer(propagation, loss_per_mille, 1).utilisation(100'000);
      EXPECT_NEAR(measured, expected, expected * 0.01);
    }
  }
}

}  // namespace
}  // namespace hawser::test
