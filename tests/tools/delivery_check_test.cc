#include "tools/hawser/delivery_check.h"

#include <initializer_list>
#include <vector>

#include <gtest/gtest.h>

#include "tools/hawser/message_content.h"

namespace hawser::cli {
namespace {

constexpr std::uint64_t kFlow = 3;

std::vector<std::uint8_t> message(std::size_t size, std::uint64_t index) {
  std::vector<std::uint8_t> bytes(size);
  fill_message(bytes, kFlow, {.index = index, .due = TimePoint(Duration(index))});
  return bytes;
}

DeliveryCheck check_for(std::size_t size, Delivery delivery) {
  return DeliveryCheck({.flow_key = kFlow, .message_size = size, .delivery = delivery});
}

DeliveryCounts deliver(std::size_t size, Delivery delivery,
                       std::initializer_list<std::uint64_t> indices, std::uint64_t sent) {
  DeliveryCheck check = check_for(size, delivery);
  for (const std::uint64_t index : indices) check.check(message(size, index));
  return check.counts(sent);
}

TEST(DeliveryCheckTest, InOrderNothingIsWrong) {
  const DeliveryCounts counts = deliver(200, Delivery::ordered, {0, 1, 2, 3}, 4);
  EXPECT_EQ(counts.delivered, 4U);
  EXPECT_EQ(counts.bytes, ByteCount(800));
  EXPECT_EQ(counts.duplicates + counts.out_of_order + counts.overtaken + counts.corrupt, 0U);
}

TEST(DeliveryCheckTest, TheSecondOfAKindIsADuplicate) {
  const DeliveryCounts counts = deliver(200, Delivery::unordered, {0, 2, 0, 1, 2}, 3);
  EXPECT_EQ(counts.delivered, 3U);
  EXPECT_EQ(counts.duplicates, 2U);
}

TEST(DeliveryCheckTest, ComingLateIsOutOfOrderOnlyWhereOrderWasPromised) {
  const DeliveryCounts ordered = deliver(200, Delivery::ordered, {0, 2, 1, 3}, 4);
  EXPECT_EQ(ordered.out_of_order, 1U);
  EXPECT_EQ(ordered.overtaken, 1U);
  const DeliveryCounts unordered = deliver(200, Delivery::unordered, {0, 2, 1, 3}, 4);
  EXPECT_EQ(unordered.out_of_order, 0U);
  EXPECT_EQ(unordered.overtaken, 1U);
}

TEST(DeliveryCheckTest, DamageAndWrongSizesAreCorrupt) {
  DeliveryCheck check = check_for(200, Delivery::ordered);
  auto bytes = message(200, 0);
  bytes[150] ^= 1;
  EXPECT_FALSE(check.check(bytes).is_new);
  EXPECT_FALSE(check.check(message(199, 0)).is_new);
  EXPECT_EQ(check.counts(1).corrupt, 2U);
  EXPECT_EQ(check.counts(1).delivered, 0U);
}

TEST(DeliveryCheckTest, TheVerdictNamesTheMessage) {
  DeliveryCheck check = check_for(200, Delivery::unordered);
  const DeliveryCheck::Verdict verdict = check.check(message(200, 5));
  EXPECT_TRUE(verdict.is_new);
  EXPECT_EQ(verdict.index, 5U);
  EXPECT_EQ(verdict.due, TimePoint(Duration(5)));
}

TEST(DeliveryCheckTest, TinyOrderedMessagesAreCountedOnFromTheirLowBits) {
  for (const std::size_t size : {0U, 1U, 2U, 3U}) {
    DeliveryCheck check = check_for(size, Delivery::ordered);
    for (std::uint64_t index = 0; index < 1000; ++index) {
      EXPECT_EQ(check.check(message(size, index)).index, index);
    }
    EXPECT_EQ(check.counts(1000).delivered, 1000U);
    EXPECT_EQ(check.counts(1000).duplicates, 0U);
  }
}

TEST(DeliveryCheckTest, ARepeatedTinyOrderedMessageIsADuplicate) {
  const DeliveryCounts counts = deliver(1, Delivery::ordered, {0, 1, 2, 2, 3}, 4);
  EXPECT_EQ(counts.delivered, 4U);
  EXPECT_EQ(counts.duplicates, 1U);
}

TEST(DeliveryCheckTest, MoreEqualMessagesThanWereSentAreDuplicates) {
  // Of 300 messages with 8 bits of index two each say 0..43, one each 44..255.
  EXPECT_EQ(deliver(1, Delivery::unordered, {0, 256}, 300).duplicates, 0U);
  EXPECT_EQ(deliver(1, Delivery::unordered, {0, 256, 0}, 300).duplicates, 1U);
  EXPECT_EQ(deliver(1, Delivery::unordered, {44, 44}, 300).duplicates, 1U);
  const DeliveryCounts empty = deliver(0, Delivery::unordered, {0, 1, 2}, 2);
  EXPECT_EQ(empty.delivered, 2U);
  EXPECT_EQ(empty.duplicates, 1U);
}

TEST(SeenIndicesTest, RemembersAWindow) {
  SeenIndices seen;
  EXPECT_TRUE(seen.mark(0));
  EXPECT_TRUE(seen.mark(1000));
  EXPECT_TRUE(seen.mark(500));
  EXPECT_FALSE(seen.mark(500));
  EXPECT_FALSE(seen.mark(0));
  EXPECT_EQ(seen.end(), 1001U);
}

TEST(SeenIndicesTest, WhatFellOutOfTheWindowCountsAsSeen) {
  SeenIndices seen;
  EXPECT_TRUE(seen.mark(5));
  EXPECT_TRUE(seen.mark(SeenIndices::kWindow * 3));
  EXPECT_FALSE(seen.mark(6));
  EXPECT_TRUE(seen.mark(SeenIndices::kWindow * 2 + 1));
  EXPECT_FALSE(seen.mark(SeenIndices::kWindow * 2 + 1));
}

TEST(SeenIndicesTest, AgreesWithAPlainListOverAShuffledSequence) {
  SeenIndices seen;
  std::vector<bool> plain(3000);
  std::uint64_t draw = 1;
  for (std::uint64_t step = 0; step < 6000; ++step) {
    draw = draw * 6364136223846793005ULL + 1442695040888963407ULL;
    const std::uint64_t index = std::min<std::uint64_t>(step / 2 + (draw >> 33) % 100, 2999);
    EXPECT_EQ(seen.mark(index), !plain[index]);
    plain[index] = true;
  }
}

}  // namespace
}  // namespace hawser::cli
