#include "transport/endpoint/keyed_index.h"

#include <map>
#include <vector>

#include <gtest/gtest.h>

#include "hawser/random.h"
#include "transport/endpoint/connection_slot.h"

namespace hawser {
namespace {

class KeyedIndexTest : public ::testing::Test {
 protected:
  Digest random_digest() {
    Digest digest{};
    random_.fill(digest);
    return digest;
  }
  MemoryPool pool_;
  KeyedIndex index_{pool_};
  SeededRandom random_{7};
  ConnectionSlot slot_;
  ConnectionSlot other_slot_;
};

TEST_F(KeyedIndexTest, FindsWhatWasInserted) {
  const Digest digest = random_digest();
  EXPECT_EQ(index_.find(digest), nullptr);
  ASSERT_TRUE(index_.reserve(1));
  EXPECT_TRUE(index_.insert(digest, slot_));
  EXPECT_EQ(index_.find(digest), &slot_);
  EXPECT_EQ(index_.find(random_digest()), nullptr);
  index_.erase(digest);
  EXPECT_EQ(index_.find(digest), nullptr);
  EXPECT_EQ(index_.size(), 0U);
}

TEST_F(KeyedIndexTest, TheFirstOfEqualDigestsStays) {
  const Digest digest = random_digest();
  ASSERT_TRUE(index_.reserve(2));
  EXPECT_TRUE(index_.insert(digest, slot_));
  EXPECT_FALSE(index_.insert(digest, other_slot_));
  EXPECT_EQ(index_.find(digest), &slot_);
  EXPECT_EQ(index_.size(), 1U);
}

// Equal homes are the worst that can happen: digests that differ behind the first word.
TEST_F(KeyedIndexTest, KeepsDigestsOfOneHomeApart) {
  ASSERT_TRUE(index_.reserve(100));
  std::vector<ConnectionSlot> slots(100);
  const auto digest_of = [](std::size_t i) {
    Digest digest{};
    digest[15] = static_cast<std::uint8_t>(i);
    return digest;
  };
  for (std::size_t i = 0; i < slots.size(); ++i) {
    ASSERT_TRUE(index_.insert(digest_of(i), slots[i]));
  }
  for (std::size_t i = 0; i < slots.size(); i += 2) index_.erase(digest_of(i));
  for (std::size_t i = 0; i < slots.size(); ++i) {
    EXPECT_EQ(index_.find(digest_of(i)), i % 2 == 0 ? nullptr : &slots[i]);
  }
}

TEST_F(KeyedIndexTest, ReportsThatThePoolRefusesAndStaysAsItWas) {
  MemoryPool tiny(ByteCount(2048));
  KeyedIndex index(tiny);
  ASSERT_TRUE(index.reserve(4));
  const Digest digest = random_digest();
  ASSERT_TRUE(index.insert(digest, slot_));
  EXPECT_FALSE(index.reserve(1000));
  EXPECT_EQ(index.find(digest), &slot_);
}

TEST_F(KeyedIndexTest, GivesItsMemoryBack) {
  ASSERT_TRUE(index_.reserve(1000));
  index_.release();
  EXPECT_EQ(pool_.stats().in_use, ByteCount(0));
  EXPECT_EQ(index_.find(random_digest()), nullptr);
  EXPECT_TRUE(index_.reserve(1));
}

// The hash flooding bar: with keyed digests no set of keys is worse than a random one.
TEST_F(KeyedIndexTest, ProbesStayShortAtAHundredThousandEntries) {
  constexpr std::size_t kEntries = 100'000;
  const SecretKey key{1, 2, 3};
  ASSERT_TRUE(index_.reserve(kEntries));
  for (std::uint32_t i = 0; i < kEntries; ++i) {
    // Keys as an attacker would choose them: counting, all but equal.
    const std::array<std::uint8_t, 4> bytes{
        static_cast<std::uint8_t>(i >> 24), static_cast<std::uint8_t>(i >> 16),
        static_cast<std::uint8_t>(i >> 8), static_cast<std::uint8_t>(i)};
    ASSERT_TRUE(index_.insert(wire::siphash128(key, bytes), slot_));
  }
  EXPECT_LE(index_.longest_probe(), 16U);
}

TEST_F(KeyedIndexTest, AgreesWithAMapOverRandomOperations) {
  std::map<Digest, ConnectionSlot*> model;
  std::vector<Digest> digests(120);
  for (Digest& digest : digests) {
    digest = random_digest();
    // Few homes, so that chains cross and wrap around the end.
    for (std::size_t i = 0; i < 8; ++i) digest[i] = i == 0 ? digest[i] | 0xf0 : 0xff;
  }
  std::vector<ConnectionSlot> slots(digests.size());
  for (int step = 0; step < 200'000; ++step) {
    const auto i = static_cast<std::size_t>(random_.below(digests.size()));
    const Digest& digest = digests[i];
    if (random_.below(2) == 0) {
      ASSERT_TRUE(index_.reserve(index_.size() + 1));
      ASSERT_EQ(index_.insert(digest, slots[i]), model.emplace(digest, &slots[i]).second);
    } else if (model.erase(digest) > 0) {
      index_.erase(digest);
    }
    const auto k = static_cast<std::size_t>(random_.below(digests.size()));
    const auto found = model.find(digests[k]);
    ASSERT_EQ(index_.find(digests[k]), found == model.end() ? nullptr : found->second);
    ASSERT_EQ(index_.size(), model.size());
  }
}

}  // namespace
}  // namespace hawser
