#include "tools/netsim/release_gate.h"

#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/netsim/queue_harness.h"

namespace hawser::netsim {
namespace {

using namespace std::chrono_literals;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr TimePoint kStart = QueueHarness::kStart;

class ReleaseGateTest : public ::testing::Test {
 protected:
  void configure(Duration at, const std::optional<Aggregation>& aggregation,
                 const std::optional<Slots>& slots) {
    gate_.configure(kStart + at, aggregation, slots);
  }
  void push(Duration at, int count = 1) {
    for (int i = 0; i < count; ++i) gate_.push(kStart + at, harness_.make(1));
  }
  /// Wakes the gate when it asks to be; says when each datagram left, and checks their order.
  std::vector<Duration> take_until(Duration at) {
    std::vector<Duration> times;
    while (gate_.next_release() <= kStart + at) {
      const TimePoint now = gate_.next_release();
      while (auto datagram = gate_.poll(now)) {
        EXPECT_EQ(datagram->tag, next_tag_++);
        times.push_back(now - kStart);
      }
    }
    return times;
  }

  QueueHarness harness_;
  ReleaseGate gate_{SeededRandom(5)};
  std::uint64_t next_tag_ = 0;
};

TEST_F(ReleaseGateTest, HoldsNothingByDefault) {
  EXPECT_FALSE(gate_.is_needed());
  EXPECT_EQ(gate_.next_release(), kNever);
  push(3ms, 2);
  EXPECT_THAT(take_until(1h), ElementsAre(3ms, 3ms));
}

TEST_F(ReleaseGateTest, SlotsLetGoAtTheirBoundaries) {
  configure(0ms, std::nullopt, Slots{.interval_min = 10ms, .interval_max = 10ms});
  push(0ms);
  push(9ms);
  push(10ms);
  push(10ms + 1ns);
  push(1234567ms, 2);
  EXPECT_THAT(take_until(1h), ElementsAre(10ms, 10ms, 10ms, 20ms, 1234570ms, 1234570ms));
}

TEST_F(ReleaseGateTest, WhatFindsNoRoomInASlotTakesTheNextOne) {
  configure(0ms, std::nullopt, Slots{.interval_min = 10ms, .interval_max = 10ms, .packets = 2});
  push(5ms, 5);
  push(25ms, 2);
  EXPECT_THAT(take_until(1h), ElementsAre(10ms, 10ms, 20ms, 20ms, 30ms, 30ms, 40ms));
  configure(100ms, std::nullopt,
            Slots{.interval_min = 10ms, .interval_max = 10ms, .bytes = ByteCount(3599)});
  push(105ms, 3);
  EXPECT_THAT(take_until(1h), ElementsAre(110ms, 110ms, 120ms));
  configure(200ms, std::nullopt,
            Slots{.interval_min = 10ms, .interval_max = 10ms, .bytes = ByteCount(100)});
  push(205ms, 2);
  EXPECT_THAT(take_until(1h), ElementsAre(210ms, 220ms)) << "each too large: a slot of its own";
}

TEST_F(ReleaseGateTest, IntervalsAreDrawnBetweenTheirBounds) {
  configure(0ms, std::nullopt, Slots{.interval_min = 5ms, .interval_max = 15ms, .packets = 1});
  push(0ms, 4000);
  Duration last{0};
  Duration shortest = 1h;
  Duration longest{0};
  for (const Duration at : take_until(1h)) {
    shortest = std::min(shortest, at - last);
    longest = std::max(longest, at - last);
    last = at;
  }
  EXPECT_GE(shortest, 5ms);
  EXPECT_LE(shortest, 5ms + 50us);
  EXPECT_LE(longest, 15ms);
  EXPECT_GE(longest, 15ms - 50us);
  EXPECT_NEAR(static_cast<double>((last / 4000).count()), 10e6, 2e5);
}

TEST_F(ReleaseGateTest, AggregationWaitsForSoManyOrSoLong) {
  configure(0ms, Aggregation{.packets = 3, .time = 20ms}, std::nullopt);
  push(1ms);
  push(5ms);
  push(7ms);
  EXPECT_THAT(take_until(7ms), ElementsAre(7ms, 7ms, 7ms));
  push(8ms, 2);
  EXPECT_EQ(gate_.next_release(), kStart + 28ms);
  push(28ms);  // too late for the heap before it
  EXPECT_THAT(take_until(1h), ElementsAre(28ms, 28ms, 48ms));
  configure(1000ms, Aggregation{.bytes = ByteCount(2401), .time = 20ms}, std::nullopt);
  push(1001ms, 2);
  EXPECT_THAT(take_until(1010ms), IsEmpty());
  push(1010ms, 2);
  EXPECT_THAT(take_until(2s), ElementsAre(1010ms, 1010ms, 1010ms, 1030ms));
}

TEST_F(ReleaseGateTest, HeapsGoToTheSlots) {
  configure(0ms, Aggregation{.packets = 2, .time = 20ms},
            Slots{.interval_min = 7ms, .interval_max = 7ms});
  push(1ms);
  push(9ms);
  push(10ms);
  EXPECT_THAT(take_until(1h), ElementsAre(14ms, 14ms, 35ms));
}

TEST_F(ReleaseGateTest, AskingMoreOftenChangesNothing) {
  const auto releases = [](Duration step) {
    QueueHarness harness;
    ReleaseGate gate{SeededRandom(5)};
    gate.configure(kStart, Aggregation{.packets = 4, .time = 5ms},
                   Slots{.interval_min = 1ms, .interval_max = 9ms, .packets = 3});
    std::vector<TimePoint> times;
    for (Duration at{0}; at < 300ms; at += step) {
      if (at % 2ms == 0ms && at < 200ms) gate.push(kStart + at, harness.make(1));
      while (gate.next_release() <= kStart + at) {
        const TimePoint next = gate.next_release();
        if (gate.poll(next)) times.push_back(next);
      }
    }
    return times;
  };
  const auto by_the_way = releases(2ms);
  EXPECT_EQ(by_the_way.size(), 100U);
  EXPECT_EQ(releases(10us), by_the_way);
}

TEST_F(ReleaseGateTest, AChangeOvertakesNothing) {
  configure(0ms, std::nullopt, Slots{.interval_min = 10ms, .interval_max = 10ms});
  push(1ms);
  configure(2ms, Aggregation{.packets = 2, .time = 3ms}, std::nullopt);
  push(3ms);
  configure(4ms, std::nullopt, std::nullopt);
  EXPECT_TRUE(gate_.is_needed());
  push(5ms);
  EXPECT_THAT(take_until(1h), Each(10ms));
  EXPECT_FALSE(gate_.is_needed());
  EXPECT_EQ(next_tag_, 3U);
}

}  // namespace
}  // namespace hawser::netsim
