#include "congestion/aimd.h"

#include <vector>

#include <gtest/gtest.h>

#include "congestion/new_reno.h"
#include "tests/congestion/ack_clock.h"

namespace hawser {
namespace {

using namespace std::chrono_literals;

CongestionConfig config_of(std::int64_t increase_percent, std::int64_t decrease_percent,
                           ByteCount initial_window = datagrams(10)) {
  return {.initial_window = initial_window,
          .prr = false,
          .aimd_increase_percent = increase_percent,
          .aimd_decrease_percent = decrease_percent};
}

// RFC 9002 s7.3.1.
TEST(AimdTest, DoublesTheWindowEachRoundInSlowStart) {
  Aimd controller(CongestionConfig{});
  AckClock path(controller, {});
  for (std::int64_t expected = 10; expected <= 20480; expected *= 2) {
    EXPECT_EQ(controller.congestion_window(), datagrams(expected));
    path.run_round();
  }
}

TEST(AimdTest, GainsItsIncreasePerRoundTrip) {
  for (const std::int64_t percent : {50, 100, 800}) {
    Aimd controller(config_of(percent, 50, datagrams(200)));
    AckClock path(controller, {.is_feedback_instant = true});
    path.lose_packet();
    EXPECT_EQ(controller.congestion_window(), datagrams(100));
    path.ack_packets(100);
    EXPECT_NEAR(in_datagrams(controller.congestion_window()),
                100 + static_cast<double>(percent) / 100,
                0.05 * static_cast<double>(percent) / 100);
  }
}

TEST(AimdTest, KeepsItsDecreaseOnALoss) {
  Aimd controller(config_of(100, 88, datagrams(100)));
  controller.on_loss(loss(at(100ms), at(10ms)));
  EXPECT_EQ(controller.congestion_window(), datagrams(88));
  controller.on_loss(loss(at(110ms), at(20ms), LossKind::ecn_ce));  // of the same round trip
  EXPECT_EQ(controller.congestion_window(), datagrams(88));
  controller.on_spurious_loss(spurious(true));  // the mark stands
  EXPECT_EQ(controller.congestion_window(), datagrams(88));
}

TEST(AimdTest, GrowsOnAFullWindowOnly) {
  Aimd controller(config_of(100, 50, datagrams(100)));
  controller.on_loss(loss(at(100ms), at(10ms)));
  AckEvent event = ack(at(300ms), datagrams(50), at(200ms));
  event.context.is_app_limited = true;
  controller.on_ack(event);
  EXPECT_EQ(controller.congestion_window(), datagrams(50));
}

// RFC 9002 s7.6.2.
TEST(AimdTest, CollapsesOnPersistentCongestionAndSlowStartsToSsthresh) {
  Aimd controller(config_of(100, 80, datagrams(100)));
  controller.on_loss(loss(at(3s), at(0s), LossKind::persistent));
  EXPECT_EQ(controller.congestion_window(), datagrams(4));
  EXPECT_EQ(controller.snapshot().ssthresh, datagrams(80));
  EXPECT_EQ(controller.snapshot().phase, "slow_start");
}

TEST(AimdTest, RestoresWhatASpuriousLossTookAway) {
  Aimd controller(config_of(100, 50, datagrams(64)));
  controller.on_loss(loss(at(100ms), at(10ms)));
  controller.on_spurious_loss(spurious(true));
  EXPECT_EQ(controller.congestion_window(), datagrams(64));
}

TEST(AimdTest, StartsAfreshOnANewPath) {
  Aimd controller(CongestionConfig{});
  controller.on_loss(loss(at(100ms), at(10ms)));
  controller.on_path_change(new_path(at(1s), ByteCount(1472)));
  EXPECT_EQ(controller.congestion_window(), ByteCount(14720));
}

TEST(AimdTest, TakesTheEndOfARangeForWhatIsBeyondIt) {
  Aimd low(config_of(-5, -5, datagrams(1000)));
  low.on_loss(loss(at(100ms), at(10ms)));
  EXPECT_EQ(low.congestion_window(), datagrams(10));
  Aimd high(config_of(100, 1000, datagrams(1000)));
  high.on_loss(loss(at(100ms), at(10ms)));
  EXPECT_EQ(high.congestion_window(), datagrams(990));
}

TEST(AimdTest, IsNewRenoWithOneAndAHalf) {
  Aimd aimd(CongestionConfig{});
  NewReno new_reno(CongestionConfig{});
  AckClock path(aimd, {});
  AckClock reference(new_reno, {});
  for (int i = 1; i <= 20'000; ++i) {
    for (AckClock* clock : {&path, &reference}) {
      if (i % 700 == 0) {
        clock->lose_packet();
      } else {
        clock->ack_packet();
      }
    }
    ASSERT_EQ(aimd.congestion_window(), new_reno.congestion_window()) << i;
  }
}

// The window in bytes at the start of each round: the same on every platform and optimisation.
TEST(AimdTest, HasThisWindowByRound) {
  Aimd controller(config_of(50, 80));
  AckClock path(controller, {});
  std::vector<std::int64_t> windows;
  for (int round = 0; round < 16; ++round) {
    windows.push_back(controller.congestion_window().value());
    if (round == 6) path.lose_packet();
    path.run_round();
  }
  EXPECT_EQ(windows, (std::vector<std::int64_t>{12000, 24000, 48000, 96000, 192000, 384000, 768000,
                                                614400, 614999, 615598, 616197, 616796, 617395,
                                                617994, 618592, 619191}));
}

}  // namespace
}  // namespace hawser
