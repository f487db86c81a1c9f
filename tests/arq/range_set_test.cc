#include "arq/range_set.h"

#include <set>
#include <vector>

#include <gtest/gtest.h>

#include "hawser/random.h"
#include "hawser/units.h"

namespace hawser::test {
namespace {

using Packets = RangeSet<PacketNumber>;
using Insert = Packets::Insert;

Packets::Range range(std::uint64_t smallest, std::uint64_t largest) {
  return {PacketNumber(smallest), PacketNumber(largest)};
}

std::vector<Packets::Range> ranges_of(const Packets& set) {
  std::vector<Packets::Range> ranges;
  for (std::size_t i = 0; i < set.size(); ++i) ranges.push_back(set[i]);
  return ranges;
}

class RangeSetTest : public testing::Test {
 protected:
  Insert insert(std::uint64_t number) { return set_.insert(PacketNumber(number)); }

  MemoryPool pool_;
  Packets set_{pool_, 4};
};

TEST_F(RangeSetTest, NeighboursJoinToOneRange) {
  EXPECT_EQ(insert(5), Insert::added);
  EXPECT_EQ(insert(6), Insert::added);
  EXPECT_EQ(insert(4), Insert::added);
  EXPECT_EQ(insert(8), Insert::added);
  EXPECT_EQ(ranges_of(set_), (std::vector{range(4, 6), range(8, 8)}));
  EXPECT_EQ(insert(7), Insert::added);
  EXPECT_EQ(ranges_of(set_), (std::vector{range(4, 8)}));
  EXPECT_EQ(set_.largest(), PacketNumber(8));
}

TEST_F(RangeSetTest, ReportsDuplicates) {
  insert(3);
  insert(9);
  EXPECT_EQ(insert(3), Insert::duplicate);
  EXPECT_EQ(insert(9), Insert::duplicate);
  EXPECT_TRUE(set_.contains(PacketNumber(3)));
  EXPECT_FALSE(set_.contains(PacketNumber(4)));
  EXPECT_FALSE(set_.contains(PacketNumber(10)));
}

TEST_F(RangeSetTest, ForgetsTheLowestRangeBeyondItsBound) {
  for (const auto number : {0U, 2U, 4U, 6U}) insert(number);
  EXPECT_EQ(insert(8), Insert::added);
  EXPECT_EQ(set_.size(), 4U);
  EXPECT_EQ(set_.floor(), PacketNumber(1));
  EXPECT_EQ(insert(0), Insert::below_floor);
  EXPECT_TRUE(set_.contains(PacketNumber(0)));
  EXPECT_FALSE(set_.contains(PacketNumber(1)));
}

TEST_F(RangeSetTest, ANewLowestRangeBeyondTheBoundIsItselfForgotten) {
  for (const auto number : {10U, 12U, 14U, 16U}) insert(number);
  EXPECT_EQ(insert(5), Insert::added);
  EXPECT_EQ(set_[0], range(10, 10));
  EXPECT_EQ(set_.floor(), PacketNumber(6));
  EXPECT_EQ(insert(5), Insert::below_floor);
}

TEST_F(RangeSetTest, FloorCutsThroughARange) {
  for (std::uint64_t number = 3; number <= 9; ++number) insert(number);
  insert(1);
  set_.raise_floor(PacketNumber(6));
  EXPECT_EQ(ranges_of(set_), (std::vector{range(6, 9)}));
  set_.raise_floor(PacketNumber(2));
  EXPECT_EQ(set_.floor(), PacketNumber(6));
  set_.raise_floor(PacketNumber(20));
  EXPECT_TRUE(set_.empty());
  EXPECT_EQ(set_.largest(), std::nullopt);
  EXPECT_EQ(insert(19), Insert::below_floor);
  EXPECT_EQ(insert(20), Insert::added);
}

TEST(RangeSetBoundsTest, RefusalOfMemoryChangesNothing) {
  MemoryPool pool(ByteCount(128));  // eight ranges
  Packets set(pool, 256);
  for (std::uint64_t i = 0; i < 8; ++i) {
    ASSERT_EQ(set.insert(PacketNumber(10 + 2 * i)), Insert::added);
  }
  EXPECT_EQ(set.insert(PacketNumber(40)), Insert::no_memory);
  EXPECT_EQ(set.insert(PacketNumber(0)), Insert::no_memory);
  EXPECT_FALSE(set.contains(PacketNumber(40)));
  EXPECT_EQ(set.floor(), PacketNumber(0));
  EXPECT_EQ(set.size(), 8U);
  EXPECT_EQ(set.insert(PacketNumber(11)), Insert::added);  // joining needs none
}

/// The same with a std::set, in which nothing is forgotten.
class Model {
 public:
  Insert insert(std::uint64_t number) {
    if (number < floor) return Insert::below_floor;
    return numbers.insert(number).second ? Insert::added : Insert::duplicate;
  }
  bool contains(std::uint64_t number) const { return number < floor || numbers.count(number) > 0; }
  std::vector<Packets::Range> ranges() const {
    std::vector<Packets::Range> result;
    for (auto it = numbers.lower_bound(floor); it != numbers.end(); ++it) {
      if (!result.empty() && result.back().largest.value() + 1 == *it) {
        result.back().largest = PacketNumber(*it);
      } else {
        result.push_back(range(*it, *it));
      }
    }
    return result;
  }
  std::set<std::uint64_t> numbers;
  std::uint64_t floor = 0;
};

void run_against_model(std::uint64_t seed, std::size_t ranges_max, int operations) {
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  SeededRandom random(seed);
  MemoryPool pool;
  Packets set(pool, ranges_max);
  Model model;
  std::uint64_t top = 0;
  for (int i = 0; i < operations; ++i) {
    const std::uint64_t number = top + random.below(40) - std::min<std::uint64_t>(top, 30);
    if (random.below(500) == 0) {
      model.floor = std::max(model.floor, number);
      set.raise_floor(PacketNumber(number));
    }
    ASSERT_EQ(set.insert(PacketNumber(number)), model.insert(number)) << "operation " << i;
    const std::uint64_t asked = top + random.below(60) - std::min<std::uint64_t>(top, 50);
    // The bound may have raised the floor; the model follows it and checks that it had to.
    if (set.floor().value() > model.floor) {
      ASSERT_GT(model.ranges().size(), ranges_max);
      model.floor = set.floor().value();
    }
    ASSERT_EQ(set.contains(PacketNumber(asked)), model.contains(asked)) << "operation " << i;
    top = std::max(top, number);
    if (i % 100 == 0) {
      ASSERT_EQ(ranges_of(set), model.ranges()) << "operation " << i;
      model.numbers.erase(model.numbers.begin(), model.numbers.lower_bound(model.floor));
    }
  }
  EXPECT_LE(set.size(), ranges_max);
}

TEST(RangeSetPropertyTest, AgreesWithAPlainSet) {
  run_against_model(1, 100, 100'000);
  run_against_model(2, 5, 100'000);
  run_against_model(3, 1, 20'000);
}

}  // namespace
}  // namespace hawser::test
