#include "arq/sent_packet_log.h"

#include <array>
#include <map>
#include <vector>

#include <gtest/gtest.h>

#include "hawser/random.h"
#include "tests/arq/support.h"

namespace hawser::test {
namespace {

using std::chrono::milliseconds;

class SentPacketLogTest : public testing::Test {
 protected:
  /// Sends `count` packets of 1200 bytes, one each millisecond from the test's start on.
  void send_data(int count) {
    for (int i = 0; i < count; ++i) send(log_, data_packet(at(milliseconds(sent_++))));
  }
  std::vector<std::uint64_t> outstanding() {
    std::vector<std::uint64_t> numbers;
    log_.for_each_outstanding(PacketNumber(0), [&](PacketNumber number, const SentPacket&) {
      numbers.push_back(number.value());
      return true;
    });
    return numbers;
  }
  std::error_code ack_range(std::uint64_t smallest, std::uint64_t largest) {
    return log_.on_ack_range(PacketNumber(smallest), PacketNumber(largest));
  }

  MemoryPool pool_;
  SentPacketLog log_{pool_};
  int sent_ = 0;
};

TEST_F(SentPacketLogTest, NumbersGrowByOneAndAreNeverReused) {
  EXPECT_EQ(log_.next_number(), PacketNumber(0));
  send_data(3);
  EXPECT_EQ(log_.next_number(), PacketNumber(3));
  EXPECT_FALSE(ack_range(0, 2));
  log_.forget(at(milliseconds(0)));
  EXPECT_EQ(log_.remembered(), 0U);
  EXPECT_EQ(log_.next_number(), PacketNumber(3));
}

TEST_F(SentPacketLogTest, ReportsEachPacketOnceNewestFirst) {
  send_data(6);
  EXPECT_FALSE(ack_range(4, 5));
  EXPECT_FALSE(ack_range(1, 2));
  ASSERT_EQ(log_.settled_count(), 4U);
  EXPECT_EQ(log_.settled(0).number, PacketNumber(5));
  EXPECT_EQ(log_.settled(3).number, PacketNumber(1));
  EXPECT_EQ(log_.settled(3).packet.sent_time, at(milliseconds(1)));
  EXPECT_EQ(log_.settled(3).packet.state, PacketState::acknowledged);
  EXPECT_FALSE(log_.settled(3).was_lost);
  log_.clear_settled();

  EXPECT_FALSE(ack_range(0, 5));
  ASSERT_EQ(log_.settled_count(), 2U);
  EXPECT_EQ(log_.settled(0).number, PacketNumber(3));
  EXPECT_EQ(log_.settled(1).number, PacketNumber(0));
  EXPECT_EQ(log_.largest_acked(), PacketNumber(5));
}

// RFC 9000 s21.4: whoever acknowledges it did not receive what it acknowledges.
TEST_F(SentPacketLogTest, AckOfASkippedNumberIsAnError) {
  send_data(2);
  EXPECT_TRUE(log_.skip_number(at(milliseconds(2))));
  sent_ = 3;
  send_data(2);
  EXPECT_EQ(log_.next_number(), PacketNumber(5));
  EXPECT_EQ(outstanding(), (std::vector<std::uint64_t>{0, 1, 3, 4}));
  EXPECT_FALSE(ack_range(3, 4));
  EXPECT_FALSE(ack_range(1, 1));
  EXPECT_EQ(ack_range(0, 4), Errc::malformed);
  EXPECT_EQ(ack_range(2, 2), Errc::malformed);
}

TEST_F(SentPacketLogTest, ASkippedNumberIsForgottenOnceALaterOneIsAcknowledged) {
  EXPECT_TRUE(log_.skip_number(at(milliseconds(0))));
  sent_ = 1;
  send_data(2);
  log_.forget(at(milliseconds(0)));
  EXPECT_EQ(log_.remembered(), 3U);
  EXPECT_FALSE(ack_range(1, 1));
  log_.forget(at(milliseconds(0)));
  EXPECT_EQ(log_.remembered(), 1U);
}

// What leaves in one go after a gap spans it once.
TEST_F(SentPacketLogTest, ABurstAfterAGapIsMarkedOnce) {
  SentPacketLog::Transmission packet = data_packet(at(milliseconds(0)));
  packet.is_app_limited = true;
  for (int i = 0; i < 10; ++i) send(log_, packet);
  EXPECT_FALSE(ack_range(0, 0));
  packet.is_app_limited = false;
  packet.sent_time = at(milliseconds(20));
  send(log_, packet);
  EXPECT_FALSE(log_.find(PacketNumber(10))->is_app_limited);
}

TEST_F(SentPacketLogTest, TellsWhichNumberWasSentNext) {
  send_data(1);
  EXPECT_TRUE(log_.skip_number(at(milliseconds(0))));
  EXPECT_TRUE(log_.skip_number(at(milliseconds(0))));
  EXPECT_EQ(log_.next_sent(PacketNumber(0)), PacketNumber(3));
  send_data(2);
  EXPECT_EQ(log_.next_sent(PacketNumber(0)), PacketNumber(3));
  EXPECT_EQ(log_.next_sent(PacketNumber(3)), PacketNumber(4));
}

// RFC 9000 s13.1: an acknowledgement of a packet that was not sent is an error.
TEST_F(SentPacketLogTest, AckOfAPacketNeverSentIsAnErrorAndChangesNothing) {
  EXPECT_EQ(ack_range(0, 0), Errc::malformed);
  send_data(3);
  EXPECT_EQ(ack_range(1, 3), Errc::malformed);
  EXPECT_EQ(ack_range(2, 1), Errc::malformed);
  EXPECT_EQ(ack_range(0, PacketNumber::last().value()), Errc::malformed);
  EXPECT_EQ(log_.settled_count(), 0U);
  EXPECT_EQ(log_.largest_acked(), std::nullopt);
  EXPECT_EQ(log_.bytes_in_flight(), ByteCount(3600));
}

TEST_F(SentPacketLogTest, AckOfForgottenPacketsIsIgnored) {
  send_data(4);
  EXPECT_FALSE(ack_range(0, 1));
  log_.forget(at(milliseconds(0)));
  EXPECT_EQ(log_.find(PacketNumber(1)), nullptr);
  log_.clear_settled();
  EXPECT_FALSE(ack_range(0, 1));
  EXPECT_EQ(log_.settled_count(), 0U);
  EXPECT_FALSE(ack_range(0, 2));
  EXPECT_EQ(log_.settled_count(), 1U);
}

// RFC 9002 s2, B.2: bytes in flight are those of packets neither acknowledged nor lost.
TEST_F(SentPacketLogTest, BytesInFlightCountEachFateOnce) {
  send_data(4);
  send(log_, pure_ack(at(milliseconds(4))));
  EXPECT_EQ(log_.bytes_in_flight(), ByteCount(4800));
  EXPECT_EQ(log_.eliciting_outstanding(), 4U);
  log_.declare_lost(PacketNumber(1));
  EXPECT_EQ(log_.bytes_in_flight(), ByteCount(3600));
  EXPECT_EQ(log_.total_lost(), ByteCount(1200));
  EXPECT_FALSE(ack_range(0, 4));
  EXPECT_EQ(log_.bytes_in_flight(), ByteCount(0));
  EXPECT_EQ(log_.eliciting_outstanding(), 0U);
  EXPECT_EQ(log_.total_delivered(), ByteCount(3600));
  EXPECT_EQ(log_.total_lost(), ByteCount(1200));
}

// Karn's problem does not arise: the number says which transmission arrived.
TEST_F(SentPacketLogTest, LateAckOfALostPacketIsASpuriousLoss) {
  send_data(5);
  log_.declare_lost(PacketNumber(0));
  EXPECT_FALSE(ack_range(4, 4));
  EXPECT_FALSE(ack_range(0, 0));
  ASSERT_EQ(log_.settled_count(), 2U);
  EXPECT_FALSE(log_.settled(0).was_lost);
  EXPECT_TRUE(log_.settled(1).was_lost);
  log_.clear_settled();
  EXPECT_FALSE(ack_range(0, 0));
  EXPECT_EQ(log_.settled_count(), 0U);
}

TEST_F(SentPacketLogTest, LostPacketsAreRememberedUntilTheGivenTime) {
  send_data(4);
  log_.declare_lost(PacketNumber(0));
  log_.declare_lost(PacketNumber(1));
  EXPECT_FALSE(ack_range(2, 3));
  log_.forget(at(milliseconds(1)));  // 0 left before that, 1 did not
  EXPECT_EQ(log_.remembered(), 3U);
  EXPECT_NE(log_.find(PacketNumber(1)), nullptr);
  log_.forget(at(milliseconds(2)));
  EXPECT_EQ(log_.remembered(), 0U);
  EXPECT_EQ(log_.find(PacketNumber(3)), nullptr);
}

TEST_F(SentPacketLogTest, AnOutstandingPacketIsNeverForgotten) {
  send_data(2);
  log_.forget(at(std::chrono::hours(1)));
  EXPECT_EQ(log_.remembered(), 2U);
}

// A receiver whose acknowledgements are not acknowledged must not remember them for ever.
TEST_F(SentPacketLogTest, UnacknowledgedPureAcksAreForgottenInTime) {
  for (int i = 0; i < 1000; ++i) send(log_, pure_ack(at(milliseconds(i))));
  log_.forget(at(milliseconds(990)));
  EXPECT_EQ(log_.remembered(), 10U);
  EXPECT_FALSE(ack_range(0, 995));
  EXPECT_EQ(log_.settled_count(), 6U);
}

TEST_F(SentPacketLogTest, HandsBackTheItemsOfEachPacket) {
  const std::vector<PacketItem> first{{.kind = 1, .count = 2, .value = 3},
                                      {.kind = 4, .count = 1, .value = 5}};
  const std::vector<PacketItem> second{{.kind = 5, .count = 6, .value = 7}};
  auto packet = data_packet(at(milliseconds(0)));
  packet.items = first;
  send(log_, packet);
  packet.items = {};
  send(log_, packet);
  packet.items = second;
  send(log_, packet);

  EXPECT_FALSE(ack_range(0, 2));
  const SentPacket& newest = log_.settled(0).packet;
  ASSERT_EQ(newest.items_count, 1U);
  EXPECT_EQ(log_.item(newest, 0).value, 7U);
  const SentPacket& oldest = log_.settled(2).packet;
  ASSERT_EQ(oldest.items_count, 2U);
  EXPECT_EQ(log_.item(oldest, 0).value, 3U);
  EXPECT_EQ(log_.item(oldest, 1).kind, 4U);

  log_.clear_settled();
  log_.forget(at(milliseconds(0)));
  packet.items = second;
  const PacketNumber number = send(log_, packet);
  EXPECT_EQ(log_.item(*log_.find(number), 0).count, 6U);
}

TEST_F(SentPacketLogTest, OldestOutstandingFollowsTheFates) {
  EXPECT_EQ(log_.oldest_outstanding_sent_time(), std::nullopt);
  send(log_, pure_ack(at(milliseconds(sent_++))));
  EXPECT_EQ(log_.oldest_outstanding_sent_time(), std::nullopt);  // not in flight
  send_data(4);
  EXPECT_EQ(log_.oldest_outstanding_sent_time(), at(milliseconds(1)));
  EXPECT_FALSE(ack_range(2, 3));
  EXPECT_EQ(log_.oldest_outstanding_sent_time(), at(milliseconds(1)));
  log_.declare_lost(PacketNumber(1));
  EXPECT_EQ(log_.oldest_outstanding_sent_time(), at(milliseconds(4)));
  EXPECT_EQ(outstanding(), (std::vector<std::uint64_t>{0, 4}));
  EXPECT_FALSE(ack_range(4, 4));
  EXPECT_EQ(log_.oldest_outstanding_sent_time(), std::nullopt);
}

// RFC 9002 A.8: the timer runs from the last ack-eliciting packet, even if that one was
// acknowledged.
TEST_F(SentPacketLogTest, LastElicitingTimeStandsWhileAnyElicitingPacketIsOutstanding) {
  EXPECT_EQ(log_.last_eliciting_sent_time(), std::nullopt);
  send_data(3);
  send(log_, pure_ack(at(milliseconds(9))));
  EXPECT_EQ(log_.last_eliciting_sent_time(), at(milliseconds(2)));
  EXPECT_FALSE(ack_range(2, 2));
  EXPECT_EQ(log_.last_eliciting_sent_time(), at(milliseconds(2)));
  EXPECT_FALSE(ack_range(0, 1));
  EXPECT_EQ(log_.last_eliciting_sent_time(), std::nullopt);
}

TEST_F(SentPacketLogTest, VisitsOutstandingPacketsFromAnyNumberAndStopsWhenTold) {
  send_data(6);
  EXPECT_FALSE(ack_range(3, 3));
  std::vector<std::uint64_t> seen;
  log_.for_each_outstanding(PacketNumber(2), [&](PacketNumber number, const SentPacket&) {
    seen.push_back(number.value());
    if (number == PacketNumber(4)) log_.declare_lost(number);
    return number < PacketNumber(4);
  });
  EXPECT_EQ(seen, (std::vector<std::uint64_t>{2, 4}));
  EXPECT_EQ(outstanding(), (std::vector<std::uint64_t>{0, 1, 2, 5}));
}

// draft-ietf-ccwg-bbr s4.1: 1200 bytes each millisecond, acknowledged 50 ms later at that pace.
TEST_F(SentPacketLogTest, DeliveryRateIsThatOfASteadyFlow) {
  send_data(50);
  DeliveryRateSample sample;
  for (std::uint64_t i = 0; i < 50; ++i) {
    EXPECT_FALSE(ack_range(i, i));
    sample = log_.delivery_rate(at(milliseconds(50) + milliseconds(i)), milliseconds(50));
    log_.clear_settled();
    send_data(1);
  }
  EXPECT_FALSE(ack_range(50, 50));
  sample = log_.delivery_rate(at(milliseconds(100)), milliseconds(50));
  ASSERT_TRUE(sample.is_valid);
  EXPECT_FALSE(sample.is_app_limited);
  EXPECT_EQ(sample.interval, milliseconds(50));
  EXPECT_EQ(sample.delivered, ByteCount(50 * 1200));
  EXPECT_EQ(sample.prior_in_flight, ByteCount(50 * 1200));
  EXPECT_EQ(sample.prior_delivered, ByteCount(1200));
  EXPECT_EQ(sample.rate, Bandwidth::from(ByteCount(1200), milliseconds(1)));
}

// draft-ietf-ccwg-bbr s4.1.2: acknowledgements compressed into one instant do not look like rate.
TEST_F(SentPacketLogTest, DeliveryRateIsTheSlowerOfSendingAndAcknowledging) {
  send_data(91);
  EXPECT_FALSE(ack_range(0, 10));  // late and all at once
  log_.delivery_rate(at(milliseconds(90)), milliseconds(10));
  log_.clear_settled();
  send_data(1);
  EXPECT_FALSE(ack_range(11, 91));
  const auto sample = log_.delivery_rate(at(milliseconds(106)), milliseconds(10));
  ASSERT_TRUE(sample.is_valid);
  EXPECT_EQ(sample.prior_delivered, ByteCount(11 * 1200));
  EXPECT_EQ(sample.prior_lost, ByteCount(0));
  EXPECT_EQ(sample.delivered, ByteCount(81 * 1200));
  EXPECT_EQ(sample.interval, milliseconds(81));  // 16 ms since that acknowledgement
  EXPECT_EQ(sample.rate, Bandwidth::from(ByteCount(1200), milliseconds(1)));
}

// The same of a burst that left at once: only the acknowledging takes time.
TEST_F(SentPacketLogTest, DeliveryRateOfABurstSpansItsAcknowledging) {
  for (int i = 0; i < 10; ++i) send(log_, data_packet(at(milliseconds(200))));
  EXPECT_FALSE(ack_range(0, 9));
  const auto sample = log_.delivery_rate(at(milliseconds(220)), milliseconds(20));
  ASSERT_TRUE(sample.is_valid);
  EXPECT_EQ(sample.interval, milliseconds(20));
  EXPECT_EQ(sample.delivered, ByteCount(12000));
}

TEST_F(SentPacketLogTest, DeliveryRateNeedsAFullRoundTripAndANewerPacket) {
  send_data(3);
  EXPECT_FALSE(log_.delivery_rate(at(milliseconds(5)), milliseconds(1)).is_valid);
  EXPECT_FALSE(ack_range(2, 2));
  EXPECT_FALSE(log_.delivery_rate(at(milliseconds(5)), milliseconds(20)).is_valid);
  EXPECT_TRUE(log_.delivery_rate(at(milliseconds(25)), milliseconds(20)).is_valid);
  log_.clear_settled();
  EXPECT_FALSE(ack_range(0, 1));  // older than the one sampled
  EXPECT_FALSE(log_.delivery_rate(at(milliseconds(45)), milliseconds(20)).is_valid);
}

TEST_F(SentPacketLogTest, DeliveryRateCarriesTheAppLimitedMark) {
  auto packet = data_packet(at(milliseconds(0)));
  packet.is_app_limited = true;
  send(log_, packet);
  EXPECT_FALSE(ack_range(0, 0));
  EXPECT_TRUE(log_.delivery_rate(at(milliseconds(20)), milliseconds(20)).is_app_limited);
}

// draft-ietf-ccwg-bbr s4.1.2.4: the gap that one packet's mark stands for leaves the path once all
// that was in flight then is delivered; until then every sample has it within.
TEST_F(SentPacketLogTest, DeliveryRateIsAppLimitedUntilTheGapHasLeftThePath) {
  send_data(3);
  auto packet = data_packet(at(milliseconds(10)));
  packet.is_app_limited = true;
  send(log_, packet);
  const auto sample_of = [this](std::uint64_t number, int milliseconds_later) {
    send(log_, data_packet(at(milliseconds(milliseconds_later))));  // as much as it may
    EXPECT_FALSE(ack_range(number, number));
    const auto sample = log_.delivery_rate(at(milliseconds(milliseconds_later)), milliseconds(1));
    log_.clear_settled();
    return sample.is_app_limited;
  };
  EXPECT_FALSE(sample_of(0, 20));  // sends 4
  EXPECT_FALSE(sample_of(2, 21));  // 5
  EXPECT_TRUE(sample_of(3, 22));   // 6
  EXPECT_TRUE(sample_of(4, 23));   // 7: as much is delivered as was in flight, and now more
  EXPECT_TRUE(sample_of(5, 24));   // 8
  EXPECT_TRUE(sample_of(7, 25));
  EXPECT_FALSE(sample_of(8, 26));
}

// 1200 bytes each millisecond; five packets that count as lost arrive 20 ms late, with others.
TEST_F(SentPacketLogTest, DeliveryRateIsNotRaisedByArrivalsFromLongAgo) {
  send_data(40);
  EXPECT_FALSE(ack_range(5, 20));
  for (std::uint64_t i = 0; i < 5; ++i) log_.declare_lost(PacketNumber(i));
  log_.delivery_rate(at(milliseconds(40)), milliseconds(20));
  log_.clear_settled();
  send(log_, data_packet(at(milliseconds(40))));
  EXPECT_FALSE(ack_range(0, 40));
  const auto sample = log_.delivery_rate(at(milliseconds(60)), milliseconds(20));
  EXPECT_EQ(sample.delivered, ByteCount(20 * 1200));
  EXPECT_EQ(sample.rate, Bandwidth::from(ByteCount(1200), milliseconds(1)));
}

// What was lost since a packet left is what was lost in all less this.
TEST_F(SentPacketLogTest, DeliveryRateTellsWhatWasLostBeforeThePacketLeft) {
  send_data(4);
  log_.declare_lost(PacketNumber(0));
  send(log_, data_packet(at(milliseconds(10))));
  log_.declare_lost(PacketNumber(1));
  EXPECT_FALSE(ack_range(4, 4));
  const auto sample = log_.delivery_rate(at(milliseconds(30)), milliseconds(20));
  EXPECT_EQ(sample.prior_lost, ByteCount(1200));
  EXPECT_EQ(log_.total_lost() - sample.prior_lost, ByteCount(1200));
}

// Idle time belongs to no sample (draft-ietf-ccwg-bbr s4.1.2.2).
TEST_F(SentPacketLogTest, DeliveryRateStartsAfreshAfterIdleness) {
  send_data(1);
  EXPECT_FALSE(ack_range(0, 0));
  log_.delivery_rate(at(milliseconds(20)), milliseconds(20));
  log_.clear_settled();
  send(log_, data_packet(at(milliseconds(5000))));
  EXPECT_FALSE(ack_range(1, 1));
  const auto sample = log_.delivery_rate(at(milliseconds(5020)), milliseconds(20));
  EXPECT_EQ(sample.interval, milliseconds(20));
  EXPECT_EQ(sample.delivered, ByteCount(1200));
}

// A 100,000-packet window behind one unresolved packet: acknowledging it again must cost nothing.
TEST_F(SentPacketLogTest, RepeatedAcksOfAKnownRegionCostAStepPerRange) {
  constexpr std::uint64_t kWindow = 100'000;
  for (std::uint64_t i = 0; i < kWindow; ++i) send(log_, data_packet(at(milliseconds(0))));
  for (std::uint64_t top = 2; top < kWindow; top += 2) {
    ASSERT_FALSE(ack_range(1, std::min(top, kWindow - 1)));
    log_.clear_settled();
    log_.forget(at(milliseconds(0)));
  }
  ASSERT_FALSE(ack_range(1, kWindow - 1));
  EXPECT_LE(log_.records_visited(), 3 * kWindow);

  const std::uint64_t before = log_.records_visited();
  for (int i = 0; i < 1000; ++i) {
    ASSERT_FALSE(ack_range(1, kWindow - 1));
    ASSERT_FALSE(ack_range(1, kWindow / 2));  // an older, reordered acknowledgement
  }
  EXPECT_LE(log_.records_visited() - before, 1000U * 2 * 2 + kWindow);
  const std::uint64_t settled = log_.records_visited();
  for (int i = 0; i < 1000; ++i) ASSERT_FALSE(ack_range(1, kWindow / 2));
  EXPECT_LE(log_.records_visited() - settled, 1000U * 2);
}

TEST_F(SentPacketLogTest, ScatteredGapsCostAStepPerRangeToo) {
  constexpr std::uint64_t kWindow = 32'000;
  constexpr std::uint64_t kStride = 1'000;  // each thousandth packet is missing
  for (std::uint64_t i = 0; i < kWindow; ++i) send(log_, data_packet(at(milliseconds(0))));
  const auto ack_all_ranges = [&] {
    for (std::uint64_t k = kWindow / kStride; k > 0; --k) {
      ASSERT_FALSE(ack_range((k - 1) * kStride + 1, k * kStride - 1));
    }
  };
  ack_all_ranges();
  EXPECT_EQ(log_.settled_count(), kWindow - kWindow / kStride);
  const std::uint64_t before = log_.records_visited();
  for (int i = 0; i < 100; ++i) ack_all_ranges();
  EXPECT_LE(log_.records_visited() - before, 100 * (kWindow / kStride) * 2);
}

// A peer may name any part of what it acknowledged before; each walk shortens those that follow.
TEST_F(SentPacketLogTest, AcksOfAnyPartOfAKnownRegionAreCheapOnAverage) {
  constexpr std::uint64_t kWindow = 100'000;
  for (std::uint64_t i = 0; i < kWindow; ++i) send(log_, data_packet(at(milliseconds(0))));
  ASSERT_FALSE(ack_range(1, kWindow - 1));
  const std::uint64_t before = log_.records_visited();
  SeededRandom random(1);
  for (int i = 0; i < 10'000; ++i) ASSERT_FALSE(ack_range(1, 1 + random.below(kWindow - 1)));
  EXPECT_LE(log_.records_visited() - before, 5 * kWindow);
}

TEST_F(SentPacketLogTest, AnIdleLogHoldsNoMemory) {
  send_data(1000);
  EXPECT_FALSE(ack_range(0, 999));
  log_.clear_settled();
  log_.forget(at(milliseconds(0)));
  EXPECT_EQ(pool_.stats().in_use, ByteCount(0));
}

TEST(SentPacketLogBoundsTest, ReserveReportsRefusals) {
  MemoryPool pool(ByteCount(1024));
  SentPacketLog log(pool);
  EXPECT_FALSE(log.reserve(100));  // room for the records, none for the items
  ASSERT_TRUE(log.reserve(0));
  std::uint64_t sent = 0;
  while (log.reserve(0)) {
    log.add(data_packet(at(milliseconds(0))));
    ++sent;
  }
  EXPECT_EQ(sent, 8U);
  EXPECT_EQ(log.next_number(), PacketNumber(8));
  EXPECT_EQ(log.bytes_in_flight(), ByteCount(8 * 1200));
}

TEST(SentPacketLogBoundsTest, AnAckThatCannotBeReportedSettlesNothing) {
  MemoryPool pool(ByteCount(1024));
  SentPacketLog log(pool);
  for (int i = 0; i < 4; ++i) send(log, data_packet(at(milliseconds(0))));
  EXPECT_EQ(log.on_ack_range(PacketNumber(0), PacketNumber(3)), Errc::not_enough_memory);
  EXPECT_EQ(log.settled_count(), 0U);
  EXPECT_EQ(log.bytes_in_flight(), ByteCount(4 * 1200));
  EXPECT_EQ(log.find(PacketNumber(3))->state, PacketState::outstanding);
}

/// Drives the log and a naive model with the same random calls and compares them.
class LogAgainstModel {
 public:
  explicit LogAgainstModel(std::uint64_t seed) : random_(seed) {}

  void step() {
    now_ += milliseconds(random_.below(3));
    const std::uint64_t kind = random_.below(100);
    if (kind < 45) {
      send_one();
    } else if (kind < 85) {
      ack_some();
    } else if (kind < 95) {
      lose_one();
    } else {
      forget();
    }
    compare();
  }

 private:
  struct Fate {
    PacketState state = PacketState::outstanding;
    std::int64_t bytes = 0;
    bool is_data = false;
    TimePoint sent_time;
    std::uint64_t item = 0;
  };

  void send_one() {
    if (packets_.size() > 2000) return;
    auto packet = random_.below(4) == 0 ? pure_ack(now_) : data_packet(now_);
    packet.bytes = ByteCount(static_cast<std::int64_t>(random_.below(1400)) + 1);
    const std::array<PacketItem, 3> items{{{0, 0, random_.next()}, {0, 0, 1}, {0, 0, 2}}};
    packet.items = std::span(items).first(1 + random_.below(3));
    const PacketNumber number = send(log_, packet);
    packets_[number.value()] = {PacketState::outstanding, packet.bytes.value(), packet.is_in_flight,
                                now_, items[0].value};
    next_ = number.value() + 1;
  }

  void ack_some() {
    if (next_ == 0) return;
    const std::uint64_t span = std::min<std::uint64_t>(next_, random_.below(8) == 0 ? 500 : 60);
    const std::uint64_t largest = next_ - 1 - random_.below(span);
    const std::uint64_t smallest = largest - std::min(largest, random_.below(30));
    ASSERT_FALSE(log_.on_ack_range(PacketNumber(smallest), PacketNumber(largest)));
    std::size_t index = 0;
    for (auto it = packets_.upper_bound(largest); it != packets_.begin();) {
      --it;
      if (it->first < smallest) break;
      Fate& fate = it->second;
      if (fate.state == PacketState::acknowledged) continue;
      ASSERT_LT(index, log_.settled_count());
      const SettledPacket& settled = log_.settled(index++);
      ASSERT_EQ(settled.number.value(), it->first);
      ASSERT_EQ(settled.was_lost, fate.state == PacketState::lost);
      ASSERT_EQ(log_.item(settled.packet, 0).value, fate.item);
      if (fate.is_data && fate.state != PacketState::lost) delivered_ += fate.bytes;
      fate.state = PacketState::acknowledged;
    }
    ASSERT_EQ(index, log_.settled_count());
    log_.clear_settled();
  }

  void lose_one() {
    // Mostly the oldest, as a detector does; now and then one further up.
    std::uint64_t skipped = random_.below(3) == 0 ? random_.below(50) : 0;
    for (auto& [number, fate] : packets_) {
      if (fate.state != PacketState::outstanding || skipped-- > 0) continue;
      log_.declare_lost(PacketNumber(number));
      fate.state = PacketState::lost;
      if (fate.is_data) lost_ += fate.bytes;
      return;
    }
  }

  void forget() {
    const TimePoint before = now_ - milliseconds(random_.below(400));
    log_.forget(before);
    while (!packets_.empty()) {
      const Fate& fate = packets_.begin()->second;
      const bool is_old = fate.sent_time < before;
      const bool stays = fate.state == PacketState::outstanding
                             ? fate.is_data || !is_old
                             : fate.state == PacketState::lost && !is_old;
      if (stays) break;
      packets_.erase(packets_.begin());
    }
  }

  void compare() {
    std::int64_t in_flight = 0;
    std::uint64_t eliciting = 0;
    std::optional<TimePoint> oldest;
    std::vector<std::uint64_t> outstanding;
    for (const auto& [number, fate] : packets_) {
      if (fate.state != PacketState::outstanding) continue;
      outstanding.push_back(number);
      if (!fate.is_data) continue;
      in_flight += fate.bytes;
      ++eliciting;
      if (!oldest) oldest = fate.sent_time;
    }
    ASSERT_EQ(log_.bytes_in_flight().value(), in_flight);
    ASSERT_EQ(log_.eliciting_outstanding(), eliciting);
    ASSERT_EQ(log_.oldest_outstanding_sent_time(), oldest);
    ASSERT_EQ(log_.remembered(), packets_.size());
    ASSERT_EQ(log_.total_delivered().value(), delivered_);
    ASSERT_EQ(log_.total_lost().value(), lost_);
    std::size_t index = 0;
    log_.for_each_outstanding(PacketNumber(0), [&](PacketNumber number, const SentPacket&) {
      return index < outstanding.size() && number.value() == outstanding[index] && ++index > 0;
    });
    ASSERT_EQ(index, outstanding.size());
  }

  SeededRandom random_;
  MemoryPool pool_;
  SentPacketLog log_{pool_};
  std::map<std::uint64_t, Fate> packets_;
  std::uint64_t next_ = 0;
  std::int64_t delivered_ = 0;
  std::int64_t lost_ = 0;
  TimePoint now_ = at(milliseconds(0));
};

TEST(SentPacketLogPropertyTest, AgreesWithANaiveModel) {
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    LogAgainstModel run(seed);
    for (int i = 0; i < 25'000; ++i) {
      run.step();
      ASSERT_FALSE(testing::Test::HasFatalFailure()) << "in call " << i;
    }
  }
}

}  // namespace
}  // namespace hawser::test
