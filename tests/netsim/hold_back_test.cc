#include "tools/netsim/hold_back.h"

#include <gtest/gtest.h>

namespace hawser::netsim {
namespace {

using namespace std::chrono_literals;

constexpr TimePoint at(Duration time) { return TimePoint(1s + time); }

TEST(HoldBackTest, IsEmptyAtFirst) {
  HoldBack held;
  EXPECT_FALSE(held.is_full());
  EXPECT_FALSE(held.note_arrival(at(1ms)));
  EXPECT_FALSE(held.poll_overtaken().has_value());
  EXPECT_FALSE(held.poll_overdue(kNever).has_value());
  EXPECT_EQ(held.next_deadline(), kNever);
}

TEST(HoldBackTest, ArrivesWithTheLastOfThoseThatOvertakeIt) {
  HoldBack held;
  held.hold({at(10ms), {.tag = 1}}, 3);
  EXPECT_EQ(held.next_deadline(), at(110ms));
  EXPECT_TRUE(held.note_arrival(at(12ms)));
  EXPECT_TRUE(held.note_arrival(at(15ms)));
  EXPECT_FALSE(held.poll_overtaken().has_value());
  EXPECT_TRUE(held.note_arrival(at(11ms)));
  const auto released = held.poll_overtaken();
  ASSERT_TRUE(released.has_value());
  EXPECT_EQ(released->arrival, at(15ms));
  EXPECT_EQ(released->datagram.tag, 1U);
  EXPECT_EQ(held.next_deadline(), kNever);
}

TEST(HoldBackTest, NeverArrivesBeforeItsOwnTime) {
  HoldBack held;
  held.hold({at(10ms), {}}, 1);
  EXPECT_TRUE(held.note_arrival(at(2ms)));
  EXPECT_EQ(held.poll_overtaken()->arrival, at(10ms));
}

TEST(HoldBackTest, IsHeldOnlySoLongForWantOfOthers) {
  HoldBack held;
  held.hold({at(10ms), {.tag = 1}}, 2);
  EXPECT_TRUE(held.note_arrival(at(110ms)));
  EXPECT_FALSE(held.note_arrival(at(111ms))) << "comes too late to overtake it";
  EXPECT_FALSE(held.poll_overtaken().has_value());
  EXPECT_FALSE(held.poll_overdue(at(110ms) - 1ns).has_value());
  const auto released = held.poll_overdue(at(500ms));
  ASSERT_TRUE(released.has_value());
  EXPECT_EQ(released->arrival, at(110ms)) << "however late one asks";
}

TEST(HoldBackTest, EachCountsForItself) {
  HoldBack held;
  held.hold({at(10ms), {.tag = 1}}, 2);
  held.note_arrival(at(11ms));
  held.hold({at(12ms), {.tag = 2}}, 2);
  held.note_arrival(at(13ms));
  EXPECT_EQ(held.poll_overtaken()->datagram.tag, 1U);
  EXPECT_FALSE(held.poll_overtaken().has_value());
  held.note_arrival(at(14ms));
  EXPECT_EQ(held.poll_overtaken()->datagram.tag, 2U);
}

TEST(HoldBackTest, IsBounded) {
  HoldBack held;
  for (std::size_t i = 0; i < HoldBack::kHeldCountMax; ++i) {
    EXPECT_FALSE(held.is_full());
    held.hold({at(10ms), {}}, 1);
  }
  EXPECT_TRUE(held.is_full());
}

}  // namespace
}  // namespace hawser::netsim
