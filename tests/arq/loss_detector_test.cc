#include "arq/loss_detector.h"

#include <vector>

#include <gtest/gtest.h>

#include "tests/arq/support.h"

namespace hawser::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// A path of a steady 60 ms, long measured.
RttEstimator steady_rtt(Duration rtt = milliseconds(60)) {
  RttEstimator estimator;
  for (int i = 0; i < 200; ++i) estimator.update(rtt, Duration::zero());
  return estimator;
}

class LossDetectorTest : public testing::Test {
 protected:
  LossDetector::Outcome detect(Duration now) {
    return detector_.detect(at(now), rtt_, log_, Duration::zero());
  }
  /// One ACK frame that arrives `now`, its numbers from the largest down, in a batch of its own.
  void acknowledge(Duration now, std::initializer_list<std::uint64_t> numbers) {
    const auto largest_before = log_.largest_acked();
    EXPECT_FALSE(ack(log_, numbers));
    if (largest_before) detector_.learn_reordering(at(now), rtt_, log_, *largest_before);
    log_.clear_settled();
    detect(now);
  }
  std::vector<std::uint64_t> lost() const {
    std::vector<std::uint64_t> numbers;
    for (std::size_t i = 0; i < detector_.lost_count(); ++i) {
      numbers.push_back(detector_.lost_number(i).value());
    }
    return numbers;
  }

  MemoryPool pool_;
  SentPacketLog log_{pool_};
  LossDetector detector_{pool_};
  RttEstimator rtt_ = steady_rtt();
};

using Numbers = std::vector<std::uint64_t>;

// RFC 9002 s6.1.1, s6.1.2: packets 1 to 5 (here 0 to 4) 1 ms apart, RTT 60 ms.
TEST_F(LossDetectorTest, DeclaresLossAfterThreeLaterPacketsAreAcked) {
  for (int i = 0; i < 5; ++i) send(log_, data_packet(at(milliseconds(i))));
  EXPECT_FALSE(ack(log_, {1}));
  detect(milliseconds(61));
  EXPECT_FALSE(ack(log_, {2}));
  detect(milliseconds(62));
  EXPECT_EQ(lost(), Numbers{});
  EXPECT_EQ(detector_.deadline(), at(ms(67.5)));
  EXPECT_FALSE(ack(log_, {3}));
  const auto outcome = detect(milliseconds(63));
  EXPECT_EQ(outcome.lost_count, 1U);
  EXPECT_EQ(outcome.largest_lost_sent_time, at(milliseconds(0)));
  EXPECT_EQ(lost(), Numbers{0});
  EXPECT_EQ(detector_.deadline(), kNever);
  EXPECT_EQ(log_.bytes_in_flight(), ByteCount(1200));
}

// RFC 9002 s6.1.2: 9/8 of the round trip.
TEST_F(LossDetectorTest, DeclaresLossByTimeAtTheDeadline) {
  for (int i = 0; i < 5; ++i) send(log_, data_packet(at(milliseconds(i))));
  EXPECT_FALSE(ack(log_, {2}));
  EXPECT_EQ(detect(milliseconds(62)).lost_count, 0U);
  EXPECT_EQ(detect(ms(67.4)).lost_count, 0U);
  EXPECT_EQ(detect(ms(67.5)).lost_count, 1U);
  EXPECT_EQ(lost(), Numbers{0});
  EXPECT_EQ(detector_.deadline(), at(ms(68.5)));  // the next oldest
  EXPECT_EQ(detect(ms(68.5)).lost_count, 1U);
  EXPECT_EQ(lost(), Numbers{1});
  EXPECT_EQ(detector_.deadline(), kNever);  // nothing older than the acknowledged one is left
}

// RFC 9002 s6.1.1.
TEST_F(LossDetectorTest, ReorderingByTwoIsNotLoss) {
  for (int i = 0; i < 5; ++i) send(log_, data_packet(at(milliseconds(i))));
  EXPECT_FALSE(ack(log_, {2, 1}));
  EXPECT_EQ(detect(milliseconds(62)).lost_count, 0U);
  EXPECT_FALSE(ack(log_, {0}));
  EXPECT_EQ(detect(milliseconds(63)).lost_count, 0U);
  EXPECT_EQ(detector_.deadline(), kNever);
}

