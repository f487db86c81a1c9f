#include "congestion/prr.h"

#include <vector>

#include <gtest/gtest.h>

#include "tests/congestion/ack_clock.h"

namespace hawser {
namespace {

using namespace std::chrono_literals;

/// A sender in recovery that always has more to send, in datagrams.
class PrrSender {
 public:
  struct Entry {
    std::int64_t in_flight;  ///< before the acknowledgement that finds the losses
    std::int64_t lost;
    std::int64_t acked = 1;
    std::int64_t ssthresh;
  };
  explicit PrrSender(const Entry& entry)
      : in_flight_(entry.in_flight - entry.lost - entry.acked),
        prr_(loss_event(entry.in_flight),
             {.ssthresh = datagrams(entry.ssthresh), .datagram_size = kDatagram}) {
    if (entry.acked > 0) tell_ack(entry.acked);
  }

  /// How many leave now.
  std::int64_t send() {
    std::int64_t sent = 0;
    while (datagrams(in_flight_ + 1) <= prr_.window()) {
      ++in_flight_;
      ++sent;
      prr_.on_sent({.context = context(), .bytes = kDatagram});
    }
    return sent;
  }
  void send_probe() {
    ++in_flight_;
    prr_.on_sent({.context = context(), .bytes = kDatagram});
  }
  /// The next acknowledgement, which finds so many more lost, and how many leave on it.
  std::int64_t ack_finding(std::int64_t lost, std::int64_t acked = 1) {
    pass_time();
    in_flight_ -= acked + lost;
    if (lost > 0) prr_.on_loss(loss_event(in_flight_ + acked + lost));
    tell_ack(acked);
    return send();
  }
  std::int64_t ack_one() { return ack_finding(0); }
  void lose_by_time(std::int64_t lost) {
    pass_time();
    in_flight_ -= lost;
    prr_.on_loss(loss_event(in_flight_ + lost));
  }

  std::int64_t in_flight() const { return in_flight_; }
  const Prr& prr() const { return prr_; }

 private:
  void pass_time() { now_ += 1ms; }
  CongestionContext context() const {
    return {.now = now_, .bytes_in_flight = datagrams(in_flight_)};
  }
  LossEvent loss_event(std::int64_t prior_in_flight) const {
    LossEvent event;
    event.context = context();
    event.prior_in_flight = datagrams(prior_in_flight);
    return event;
  }
  void tell_ack(std::int64_t acked) {
    AckEvent event;
    event.context = context();
    event.acked_bytes = datagrams(acked);
    prr_.on_ack(event);
  }

