#include "transport/connection/message_index.h"

#include <deque>

#include <gtest/gtest.h>

namespace hawser {
namespace {

using wire::MessageLine;

class MessageIndexTest : public ::testing::Test {
 protected:
  ~MessageIndexTest() override {
    index_.drain([](InboundMessage&) {});
  }
  InboundMessage& add(const MessageName& name) {
    InboundMessage& message = messages_.emplace_back(pool_);
    message.name = name;
    EXPECT_TRUE(index_.insert(message));
    return message;
  }
  MemoryPool pool_;
  SeededRandom random_{1};
  MessageIndex index_{pool_, random_};
  std::deque<InboundMessage> messages_;
};

TEST_F(MessageIndexTest, ChannelLineAndNumberNameAMessage) {
  InboundMessage& ordered = add({ChannelId{1}, MessageLine::ordered, 7});
  InboundMessage& unordered = add({ChannelId{1}, MessageLine::unordered, 7});
  InboundMessage& elsewhere = add({ChannelId{2}, MessageLine::ordered, 7});
  EXPECT_EQ(index_.find({ChannelId{1}, MessageLine::ordered, 7}), &ordered);
  EXPECT_EQ(index_.find({ChannelId{1}, MessageLine::unordered, 7}), &unordered);
  EXPECT_EQ(index_.find({ChannelId{2}, MessageLine::ordered, 7}), &elsewhere);
  EXPECT_EQ(index_.find({ChannelId{1}, MessageLine::unreliable, 7}), nullptr);
  EXPECT_EQ(index_.find({ChannelId{1}, MessageLine::ordered, 8}), nullptr);
}

TEST_F(MessageIndexTest, FindsEveryMessageWhileItGrowsAndDrains) {
  for (std::uint64_t i = 0; i < 5000; ++i) add({ChannelId{0}, MessageLine::ordered, i});
  for (std::uint64_t i = 0; i < 5000; ++i) {
    InboundMessage* message = index_.find({ChannelId{0}, MessageLine::ordered, i});
    ASSERT_EQ(message, &messages_[i]);
    index_.erase(*message);
    ASSERT_EQ(index_.find({ChannelId{0}, MessageLine::ordered, i}), nullptr);
  }
  EXPECT_EQ(index_.size(), 0U);
  EXPECT_EQ(pool_.stats().in_use, ByteCount(0));
}

// What a peer may choose: numbers in a row, with equal low bits, with equal high bits, one number
// in many channels.
TEST_F(MessageIndexTest, NoChoiceOfNumbersMakesLongChains) {
  for (std::uint64_t i = 0; i < 4000; ++i) {
    add({ChannelId{0}, MessageLine::ordered, i});
    add({ChannelId{1}, MessageLine::unordered, i << 30});
    add({ChannelId{2}, MessageLine::unreliable, (std::uint64_t{1} << 62) - 1 - (i << 16)});
    add({static_cast<ChannelId>(i + 3), MessageLine::ordered, 0});
  }
  EXPECT_LT(index_.longest_chain(), 12U);  // of 16,000 in as many buckets; 7 are to be expected
}

TEST_F(MessageIndexTest, TheKeyDecidesWhatCollides) {
  MemoryPool pool;
  SeededRandom one(1);
  SeededRandom two(2);
  MessageIndex first(pool, one);
  MessageIndex second(pool, two);
  InboundMessage message(pool);
  ASSERT_TRUE(first.insert(message));
  const std::uint64_t hash = message.hash;
  first.erase(message);
  ASSERT_TRUE(second.insert(message));
  EXPECT_NE(message.hash, hash);
  second.erase(message);
}

TEST_F(MessageIndexTest, SaysSoWhenThePoolRefuses) {
  MemoryPool tiny(ByteCount(64));
  MessageIndex index(tiny, random_);
  std::deque<InboundMessage> messages;
  for (std::uint64_t i = 0; i < 9; ++i) {
    InboundMessage& message = messages.emplace_back(pool_);
    message.name.number = i;
    ASSERT_EQ(index.insert(message), i < 8);
  }
  EXPECT_EQ(index.size(), 8U);
  EXPECT_EQ(index.find({ChannelId{0}, MessageLine::ordered, 3}), &messages[3]);
  index.drain([](InboundMessage&) {});
}

}  // namespace
}  // namespace hawser