TEST_F(LossDetectorTest, NothingIsLostBeforeALaterPacketIsAcked) {
  for (int i = 0; i < 5; ++i) send(log_, data_packet(at(milliseconds(i))));
  EXPECT_EQ(detect(seconds(10)).lost_count, 0U);
  EXPECT_EQ(detector_.deadline(), kNever);
  EXPECT_FALSE(ack(log_, {0}));
  EXPECT_EQ(detect(seconds(10)).lost_count, 0U);
}

TEST_F(LossDetectorTest, ListsLostPacketsInOrderOfSending) {
  for (int i = 0; i < 9; ++i) send(log_, data_packet(at(milliseconds(i))));
  EXPECT_FALSE(ack(log_, {8, 3}));
  const auto outcome = detect(milliseconds(69));
  EXPECT_EQ(lost(), (Numbers{0, 1, 2, 4, 5}));
  EXPECT_EQ(outcome.largest_lost_sent_time, at(milliseconds(5)));
  ASSERT_EQ(detector_.lost_packets().size(), 5U);
  const LostPacket& newest = detector_.lost_packets()[4];
  EXPECT_EQ(newest.number, PacketNumber(5));
  EXPECT_EQ(newest.sent_time, at(milliseconds(5)));
  EXPECT_EQ(newest.in_flight_at_send, ByteCount(6 * 1200));
  detect(milliseconds(69));
  EXPECT_EQ(lost(), Numbers{});
  EXPECT_TRUE(detector_.lost_packets().empty());
}

// RFC 9002 s7: only packets in flight concern congestion control.
TEST_F(LossDetectorTest, LostPureAcksAreListedButNoConcernOfCongestionControl) {
  send(log_, pure_ack(at(milliseconds(0))));
  for (int i = 1; i < 4; ++i) send(log_, data_packet(at(milliseconds(i))));
  EXPECT_FALSE(ack(log_, {3, 2, 1}));
  EXPECT_EQ(detect(milliseconds(63)).lost_count, 1U);
  EXPECT_TRUE(detector_.lost_packets().empty());
  EXPECT_EQ(log_.total_lost(), ByteCount(0));
}

// RFC 9002 s6.1.1 and the path's own lesson: reordering three deep is taken for loss once.
TEST_F(LossDetectorTest, ReorderingByThreeIsTakenForLossOnce) {
  for (int i = 0; i < 12; ++i) send(log_, data_packet(at(milliseconds(i))));
  acknowledge(milliseconds(61), {1});
  acknowledge(milliseconds(62), {2});
  acknowledge(milliseconds(63), {3});
  EXPECT_EQ(lost(), Numbers{0});
  acknowledge(milliseconds(64), {0});  // it was overtaken, not lost
  EXPECT_EQ(lost(), Numbers{});
  for (std::uint64_t i = 5; i < 10; ++i) {
    acknowledge(milliseconds(60 + static_cast<int>(i)), {i});
    EXPECT_EQ(lost(), Numbers{}) << "only time declares loss now";
  }
  EXPECT_EQ(detector_.deadline(), at(ms(4 + 67.5)));
  acknowledge(ms(70.5), {4});
  EXPECT_EQ(detector_.deadline(), kNever);
}

// What only the acknowledgement's way back delayed tells nothing: both come in one batch.
TEST_F(LossDetectorTest, PacketsAcknowledgedTogetherWereNotReordered) {
  for (int i = 0; i < 12; ++i) send(log_, data_packet(at(milliseconds(i))));
  acknowledge(milliseconds(61), {1});
  acknowledge(milliseconds(65), {5, 4, 3, 2});
  EXPECT_EQ(lost(), Numbers{0});
  EXPECT_TRUE(detector_.reordering().packet_threshold().has_value());
}

// A packet of acknowledgements alone is confirmed with the next answer, whenever that is.
TEST_F(LossDetectorTest, LatePureAcksTeachNothing) {
  send(log_, pure_ack(at(milliseconds(0))));
  for (int i = 1; i < 5; ++i) send(log_, data_packet(at(milliseconds(i))));
  acknowledge(milliseconds(64), {4, 3, 2, 1});
  acknowledge(milliseconds(90), {0});
  EXPECT_TRUE(detector_.reordering().packet_threshold().has_value());
}

