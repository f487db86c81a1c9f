#include "tools/netsim/red_queue.h"

#include <cmath>

#include <gtest/gtest.h>

#include "tests/netsim/queue_harness.h"

namespace hawser::netsim {
namespace {

using namespace std::chrono_literals;
using Verdict = RedQueue::Verdict;

constexpr TimePoint kStart = QueueHarness::kStart;
constexpr double kWeight = 1.0 / 512;

class RedQueueTest : public ::testing::Test {
 protected:
  void fill(int datagrams) {
    for (int i = 0; i < datagrams; ++i) queue_.push(harness_.make_queued(0ms, 1));
  }
  /// Asks so often whether one more may come; counts refusals.
  int offer(int times, Ecn ecn = Ecn::not_ect) {
    int refused = 0;
    for (int i = 0; i < times; ++i) {
      const Verdict verdict = queue_.admit(kStart, harness_.make(1, ecn));
      refused += verdict == Verdict::dropped_early ? 1 : 0;
      marked_ += verdict == Verdict::marked ? 1 : 0;
    }
    return refused;
  }
  double chance() const { return static_cast<double>(queue_.base_chance()) / kQ32One; }

  QueueHarness harness_;
  RedQueue queue_{{.min = ByteCount(30'000), .max = ByteCount(90'000)}, SeededRandom(3)};
  int marked_ = 0;
};

TEST_F(RedQueueTest, TheAverageFollowsTheQueueByOne512th) {
  fill(100);
  for (const int steps : {1, 9, 90, 900}) {
    const auto before = static_cast<double>(queue_.average().value());
    offer(steps);
    const double expected = 120'000 + (before - 120'000) * std::pow(1 - kWeight, steps);
    EXPECT_NEAR(static_cast<double>(queue_.average().value()), expected, 3);
  }
}

TEST_F(RedQueueTest, TheWeightOfOneDatagramCanBeSet) {
  RedQueue queue({.min = ByteCount(30'000), .max = ByteCount(90'000), .weight_shift = 2},
                 SeededRandom(3));
  for (int i = 0; i < 100; ++i) queue.push(harness_.make_queued(0ms, 1));
  queue.admit(kStart, Datagram());
  EXPECT_EQ(queue.average(), ByteCount(30'000)) << "a quarter of 120,000";
  queue.admit(kStart, Datagram());
  EXPECT_EQ(queue.average(), ByteCount(52'500));
}

TEST_F(RedQueueTest, TheChanceRisesInTwoSlopes) {
  EXPECT_EQ(queue_.base_chance(), 0);
  const auto at_average = [&](int datagrams) {
    RedQueue queue({.min = ByteCount(30'000), .max = ByteCount(90'000)}, SeededRandom(3));
    for (int i = 0; i < datagrams; ++i) queue.push(harness_.make_queued(0ms, 1));
    for (int i = 0; i < 20'000; ++i) queue.admit(kStart, Datagram());
    return static_cast<double>(queue.base_chance()) / kQ32One;
  };
  EXPECT_EQ(at_average(24), 0) << "28800 bytes";
  EXPECT_NEAR(at_average(50), 0.05, 1e-4) << "60000 bytes: half-way to 10 %";
  EXPECT_NEAR(at_average(75), 0.1, 1e-4) << "90000 bytes";
  EXPECT_NEAR(at_average(100), 0.1 + 0.9 / 3, 1e-4) << "120000 bytes: a third of the rest";
  EXPECT_EQ(at_average(151), 1) << "181200 bytes";
}

TEST_F(RedQueueTest, ChoicesAreSpacedEvenly) {
  fill(50);
  offer(20'000);
  ASSERT_NEAR(chance(), 0.05, 1e-4);
  // Uniform between 1 and 1/p datagrams apart, hence 2p/(1+p) of all (the paper's s7).
  EXPECT_NEAR(offer(40'000), 40'000 * 2 * 0.05 / 1.05, 150);
  int gap = 0;
  for (int i = 0; i < 4000; ++i) {
    gap = offer(1) == 1 ? 0 : gap + 1;
    ASSERT_LE(gap, 21);
  }
}

TEST_F(RedQueueTest, MarksWhatCanBeMarkedUntilTheQueueIsFarTooLong) {
  fill(50);
  offer(20'000);
  EXPECT_EQ(offer(4000, Ecn::ect0), 0);
  EXPECT_NEAR(marked_, 4000 * 2 * 0.05 / 1.05, 60);
  fill(120);
  offer(20'000);
  EXPECT_EQ(offer(100, Ecn::ect0), 100);
}

TEST_F(RedQueueTest, TheAverageDecaysWhileTheQueueIsEmpty) {
  queue_.set_rate(Bandwidth::bits_per_second(8'000'000));  // 1000 bytes each millisecond
  fill(50);
  offer(20'000);
  while (queue_.pop(kStart + 1s)) {
  }
  queue_.admit(kStart + 1100ms, Datagram());
  EXPECT_NEAR(static_cast<double>(queue_.average().value()), 60'000 * std::pow(1 - kWeight, 100),
              3);
  queue_.admit(kStart + 10h, Datagram());
  EXPECT_EQ(queue_.average(), ByteCount(0));
}

}  // namespace
}  // namespace hawser::netsim
