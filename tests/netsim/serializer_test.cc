#include "tools/netsim/serializer.h"

#include <gtest/gtest.h>

#include "hawser/netsim/event_queue.h"

namespace hawser::netsim {
namespace {

using namespace std::chrono_literals;

constexpr TimePoint kStart = EventQueue::kStart;
constexpr Bandwidth kRate = Bandwidth::bits_per_second(8'000'000);  // a byte each microsecond

/// By a trace of opportunities at 0, 5, 5 and 20 ms.
class SerializerTest : public ::testing::Test {
 protected:
  SerializerTest() { serializer_.configure(kStart, kRate, trace_); }
  /// Sends one that is ready at `ready`; when it has left.
  Duration send(Duration ready, std::int64_t bytes) {
    const TimePoint start = serializer_.next_start(kStart + ready);
    return serializer_.send(start, ByteCount(bytes)) - kStart;
  }
  const std::optional<RateTrace> trace_ = RateTrace::from({0ms, 5ms, 5ms, 20ms});
  Serializer serializer_{kStart};
};

TEST_F(SerializerTest, WaitsForTheNextOpportunity) {
  EXPECT_EQ(serializer_.next_start(kStart), kStart);
  EXPECT_EQ(send(1ms, 100), 5ms);
  EXPECT_EQ(send(6ms, 1504), 20ms) << "what was left of the second at 5 ms is lost";
  EXPECT_EQ(send(20ms, 1504), 20ms) << "the first one of the repetition";
  EXPECT_EQ(send(20ms, 1504), 25ms);
}

TEST_F(SerializerTest, SeveralSmallOnesShareAnOpportunity) {
  EXPECT_EQ(send(1ms, 1000), 5ms);
  EXPECT_EQ(send(2ms, 504), 5ms);
  EXPECT_EQ(send(3ms, 1504), 5ms) << "the second one at that instant";
  EXPECT_EQ(send(3ms, 28), 20ms);
}

TEST_F(SerializerTest, ALargeOneTakesSeveralAndArrivesWithTheLast) {
  EXPECT_EQ(send(1ms, 3009), 20ms);
  EXPECT_EQ(send(2ms, 1503), 20ms) << "what it left over";
  EXPECT_EQ(send(2ms, 3), 20ms) << "the opportunity at the begin of the repetition";
}

TEST_F(SerializerTest, ATimeLimitLooksAheadInTheTrace) {
  send(1ms, 1504);
  // Behind 1503 bytes one begins at 5 ms, behind 1504 at 20 ms.
  EXPECT_FALSE(serializer_.would_wait_beyond(4ms, kStart + 1ms, ByteCount(1503)));
  EXPECT_TRUE(serializer_.would_wait_beyond(4ms - 1ns, kStart + 1ms, ByteCount(1503)));
  EXPECT_TRUE(serializer_.would_wait_beyond(19ms - 1ns, kStart + 1ms, ByteCount(1504)));
  EXPECT_FALSE(serializer_.would_wait_beyond(19ms, kStart + 1ms, ByteCount(1504)));
}

TEST_F(SerializerTest, BusyIsTheShareOfTheBytesThatWasUsed) {
  send(1ms, 1504);
  EXPECT_EQ(serializer_.busy(kStart + 10ms), 3'333'333ns);
  serializer_.start_averages(kStart + 20ms);
  send(20ms, 1504 + 752);
  EXPECT_EQ(serializer_.busy(kStart + 20ms), 0ms);
  // 20, 20, 25 and 25 ms: one and a half of four.
  EXPECT_EQ(serializer_.busy(kStart + 30ms), 3750us);
  // And at 40 ms the last one of the repetition.
  EXPECT_EQ(serializer_.busy(kStart + 40ms + 1ns), 5ms);
}

TEST_F(SerializerTest, WhatWaitedForATraceBeginsWhenTheRateComes) {
  send(1ms, 1504);
  EXPECT_EQ(serializer_.next_start(kStart + 6ms), kStart + 20ms);
  serializer_.configure(kStart + 12ms, kRate, std::nullopt);
  EXPECT_EQ(serializer_.next_start(kStart + 6ms), kStart + 12ms);
}

TEST_F(SerializerTest, ATraceAndARateFollowEachOther) {
  EXPECT_EQ(send(1ms, 3009), 20ms);
  serializer_.configure(kStart + 2ms, kRate, std::nullopt);
  EXPECT_EQ(send(2ms, 1000), 21ms) << "what was begun keeps its time";
  serializer_.configure(kStart + 20ms, kRate, trace_);
  EXPECT_EQ(send(20ms, 1504), 25ms);
  EXPECT_EQ(serializer_.busy(kStart + 20ms), 0ms) << "nothing was used of the trace until 2 ms";
  EXPECT_EQ(serializer_.busy(kStart + 25ms), 1ms) << "by the rate, from 20 ms on";
}

}  // namespace
}  // namespace hawser::netsim