TEST_F(LossDetectorTest, PacketsOfAnOldPathTeachNothing) {
  for (int i = 0; i < 6; ++i) send(log_, data_packet(at(milliseconds(i))));
  acknowledge(milliseconds(65), {5});
  detector_.reset(log_.next_number());
  acknowledge(milliseconds(80), {0});
  EXPECT_TRUE(detector_.reordering().packet_threshold().has_value());
}

// RFC 8985 s6.2: what was learned persists for 16 recoveries.
TEST_F(LossDetectorTest, LearnsUntilSixteenLossEpisodesHadNoNeedOfIt) {
  for (int i = 0; i < 4; ++i) send(log_, data_packet(at(milliseconds(i))));
  acknowledge(milliseconds(63), {3});
  acknowledge(milliseconds(64), {2, 1, 0});
  EXPECT_FALSE(detector_.reordering().packet_threshold().has_value());
  int episodes = 1;  // the spurious one
  for (; !detector_.reordering().packet_threshold() && episodes < 100; ++episodes) {
    const Duration start = seconds(episodes);
    const std::uint64_t first = send(log_, data_packet(at(start))).value();
    for (int i = 1; i < 3; ++i) send(log_, data_packet(at(start + milliseconds(i))));
    acknowledge(start + milliseconds(62), {first + 2});
    detect(start + ms(67.5));
    ASSERT_EQ(lost(), Numbers{first});
    detect(start + ms(68.5));
    ASSERT_EQ(lost(), Numbers{first + 1}) << "of the same episode";
  }
  EXPECT_EQ(episodes, 32) << "the rest of the span that saw it, and one that did not";
}

/// The trace of RFC 9002 s7.6.3: one flight, two probes, silence in between. The round trip is such
/// that its timeout is 2 s, the persistent-congestion period thus 6 s.
class PersistentCongestionTest : public testing::Test {
 protected:
  PersistentCongestionTest() {
    rtt_.update(Duration(666'666'667), Duration::zero());
    EXPECT_LE(std::chrono::abs(rtt_.probe_timeout() - seconds(2)), Duration(2));
    // A sample from before the trace.
    send(log_, data_packet(at(seconds(-2))));
    EXPECT_FALSE(ack(log_, {0}));
    detect(milliseconds(-1000));
  }
  /// Sends number 1, 2, ... at these seconds.
  void send_at(std::initializer_list<int> times) {
    for (const int time : times) send(log_, data_packet(at(seconds(time))));
  }
  LossDetector::Outcome detect(Duration now) {
    return detector_.detect(at(now), rtt_, log_, Duration::zero());
  }

  MemoryPool pool_;
  SentPacketLog log_{pool_};
  LossDetector detector_{pool_};
  RttEstimator rtt_;
};

// RFC 9002 s7.6.3.
TEST_F(PersistentCongestionTest, IsFoundWhenLossesSpanMoreThanThePeriod) {
  send_at({0, 1, 2, 3, 4, 5, 6, 8, 12});
  EXPECT_FALSE(ack(log_, {1}));
  EXPECT_EQ(detect(milliseconds(1200)).lost_count, 0U);
  EXPECT_FALSE(ack(log_, {9}));
  const auto outcome = detect(milliseconds(12200));
  EXPECT_EQ(outcome.lost_count, 7U);
  for (std::uint64_t i = 0; i < 7; ++i) EXPECT_EQ(detector_.lost_number(i), PacketNumber(2 + i));
  EXPECT_TRUE(outcome.is_persistent_congestion);
  EXPECT_EQ(outcome.largest_lost_sent_time, at(seconds(8)));
}

// RFC 9002 s7.6.1: the span must exceed the period.
TEST_F(PersistentCongestionTest, IsNotFoundInAShorterSpan) {
  send_at({0, 1, 2, 3, 4, 5, 6, 12});
  EXPECT_FALSE(ack(log_, {1}));
  detect(milliseconds(1200));
  EXPECT_FALSE(ack(log_, {8}));
  const auto outcome = detect(milliseconds(12200));
  EXPECT_EQ(outcome.lost_count, 6U);  // 6 - 1 = 5 s
  EXPECT_FALSE(outcome.is_persistent_congestion);
}

