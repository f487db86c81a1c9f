#include "arq/sequence_bitmap.h"

#include <set>

#include <gtest/gtest.h>

#include "hawser/random.h"

namespace hawser::test {
namespace {

class SequenceBitmapTest : public testing::Test {
 protected:
  void insert(std::uint64_t number) {
    ASSERT_TRUE(bitmap_.extend(Sequence(number)));
    bitmap_.insert(Sequence(number));
  }

  MemoryPool pool_;
  SequenceBitmap bitmap_{pool_};
};

TEST_F(SequenceBitmapTest, FindsTheNextMemberAcrossWordsAndSummaries) {
  for (const auto number : {3U, 64U, 5000U, 300000U}) insert(number);
  EXPECT_EQ(bitmap_.next(Sequence(0)), Sequence(3));
  EXPECT_EQ(bitmap_.next(Sequence(3)), Sequence(3));
  EXPECT_EQ(bitmap_.next(Sequence(4)), Sequence(64));
  EXPECT_EQ(bitmap_.next(Sequence(65)), Sequence(5000));
  EXPECT_EQ(bitmap_.next(Sequence(5001)), Sequence(300000));
  EXPECT_EQ(bitmap_.next(Sequence(300001)), std::nullopt);
  EXPECT_EQ(bitmap_.count(), 4U);
}

TEST_F(SequenceBitmapTest, FindsThePreviousMemberAcrossWordsAndSummaries) {
  for (const auto number : {3U, 64U, 5000U, 300000U}) insert(number);
  EXPECT_EQ(bitmap_.previous(Sequence(9'000'000)), Sequence(300000));
  EXPECT_EQ(bitmap_.previous(Sequence(300000)), Sequence(300000));
  EXPECT_EQ(bitmap_.previous(Sequence(299999)), Sequence(5000));
  EXPECT_EQ(bitmap_.previous(Sequence(4999)), Sequence(64));
  EXPECT_EQ(bitmap_.previous(Sequence(63)), Sequence(3));
  EXPECT_EQ(bitmap_.previous(Sequence(2)), std::nullopt);
}

TEST_F(SequenceBitmapTest, InsertingAndErasingTwiceCountsOnce) {
  insert(70);
  insert(70);
  EXPECT_EQ(bitmap_.count(), 1U);
  bitmap_.erase(Sequence(70));
  bitmap_.erase(Sequence(70));
  bitmap_.erase(Sequence(100000));
  EXPECT_EQ(bitmap_.count(), 0U);
  EXPECT_EQ(bitmap_.next(Sequence(0)), std::nullopt);
}

TEST_F(SequenceBitmapTest, RefusalOfMemoryLeavesTheMembersAlone) {
  MemoryPool pool(ByteCount(192));  // words for 512 Sequences and a summary
  SequenceBitmap bitmap(pool);
  ASSERT_TRUE(bitmap.extend(Sequence(511)));
  bitmap.insert(Sequence(511));
  EXPECT_FALSE(bitmap.extend(Sequence(512)));
  EXPECT_EQ(bitmap.next(Sequence(0)), Sequence(511));
  bitmap.erase(Sequence(511));
  bitmap.release(Sequence(512));
  EXPECT_EQ(pool.stats().in_use, ByteCount(0));
  EXPECT_TRUE(bitmap.extend(Sequence(600)));
}

TEST_F(SequenceBitmapTest, TheBaseMayLeapBeyondAllRoom) {
  insert(10);
  bitmap_.erase(Sequence(10));
  bitmap_.raise_base(Sequence(10'000'000));
  EXPECT_EQ(bitmap_.next(Sequence(10'000'000)), std::nullopt);
  insert(10'000'001);
  EXPECT_EQ(bitmap_.next(Sequence(10'000'000)), Sequence(10'000'001));
  EXPECT_LE(pool_.stats().peak, ByteCount(128));
}

TEST(SequenceBitmapPropertyTest, AgreesWithAPlainSet) {
  SCOPED_TRACE("seed 7");
  SeededRandom random(7);
  MemoryPool pool;
  SequenceBitmap bitmap(pool);
  std::set<std::uint64_t> model;
  std::uint64_t base = 0;
  for (int i = 0; i < 100'000; ++i) {
    const std::uint64_t number = base + random.below(20'000);
    if (random.below(3) > 0) {
      ASSERT_TRUE(bitmap.extend(Sequence(number)));
      bitmap.insert(Sequence(number));
      model.insert(number);
    } else {
      const auto next = model.lower_bound(number);
      if (next != model.end()) {
        bitmap.erase(Sequence(*next));
        model.erase(next);
      }
    }
    if (random.below(50) == 0) {
      base += random.below(500);
      while (!model.empty() && *model.begin() < base) {
        bitmap.erase(Sequence(*model.begin()));
        model.erase(model.begin());
      }
      bitmap.raise_base(Sequence(base));
    }
    const std::uint64_t from = base + random.below(20'000);
    const auto expected = model.lower_bound(from);
    const auto found = bitmap.next(Sequence(from));
    const bool is_member = expected != model.end();
    ASSERT_EQ(found, is_member ? std::optional(Sequence(*expected)) : std::nullopt);
    const auto above = model.upper_bound(from);
    const auto before = bitmap.previous(Sequence(from));
    ASSERT_EQ(before,
              above == model.begin() ? std::nullopt : std::optional(Sequence(*std::prev(above))));
    ASSERT_EQ(bitmap.count(), model.size());
  }
}

}  // namespace
}  // namespace hawser::test
