#include "transport/connection/byte_ranges.h"

#include <vector>

#include <gtest/gtest.h>

#include "hawser/random.h"

namespace hawser {
namespace {

TEST(ByteRangesTest, CountsDisjointPieces) {
  MemoryPool pool;
  ByteRanges ranges(pool);
  ASSERT_TRUE(ranges.add(ByteCount(10), ByteCount(20)));
  ASSERT_TRUE(ranges.add(ByteCount(0), ByteCount(5)));
  EXPECT_EQ(ranges.covered(), ByteCount(15));
}

TEST(ByteRangesTest, CountsOverlapsOnce) {
  MemoryPool pool;
  ByteRanges ranges(pool);
  ASSERT_TRUE(ranges.add(ByteCount(0), ByteCount(10)));
  ASSERT_TRUE(ranges.add(ByteCount(20), ByteCount(30)));
  ASSERT_TRUE(ranges.add(ByteCount(5), ByteCount(25)));
  EXPECT_EQ(ranges.covered(), ByteCount(30));
  ASSERT_TRUE(ranges.add(ByteCount(0), ByteCount(30)));
  EXPECT_EQ(ranges.covered(), ByteCount(30));
}

TEST(ByteRangesTest, CountsRangesAfterEveryMerge) {
  MemoryPool pool;
  ByteRanges ranges(pool);
  for (std::int64_t i = 0; i < 100; ++i) {  // from the back, every other byte
    ASSERT_TRUE(ranges.add(ByteCount(198 - 2 * i), ByteCount(199 - 2 * i)));
  }
  EXPECT_EQ(ranges.count(), 100U);
  ASSERT_TRUE(ranges.add(ByteCount(101), ByteCount(102)));  // joins two
  EXPECT_EQ(ranges.count(), 99U);
  ASSERT_TRUE(ranges.add(ByteCount(50), ByteCount(151)));  // swallows what is within
  EXPECT_EQ(ranges.count(), 50U);
  EXPECT_EQ(ranges.covered(), ByteCount(25 + 101 + 24));
  ASSERT_TRUE(ranges.add(ByteCount(0), ByteCount(200)));
  EXPECT_EQ(ranges.count(), 1U);
  EXPECT_EQ(ranges.covered(), ByteCount(200));
  ranges.release();
  EXPECT_EQ(pool.stats().in_use, ByteCount(0));
}

TEST(ByteRangesTest, AgreesWithABitmapOverRandomPieces) {
  SeededRandom random(7);
  for (int run = 0; run < 200; ++run) {
    MemoryPool pool;
    ByteRanges ranges(pool);
    std::vector<bool> bitmap(500);
    for (int i = 0; i < 60; ++i) {
      const auto begin = static_cast<std::int64_t>(random.below(490));
      const auto end = begin + 1 + static_cast<std::int64_t>(random.below(10));
      ASSERT_TRUE(ranges.add(ByteCount(begin), ByteCount(end)));
      for (auto k = begin; k < end; ++k) bitmap[static_cast<std::size_t>(k)] = true;
      const auto expected = std::count(bitmap.begin(), bitmap.end(), true);
      ASSERT_EQ(ranges.covered(), ByteCount(expected)) << "run " << run;
      std::size_t runs = bitmap[0] ? 1U : 0U;
      for (std::size_t k = 1; k < bitmap.size(); ++k) runs += bitmap[k] && !bitmap[k - 1] ? 1U : 0U;
      ASSERT_EQ(ranges.count(), runs) << "run " << run;
    }
  }
}

TEST(ByteRangesTest, SaysSoWhenThePoolRefuses) {
  MemoryPool pool(ByteCount(0));
  ByteRanges ranges(pool);
  EXPECT_FALSE(ranges.add(ByteCount(0), ByteCount(1)));
}

}  // namespace
}  // namespace hawser
