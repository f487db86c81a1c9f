#include "arq/ack_scheduler.h"

#include <array>
#include <set>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "hawser/random.h"
#include "tests/arq/support.h"

namespace hawser::test {
namespace {

using std::chrono::milliseconds;
using Arrival = AckScheduler::Arrival;

/// What the wire's encoder would bring.
struct AckRange {
  PacketNumber smallest;
  PacketNumber largest;
};

using Ranges = std::vector<std::pair<std::uint64_t, std::uint64_t>>;

class AckSchedulerTest : public testing::Test {
 protected:
  /// An ack-eliciting packet arrives.
  Arrival receive(std::uint64_t number) {
    return acks_.on_packet(now_, {.number = PacketNumber(number), .is_ack_eliciting = true});
  }
  Arrival receive_pure_ack(std::uint64_t number) {
    return acks_.on_packet(now_, {.number = PacketNumber(number)});
  }
  bool is_due() const { return acks_.is_due(now_); }
  void send_ack() { acks_.on_ack_sent(); }
  /// As (smallest, largest), the highest first.
  Ranges ranges(std::size_t count = 32) const {
    std::vector<AckRange> out(count);
    out.resize(acks_.ranges(std::span<AckRange>(out)));
    Ranges result;
    for (const AckRange& range : out) {
      result.emplace_back(range.smallest.value(), range.largest.value());
    }
    return result;
  }

