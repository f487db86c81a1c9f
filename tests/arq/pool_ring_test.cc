#include "hawser/pool_ring.h"

#include <deque>

#include <gtest/gtest.h>

#include "hawser/random.h"

namespace hawser::test {
namespace {

TEST(PoolRingTest, InsertsAnElementOfItsOwnWhileItGrows) {
  MemoryPool pool;
  PoolRing<int> ring(pool);
  for (int i = 0; i < 8; ++i) ASSERT_TRUE(ring.push_back(i));  // full
  ASSERT_TRUE(ring.insert(2, ring[7]));
  EXPECT_EQ(ring[2], 7);
  EXPECT_EQ(ring[3], 2);
  EXPECT_EQ(ring.size(), 9U);
}

TEST(PoolRingTest, ARefusedInsertionChangesNothing) {
  MemoryPool pool(ByteCount(32));
  PoolRing<int> ring(pool);
  for (int i = 0; i < 8; ++i) ASSERT_TRUE(ring.push_back(i));
  EXPECT_FALSE(ring.insert(0, 9));
  EXPECT_EQ(ring.size(), 8U);
  EXPECT_EQ(ring.front(), 0);
}

// Insertion and removal move either side, over the seam of the ring as well.
TEST(PoolRingPropertyTest, AgreesWithADeque) {
  SeededRandom random(11);
  MemoryPool pool;
  PoolRing<int> ring(pool);
  std::deque<int> model;
  for (int i = 0; i < 20'000; ++i) {
    const auto at = static_cast<std::size_t>(random.below(model.size() + 1));
    const auto offset = static_cast<std::ptrdiff_t>(at);
    const std::uint64_t draw = random.below(model.size() < 60 ? 5 : 8);
    if (draw < 4) {
      ASSERT_TRUE(ring.insert(at, i));
      model.insert(model.begin() + offset, i);
    } else if (draw < 5 && !model.empty()) {
      ring.pop_front();
      model.pop_front();
    } else {
      const std::size_t count = std::min<std::size_t>(model.size() - at, random.below(4));
      ring.erase(at, count);
      model.erase(model.begin() + offset,
                  model.begin() + offset + static_cast<std::ptrdiff_t>(count));
    }
    ASSERT_EQ(ring.size(), model.size());
    for (std::size_t k = 0; k < model.size(); ++k) ASSERT_EQ(ring[k], model[k]) << "step " << i;
  }
}

}  // namespace
}  // namespace hawser::test
