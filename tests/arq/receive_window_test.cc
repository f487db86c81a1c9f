#include "arq/receive_window.h"

#include <set>

#include <gtest/gtest.h>

#include "hawser/random.h"

namespace hawser::test {
namespace {

using Verdict = ReceiveWindow::Verdict;

TEST(ReceiveWindowTest, TakesEachSegmentOnceInAnyOrder) {
  MemoryPool pool;
  ReceiveWindow window(pool, 8);
  EXPECT_EQ(window.accept(Sequence(2)), Verdict::accepted);
  EXPECT_EQ(window.accept(Sequence(2)), Verdict::duplicate);
  EXPECT_EQ(window.base(), Sequence(0));
  EXPECT_EQ(window.accept(Sequence(0)), Verdict::accepted);
  EXPECT_EQ(window.base(), Sequence(1));
  EXPECT_EQ(window.accept(Sequence(0)), Verdict::duplicate);
  EXPECT_EQ(window.accept(Sequence(1)), Verdict::accepted);
  EXPECT_EQ(window.base(), Sequence(3));
  EXPECT_EQ(window.limit(), Sequence(11));
}

TEST(ReceiveWindowTest, RefusesSegmentsBeyondTheWindow) {
  MemoryPool pool;
  ReceiveWindow window(pool, 8);
  EXPECT_EQ(window.judge(Sequence(7)), Verdict::accepted);
  EXPECT_EQ(window.accept(Sequence(8)), Verdict::ahead);
  EXPECT_EQ(window.judge(Sequence::last()), Verdict::ahead);
  EXPECT_EQ(window.accept(Sequence(7)), Verdict::accepted);
  EXPECT_EQ(window.accept(Sequence(0)), Verdict::accepted);
  EXPECT_EQ(window.accept(Sequence(8)), Verdict::accepted);
}

TEST(ReceiveWindowTest, JudgingTakesNothing) {
  MemoryPool pool;
  ReceiveWindow window(pool, 8);
  EXPECT_EQ(window.judge(Sequence(3)), Verdict::accepted);
  EXPECT_EQ(window.judge(Sequence(3)), Verdict::accepted);
  EXPECT_EQ(pool.stats().peak, ByteCount(0));
}

// The receiver of stop-and-wait and of go-back-N.
TEST(ReceiveWindowTest, AWindowOfOneTakesOnlyTheNext) {
  MemoryPool pool;
  ReceiveWindow window(pool, 1);
  EXPECT_EQ(window.accept(Sequence(1)), Verdict::ahead);
  EXPECT_EQ(window.accept(Sequence(0)), Verdict::accepted);
  EXPECT_EQ(window.accept(Sequence(0)), Verdict::duplicate);
  EXPECT_EQ(window.accept(Sequence(1)), Verdict::accepted);
  EXPECT_EQ(pool.stats().peak, ByteCount(0));
}

TEST(ReceiveWindowTest, SkippedSegmentsCountAsReceived) {
  MemoryPool pool;
  ReceiveWindow window(pool, 300);
  EXPECT_EQ(window.accept(Sequence(5)), Verdict::accepted);
  EXPECT_EQ(window.skip(Sequence(0), Sequence(4)), Verdict::accepted);
  EXPECT_EQ(window.base(), Sequence(6));
  EXPECT_EQ(window.accept(Sequence(3)), Verdict::duplicate);
  EXPECT_EQ(window.skip(Sequence(2), Sequence(5)), Verdict::duplicate);
  EXPECT_EQ(window.skip(Sequence(60), Sequence(200)), Verdict::accepted);
  EXPECT_EQ(window.skip(Sequence(70), Sequence(190)), Verdict::duplicate);
  EXPECT_EQ(window.judge(Sequence(59)), Verdict::accepted);
  EXPECT_EQ(window.judge(Sequence(60)), Verdict::duplicate);
  EXPECT_EQ(window.judge(Sequence(200)), Verdict::duplicate);
  EXPECT_EQ(window.judge(Sequence(201)), Verdict::accepted);
  EXPECT_EQ(window.skip(Sequence(0), Sequence(59)), Verdict::accepted);
  EXPECT_EQ(window.base(), Sequence(201));
}

TEST(ReceiveWindowTest, SkipsOutsideTheWindowChangeNothing) {
  MemoryPool pool;
  ReceiveWindow window(pool, 100);
  EXPECT_EQ(window.skip(Sequence(0), Sequence(100)), Verdict::ahead);
  EXPECT_EQ(window.skip(Sequence(50), Sequence::last()), Verdict::ahead);
  EXPECT_EQ(window.skip(Sequence(9), Sequence(3)), Verdict::duplicate);
  EXPECT_EQ(pool.stats().peak, ByteCount(0));
  EXPECT_EQ(window.base(), Sequence(0));
  EXPECT_EQ(window.judge(Sequence(0)), Verdict::accepted);
  EXPECT_EQ(window.judge(Sequence(9)), Verdict::accepted);
}

// A textbook sender abandons segments that lie far ahead of what its receiver accepts.
TEST(ReceiveWindowTest, ASkipMayReachFurtherThanASegment) {
  MemoryPool pool;
  ReceiveWindow window(pool, 1, 100);
  EXPECT_EQ(window.skip(Sequence(50), Sequence(100)), Verdict::ahead);
  EXPECT_EQ(window.skip(Sequence(1), Sequence(2)), Verdict::accepted);
  EXPECT_EQ(window.skip(Sequence(4), Sequence(99)), Verdict::accepted);
  EXPECT_EQ(window.judge(Sequence(1)), Verdict::duplicate);
  EXPECT_EQ(window.judge(Sequence(3)), Verdict::ahead);
  EXPECT_EQ(window.accept(Sequence(0)), Verdict::accepted);
  EXPECT_EQ(window.base(), Sequence(3));
  EXPECT_EQ(window.accept(Sequence(3)), Verdict::accepted);
  EXPECT_EQ(window.base(), Sequence(100));
  EXPECT_EQ(pool.stats().in_use, ByteCount(0));
}

TEST(ReceiveWindowTest, TellsWhatItsBitmapSpans) {
  MemoryPool pool;
  ReceiveWindow window(pool, 1000);
  EXPECT_EQ(window.span(), 0U);
  EXPECT_EQ(window.accept(Sequence(64)), Verdict::accepted);
  EXPECT_EQ(window.span(), 128U);
  EXPECT_EQ(window.skip(Sequence(0), Sequence(63)), Verdict::accepted);
  EXPECT_EQ(window.span(), 0U);
}

TEST(ReceiveWindowTest, MemoryFollowsTheFurthestSegmentAndIsGivenBack) {
  MemoryPool pool;
  ReceiveWindow window(pool, ReceiveWindow::kWindowMax);
  EXPECT_EQ(window.accept(Sequence(100)), Verdict::accepted);
  EXPECT_LE(pool.stats().in_use, ByteCount(64));
  EXPECT_EQ(window.accept(Sequence(ReceiveWindow::kWindowMax - 1)), Verdict::accepted);
  EXPECT_EQ(pool.stats().in_use, ByteCount(128 << 10));
  EXPECT_EQ(window.skip(Sequence(0), Sequence(ReceiveWindow::kWindowMax - 2)), Verdict::accepted);
  EXPECT_EQ(window.base(), Sequence(ReceiveWindow::kWindowMax));
  EXPECT_EQ(pool.stats().in_use, ByteCount(0));
}

TEST(ReceiveWindowTest, RefusalOfMemoryChangesNothing) {
  MemoryPool pool(ByteCount(64));  // 512 Sequences
  ReceiveWindow window(pool, 4096);
  EXPECT_EQ(window.accept(Sequence(511)), Verdict::accepted);
  EXPECT_EQ(window.accept(Sequence(512)), Verdict::no_memory);
  EXPECT_EQ(window.skip(Sequence(3), Sequence(512)), Verdict::no_memory);
  EXPECT_EQ(window.judge(Sequence(512)), Verdict::accepted);
  EXPECT_EQ(window.judge(Sequence(3)), Verdict::accepted);
  EXPECT_EQ(window.accept(Sequence(0)), Verdict::accepted);
  EXPECT_EQ(window.base(), Sequence(1));
  EXPECT_EQ(window.skip(Sequence(1), Sequence(2000)), Verdict::accepted);  // needs none
  EXPECT_EQ(window.base(), Sequence(2001));
}

struct Widths {
  std::uint64_t segments;
  std::uint64_t skips;
};

void run_against_model(std::uint64_t seed, const Widths& width, int operations) {
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  SeededRandom random(seed);
  MemoryPool pool;
  ReceiveWindow window(pool, width.segments, width.skips);
  std::set<std::uint64_t> taken;  // from base up
  std::uint64_t base = 0;
  const auto model_judge = [&](std::uint64_t number) {
    if (number < base || taken.count(number) > 0) return Verdict::duplicate;
    return number >= base + width.segments ? Verdict::ahead : Verdict::accepted;
  };
  const auto draw = [&] {
    return base + random.below(width.skips + 20) - std::min<std::uint64_t>(base, 10);
  };
  for (int i = 0; i < operations; ++i) {
    const std::uint64_t number = random.below(4) == 0 ? base : draw();
    const Verdict expected = model_judge(number);
    ASSERT_EQ(window.judge(Sequence(number)), expected) << "operation " << i;
    if (random.below(8) == 0) {
      const std::uint64_t end = number + random.below(width.segments);
      Verdict skipped = end >= base + width.skips ? Verdict::ahead : Verdict::duplicate;
      for (std::uint64_t n = number; n <= end && skipped != Verdict::ahead; ++n) {
        if (n >= base && taken.insert(n).second) skipped = Verdict::accepted;
      }
      ASSERT_EQ(window.skip(Sequence(number), Sequence(end)), skipped) << "operation " << i;
    } else {
      ASSERT_EQ(window.accept(Sequence(number)), expected) << "operation " << i;
      if (expected == Verdict::accepted) taken.insert(number);
    }
    for (; taken.erase(base) > 0; ++base) {
    }
    ASSERT_EQ(window.base(), Sequence(base)) << "operation " << i;
    ASSERT_EQ(window.limit(), Sequence(base + width.segments));
  }
}

TEST(ReceiveWindowPropertyTest, AgreesWithAPlainSet) {
  run_against_model(1, {64, 64}, 40'000);
  run_against_model(2, {1000, 1000}, 40'000);
  run_against_model(3, {7, 7}, 40'000);
  run_against_model(4, {1, 1}, 10'000);
  run_against_model(5, {1, 200}, 10'000);
}

}  // namespace
}  // namespace hawser::test