  MemoryPool pool_;
  AckScheduler acks_{pool_, milliseconds(10)};
  TimePoint now_ = at(milliseconds(0));
};

// RFC 9000 s13.2.1, s13.2.2.
TEST_F(AckSchedulerTest, AcksEverySecondPacketAtOnceAndTheFirstAfterTheDelay) {
  EXPECT_EQ(acks_.deadline(), kNever);
  EXPECT_EQ(receive(0), Arrival::fresh);
  EXPECT_FALSE(is_due());
  EXPECT_TRUE(acks_.has_news());
  EXPECT_EQ(acks_.deadline(), at(milliseconds(10)));
  now_ = at(milliseconds(4));
  receive(1);
  EXPECT_TRUE(is_due());
  EXPECT_LE(acks_.deadline(), now_);
  send_ack();
  EXPECT_FALSE(is_due());
  EXPECT_FALSE(acks_.has_news());
  EXPECT_EQ(acks_.deadline(), kNever);
  receive(2);
  now_ = at(milliseconds(14));
  EXPECT_TRUE(is_due());
}

// RFC 9000 s13.2.1: packets that elicit nothing are not acknowledged on their own account.
TEST_F(AckSchedulerTest, PureAcksMakeNothingDue) {
  receive(0);
  send_ack();
  EXPECT_EQ(receive_pure_ack(1), Arrival::fresh);
  receive_pure_ack(5);  // not even where there is a gap
  acks_.on_packet(now_,
                  {.number = PacketNumber(9), .wants_immediate_ack = true, .is_ce_marked = true});
  EXPECT_EQ(acks_.deadline(), kNever);
  EXPECT_FALSE(acks_.has_news());
  EXPECT_EQ(ranges(), (Ranges{{9, 9}, {5, 5}, {0, 1}}));
}

// RFC 9000 s13.2.1: out of order, so that the sender finds its losses in time.
TEST_F(AckSchedulerTest, AcksGapsAndFillsAtOnce) {
  receive(0);
  receive(1);
  send_ack();
  receive(3);
  EXPECT_TRUE(is_due());
  send_ack();
  receive(2);
  EXPECT_TRUE(is_due());
  send_ack();
  receive(4);
  EXPECT_FALSE(is_due());
}

TEST_F(AckSchedulerTest, AcksAtOnceWhereTheFirstPacketsAreMissing) {
  receive(2);
  EXPECT_TRUE(is_due());
}

TEST_F(AckSchedulerTest, AcksRequestsAndCongestionMarksAtOnce) {
  acks_.on_packet(
      now_, {.number = PacketNumber(0), .is_ack_eliciting = true, .wants_immediate_ack = true});
  EXPECT_TRUE(is_due());
  send_ack();
  acks_.on_packet(now_,
                  {.number = PacketNumber(1), .is_ack_eliciting = true, .is_ce_marked = true});
  EXPECT_TRUE(is_due());
}

TEST_F(AckSchedulerTest, ADuplicateIsReportedAndIsNoNews) {
  receive(0);
  receive(1);
  send_ack();
  EXPECT_TRUE(acks_.is_duplicate(PacketNumber(1)));
  EXPECT_FALSE(acks_.is_duplicate(PacketNumber(2)));
  EXPECT_EQ(receive(1), Arrival::duplicate);
  EXPECT_FALSE(acks_.has_news());
  EXPECT_EQ(acks_.deadline(), kNever);
}

// Under the textbook protocols a duplicate is acknowledged at once.
TEST_F(AckSchedulerTest, AnAckOfNewsCanBeRequested) {
  acks_.request_immediate();
  EXPECT_FALSE(is_due());  // nothing was received that it could name
  receive(0);
  EXPECT_FALSE(is_due());
  acks_.request_immediate();
  EXPECT_TRUE(is_due());
  EXPECT_EQ(ranges(), (Ranges{{0, 0}}));
  send_ack();
  acks_.request_immediate();
  EXPECT_FALSE(is_due());  // nothing new since
}

TEST_F(AckSchedulerTest, CountsWhatIsMissing) {
  for (const std::uint64_t number : {0U, 1U, 4U, 5U, 9U}) receive(number);
  const auto missing = [this](std::uint64_t begin, std::uint64_t end) {
    return acks_.missing_between(PacketNumber(begin), PacketNumber(end));
  };
  EXPECT_EQ(missing(0, 10), 5U);
  EXPECT_EQ(missing(0, 2), 0U);
  EXPECT_EQ(missing(1, 5), 2U);
  EXPECT_EQ(missing(2, 4), 2U);
  EXPECT_EQ(missing(5, 20), 13U);
  EXPECT_EQ(missing(7, 7), 0U);
}

// draft-ietf-quic-ack-frequency s4: tolerance and delay.
TEST_F(AckSchedulerTest, FollowsTheRequestedFrequency) {
  acks_.set_frequency(5, milliseconds(3), 1);
  for (std::uint64_t i = 0; i < 4; ++i) {
    receive(i);
    EXPECT_FALSE(is_due());
  }
  EXPECT_EQ(acks_.deadline(), at(milliseconds(3)));
  receive(4);
  EXPECT_TRUE(is_due());
  send_ack();
  acks_.set_frequency(0, milliseconds(500),
                      1);  // never less than one packet, nor beyond our maximum
  receive(5);
  EXPECT_TRUE(is_due());
  send_ack();
  acks_.set_frequency(5, milliseconds(500), 1);
  receive(6);
  EXPECT_EQ(acks_.deadline(), at(milliseconds(10)));
}

TEST_F(AckSchedulerTest, TheDelayRunsFromTheFirstPacketThatWaits) {
  acks_.set_frequency(5, milliseconds(10), 1);
  receive(0);
  now_ = at(milliseconds(7));
  receive(1);
  EXPECT_EQ(acks_.deadline(), at(milliseconds(10)));
  send_ack();
  receive(2);
  EXPECT_EQ(acks_.deadline(), at(milliseconds(17)));
}

// draft-ietf-quic-ack-frequency s6.2.1, its table for a threshold of 3.
TEST_F(AckSchedulerTest, ToleratesReorderingAsRequested) {
  acks_.set_frequency(100, milliseconds(10), 3);
  receive(0);
  send_ack();
  std::vector<std::uint64_t> immediate;
  for (const auto number : {1U, 3U, 4U, 5U, 8U, 9U, 10U}) {
    receive(number);
    if (!is_due()) continue;
    immediate.push_back(number);
    send_ack();
  }
  EXPECT_EQ(immediate, (std::vector<std::uint64_t>{5, 9, 10}));
}

TEST_F(AckSchedulerTest, NeverAcksReorderingAtOnceWhenToldSo) {
  acks_.set_frequency(100, milliseconds(10), 0);
  for (const auto number : {9U, 3U, 50U, 2U}) receive(number);
  EXPECT_FALSE(is_due());
  EXPECT_EQ(acks_.deadline(), at(milliseconds(10)));
}

TEST_F(AckSchedulerTest, KnowsTheLargestAndItsTime) {
  EXPECT_EQ(acks_.largest(), std::nullopt);
  EXPECT_EQ(acks_.expected(), PacketNumber(0));
  receive(7);
  now_ = at(milliseconds(5));
  receive(3);
  EXPECT_EQ(acks_.largest(), PacketNumber(7));
  EXPECT_EQ(acks_.largest_received_time(), at(milliseconds(0)));
  EXPECT_EQ(acks_.expected(), PacketNumber(8));
}

// RFC 9000 s13.2.4: what the peer is known to know is not repeated.
TEST_F(AckSchedulerTest, AckOfAckLimitsWhatIsRepeated) {
  for (const auto number : {0U, 2U, 4U, 6U}) receive(number);
  send_ack();
  acks_.on_ack_of_ack(PacketNumber(4));
  EXPECT_EQ(ranges(), (Ranges{{6, 6}}));
  receive(8);
  EXPECT_EQ(ranges(), (Ranges{{8, 8}, {6, 6}}));
  EXPECT_TRUE(acks_.is_duplicate(PacketNumber(2)));  // never forgotten for that
  EXPECT_FALSE(acks_.is_duplicate(PacketNumber(3)));
  acks_.on_ack_of_ack(PacketNumber(8));
  EXPECT_EQ(ranges(), (Ranges{{8, 8}}));  // an ACK always names the largest
}

// A number that arrived after the confirmed ACK was written is not covered by the confirmation.
TEST_F(AckSchedulerTest, ALateArrivalIsRepeatedUntilItIsSurelyKnown) {
  for (const auto number : {0U, 2U, 4U}) receive(number);
  send_ack();  // names 4, not 1
  receive(1);
  send_ack();  // names 4 and 1; lost
  acks_.on_ack_of_ack(PacketNumber(4));
  EXPECT_EQ(ranges(), (Ranges{{4, 4}, {0, 2}}));
  receive(5);
  send_ack();  // names 5 and 1
  acks_.on_ack_of_ack(PacketNumber(5));
  EXPECT_EQ(ranges(), (Ranges{{4, 5}}));
}

// Late arrivals keep coming: the older ones are confirmed all the same.
TEST_F(AckSchedulerTest, SteadyReorderingDoesNotStopConfirmation) {
  receive(0);
  std::uint64_t confirmed = 0;
  for (std::uint64_t base = 1; base < 3000; base += 3) {
    receive(base + 1);
    receive(base);  // late; base + 2 never comes
    send_ack();
    if (base > 90) acks_.on_ack_of_ack(PacketNumber(confirmed = base + 1 - 90));
  }
  EXPECT_LE(ranges(256).size(), 100U);
  EXPECT_GE(ranges(256).size(), (3000 - confirmed) / 3);
}

TEST_F(AckSchedulerTest, SendsTheHighestRangesThatFit) {
  for (std::uint64_t number = 0; number < 20; number += 2) receive(number);
  EXPECT_EQ(ranges(3), (Ranges{{18, 18}, {16, 16}, {14, 14}}));
  EXPECT_EQ(ranges(0), Ranges{});
}

TEST_F(AckSchedulerTest, RangesAreBoundedAndTheOldestRefused) {
  for (std::uint64_t i = 0; i < 300; ++i) receive(2 * i);
  EXPECT_EQ(ranges(400).size(), AckScheduler::kRangesMax);
  EXPECT_EQ(receive(1), Arrival::duplicate);  // too old to tell
  EXPECT_EQ(receive(597), Arrival::fresh);
  EXPECT_LE(pool_.stats().peak, ByteCount(3 * 16 * 256));
}

TEST(AckSchedulerBoundsTest, WithoutMemoryAnArrivalIsNotTaken) {
  MemoryPool pool(ByteCount(128));  // eight ranges
  AckScheduler acks(pool);
  const auto packet = [](std::uint64_t number) {
    return AckScheduler::Packet{.number = PacketNumber(number), .is_ack_eliciting = true};
  };
  for (std::uint64_t i = 0; i < 8; ++i) {
    ASSERT_EQ(acks.on_packet(at(milliseconds(0)), packet(2 * i)), Arrival::fresh);
  }
  acks.on_ack_sent();
  EXPECT_EQ(acks.on_packet(at(milliseconds(0)), packet(20)), Arrival::no_memory);
  EXPECT_FALSE(acks.is_duplicate(PacketNumber(20)));
  EXPECT_FALSE(acks.has_news());
  EXPECT_EQ(acks.largest(), PacketNumber(14));
}

// Whatever is lost on the way of the acknowledgements, the sender hears of every arrival that the
// last ACK it has could name.
TEST(AckSchedulerPropertyTest, ThePeerLearnsOfEveryArrival) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    SeededRandom random(seed);
    MemoryPool pool;
    AckScheduler acks(pool);
    std::set<std::uint64_t> received;
    std::set<std::uint64_t> known;       // by the peer
    std::vector<std::uint64_t> waiting;  // largest of ACKs whose own acknowledgement is under way
    std::array<AckRange, AckScheduler::kRangesMax> out{};
    for (std::uint64_t i = 0; i < 20'000; ++i) {
      const std::uint64_t number = i - std::min(i, random.below(12));
      const bool is_new = acks.on_packet(at(Duration(static_cast<std::int64_t>(i))),
                                         {.number = PacketNumber(number),
                                          .is_ack_eliciting = true}) == Arrival::fresh;
      if (is_new) received.insert(number);
      if (random.below(3) == 0) {
        acks.on_ack_sent();
        const std::size_t count = acks.ranges(std::span<AckRange>(out));
        if (random.below(2) == 0) {  // it arrives
          for (std::size_t k = 0; k < count; ++k) {
            for (auto n = out[k].smallest; n <= out[k].largest; n = n.next())
              known.insert(n.value());
          }
          waiting.push_back(acks.largest()->value());
        }
      }
      if (!waiting.empty() && random.below(4) == 0) {
        const auto at_index = static_cast<std::ptrdiff_t>(random.below(waiting.size()));
        acks.on_ack_of_ack(PacketNumber(waiting[static_cast<std::size_t>(at_index)]));
        waiting.erase(waiting.begin() + at_index);
      }
      // Keep the sets small: only the newest 400 matter.
      const std::uint64_t old = i - std::min<std::uint64_t>(i, 400);
      received.erase(received.begin(), received.lower_bound(old));
      known.erase(known.begin(), known.lower_bound(old));
    }
    const std::size_t count = acks.ranges(std::span<AckRange>(out));
    for (std::size_t k = 0; k < count; ++k) {
      for (auto n = out[k].smallest; n <= out[k].largest; n = n.next()) known.insert(n.value());
    }
    for (const std::uint64_t number : received) ASSERT_TRUE(known.count(number) > 0) << number;
  }
}

}  // namespace
}  // namespace hawser::test
