#include "congestion/fixed_window.h"

#include <gtest/gtest.h>

#include "tests/congestion/ack_clock.h"

namespace hawser {
namespace {

using namespace std::chrono_literals;

TEST(FixedWindowTest, HoldsItsNumberOfDatagrams) {
  EXPECT_EQ(FixedWindow({.fixed_window_packets = 4096}).congestion_window(), datagrams(4096));
  EXPECT_EQ(FixedWindow({.fixed_window_packets = 0}).congestion_window(), datagrams(1));
}

TEST(FixedWindowTest, NeverChangesWithAcknowledgementsOrLosses) {
  FixedWindow controller({.fixed_window_packets = 32});
  AckClock path(controller, {});
  path.run_rounds(3);
  path.lose_packet();
  path.lose_packet(LossKind::persistent);
  path.lose_packet(LossKind::ecn_ce);
  path.run_rounds(3);
  EXPECT_EQ(controller.congestion_window(), datagrams(32));
  EXPECT_EQ(controller.snapshot().phase, "fixed");
}

TEST(FixedWindowTest, IsUnpaced) {
  EXPECT_TRUE(FixedWindow({}).pacing_rate(rtt_of(100ms)).is_infinite());
}

TEST(FixedWindowTest, KeepsTheNumberOfDatagramsWhenTheirSizeChanges) {
  FixedWindow controller({.fixed_window_packets = 32});
  controller.on_path_change(new_datagram_size(ByteCount(1472)));
  EXPECT_EQ(controller.congestion_window(), ByteCount(1472 * 32));
}

}  // namespace
}  // namespace hawser