TEST_F(PersistentCongestionTest, IsFoundAcrossASkippedNumber) {
  send_at({0, 1, 2, 3});
  EXPECT_TRUE(log_.skip_number(at(seconds(3))));
  send_at({4, 5, 6, 8, 12});
  EXPECT_FALSE(ack(log_, {1}));
  detect(milliseconds(1200));
  EXPECT_FALSE(ack(log_, {10}));
  const auto outcome = detect(milliseconds(12200));
  EXPECT_EQ(outcome.lost_count, 7U);
  EXPECT_TRUE(outcome.is_persistent_congestion);
}

// RFC 9002 s7.6.2: none of the packets between the two may have been acknowledged.
TEST_F(PersistentCongestionTest, IsNotFoundWhenAPacketInBetweenWasAcked) {
  send_at({0, 1, 2, 3, 4, 5, 6, 8, 12});
  EXPECT_FALSE(ack(log_, {1}));
  detect(milliseconds(1200));
  EXPECT_FALSE(ack(log_, {9, 5}));
  const auto outcome = detect(milliseconds(12200));
  EXPECT_EQ(outcome.lost_count, 6U);
  EXPECT_FALSE(outcome.is_persistent_congestion);
}

// RFC 9002 s7.6.2: both ends must elicit acknowledgements.
TEST_F(PersistentCongestionTest, IsNotFoundFromPacketsThatElicitNoAck) {
  send(log_, pure_ack(at(seconds(0))));
  send(log_, data_packet(at(seconds(5))));
  send(log_, pure_ack(at(seconds(9))));
  send(log_, data_packet(at(seconds(12))));
  EXPECT_FALSE(ack(log_, {4}));
  const auto outcome = detect(milliseconds(12200));
  EXPECT_EQ(outcome.lost_count, 3U);
  EXPECT_FALSE(outcome.is_persistent_congestion);
}

// RFC 9002 s7.6.2: only packets sent after the first round-trip sample count.
TEST_F(PersistentCongestionTest, IsNotFoundFromPacketsOlderThanTheFirstSample) {
  LossDetector fresh(pool_);
  send_at({0, 4, 8, 12});
  EXPECT_FALSE(ack(log_, {4}));
  const auto outcome = fresh.detect(at(milliseconds(12200)), rtt_, log_, Duration::zero());
  EXPECT_EQ(outcome.lost_count, 3U);
  EXPECT_FALSE(outcome.is_persistent_congestion);
}

// RFC 9002 s7.6.1: the peer's maximum ack delay lengthens the period.
TEST_F(PersistentCongestionTest, PeriodIncludesThePeersAckDelay) {
  send_at({0, 1, 2, 3, 4, 5, 6, 8, 12});
  EXPECT_FALSE(ack(log_, {1}));
  detect(milliseconds(1200));
  EXPECT_FALSE(ack(log_, {9}));
  const auto outcome = detector_.detect(at(milliseconds(12200)), rtt_, log_, milliseconds(400));
  EXPECT_EQ(outcome.lost_count, 7U);
  EXPECT_FALSE(outcome.is_persistent_congestion);  // 7 s against 3 (2 s + 0.4 s)
}

// RFC 9000 s14.4: the loss of a probe tells of its size alone.
TEST_F(LossDetectorTest, ALostProbeOfTheMtuIsNoSignOfCongestion) {
  send(log_, mtu_probe(at(milliseconds(0))));
  for (int i = 1; i < 5; ++i) send(log_, data_packet(at(milliseconds(i))));
  EXPECT_FALSE(ack(log_, {4, 3, 2, 1}));
  EXPECT_EQ(detect(milliseconds(64)).lost_count, 1U);
  EXPECT_EQ(lost(), Numbers{0});
  EXPECT_TRUE(detector_.lost_packets().empty());
  EXPECT_EQ(log_.total_lost(), ByteCount(0));
  EXPECT_EQ(log_.bytes_in_flight(), ByteCount(0));
}

