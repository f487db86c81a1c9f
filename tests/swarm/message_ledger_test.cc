#include "tools/swarm/message_ledger.h"

#include <gtest/gtest.h>

namespace hawser::swarm {
namespace {

constexpr std::uint64_t kKey = 3;

class MessageLedgerTest : public testing::Test {
 protected:
  MessageLedgerTest() {
    for (const Delivery delivery : {Delivery::ordered, Delivery::ordered, Delivery::unordered,
                                    Delivery::unreliable, Delivery::unreliable}) {
      add(delivery, ByteCount(40));
    }
    add(Delivery::unreliable, ByteCount(0));
    add(Delivery::unreliable, ByteCount(0));
    for (std::size_t i = 0; i < plans_.size(); ++i) ledger_.on_accepted(i, MessageId(i + 1));
  }
  void add(Delivery delivery, ByteCount size) {
    MessagePlan plan;
    plan.channel = ChannelId(1);
    plan.delivery = delivery;
    plan.size = size;
    plans_.push_back(plan);
  }

  MessageEvent message(std::size_t number) {
    MessageEvent event{.channel = plans_[number].channel,
                       .delivery = plans_[number].delivery,
                       .bytes = Buffer::allocate(pool_, plans_[number].size.size())};
    ledger_.fill(event.bytes.writable(), number);
    return event;
  }
  Finding deliver(std::size_t number) { return ledger_.on_delivered(message(number)); }
  Finding receipt(std::size_t number, Outcome outcome) {
    return ledger_.on_receipt(
        {.message = MessageId(number + 1), .tag = number, .outcome = outcome});
  }

  static void expect(Invariant invariant, const Finding& finding) {
    ASSERT_TRUE(finding.has_value());
    EXPECT_EQ(finding->invariant, invariant) << finding->what;
  }

