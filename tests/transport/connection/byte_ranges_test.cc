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