TEST_F(PersistentCongestionTest, IsNotFoundFromProbesOfTheMtu) {
  send_at({0, 1});
  send(log_, mtu_probe(at(seconds(1))));
  send_at({2});
  send(log_, mtu_probe(at(seconds(8))));
  send_at({12});
  EXPECT_FALSE(ack(log_, {1}));
  detect(milliseconds(1200));
  EXPECT_FALSE(ack(log_, {5}));
  const auto outcome = detect(milliseconds(12200));
  EXPECT_EQ(outcome.lost_count, 3U);
  EXPECT_FALSE(outcome.is_persistent_congestion);
}

// The packet behind the skipped number was overtaken by two, not by three.
TEST_F(LossDetectorTest, ASkippedNumberIsNoPacketThatOvertook) {
  send(log_, data_packet(at(milliseconds(0))));
  EXPECT_TRUE(log_.skip_number(at(milliseconds(0))));
  for (int i = 1; i < 4; ++i) send(log_, data_packet(at(milliseconds(i))));
  acknowledge(milliseconds(63), {3, 2});
  EXPECT_EQ(lost(), Numbers{});
  acknowledge(milliseconds(64), {4});
  EXPECT_EQ(lost(), Numbers{0});
}

TEST_F(LossDetectorTest, ForgivesWhatIsLargerThanThePathCarries) {
  SentPacketLog::Transmission large = data_packet(at(milliseconds(0)));
  large.bytes = ByteCount(1472);
  send(log_, large);
  send(log_, data_packet(at(milliseconds(0))));
  send(log_, large);
  for (int i = 1; i < 5; ++i) send(log_, data_packet(at(milliseconds(i))));
  EXPECT_FALSE(ack(log_, {6, 5, 4, 3}));
  EXPECT_EQ(detect(milliseconds(64)).lost_count, 3U);
  const ByteCount lost_before = log_.total_lost();
  EXPECT_EQ(detector_.forgive_larger_than(ByteCount(1472), log_), 0U);
  EXPECT_EQ(detector_.forgive_larger_than(ByteCount(1200), log_), 2U);
  EXPECT_EQ(log_.total_lost(), lost_before - ByteCount(2 * 1472));
  ASSERT_EQ(detector_.lost_packets().size(), 1U);
  EXPECT_EQ(detector_.lost_packets()[0].bytes, ByteCount(1200));
}

TEST_F(LossDetectorTest, ResetForgetsTheDeadline) {
  for (int i = 0; i < 3; ++i) send(log_, data_packet(at(milliseconds(i))));
  EXPECT_FALSE(ack(log_, {2}));
  detect(milliseconds(62));
  ASSERT_NE(detector_.deadline(), kNever);
  detector_.reset(log_.next_number());
  EXPECT_EQ(detector_.deadline(), kNever);
}

TEST_F(LossDetectorTest, LongRunsOfLossKeepNoMemoryAfterwards) {
  for (int i = 0; i < 1000; ++i) send(log_, data_packet(at(Duration(i))));
  EXPECT_FALSE(ack(log_, {999}));
  const ByteCount before = pool_.stats().in_use;
  EXPECT_EQ(detect(milliseconds(60)).lost_count, 997U);
  EXPECT_GT(pool_.stats().in_use, before);
  detect(milliseconds(61));
  EXPECT_EQ(pool_.stats().in_use, before);
}

TEST(LossDetectorBoundsTest, WithoutMemoryPacketsStayOutstandingAndAreTriedAgain) {
  MemoryPool log_pool;
  SentPacketLog log(log_pool);
  MemoryPool pool(ByteCount(640));  // eight numbers and eight packets, no more
  LossDetector detector(pool);
  const RttEstimator rtt = steady_rtt();
  for (int i = 0; i < 12; ++i) send(log, data_packet(at(milliseconds(0))));
  EXPECT_FALSE(ack(log, {11}));
  EXPECT_EQ(detector.detect(at(milliseconds(60)), rtt, log, Duration::zero()).lost_count, 8U);
  EXPECT_EQ(detector.deadline(), at(milliseconds(61)));
  EXPECT_EQ(log.bytes_in_flight(), ByteCount(3 * 1200));
  EXPECT_EQ(detector.detect(at(milliseconds(61)), rtt, log, Duration::zero()).lost_count, 1U);
  EXPECT_EQ(detector.deadline(), at(ms(67.5)));
}

}  // namespace
}  // namespace hawser::test
