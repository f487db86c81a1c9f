#include "tools/netsim/ring.h"

#include <deque>
#include <memory>

#include <gtest/gtest.h>

#include "hawser/random.h"

namespace hawser::netsim {
namespace {

TEST(RingTest, IsAQueueThroughGrowthAndWrapping) {
  Ring<std::unique_ptr<int>> ring;
  std::deque<int> expected;
  SeededRandom random(41);
  for (int i = 0; i < 5000; ++i) {
    // Grows to some hundreds, then drains.
    if (random.below(10) < (i < 2500 ? 6U : 3U)) {
      ring.push_back(std::make_unique<int>(i));
      expected.push_back(i);
    } else if (!expected.empty()) {
      ASSERT_EQ(*ring.take_front(), expected.front());
      expected.pop_front();
    }
    ASSERT_EQ(ring.size(), expected.size());
    ASSERT_EQ(ring.empty(), expected.empty());
    if (expected.empty()) continue;
    ASSERT_EQ(*ring.front(), expected.front());
    ASSERT_EQ(*ring.back(), expected.back());
  }
}

}  // namespace
}  // namespace hawser::netsim
