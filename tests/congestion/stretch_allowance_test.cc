#include "congestion/stretch_allowance.h"

#include <gtest/gtest.h>

#include "tests/congestion/ack_clock.h"

namespace hawser {
namespace {

using namespace std::chrono_literals;

CongestionWindow window_of(std::int64_t packets) {
  return CongestionWindow(
      WindowLimits({.initial_window = datagrams(packets), .window_max = datagrams(100)}));
}
AckEvent acked(std::int64_t packets) { return ack(at(100ms), datagrams(packets), at(0s)); }

TEST(StretchAllowanceTest, IsNoneWhereEverySecondPacketIsAcknowledged) {
  StretchAllowance stretch;
  EXPECT_EQ(stretch.window_with(window_of(40)), datagrams(40));
  stretch.on_ack(acked(2), false);
  EXPECT_EQ(stretch.window_with(window_of(40)), datagrams(40));
}

TEST(StretchAllowanceTest, IsTheLargestOfThisRoundTripAndTheLast) {
  StretchAllowance stretch;
  stretch.on_ack(acked(7), false);
  stretch.on_ack(acked(5), false);
  EXPECT_EQ(stretch.window_with(window_of(40)), datagrams(45));
  stretch.on_ack(acked(4), true);
  EXPECT_EQ(stretch.window_with(window_of(40)), datagrams(45));
  stretch.on_ack(acked(3), true);
  EXPECT_EQ(stretch.window_with(window_of(40)), datagrams(42));
}

TEST(StretchAllowanceTest, IsHalfOfTheWindowAtMostAndStaysBelowItsMaximum) {
  StretchAllowance stretch;
  stretch.on_ack(acked(1000), false);
  EXPECT_EQ(stretch.window_with(window_of(40)), datagrams(60));
  EXPECT_EQ(stretch.window_with(window_of(90)), datagrams(100));
}

}  // namespace
}  // namespace hawser