  TimePoint now_ = at(0s);
  std::int64_t in_flight_;
  Prr prr_;
};

// RFC 6937 s3.1, first example: one of 20 lost, ssthresh 10, two sent by limited transmit. The
// third acknowledgement after the hole finds the loss.
TEST(PrrTest, SendsOnEverySecondAcknowledgementAfterOneLossOfTwenty) {
  PrrSender sender({.in_flight = 20, .lost = 1, .ssthresh = 10});
  std::vector<int> sends_at;
  if (sender.send() == 1) sends_at.push_back(3);
  for (int number = 4; number <= 19; ++number) {
    const std::int64_t sent = sender.ack_one();
    ASSERT_LE(sent, 1) << number;
    if (sent == 1) sends_at.push_back(number);
  }
  // The first goes at once, ahead of its half share; then every second acknowledgement pays one.
  EXPECT_EQ(sends_at, (std::vector<int>{3, 6, 8, 10, 12, 14, 16, 19}));
  EXPECT_EQ(sender.in_flight(), 10);
}

// RFC 6937 s3.1, second example: the first 15 of 20 lost, two sent by limited transmit. Here each
// acknowledgement finds some of the losses: CRB.
TEST(PrrTest, SendsAsManyAsAreDeliveredWhileFurtherLossesAreFound) {
  PrrSender sender({.in_flight = 20, .lost = 13, .ssthresh = 10});
  EXPECT_EQ(sender.in_flight(), 6);
  EXPECT_EQ(sender.send(), 1);
  EXPECT_EQ(sender.ack_finding(1), 1);
  EXPECT_EQ(sender.ack_finding(1), 1);
  EXPECT_EQ(sender.in_flight(), 5);
}

// The same example; all 15 were found before, and the acknowledgements are safe: SSRB, with 4, 5, 6
// in flight before what they send.
TEST(PrrTest, SendsOneMoreOnEachSafeAcknowledgementBelowSsthresh) {
  PrrSender sender({.in_flight = 20, .lost = 15, .acked = 0, .ssthresh = 10});
  for (std::int64_t in_flight = 4; in_flight <= 6; ++in_flight) {
    EXPECT_EQ(sender.ack_one(), 2);
    EXPECT_EQ(sender.in_flight() - 2, in_flight);
  }
}

// RFC 9937 s6.2: an acknowledgement that finds losses is not safe, the one that starts it included.
TEST(PrrTest, IsConservativeOnTheAcknowledgementThatStartsTheRecovery) {
  PrrSender sender({.in_flight = 20, .lost = 15, .ssthresh = 10});
  EXPECT_EQ(sender.in_flight(), 4);
  EXPECT_EQ(sender.send(), 1);
  EXPECT_EQ(sender.ack_one(), 2);
}

// Linux's packet test prr-ss-10pkt-lost-1 (RFC 6937 s3.1): 10 sent, the first lost, the third
// acknowledgement of the others finds it; ssthresh is 7.
TEST(PrrTest, SendsOneForOneAtSsthresh) {
  PrrSender sender({.in_flight = 8, .lost = 1, .ssthresh = 7});
  EXPECT_EQ(sender.send(), 1);
  for (int i = 0; i < 6; ++i) EXPECT_EQ(sender.ack_one(), 1) << i;
  EXPECT_EQ(sender.in_flight(), 7);
}

// RFC 9937 s6.2: the first retransmission does not wait until half of a datagram has become one.
TEST(PrrTest, SendsOnEnteringRecoveryWhateverTheShare) {
  PrrSender far_above({.in_flight = 1000, .lost = 1, .ssthresh = 100});
  EXPECT_EQ(far_above.send(), 1);
  EXPECT_EQ(far_above.ack_one(), 0);
  PrrSender by_time({.in_flight = 20, .lost = 1, .acked = 0, .ssthresh = 10});
  EXPECT_EQ(by_time.send(), 1);
}

TEST(PrrTest, OffersTheFirstTransmissionUntilItIsMade) {
  PrrSender sender({.in_flight = 100, .lost = 1, .acked = 0, .ssthresh = 1});
  EXPECT_EQ(sender.prr().window(), datagrams(100));
  sender.lose_by_time(10);
  EXPECT_EQ(sender.prr().window(), datagrams(90));
}

TEST(PrrTest, MakesNoRoomOfLosses) {
  PrrSender sender({.in_flight = 100, .lost = 1, .ssthresh = 50});
  EXPECT_EQ(sender.send(), 1);
  sender.lose_by_time(20);
  EXPECT_EQ(sender.send(), 0);
  EXPECT_EQ(sender.prr().window(), datagrams(79));
  // At 79 in flight and 50 to reach, one of two.
  EXPECT_EQ(sender.ack_finding(0, 4), 1);
}

// One batch may acknowledge many.
TEST(PrrTest, PaysInProportionForABatchOfAcknowledgements) {
  PrrSender sender({.in_flight = 100, .lost = 2, .acked = 20, .ssthresh = 70});
  EXPECT_EQ(sender.send(), 14);
}

// Probes leave without asking; what they took is missing afterwards.
TEST(PrrTest, ChargesProbes) {
  PrrSender sender({.in_flight = 100, .lost = 1, .acked = 0, .ssthresh = 50});
  EXPECT_EQ(sender.send(), 1);
  sender.send_probe();
  sender.send_probe();
  EXPECT_EQ(sender.send(), 0);
  for (int i = 1; i < 8; ++i) EXPECT_EQ(sender.ack_one(), 0) << i;
  EXPECT_EQ(sender.ack_one(), 1);  // the fourth datagram for eight delivered
}

// What an application did not use it may use later, up to ssthresh.
TEST(PrrTest, KeepsWhatAnIdleApplicationDidNotSend) {
  PrrSender sender({.in_flight = 40, .lost = 1, .acked = 29, .ssthresh = 20});
  EXPECT_EQ(sender.in_flight(), 10);
  EXPECT_EQ(sender.send(), 10);
}

// A mark takes nothing out of flight; half of what was delivered leaves again.
TEST(PrrTest, AnswersAMarkInProportion) {
  LossEvent mark;
  mark.prior_in_flight = datagrams(100);
  mark.kind = LossKind::ecn_ce;
  mark.context.now = at(0s);
  mark.context.bytes_in_flight = datagrams(98);
  Prr prr(mark, {.ssthresh = datagrams(50), .datagram_size = kDatagram});
  SentEvent first;  // leaves at once
  first.bytes = kDatagram;
  first.context.bytes_in_flight = datagrams(99);
  prr.on_sent(first);
  AckEvent acknowledged;
  acknowledged.context.now = at(1ms);
  acknowledged.context.bytes_in_flight = datagrams(95);
  acknowledged.acked_bytes = datagrams(4);
  prr.on_ack(acknowledged);
  EXPECT_EQ(prr.window(), datagrams(96));  // 4 / 2 delivered, less the one that left
}

TEST(PrrTest, StaysInExactArithmeticWithHugeFlights) {
  LossEvent event;
  event.prior_in_flight = ByteCount(std::int64_t{1} << 50);
  event.context.bytes_in_flight = ByteCount(std::int64_t{1} << 50);
  Prr prr(event, {.ssthresh = ByteCount(std::int64_t{7} << 46), .datagram_size = kDatagram});
  AckEvent half;
  half.context.now = at(1s);
  half.context.bytes_in_flight = ByteCount(std::int64_t{1} << 49);
  half.acked_bytes = ByteCount(std::int64_t{1} << 49);
  prr.on_ack(half);
  EXPECT_EQ(prr.window() - half.context.bytes_in_flight, ByteCount(std::int64_t{7} << 45));
}

}  // namespace
}  // namespace hawser
