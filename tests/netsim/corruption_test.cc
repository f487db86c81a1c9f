#include "tools/netsim/corruption.h"

#include <algorithm>
#include <bit>
#include <map>
#include <set>
#include <vector>

#include <gtest/gtest.h>

namespace hawser::netsim {
namespace {

// The numbers of the bits in which the two differ.
std::vector<std::size_t> flipped_bits(const Buffer& a, const Buffer& b) {
  std::vector<std::size_t> flipped;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const int difference = a.bytes()[i] ^ b.bytes()[i];
    if (difference == 0) continue;
    for (std::size_t bit = 0; bit < 8; ++bit) {
      if ((difference >> bit & 1) != 0) flipped.push_back(i * 8 + bit);
    }
  }
  return flipped;
}

class CorruptionTest : public ::testing::Test {
 protected:
  Buffer original(std::size_t size) {
    return Buffer::copy_of(pool_, std::vector<std::uint8_t>(size, 0x5A));
  }
  MemoryPool pool_;
};

TEST_F(CorruptionTest, FlipsExactlyTheBitsAskedFor) {
  const Buffer bytes = original(1200);
  for (const std::uint32_t bits : {1U, 2U, 3U, 64U, 4000U}) {
    for (std::uint64_t seed = 0; seed < 10; ++seed) {
      const Buffer damaged = with_flipped_bits(pool_, bytes, bits, seed);
      ASSERT_EQ(damaged.size(), bytes.size());
      ASSERT_EQ(flipped_bits(bytes, damaged).size(), bits) << "seed " << seed;
    }
  }
  EXPECT_TRUE(flipped_bits(bytes, original(1200)).empty()) << "the original stays as it was";
}

TEST_F(CorruptionTest, FlipsAllWhereThereAreFewer) {
  const Buffer bytes = original(2);
  EXPECT_EQ(flipped_bits(bytes, with_flipped_bits(pool_, bytes, 100, 1)).size(), 16U);
}

TEST_F(CorruptionTest, ReachesEveryBit) {
  const Buffer bytes = original(4);
  std::set<std::size_t> reached;
  for (std::uint64_t seed = 0; seed < 1000; ++seed) {
    reached.insert(flipped_bits(bytes, with_flipped_bits(pool_, bytes, 1, seed)).front());
  }
  EXPECT_EQ(reached.size(), 32U);
}

TEST_F(CorruptionTest, ABurstHasEveryLengthUpToTheLongestAndItsInnerBitsByChance) {
  constexpr int kCount = 20'000;
  const Buffer bytes = original(100);
  std::map<std::size_t, int> lengths;
  std::size_t first_bits = 0;
  std::size_t inner = 0;
  std::size_t inner_flipped = 0;
  for (std::uint64_t seed = 0; seed < kCount; ++seed) {
    const auto flipped = flipped_bits(bytes, with_flipped_burst(pool_, bytes, 8, seed));
    ASSERT_FALSE(flipped.empty());
    const std::size_t length = flipped.back() - flipped.front() + 1;
    ++lengths[length];
    first_bits += flipped.front();
    if (length < 3) continue;
    inner += length - 2;
    inner_flipped += flipped.size() - 2;
  }
  // Four standard errors each.
  ASSERT_EQ(lengths.size(), 8U);
  EXPECT_EQ(lengths.rbegin()->first, 8U);
  for (const auto& [length, count] : lengths) EXPECT_NEAR(count, kCount / 8, 187) << length;
  EXPECT_NEAR(static_cast<double>(inner_flipped) / static_cast<double>(inner), 0.5, 0.0083);
  EXPECT_NEAR(static_cast<double>(first_bits) / kCount, (800 - 4.5) / 2, 6.6);
}

TEST_F(CorruptionTest, ABurstStaysWithinWhatThereIs) {
  const Buffer bytes = original(1);
  std::set<std::size_t> lengths;
  for (std::uint64_t seed = 0; seed < 500; ++seed) {
    const auto flipped = flipped_bits(bytes, with_flipped_burst(pool_, bytes, 1000, seed));
    lengths.insert(flipped.back() - flipped.front() + 1);
  }
  EXPECT_EQ(lengths.size(), 8U);
}

TEST_F(CorruptionTest, TruncationGivesEveryShorterLengthAlike) {
  const Buffer bytes = original(11);
  std::map<std::size_t, int> lengths;
  for (std::uint64_t seed = 0; seed < 10'000; ++seed) {
    const Buffer cut = truncated(pool_, bytes, seed);
    ++lengths[cut.size()];
    ASSERT_TRUE(std::ranges::equal(cut.bytes(), bytes.bytes().first(cut.size())));
  }
  ASSERT_EQ(lengths.size(), 10U);
  EXPECT_EQ(lengths.begin()->first, 1U);
  for (const auto& [length, count] : lengths) EXPECT_NEAR(count, 1000, 120) << length;
}

TEST_F(CorruptionTest, ExtensionAppendsOneTo64RandomBytes) {
  const Buffer bytes = original(100);
  std::map<std::size_t, int> lengths;
  std::size_t ones = 0;
  std::size_t bits = 0;
  for (std::uint64_t seed = 0; seed < 6'400; ++seed) {
    const Buffer longer = extended(pool_, bytes, seed);
    ASSERT_TRUE(std::ranges::equal(longer.bytes().first(100), bytes.bytes()));
    ++lengths[longer.size()];
    bits += (longer.size() - 100) * 8;
    for (const std::uint8_t byte : longer.bytes().subspan(100)) {
      ones += static_cast<std::size_t>(std::popcount(byte));
    }
  }
  ASSERT_EQ(lengths.size(), 64U);
  EXPECT_EQ(lengths.begin()->first, 101U);
  EXPECT_EQ(lengths.rbegin()->first, 164U);
  for (const auto& [length, count] : lengths) EXPECT_NEAR(count, 100, 43) << length;
  EXPECT_NEAR(static_cast<double>(ones) / static_cast<double>(bits), 0.5, 0.0016);
}

TEST_F(CorruptionTest, ExtensionStaysWithinWhatUdpCarries) {
  const Buffer bytes = original(kPayloadMax - 2);
  std::set<std::size_t> sizes;
  for (std::uint64_t seed = 0; seed < 20; ++seed) sizes.insert(extended(pool_, bytes, seed).size());
  EXPECT_EQ(sizes, (std::set<std::size_t>{kPayloadMax - 1, kPayloadMax}));
}

TEST_F(CorruptionTest, IsNullWhereThePoolRefuses) {
  MemoryPool small(ByteCount(256));
  const Buffer bytes = original(60'000);
  EXPECT_TRUE(with_flipped_bits(small, bytes, 1, 1).is_null());
  EXPECT_TRUE(with_flipped_burst(small, bytes, 1, 1).is_null());
  EXPECT_TRUE(truncated(small, bytes, 1).is_null());
  EXPECT_TRUE(extended(small, bytes, 1).is_null());
}

}  // namespace
}  // namespace hawser::netsim
