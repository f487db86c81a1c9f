#include "transport/connection/outbox.h"

#include <array>
#include <vector>

#include <gtest/gtest.h>

namespace hawser {
namespace {

using Sequences = std::vector<std::uint64_t>;

/// Every message fills a packet of its own.
constexpr std::size_t kPacketSize = 1200;
constexpr std::size_t kMessageSize = 1000;

class OutboxTest : public ::testing::Test {
 protected:
  explicit OutboxTest(Arq arq = Arq::selective_repeat)
      : outbox_(pool_, events_, ConnectionConfig{}, arq) {
    outbox_.set_peer_limits(256, ByteCount(16 << 20));
    grant(ByteCount(1 << 20));
  }
  ~OutboxTest() override {
    outbox_.fail_all(CloseReason::none);
    while (EventNode* node = events_.pop()) (void)outbox_.take_receipt(*node);
  }
  void grant(ByteCount message_limit) {
    outbox_.on_credit({.sequence_limit = Sequence(1000), .message_limit = message_limit});
  }
  void send(int count, const SendOptions& options = {}, std::size_t size = kMessageSize) {
    for (int i = 0; i < count; ++i) {
      EXPECT_TRUE(outbox_.send(Buffer::allocate(pool_, size), options));
    }
  }
  /// The segments of the next packet, which is a probe or not.
  Sequences packet(bool is_probe = false) {
    std::array<std::uint8_t, kPacketSize> space;
    wire::PacketWriter writer(space, {});
    PacketNotes notes;
    if (is_probe) {
      (void)outbox_.write_probe(writer, notes, next_number_);
    } else {
      outbox_.write_lost(writer, notes, next_number_);
      outbox_.write_new(writer, notes, next_number_);
      if (!writer.has_frames()) outbox_.write_lost(writer, notes, next_number_);
    }
    next_number_ = next_number_.next();
    Sequences sequences;
    for (const PacketItem& item : notes.items()) {
      for (std::uint32_t i = 0; i < item.count; ++i) sequences.push_back(item.value + i);
    }
    return sequences;
  }
  Sequences probe() { return packet(true); }
  /// The newest packet is lost, and carried this.
  void lose(std::uint64_t sequence) {
    outbox_.on_segments_lost(Sequence(sequence), 1, PacketNumber(next_number_.value() - 1));
  }
  void lose_again_and_again() {
    for (int i = 0; i < 3; ++i) {
      ASSERT_EQ(packet(), Sequences{0});
      lose(0);
    }
  }

  MemoryPool pool_;
  EventQueue events_;
  Outbox outbox_;
  PacketNumber next_number_{0};
};

// 16 MiB at first, then twice the congestion window, up to the configured 64 MiB.
TEST_F(OutboxTest, TheBufferFollowsTheCongestionWindow) {
  constexpr std::size_t kMebibyte = 1 << 20;
  const auto accepts_mebibyte = [this] { return !outbox_.refuses(ByteCount(kMebibyte), {}); };
  send(16, {}, kMebibyte);
  outbox_.tune_buffer(ByteCount(8 << 20));
  EXPECT_FALSE(accepts_mebibyte());
  outbox_.tune_buffer(ByteCount(9 << 20));
  EXPECT_TRUE(accepts_mebibyte());
  send(2, {}, kMebibyte);
  EXPECT_FALSE(accepts_mebibyte());
  outbox_.tune_buffer(ByteCount(1 << 20));  // what was accepted once is accepted again
  outbox_.tune_buffer(ByteCount::max());
  send(46, {}, kMebibyte);
  EXPECT_FALSE(accepts_mebibyte());
}

TEST_F(OutboxTest, WhatIsLostGoesBeforeWhatIsNew) {
  send(2);
  ASSERT_EQ(packet(), Sequences{0});
  lose(0);
  EXPECT_EQ(packet(), Sequences{0});
  EXPECT_EQ(packet(), Sequences{1});
}

TEST_F(OutboxTest, WhatIsLostAgainAndAgainLetsNewOnesGoFirstEveryOtherTime) {
  send(1);
  lose_again_and_again();
  send(3);
  EXPECT_EQ(packet(), Sequences{1});
  EXPECT_EQ(packet(), Sequences{0});
  lose(0);
  EXPECT_EQ(packet(), Sequences{2});
  EXPECT_EQ(packet(), Sequences{0});
}

TEST_F(OutboxTest, WithNothingNewTheLostGoesAtOnce) {
  send(1);
  lose_again_and_again();
  EXPECT_EQ(packet(), Sequences{0});
}

TEST_F(OutboxTest, WhereTheNewLacksCreditTheLostGoesAtOnce) {
  send(1);
  lose_again_and_again();
  send(1, {}, 2 << 20);
  EXPECT_EQ(packet(), Sequences{0});
}

TEST_F(OutboxTest, ProbesTakeTurnsBetweenOldAndNew) {
  send(1);
  ASSERT_EQ(packet(), Sequences{0});
  send(2);
  EXPECT_EQ(probe(), Sequences{0});
  EXPECT_EQ(probe(), Sequences{1});
}

TEST_F(OutboxTest, ProbesWithNothingNewCarryDifferentSegments) {
  send(3);
  for (std::uint64_t i = 0; i < 3; ++i) ASSERT_EQ(packet(), Sequences{i});
  EXPECT_EQ(probe(), Sequences{2});
  EXPECT_EQ(probe(), Sequences{0});
  EXPECT_EQ(probe(), Sequences{1});
  EXPECT_EQ(probe(), Sequences{2});
}

TEST_F(OutboxTest, ChannelsTakeTurns) {
  send(2);
  send(2, {.channel = ChannelId{1}});
  for (std::uint64_t i = 0; i < 4; ++i) ASSERT_EQ(packet(), Sequences{i});
  // Which message a segment is of shows when it is acknowledged.
  outbox_.on_segments_acked(Sequence(1), 1);
  EventNode* node = events_.pop();
  ASSERT_NE(node, nullptr);
  EXPECT_EQ(outbox_.take_receipt(*node).message, MessageId{3});
}

TEST_F(OutboxTest, TheFirstMessageThatLacksCreditHoldsBackAllThatHaveNotBegun) {
  send(1, {}, (1 << 20) - 2 * kMessageSize);
  while (outbox_.has_new()) (void)packet();
  EXPECT_FALSE(outbox_.is_held_back());
  send(1, {}, 4 * kMessageSize);
  send(1, {.channel = ChannelId{1}});
  EXPECT_EQ(packet(), Sequences{});
  EXPECT_TRUE(outbox_.is_held_back());
  grant(ByteCount(2 << 20));
  EXPECT_FALSE(outbox_.is_held_back());
  EXPECT_EQ(packet().size(), 1U);
}

/// One segment in each packet.
class TextbookOutboxTest : public OutboxTest {
 protected:
  TextbookOutboxTest() : OutboxTest(Arq::go_back_n) {}
};

TEST_F(TextbookOutboxTest, WhatIsLostAgainAndAgainStillGoesFirst) {
  send(1);
  lose_again_and_again();
  send(1);
  EXPECT_EQ(packet().front(), 0U);
}

TEST_F(TextbookOutboxTest, ProbesCarryNothingNew) {
  send(1);
  ASSERT_EQ(packet(), Sequences{0});
  send(1);
  EXPECT_EQ(probe(), Sequences{0});
  EXPECT_EQ(probe(), Sequences{0});
}

}  // namespace
}  // namespace hawser
