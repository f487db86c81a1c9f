#include "arq/send_window.h"

#include <algorithm>
#include <map>
#include <vector>

#include <gtest/gtest.h>

#include "hawser/random.h"

namespace hawser::test {
namespace {

SegmentRange segment(std::int64_t offset) {
  return {.owner = nullptr, .offset = ByteCount(offset), .length = ByteCount(100)};
}

class SendWindowTest : public testing::Test {
 protected:
  SendWindowTest() { window_.set_peer_limit(Sequence(1'000'000)); }

  /// Pushes `count` segments and transmits each; transmissions are numbered on.
  void push(int count) {
    for (int i = 0; i < count; ++i) {
      Sequence sequence;
      ASSERT_TRUE(window_.push(segment(i), sequence));
      transmit(sequence.value());
    }
  }
  /// Transmits it, returns the number of the packet.
  PacketNumber transmit(std::uint64_t sequence) {
    const PacketNumber number = next_packet_;
    window_.on_transmitted(Sequence(sequence), number);
    next_packet_ = next_packet_.next();
    return number;
  }
  /// The lost segments in the order in which they would be sent again.
  std::vector<std::uint64_t> drain_lost() {
    std::vector<std::uint64_t> order;
    while (const auto next = window_.next_lost()) {
      order.push_back(next->value());
      transmit(next->value());
    }
    return order;
  }

