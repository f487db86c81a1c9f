#include "transport/endpoint/intrusive_queue.h"

#include <algorithm>
#include <deque>
#include <vector>

#include <gtest/gtest.h>

#include "hawser/random.h"

namespace hawser {
namespace {

struct Item {
  QueueLink<Item> link;
  QueueLink<Item> other_link;
};
using Queue = IntrusiveQueue<Item, &Item::link>;

TEST(IntrusiveQueueTest, KeepsTheOrderOfJoining) {
  Item a, b, c;
  Queue queue;
  EXPECT_EQ(queue.front(), nullptr);
  queue.join(a);
  queue.join(b);
  queue.join(c);
  queue.leave(a);
  EXPECT_EQ(queue.front(), &b);
  queue.leave(b);
  EXPECT_EQ(queue.front(), &c);
  queue.leave(c);
  EXPECT_EQ(queue.front(), nullptr);
}

TEST(IntrusiveQueueTest, JoiningTwiceKeepsThePlace) {
  Item a, b;
  Queue queue;
  queue.join(a);
  queue.join(b);
  queue.join(a);
  EXPECT_EQ(queue.front(), &a);
  queue.leave(a);
  queue.leave(a);
  EXPECT_EQ(queue.front(), &b);
}

TEST(IntrusiveQueueTest, RotateSendsTheFrontToTheEnd) {
  Item a, b;
  Queue queue;
  queue.join(a);
  queue.rotate();
  EXPECT_EQ(queue.front(), &a);
  queue.join(b);
  queue.rotate();
  EXPECT_EQ(queue.front(), &b);
  queue.rotate();
  EXPECT_EQ(queue.front(), &a);
}

TEST(IntrusiveQueueTest, QueuesOfDifferentLinksAreIndependent) {
  Item a, b;
  Queue queue;
  IntrusiveQueue<Item, &Item::other_link> other;
  queue.join(a);
  queue.join(b);
  other.join(b);
  queue.leave(b);
  EXPECT_TRUE(other.contains(b));
  EXPECT_FALSE(queue.contains(b));
}

TEST(IntrusiveQueueTest, AgreesWithADequeOverRandomOperations) {
  SeededRandom random(5);
  std::vector<Item> items(20);
  Queue queue;
  std::deque<Item*> model;
  for (int step = 0; step < 100'000; ++step) {
    Item& item = items[static_cast<std::size_t>(random.below(items.size()))];
    const auto found = std::find(model.begin(), model.end(), &item);
    switch (random.below(3)) {
      case 0:
        queue.join(item);
        if (found == model.end()) model.push_back(&item);
        break;
      case 1:
        queue.leave(item);
        if (found != model.end()) model.erase(found);
        break;
      default:
        if (model.empty()) break;
        queue.rotate();
        std::rotate(model.begin(), model.begin() + 1, model.end());
    }
    ASSERT_EQ(queue.front(), model.empty() ? nullptr : model.front());
  }
}

}  // namespace
}  // namespace hawser
