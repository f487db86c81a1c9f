#include "transport/endpoint/deadline_heap.h"

#include <set>
#include <vector>

#include <gtest/gtest.h>

#include "hawser/random.h"

namespace hawser {
namespace {

struct Item {
  std::size_t heap_place = kNotInHeap;
};

TimePoint at(std::int64_t nanoseconds) { return TimePoint(Duration(nanoseconds)); }

class DeadlineHeapTest : public ::testing::Test {
 protected:
  MemoryPool pool_;
  DeadlineHeap<Item> heap_{pool_};
};

TEST_F(DeadlineHeapTest, IsEmptyAtFirst) {
  EXPECT_EQ(heap_.earliest(), kNever);
  EXPECT_EQ(heap_.front(), nullptr);
}

TEST_F(DeadlineHeapTest, KnowsTheEarliest) {
  Item a, b, c;
  heap_.set(a, at(30));
  heap_.set(b, at(10));
  heap_.set(c, at(20));
  EXPECT_EQ(heap_.earliest(), at(10));
  EXPECT_EQ(heap_.front(), &b);
  heap_.set(b, at(40));
  EXPECT_EQ(heap_.front(), &c);
  heap_.set(a, at(5));
  EXPECT_EQ(heap_.front(), &a);
}

TEST_F(DeadlineHeapTest, NeverTakesAnElementOut) {
  Item a, b;
  heap_.set(a, at(1));
  heap_.set(b, at(2));
  heap_.set(a, kNever);
  EXPECT_EQ(heap_.front(), &b);
  EXPECT_EQ(a.heap_place, kNotInHeap);
  heap_.set(a, kNever);  // and may be said twice
  heap_.remove(a);
  heap_.remove(b);
  EXPECT_EQ(heap_.size(), 0U);
}

TEST_F(DeadlineHeapTest, ReserveReportsThatThePoolRefuses) {
  MemoryPool tiny(ByteCount(512));
  DeadlineHeap<Item> heap(tiny);
  EXPECT_TRUE(heap.reserve(8));
  EXPECT_FALSE(heap.reserve(1000));
  Item a;
  heap.set(a, at(1));
  EXPECT_EQ(heap.front(), &a);
}

TEST_F(DeadlineHeapTest, GivesItsMemoryBack) {
  Item a;
  heap_.set(a, at(1));
  heap_.remove(a);
  heap_.release();
  EXPECT_EQ(pool_.stats().in_use, ByteCount(0));
}

TEST_F(DeadlineHeapTest, AgreesWithASortedSetOverRandomOperations) {
  constexpr std::size_t kItems = 300;
  SeededRandom random(11);
  std::vector<Item> items(kItems);
  std::vector<TimePoint> deadlines(kItems, kNever);
  std::multiset<TimePoint> model;
  for (int step = 0; step < 200'000; ++step) {
    const auto i = static_cast<std::size_t>(random.below(kItems));
    const bool removes = random.below(4) == 0;
    const TimePoint deadline = removes ? kNever : at(static_cast<std::int64_t>(random.below(1000)));
    if (deadlines[i] != kNever) model.erase(model.find(deadlines[i]));
    if (deadline != kNever) model.insert(deadline);
    deadlines[i] = deadline;
    heap_.set(items[i], deadline);

    ASSERT_EQ(heap_.size(), model.size());
    ASSERT_EQ(heap_.earliest(), model.empty() ? kNever : *model.begin());
    if (Item* front = heap_.front()) {
      ASSERT_EQ(deadlines[static_cast<std::size_t>(front - items.data())], heap_.earliest());
    }
  }
  TimePoint last = TimePoint::min();
  while (Item* front = heap_.front()) {
    ASSERT_GE(heap_.earliest(), last);
    last = heap_.earliest();
    heap_.remove(*front);
  }
}

}  // namespace
}  // namespace hawser