  MemoryPool pool_;
  SendWindow window_{pool_, 16};
  PacketNumber next_packet_;
};

using Sequences = std::vector<std::uint64_t>;

TEST_F(SendWindowTest, AdmitsUpToTheWindowBeyondTheOldestUnacked) {
  EXPECT_EQ(window_.room(), 16U);
  push(16);
  EXPECT_FALSE(window_.can_push());
  EXPECT_TRUE(window_.on_acked(Sequence(5)));
  EXPECT_FALSE(window_.can_push());  // a lost base stalls a finite window
  EXPECT_TRUE(window_.on_acked(Sequence(0)));
  EXPECT_TRUE(window_.can_push());
  push(1);
  EXPECT_FALSE(window_.can_push());
  EXPECT_EQ(window_.base(), Sequence(1));
  EXPECT_EQ(window_.next_sequence(), Sequence(17));
}

TEST_F(SendWindowTest, PeerCreditLimitsAndNeverShrinks) {
  MemoryPool pool;
  SendWindow window(pool, 16);
  EXPECT_FALSE(window.can_push());  // no credit yet
  window.set_peer_limit(Sequence(2));
  Sequence sequence;
  ASSERT_TRUE(window.push(segment(0), sequence));
  ASSERT_TRUE(window.push(segment(1), sequence));
  EXPECT_EQ(sequence, Sequence(1));
  EXPECT_FALSE(window.can_push());
  window.set_peer_limit(Sequence(1));
  EXPECT_EQ(window.peer_limit(), Sequence(2));
  window.set_peer_limit(Sequence(3));
  EXPECT_EQ(window.room(), 1U);
}

TEST_F(SendWindowTest, AnAckReturnsTheRangeOnce) {
  push(3);
  const auto range = window_.on_acked(Sequence(1));
  ASSERT_TRUE(range);
  EXPECT_EQ(range->offset, ByteCount(1));
  EXPECT_FALSE(window_.on_acked(Sequence(1)));
  EXPECT_TRUE(window_.on_acked(Sequence(0)));
  EXPECT_EQ(window_.base(), Sequence(2));
  EXPECT_FALSE(window_.on_acked(Sequence(0)));
  EXPECT_EQ(window_.state(Sequence(0)), SegmentState::acknowledged);
  EXPECT_EQ(window_.find(Sequence(0)), nullptr);
  EXPECT_EQ(window_.find(Sequence(3)), nullptr);
  EXPECT_EQ(window_.find(Sequence(2))->offset, ByteCount(2));
  EXPECT_EQ(window_.unacked_count(), 1U);
}

TEST_F(SendWindowTest, LostSegmentsLeaveAgainOldestFirst) {
  push(6);
  for (const auto sequence : {4U, 1U, 3U}) {
    window_.on_lost(Sequence(sequence), PacketNumber(sequence));
  }
  EXPECT_EQ(window_.lost_count(), 3U);
  EXPECT_EQ(window_.state(Sequence(3)), SegmentState::lost);
  EXPECT_EQ(drain_lost(), (Sequences{1, 3, 4}));
  EXPECT_EQ(window_.state(Sequence(3)), SegmentState::in_flight);
}

// Whatever is unambiguous about packets is decided by the newest transmission of the segment.
TEST_F(SendWindowTest, LossOfAnOlderTransmissionIsNoLoss) {
  push(2);
  window_.on_lost(Sequence(0), PacketNumber(0));
  const PacketNumber second = transmit(0);
  window_.on_lost(Sequence(0), PacketNumber(0));
  EXPECT_EQ(window_.lost_count(), 0U);
  window_.on_lost(Sequence(0), second);
  EXPECT_EQ(window_.lost_count(), 1U);
}

TEST_F(SendWindowTest, CountsHowOftenASegmentWasLost) {
  push(1);
  EXPECT_EQ(window_.times_lost(Sequence(0)), 0U);
  for (std::uint64_t number = 1; number <= 300; ++number) {
    window_.on_transmitted(Sequence(0), PacketNumber(number));
    window_.on_lost(Sequence(0), PacketNumber(number));
    EXPECT_EQ(window_.times_lost(Sequence(0)), std::min<std::uint64_t>(number, 255));
  }
}

TEST_F(SendWindowTest, AProbesTransmissionCountsAsTheNewest) {
  push(1);
  ASSERT_EQ(window_.next_probe(), Sequence(0));
  const PacketNumber probe = transmit(0);
  window_.on_lost(Sequence(0), PacketNumber(0));
  EXPECT_EQ(window_.next_lost(), std::nullopt);
  window_.on_lost(Sequence(0), probe);
  EXPECT_EQ(window_.next_lost(), Sequence(0));
}

TEST_F(SendWindowTest, AnAckTakesASegmentOutOfTheLost) {
  push(3);
  window_.on_lost(Sequence(0), PacketNumber(0));
  window_.on_lost(Sequence(1), PacketNumber(1));
  EXPECT_TRUE(window_.on_acked(Sequence(0)));
  EXPECT_EQ(window_.next_lost(), Sequence(1));
  EXPECT_TRUE(window_.on_acked(Sequence(1)));
  EXPECT_EQ(window_.next_lost(), std::nullopt);
  window_.on_lost(Sequence(1), PacketNumber(1));
  EXPECT_EQ(window_.lost_count(), 0U);
}

TEST_F(SendWindowTest, GoBackNSendsAllUnackedAgain) {
  push(6);
  EXPECT_TRUE(window_.on_acked(Sequence(0)));
  EXPECT_TRUE(window_.on_acked(Sequence(3)));
  window_.abandon(Sequence(4));
  window_.mark_all_lost();
  EXPECT_EQ(drain_lost(), (Sequences{1, 2, 5}));
}

// Two probes of one expiry, and those of successive expiries, carry different segments.
TEST_F(SendWindowTest, ProbesTakeTurnsFromBothEndsNewestFirst) {
  push(6);
  EXPECT_TRUE(window_.on_acked(Sequence(1)));
  Sequences turns;
  for (int i = 0; i < 8; ++i) turns.push_back(window_.next_probe()->value());
  EXPECT_EQ(turns, (Sequences{5, 0, 4, 2, 3, 4, 2, 5}));
  EXPECT_TRUE(window_.on_acked(Sequence(5)));
  for (const auto sequence : {0U, 2U, 3U}) EXPECT_TRUE(window_.on_acked(Sequence(sequence)));
  EXPECT_EQ(window_.next_probe(), Sequence(4));
  EXPECT_EQ(window_.next_probe(), Sequence(4)) << "no other is left";
  EXPECT_TRUE(window_.on_acked(Sequence(4)));
  EXPECT_EQ(window_.next_probe(), std::nullopt);
}

TEST_F(SendWindowTest, TheFirstProbeAfterNewSegmentsCarriesTheNewest) {
  push(5);
  EXPECT_EQ(window_.next_probe(), Sequence(4));
  EXPECT_EQ(window_.next_probe(), Sequence(0));
  EXPECT_EQ(window_.next_probe(), Sequence(3));
  push(2);
  EXPECT_EQ(window_.next_probe(), Sequence(6));
  EXPECT_EQ(window_.next_probe(), Sequence(1));
}

TEST_F(SendWindowTest, AnAbandonedSegmentHoldsTheBaseUntilItsSkipIsAcked) {
  push(4);
  window_.on_lost(Sequence(0), PacketNumber(0));
  ASSERT_TRUE(window_.abandon(Sequence(0)));
  EXPECT_EQ(window_.state(Sequence(0)), SegmentState::abandoned);
  EXPECT_EQ(window_.next_lost(), std::nullopt);
  EXPECT_EQ(window_.next_probe(), Sequence(3));
  EXPECT_EQ(window_.next_probe(), Sequence(1));
  EXPECT_FALSE(window_.abandon(Sequence(0)));
  EXPECT_TRUE(window_.on_acked(Sequence(1)));
  EXPECT_EQ(window_.base(), Sequence(0));
  window_.on_skip_acked(Sequence(0));
  EXPECT_EQ(window_.base(), Sequence(2));
  window_.on_skip_acked(Sequence(0));  // answered twice
  EXPECT_FALSE(window_.abandon(Sequence(1)));
}

TEST_F(SendWindowTest, ALateAckOfAnAbandonedSegmentFreesItsPlaceSilently) {
  push(2);
  ASSERT_TRUE(window_.abandon(Sequence(0)));
  EXPECT_FALSE(window_.on_acked(Sequence(0)));
  EXPECT_EQ(window_.base(), Sequence(1));
  window_.on_skip_acked(Sequence(0));
  EXPECT_EQ(window_.base(), Sequence(1));
}

TEST_F(SendWindowTest, VisitsTheUnackedInOrderAndLetsThemBeAbandoned) {
  push(6);
  EXPECT_TRUE(window_.on_acked(Sequence(2)));
  window_.on_lost(Sequence(3), PacketNumber(3));
  Sequences visited;
  window_.for_each_unacked([&](Sequence sequence, const SegmentRange& range) {
    visited.push_back(sequence.value());
    if (range.offset == ByteCount(3)) window_.abandon(sequence);
  });
  EXPECT_EQ(visited, (Sequences{0, 1, 3, 4, 5}));
  EXPECT_EQ(window_.unacked_count(), 4U);
  EXPECT_EQ(window_.lost_count(), 0U);
}

TEST_F(SendWindowTest, AnEmptyWindowHoldsNoMemoryAndGoesOn) {
  push(16);
  for (std::uint64_t i = 0; i < 16; ++i) EXPECT_TRUE(window_.on_acked(Sequence(i)));
  EXPECT_TRUE(window_.empty());
  EXPECT_EQ(pool_.stats().in_use, ByteCount(0));
  push(3);
  EXPECT_EQ(window_.next_sequence(), Sequence(19));
  EXPECT_EQ(window_.next_probe(), Sequence(18));
  EXPECT_EQ(window_.next_probe(), Sequence(16));
}

TEST(SendWindowBoundsTest, RefusalOfMemoryChangesNothingWhereverItStrikes) {
  // Each budget refuses at another of the window's allocations.
  int refusals = 0;
  for (std::int64_t budget = 0; budget < 2000; budget += 32) {
    MemoryPool pool{ByteCount(budget)};
    SendWindow window(pool, 64);
    window.set_peer_limit(Sequence(64));
    Sequence sequence;
    std::uint64_t pushed = 0;
    while (window.can_push() && window.push(segment(0), sequence)) ++pushed;
    EXPECT_EQ(window.next_sequence(), Sequence(pushed));
    EXPECT_EQ(window.unacked_count(), pushed);
    refusals += window.can_push() ? 1 : 0;
    for (std::uint64_t i = 0; i < pushed; ++i) EXPECT_TRUE(window.on_acked(Sequence(i)));
    EXPECT_TRUE(window.empty());
  }
  EXPECT_GT(refusals, 20);
}

/// Drives the window and a naive model with the same random calls and compares them.
class WindowAgainstModel {
 public:
  WindowAgainstModel(std::uint64_t seed, std::uint64_t width)
      : random_(seed), window_(pool_, width), width_(width) {}