  MemoryPool pool_;
  std::vector<MessagePlan> plans_;
  MessageLedger ledger_{kKey, plans_};
};

TEST_F(MessageLedgerTest, AcceptsWhatWasPromised) {
  for (std::size_t i = 0; i < plans_.size(); ++i) {
    EXPECT_FALSE(deliver(i).has_value());
    EXPECT_FALSE(receipt(i, Outcome::delivered).has_value());
  }
  EXPECT_EQ(ledger_.open(), 0U);
  EXPECT_EQ(ledger_.delivered(), plans_.size());
  EXPECT_FALSE(ledger_.on_sender_closed().has_value());
  EXPECT_FALSE(ledger_.on_end(true, true).has_value());
}

TEST_F(MessageLedgerTest, AWrongByteIsNoMessage) {
  MessageEvent event = message(2);
  event.bytes.writable()[39] ^= 1;
  expect(Invariant::genuine, ledger_.on_delivered(event));
}

TEST_F(MessageLedgerTest, AnotherChannelIsNotItsOwn) {
  MessageEvent event = message(2);
  event.channel = ChannelId(2);
  expect(Invariant::genuine, ledger_.on_delivered(event));
}

TEST_F(MessageLedgerTest, AMessageOfAnotherConnectionIsForeign) {
  const MessageLedger other(kKey + 1, plans_);
  MessageEvent event = message(2);
  other.fill(event.bytes.writable(), 2);
  expect(Invariant::genuine, ledger_.on_delivered(event));
}

TEST_F(MessageLedgerTest, ARepetitionIsFound) {
  EXPECT_FALSE(deliver(3).has_value());
  expect(Invariant::once, deliver(3));
}

TEST_F(MessageLedgerTest, EmptyMessagesRepeatOnceAllHaveCome) {
  EXPECT_FALSE(deliver(5).has_value());
  EXPECT_FALSE(deliver(5).has_value()) << "that was the other one";
  expect(Invariant::once, deliver(5));
}

TEST_F(MessageLedgerTest, AnOvertakenMessageComesTooLate) {
  EXPECT_FALSE(deliver(1).has_value()) << "the one before may have been refused";
  expect(Invariant::order, deliver(0));
}

TEST_F(MessageLedgerTest, OnlyARefusedMessageMayBeOvertaken) {
  EXPECT_FALSE(deliver(1).has_value());
  expect(Invariant::order, receipt(0, Outcome::delivered));
}

TEST_F(MessageLedgerTest, ARefusedMessageIsOvertaken) {
  EXPECT_FALSE(deliver(1).has_value());
  EXPECT_FALSE(receipt(0, Outcome::refused).has_value());
}

TEST_F(MessageLedgerTest, AKnownMessageIsNotOvertaken) {
  EXPECT_FALSE(receipt(0, Outcome::delivered).has_value());
  expect(Invariant::order, deliver(1));
}

TEST_F(MessageLedgerTest, ASecondReceiptIsOneTooMany) {
  EXPECT_FALSE(receipt(2, Outcome::delivered).has_value());
  expect(Invariant::receipt, receipt(2, Outcome::delivered));
}

TEST_F(MessageLedgerTest, AReceiptNamesItsMessage) {
  expect(Invariant::receipt, ledger_.on_receipt({.message = MessageId(1), .tag = 2}));
  expect(Invariant::receipt, ledger_.on_receipt({.message = MessageId(1), .tag = 99}));
}

TEST_F(MessageLedgerTest, AReliableMessageIsNotLost) {
  expect(Invariant::receipt, receipt(2, Outcome::lost));
}

TEST_F(MessageLedgerTest, WhatArrivedWasNotRefused) {
  EXPECT_FALSE(deliver(2).has_value());
  expect(Invariant::receipt, receipt(2, Outcome::refused));
}

TEST_F(MessageLedgerTest, AClosedSenderHasAllReceipts) {
  expect(Invariant::receipt, ledger_.on_sender_closed());
}

TEST_F(MessageLedgerTest, DeliveredMeansArrived) {
  EXPECT_FALSE(receipt(2, Outcome::delivered).has_value());
  EXPECT_FALSE(ledger_.on_end(false, true).has_value()) << "its receiver crashed";
  expect(Invariant::receipt, ledger_.on_end(true, true));
}

TEST_F(MessageLedgerTest, AnOrderedMessageMayWaitForOneThatNeverCame) {
  EXPECT_FALSE(receipt(0, Outcome::connection_lost).has_value());
  EXPECT_FALSE(receipt(1, Outcome::delivered).has_value());
  EXPECT_FALSE(ledger_.on_end(true, true).has_value());
}

TEST_F(MessageLedgerTest, AnUnreliableMessageMayHaveBeenGivenUpForRoom) {
  EXPECT_FALSE(receipt(3, Outcome::delivered).has_value());
  EXPECT_FALSE(ledger_.on_end(true, false).has_value());
  expect(Invariant::receipt, ledger_.on_end(true, true));
}

TEST_F(MessageLedgerTest, EqualMessagesMayChangeNames) {
  EXPECT_FALSE(receipt(5, Outcome::lost).has_value());
  EXPECT_FALSE(receipt(6, Outcome::delivered).has_value());
  EXPECT_FALSE(deliver(6).has_value());
  EXPECT_FALSE(ledger_.on_end(true, true).has_value());
}

TEST_F(MessageLedgerTest, AddsUpWhatTheReceiverTookAndWhatTheConnectionLost) {
  EXPECT_FALSE(deliver(0).has_value());
  EXPECT_FALSE(deliver(3).has_value());
  EXPECT_EQ(ledger_.charge_taken(), ByteCount(40 + 64)) << "unreliable ones need no credit";
  EXPECT_FALSE(receipt(1, Outcome::connection_lost).has_value());
  EXPECT_EQ(ledger_.lost_with_connection(), 1U);
}

}  // namespace
}  // namespace hawser::swarm
