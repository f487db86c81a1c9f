#include "tools/hawser/traffic.h"

#include <optional>
#include <vector>

#include <gtest/gtest.h>

#include "tools/hawser/message_content.h"

namespace hawser::cli {
namespace {

using namespace std::chrono_literals;

constexpr TimePoint kStart{1s};

/// An endpoint that takes what it is told to take.
class FakeEndpoint {
 public:
  struct Sent {
    std::uint64_t index;
    TimePoint due;
    SendOptions options;
  };
  MessageSender sender_for(const TrafficPlan& plan, std::uint64_t tag_base = 0) {
    return MessageSender(plan, tag_base, pool_, [this](Buffer message, const SendOptions& options) {
      return take(message, options);
    });
  }
  void refuse_with(std::optional<Errc> error) { refusal_ = error; }
  void take_only(std::size_t count) { room_ = count; }
  const std::vector<Sent>& sent() const { return sent_; }

 private:
  Result<MessageId> take(const Buffer& message, const SendOptions& options) {
    if (refusal_) return *refusal_;
    if (sent_.size() >= room_) return Errc::would_block;
    const auto stamp = read_message(message.bytes(), 1);
    EXPECT_TRUE(stamp.has_value());
    sent_.push_back({stamp->index_low, stamp->due.value_or(TimePoint{}), options});
    return MessageId(sent_.size());
  }
  MemoryPool pool_;
  std::vector<Sent> sent_;
  std::optional<Errc> refusal_;
  std::size_t room_ = SIZE_MAX;
};

TrafficPlan messages_plan() {
  return {.mode = TrafficMode::messages,
          .flow_key = 1,
          .message_size = 100,
          .interval = 10ms,
          .burst = 2,
          .count = 5,
          .channel = ChannelId(3),
          .delivery = Delivery::unordered};
}

ReceiptEvent receipt(std::uint64_t tag, Outcome outcome = Outcome::delivered) {
  return {.message = MessageId(1), .tag = tag, .outcome = outcome};
}

TEST(MessageSenderTest, SendsNothingBeforeTheStart) {
  FakeEndpoint endpoint;
  MessageSender sender = endpoint.sender_for(messages_plan());
  EXPECT_EQ(sender.next_due(), kNever);
  sender.send_due(kStart);
  EXPECT_TRUE(endpoint.sent().empty());
  EXPECT_FALSE(sender.is_resolved());
}

TEST(MessageSenderTest, MessagesAreDueInBurstsEveryInterval) {
  FakeEndpoint endpoint;
  MessageSender sender = endpoint.sender_for(messages_plan(), 1000);
  sender.start(kStart);
  EXPECT_EQ(sender.next_due(), kStart);
  sender.send_due(kStart);
  ASSERT_EQ(endpoint.sent().size(), 2U);
  EXPECT_EQ(sender.next_due(), kStart + 10ms);
  sender.send_due(kStart + 25ms);
  ASSERT_EQ(endpoint.sent().size(), 5U);
  EXPECT_EQ(endpoint.sent()[3].due, kStart + 10ms);
  EXPECT_EQ(endpoint.sent()[4].due, kStart + 20ms);
  EXPECT_EQ(endpoint.sent()[4].options.tag, 1004U);
  EXPECT_EQ(endpoint.sent()[4].options.channel, ChannelId(3));
  EXPECT_EQ(endpoint.sent()[4].options.delivery, Delivery::unordered);
  EXPECT_EQ(sender.next_due(), kNever);
}

TEST(MessageSenderTest, ARefusedMessageKeepsItsDueTimeAndItsPlace) {
  FakeEndpoint endpoint;
  endpoint.take_only(1);
  MessageSender sender = endpoint.sender_for(messages_plan());
  sender.start(kStart);
  sender.send_due(kStart);
  EXPECT_EQ(sender.next_due(), kNever);
  sender.on_receipt(receipt(0));
  EXPECT_EQ(sender.next_due(), kNever) << "only room lets it go on";
  endpoint.take_only(100);
  sender.on_writable();
  sender.send_due(kStart + 100ms);
  ASSERT_EQ(endpoint.sent().size(), 5U);
  EXPECT_EQ(endpoint.sent()[1].index, 1U);
  EXPECT_EQ(endpoint.sent()[1].due, kStart);
  EXPECT_EQ(sender.refusals(), 1U);
}

TEST(MessageSenderTest, WantOfMemoryEndsWithAReceipt) {
  FakeEndpoint endpoint;
  MessageSender sender = endpoint.sender_for(messages_plan());
  sender.start(kStart);
  sender.send_due(kStart);
  endpoint.refuse_with(Errc::not_enough_memory);
  sender.send_due(kStart + 10ms);
  EXPECT_EQ(sender.next_due(), kNever);
  endpoint.refuse_with(std::nullopt);
  sender.on_receipt(receipt(0));
  EXPECT_EQ(sender.next_due(), kStart + 10ms);
  EXPECT_FALSE(sender.error());
}

TEST(MessageSenderTest, WantOfMemoryWithNothingUnderWayIsAnError) {
  FakeEndpoint endpoint;
  endpoint.refuse_with(Errc::not_enough_memory);
  MessageSender sender = endpoint.sender_for(messages_plan());
  sender.start(kStart);
  sender.send_due(kStart);
  EXPECT_EQ(sender.error(), Errc::not_enough_memory);
}

TEST(MessageSenderTest, WantOfMemoryPassesWhileAnotherOfTheEndpointHasSomethingUnderWay) {
  FakeEndpoint endpoint;
  std::uint64_t under_way = 0;
  MessageSender first = endpoint.sender_for(messages_plan());
  MessageSender second = endpoint.sender_for(messages_plan(), 1000);
  for (MessageSender* sender : {&first, &second}) {
    sender->share_endpoint(under_way);
    sender->start(kStart);
  }
  first.send_due(kStart);
  EXPECT_EQ(under_way, 2U);
  endpoint.refuse_with(Errc::not_enough_memory);
  second.send_due(kStart);
  EXPECT_TRUE(second.is_starved());
  EXPECT_FALSE(second.error());
  first.on_receipt(receipt(0));
  first.on_receipt(receipt(1));
  EXPECT_EQ(under_way, 0U);
  second.on_memory();
  EXPECT_EQ(second.next_due(), kStart);
  second.send_due(kStart);
  EXPECT_EQ(second.error(), Errc::not_enough_memory) << "nothing is left that could be given back";
}

TEST(MessageSenderTest, AnErrorEndsTheSending) {
  FakeEndpoint endpoint;
  endpoint.refuse_with(Errc::message_too_large);
  MessageSender sender = endpoint.sender_for(messages_plan());
  sender.start(kStart);
  sender.send_due(kStart);
  EXPECT_EQ(sender.error(), Errc::message_too_large);
  EXPECT_EQ(sender.next_due(), kNever);
  EXPECT_TRUE(sender.is_resolved());
}

TEST(MessageSenderTest, BulkSendsUntilItIsRefused) {
  FakeEndpoint endpoint;
  endpoint.take_only(7);
  MessageSender sender =
      endpoint.sender_for({.mode = TrafficMode::bulk, .flow_key = 1, .message_size = 64});
  sender.start(kStart);
  sender.send_due(kStart);
  EXPECT_EQ(endpoint.sent().size(), 7U);
  endpoint.take_only(8);
  sender.on_writable();
  sender.send_due(kStart + 1s);
  EXPECT_EQ(endpoint.sent()[7].due, kStart) << "due since its first attempt";
}

TEST(MessageSenderTest, APingWaitsForTheAnswer) {
  FakeEndpoint endpoint;
  MessageSender sender = endpoint.sender_for({.mode = TrafficMode::pingpong,
                                              .flow_key = 1,
                                              .message_size = 64,
                                              .interval = 5ms,
                                              .count = 2});
  sender.start(kStart);
  sender.send_due(kStart);
  EXPECT_EQ(sender.next_due(), kNever);
  EXPECT_EQ(sender.due_of(0), kStart);
  sender.on_answer(kStart + 2ms);
  EXPECT_EQ(sender.next_due(), kStart + 5ms) << "the interval holds";
  sender.send_due(kStart + 5ms);
  EXPECT_EQ(sender.due_of(1), kStart + 5ms);
  sender.on_receipt(receipt(0));
  sender.on_receipt(receipt(1));
  EXPECT_FALSE(sender.is_resolved()) << "the last answer is missing";
  sender.on_answer(kStart + 20ms);
  EXPECT_TRUE(sender.is_resolved());
}

TEST(MessageSenderTest, IsResolvedWhenEveryMessageHasItsReceipt) {
  FakeEndpoint endpoint;
  MessageSender sender = endpoint.sender_for(messages_plan());
  sender.start(kStart);
  sender.send_due(kStart + 1s);
  for (const std::uint64_t tag : {0U, 1U, 2U}) sender.on_receipt(receipt(tag));
  sender.on_receipt(receipt(3, Outcome::lost));
  EXPECT_FALSE(sender.is_resolved());
  sender.on_receipt(receipt(4, Outcome::connection_lost));
  EXPECT_TRUE(sender.is_resolved());
  EXPECT_EQ(sender.receipts().delivered, 3U);
  EXPECT_EQ(sender.receipts().lost, 1U);
  EXPECT_EQ(sender.receipts().connection_lost, 1U);
}

TEST(MessageSenderTest, ASecondReceiptIsNoticed) {
  FakeEndpoint endpoint;
  MessageSender sender = endpoint.sender_for(messages_plan());
  sender.start(kStart);
  sender.send_due(kStart);
  sender.on_receipt(receipt(0));
  sender.on_receipt(receipt(0));
  EXPECT_EQ(sender.receipts().repeated, 1U);
  EXPECT_EQ(sender.receipts().delivered, 1U);
}

TEST(MessageSenderTest, AStoppedSenderIsResolvedWithWhatItSent) {
  FakeEndpoint endpoint;
  MessageSender sender = endpoint.sender_for(messages_plan());
  sender.start(kStart);
  sender.send_due(kStart);
  sender.stop();
  EXPECT_EQ(sender.next_due(), kNever);
  sender.on_receipt(receipt(0));
  sender.on_receipt(receipt(1));
  EXPECT_TRUE(sender.is_resolved());
}

}  // namespace
}  // namespace hawser::cli