  void step() {
    const std::uint64_t kind = random_.below(100);
    if (kind < 35) {
      push_one();
    } else if (kind < 60) {
      ack_one();
    } else if (kind < 75) {
      lose_one();
    } else if (kind < 90) {
      retransmit_one();
    } else if (kind < 95) {
      abandon_one();
    } else if (kind < 99) {
      answer_skip();
    } else if (random_.below(50) == 0) {
      go_back();
    }
    compare();
  }

 private:
  struct Segment {
    SegmentState state = SegmentState::in_flight;
    std::int64_t offset = 0;
    PacketNumber transmission;
  };

  bool is_unacked(const Segment& segment) const {
    return segment.state == SegmentState::in_flight || segment.state == SegmentState::lost;
  }
  std::uint64_t base() const { return segments_.empty() ? next_ : segments_.begin()->first; }
  /// A Sequence pushed before, possibly one that the base has passed.
  std::uint64_t draw() { return base() - std::min<std::uint64_t>(base(), 2) + random_.below(20); }
  void settle(std::uint64_t sequence) {
    segments_[sequence].state = SegmentState::acknowledged;
    while (!segments_.empty() && segments_.begin()->second.state == SegmentState::acknowledged) {
      segments_.erase(segments_.begin());
    }
  }

  void push_one() {
    if (random_.below(10) == 0) {
      limit_ += random_.below(2 * width_);
      window_.set_peer_limit(Sequence(limit_));
      window_.set_peer_limit(Sequence(limit_ / 2));
    }
    const bool fits = next_ < limit_ && next_ - base() < width_;
    ASSERT_EQ(window_.can_push(), fits);
    const std::uint64_t credit = limit_ - std::min(limit_, next_);
    ASSERT_EQ(window_.room(), std::min(credit, width_ - (next_ - base())));
    if (!fits) return;
    Segment added{SegmentState::in_flight, static_cast<std::int64_t>(random_.below(1000)), packet_};
    Sequence sequence;
    ASSERT_TRUE(window_.push(segment(added.offset), sequence));
    ASSERT_EQ(sequence.value(), next_);
    window_.on_transmitted(sequence, packet_);
    packet_ = packet_.next();
    segments_[next_++] = added;
  }

