#include "tools/hawser/congestion_choice.h"

#include <gtest/gtest.h>

namespace hawser::cli {
namespace {

using namespace std::chrono_literals;

// Loses a packet of a full window, then learns that it was not lost.
ByteCount window_after_a_disproved_loss(const CongestionControllerFactory& factory) {
  const auto controller = factory.make({});
  const TimePoint now(10s);
  const LostPacket packet{.bytes = ByteCount(1200), .sent_time = now - 100ms};
  const CongestionContext context{.now = now, .bytes_in_flight = ByteCount(12000)};
  LossEvent loss;
  loss.context = context;
  loss.packets = std::span(&packet, 1);
  loss.largest_lost_sent_time = packet.sent_time;
  controller->on_loss(loss);
  controller->on_spurious_loss(
      {.context = context, .packets = std::span(&packet, 1), .whole_episode_disproved = true});
  return controller->congestion_window();
}

TEST(CongestionChoiceTest, KnowsTheBuiltInControllersAlone) {
  EXPECT_NE(choose_congestion("cubic", true), nullptr);
  EXPECT_NE(choose_congestion("fixed", false), nullptr);
  EXPECT_EQ(choose_congestion("carrier_pigeon", true), nullptr);
  EXPECT_EQ(choose_congestion("carrier_pigeon", false), nullptr);
}

TEST(CongestionChoiceTest, WithoutUndoAReductionStays) {
  for (const char* name : {"cubic", "new_reno"}) {
    const ByteCount undone = window_after_a_disproved_loss(*choose_congestion(name, true));
    const ByteCount kept = window_after_a_disproved_loss(*choose_congestion(name, false));
    EXPECT_EQ(undone, ByteCount(12000)) << name;
    EXPECT_LT(kept, undone) << name;
  }
}

TEST(CongestionChoiceTest, WithoutUndoItIsStillTheSameController) {
  for (const CongestionControllerFactory& factory : congestion_controllers()) {
    const auto* choice = choose_congestion(factory.name, false);
    ASSERT_NE(choice, nullptr);
    EXPECT_EQ(choice->name, factory.name);
    EXPECT_EQ(choice->make({})->snapshot().name, factory.make({})->snapshot().name);
  }
}

}  // namespace
}  // namespace hawser::cli
