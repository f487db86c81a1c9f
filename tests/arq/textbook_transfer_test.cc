// What the textbook's timer makes of a saturated sender that knows nothing of its line at first.
#include <array>
#include <deque>
#include <map>

#include <gtest/gtest.h>

#include "arq/receive_window.h"
#include "arq/send_window.h"
#include "arq/textbook_timer.h"
#include "hawser/random.h"
#include "tests/arq/support.h"

namespace hawser::test {
namespace {

using std::chrono::milliseconds;

constexpr ByteCount kPacket{1250};  // 1 ms at 10 Mbit/s

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
TEST(TextbookTransferTest, GoBackNComesCloseToTheTextbook) {
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

TEST(TextbookTransferTest, StopAndWaitComesCloseToTheTextbook) {
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