  void ack_one() {
    const std::uint64_t sequence = draw();
    if (sequence >= next_) return;
    const auto range = window_.on_acked(Sequence(sequence));
    const auto found = segments_.find(sequence);
    ASSERT_EQ(range.has_value(), found != segments_.end() && is_unacked(found->second));
    if (range) {
      ASSERT_EQ(range->offset.value(), found->second.offset);
    }
    if (found != segments_.end()) settle(sequence);
  }

  void lose_one() {
    const std::uint64_t sequence = draw();
    if (sequence >= next_) return;
    const auto found = segments_.find(sequence);
    PacketNumber transmission =
        found == segments_.end() ? PacketNumber() : found->second.transmission;
    const bool is_older = random_.below(3) == 0 && transmission > PacketNumber();
    if (is_older) transmission = transmission - 1;
    window_.on_lost(Sequence(sequence), transmission);
    if (found != segments_.end() && !is_older && found->second.state == SegmentState::in_flight) {
      found->second.state = SegmentState::lost;
    }
  }

  void retransmit_one() {
    const auto next = random_.below(4) == 0 ? window_.next_probe() : window_.next_lost();
    if (!next) return;
    window_.on_transmitted(*next, packet_);
    Segment& sent = segments_.at(next->value());
    ASSERT_TRUE(is_unacked(sent));
    sent.state = SegmentState::in_flight;
    sent.transmission = packet_;
    packet_ = packet_.next();
  }

  void abandon_one() {
    const std::uint64_t sequence = draw();
    if (sequence >= next_) return;
    const auto range = window_.abandon(Sequence(sequence));
    const auto found = segments_.find(sequence);
    ASSERT_EQ(range.has_value(), found != segments_.end() && is_unacked(found->second));
    if (range) found->second.state = SegmentState::abandoned;
  }

  void answer_skip() {
    const std::uint64_t sequence = draw();
    const auto found = segments_.find(sequence);
    if (found == segments_.end() || found->second.state != SegmentState::abandoned) return;
    window_.on_skip_acked(Sequence(sequence));
    settle(sequence);
  }

  void go_back() {
    window_.mark_all_lost();
    for (auto& [sequence, segment] : segments_) {
      if (is_unacked(segment)) segment.state = SegmentState::lost;
    }
  }

  void compare() {
    ASSERT_EQ(window_.base().value(), base());
    ASSERT_EQ(window_.next_sequence().value(), next_);
    ASSERT_EQ(window_.empty(), segments_.empty());
    std::size_t lost = 0;
    std::optional<Sequence> first_lost;
    std::vector<std::uint64_t> unacked;
    for (const auto& [sequence, segment] : segments_) {
      if (is_unacked(segment)) unacked.push_back(sequence);
      if (segment.state != SegmentState::lost) continue;
      ++lost;
      if (!first_lost) first_lost = Sequence(sequence);
    }
    ASSERT_EQ(window_.lost_count(), lost);
    ASSERT_EQ(window_.next_lost(), first_lost);
    ASSERT_EQ(window_.unacked_count(), unacked.size());
    std::size_t index = 0;
    window_.for_each_unacked([&](Sequence sequence, const SegmentRange& range) {
      ASSERT_LT(index, unacked.size());
      ASSERT_EQ(sequence.value(), unacked[index++]);
      ASSERT_EQ(range.offset.value(), segments_.at(sequence.value()).offset);
      ASSERT_EQ(window_.state(sequence), segments_.at(sequence.value()).state);
    });
    ASSERT_EQ(index, unacked.size());
  }

  SeededRandom random_;
  MemoryPool pool_;
  SendWindow window_;
  std::uint64_t width_;
  std::map<std::uint64_t, Segment> segments_;  // from the base on
  std::uint64_t next_ = 0;
  std::uint64_t limit_ = 0;
  PacketNumber packet_;
};

TEST(SendWindowPropertyTest, AgreesWithANaiveModel) {
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    WindowAgainstModel run(seed, seed == 4 ? 1 : 40 * seed);
    for (int i = 0; i < 30'000; ++i) {
      run.step();
      ASSERT_FALSE(testing::Test::HasFatalFailure()) << "in call " << i;
    }
  }
}

}  // namespace
}  // namespace hawser::test
