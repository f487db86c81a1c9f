#include "congestion/bbr/ack_aggregation.h"

#include <gtest/gtest.h>

#include "tests/congestion/bbr/samples.h"

namespace hawser::bbr {
namespace {

using namespace std::chrono_literals;

// 9.6 Mbit/s are a datagram each millisecond.
constexpr Bandwidth kRate = Bandwidth::bits_per_second(9'600'000);

class AckAggregationTest : public testing::Test {
 protected:
  void acknowledge(Duration since_start, std::int64_t count, std::int64_t round = 0) {
    filter_.on_ack(sender_at(since_start), datagrams(count), {.bandwidth = kRate, .round = round});
  }
  AckAggregation filter_;
};

// draft-ietf-ccwg-bbr s5.5.9.
TEST_F(AckAggregationTest, AnEvenFlowExceedsExpectationByOneAcknowledgement) {
  for (int i = 0; i < 100; ++i) acknowledge(1ms * i, 1);
  EXPECT_EQ(filter_.excess(0, 1), datagrams(1));
}

TEST_F(AckAggregationTest, AHeapExceedsItByWhatWasNotExpectedYet) {
  acknowledge(0ms, 1);
  // Nothing for 10 ms, then all of it at once; the interval starts anew with the heap.
  acknowledge(10ms, 10);
  EXPECT_EQ(filter_.excess(0, 1), datagrams(10));
  // Another one while 4 were expected.
  acknowledge(14ms, 10);
  EXPECT_EQ(filter_.excess(0, 1), datagrams(16));
}

TEST_F(AckAggregationTest, IsNeverMoreThanTheWindow) {
  acknowledge(0ms, 70);
  acknowledge(1ms, 70);
  EXPECT_EQ(filter_.excess(0, 1), datagrams(100));
}

TEST_F(AckAggregationTest, RemembersTheLargestOfTenRounds) {
  acknowledge(0ms, 30, 5);
  acknowledge(1s, 1, 6);
  EXPECT_EQ(filter_.excess(6, 1), datagrams(1));
  EXPECT_EQ(filter_.excess(6, 10), datagrams(30));
  acknowledge(2s, 1, 14);
  EXPECT_EQ(filter_.excess(14, 10), datagrams(30));
  acknowledge(3s, 2, 15);  // takes the place of round 5
  EXPECT_EQ(filter_.excess(15, 10), datagrams(2));
}

TEST_F(AckAggregationTest, AnIdleTimeIsNotExpectedToHaveDelivered) {
  acknowledge(0ms, 5);
  filter_.on_idle_restart(at(10s));
  acknowledge(10s, 3);
  // Without the restart an interval of 10 s would have ended, and 3 be all.
  EXPECT_EQ(filter_.excess(0, 1), datagrams(8));
}

}  // namespace
}  // namespace hawser::bbr
