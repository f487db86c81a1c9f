#include "tools/netsim/corruption.h"

#include <bit>
#include <set>
#include <vector>

#include <gtest/gtest.h>

namespace hawser::netsim {
namespace {

int flipped_bits(const Buffer& a, const Buffer& b) {
  int count = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    count += std::popcount(static_cast<unsigned>(a.bytes()[i] ^ b.bytes()[i]));
  }
  return count;
}

class DamagedCopyTest : public ::testing::Test {
 protected:
  Buffer original(std::size_t size) {
    return Buffer::copy_of(pool_, std::vector<std::uint8_t>(size, 0x5A));
  }
  MemoryPool pool_;
};

TEST_F(DamagedCopyTest, FlipsExactlyTheBitsAskedFor) {
  const Buffer bytes = original(1200);
  for (const std::uint32_t bits : {1U, 2U, 3U, 64U, 4000U}) {
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
      const Buffer damaged = damaged_copy(pool_, bytes, bits, {seed});
      ASSERT_EQ(damaged.size(), bytes.size());
      ASSERT_EQ(flipped_bits(bytes, damaged), static_cast<int>(bits)) << "seed " << seed;
    }
  }
  EXPECT_EQ(flipped_bits(bytes, original(1200)), 0) << "the original stays as it was";
}

TEST_F(DamagedCopyTest, FlipsAllWhereThereAreFewer) {
  const Buffer bytes = original(2);
  EXPECT_EQ(flipped_bits(bytes, damaged_copy(pool_, bytes, 100, {1})), 16);
}

TEST_F(DamagedCopyTest, ReachesEveryBit) {
  const Buffer bytes = original(4);
  std::set<std::size_t> reached;
  for (std::uint64_t seed = 0; seed < 1000; ++seed) {
    const Buffer damaged = damaged_copy(pool_, bytes, 1, {seed});
    for (std::size_t i = 0; i < 32; ++i) {
      if (((damaged.bytes()[i / 8] ^ bytes.bytes()[i / 8]) >> (i % 8) & 1) != 0) reached.insert(i);
    }
  }
  EXPECT_EQ(reached.size(), 32U);
}

TEST_F(DamagedCopyTest, IsNullWhereThePoolRefuses) {
  MemoryPool small(ByteCount(256));
  EXPECT_TRUE(damaged_copy(small, original(1200), 1, {1}).is_null());
}

TEST(CorruptionModelTest, DamagesAsOftenAsItSaysAndElsewhereEachTime) {
  CorruptionModel model(SeededRandom(31));
  std::set<std::uint64_t> places;
  int damaged = 0;
  for (int i = 0; i < 1'000'000; ++i) {
    const auto damage = model.draw(Probability::percent(2));
    if (!damage) continue;
    ++damaged;
    places.insert(damage->seed);
  }
  EXPECT_NEAR(damaged, 20'000, 560);
  EXPECT_EQ(places.size(), static_cast<std::size_t>(damaged));
}

}  // namespace
}  // namespace hawser::netsim
