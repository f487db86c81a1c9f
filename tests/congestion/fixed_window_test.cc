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

AckEvent delivered_at(TimePoint now, Bandwidth rate, bool is_app_limited) {
  AckEvent event;
  event.context.now = now;
  event.rtt = rtt_of(100ms);
  event.rate.is_valid = true;
  event.rate.rate = rate;
  event.rate.is_app_limited = is_app_limited;
  return event;
}

TEST(FixedWindowTest, IsUnpacedWhileTheApplicationIsTheLimit) {
  FixedWindow controller({});
  EXPECT_TRUE(controller.pacing_rate(rtt_of(100ms)).is_infinite());
  controller.on_ack(delivered_at(TimePoint(1s), Bandwidth::bits_per_second(1'000'000), true));
  EXPECT_TRUE(controller.pacing_rate(rtt_of(100ms)).is_infinite());
}

TEST(FixedWindowTest, PacesASaturatedSenderJustAboveWhatThePathDelivers) {
  FixedWindow controller({});
  controller.on_ack(delivered_at(TimePoint(1s), Bandwidth::bits_per_second(16'000'000), false));
  controller.on_ack(delivered_at(TimePoint(1s), Bandwidth::bits_per_second(8'000'000), false));
  EXPECT_EQ(controller.pacing_rate(rtt_of(100ms)), Bandwidth::bits_per_second(17'000'000));
}

TEST(FixedWindowTest, PacesTenDatagramsARoundTripAtLeast) {
  FixedWindow controller({.datagram_size = ByteCount(1250)});
  controller.on_ack(delivered_at(TimePoint(1s), Bandwidth::bits_per_second(1'000), false));
  EXPECT_EQ(controller.pacing_rate(rtt_of(100ms)), Bandwidth::bits_per_second(1'000'000));
}

TEST(FixedWindowTest, ForgetsARateAfterTenToTwentyRoundTrips) {
  FixedWindow controller({});
  controller.on_ack(delivered_at(TimePoint(1s), Bandwidth::bits_per_second(16'000'000), false));
  controller.on_ack(delivered_at(TimePoint(2s), Bandwidth::bits_per_second(8'000'000), false));
  EXPECT_EQ(controller.pacing_rate(rtt_of(100ms)), Bandwidth::bits_per_second(17'000'000));
  controller.on_ack(delivered_at(TimePoint(3s), Bandwidth::bits_per_second(8'000'000), false));
  EXPECT_EQ(controller.pacing_rate(rtt_of(100ms)), Bandwidth::bits_per_second(8'500'000));
}

TEST(FixedWindowTest, KeepsTheNumberOfDatagramsWhenTheirSizeChanges) {
  FixedWindow controller({.fixed_window_packets = 32});
  controller.on_path_change(new_datagram_size(ByteCount(1472)));
  EXPECT_EQ(controller.congestion_window(), ByteCount(1472 * 32));
}

}  // namespace
}  // namespace hawser
