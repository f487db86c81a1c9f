// A controller as an application writes it: the public header alone, no file of the library
// touched. It must be able to do all that the built-in ones do.

#include <cmath>

#include <gtest/gtest.h>

#include "hawser/congestion_controller.h"
#include "tests/congestion/ack_clock.h"
#include "tools/examples/half_step.h"

namespace {

using namespace std::chrono_literals;

// AIMD(a, b): an average window of sqrt(a (1 + b) / (2 (1 - b) p)).
TEST(CustomControllerTest, HasTheAverageWindowOfItsOwnFormula) {
  const auto controller = kHalfStep.make({});
  hawser::AckClock path(*controller, {});
  const double expected = std::sqrt(0.5 * (1 + 0.875) / (2 * (1 - 0.875) * 1e-3));
  EXPECT_NEAR(hawser::mean_window_at(path, 1000, 50), expected, 0.03 * expected);
}

TEST(CustomControllerTest, IsUsedThroughItsFactoryLikeABuiltInOne) {
  const auto controller = kHalfStep.make({.datagram_size = hawser::ByteCount(1472)});
  EXPECT_EQ(controller->snapshot().name, kHalfStep.name);
  EXPECT_EQ(controller->congestion_window(), hawser::ByteCount(14720));
  EXPECT_EQ(controller->pacing_rate(hawser::rtt_of(100ms)),
            hawser::Bandwidth::bits_per_second(1'472'000));
  controller->on_sent({});  // events it does not care for cost it nothing
  controller->on_spurious_loss({});
  controller->on_path_change(hawser::new_path(hawser::at(1s), hawser::kDatagram));
  EXPECT_EQ(controller->congestion_window(), hawser::datagrams(10));
}

}  // namespace
