// What every controller with a window of RFC 9002 answers alike to marks, outages, disproved losses
// and its bounds.

#include <memory>
#include <ostream>
#include <string>

#include <gtest/gtest.h>

#include "tests/congestion/ack_clock.h"
#include "tests/congestion/queue_clock.h"

namespace hawser {
namespace {

using namespace std::chrono_literals;

struct Entrant {
  const char* name;
  double kept;  ///< of the window, by a mark
};
std::ostream& operator<<(std::ostream& out, const Entrant& entrant) { return out << entrant.name; }

class WindowAnswersTest : public testing::TestWithParam<Entrant> {
 protected:
  static std::unique_ptr<CongestionController> make(const CongestionConfig& config) {
    return find_congestion_controller(GetParam().name)->make(without_prr(config));
  }
  /// In datagrams.
  static double window_of(const CongestionController& controller) {
    return static_cast<double>(controller.congestion_window().value()) /
           static_cast<double>(kDatagram.value());
  }
};

// RFC 9002 s7.3.2: a mark of a packet that left before the latest reduction was answered with it.
TEST_P(WindowAnswersTest, ReducesOncePerRoundTripForMarks) {
  const auto controller = make({.initial_window = datagrams(64)});
  controller->on_loss(loss(at(100ms), at(10ms), LossKind::ecn_ce));
  controller->on_loss(loss(at(120ms), at(50ms), LossKind::ecn_ce));
  EXPECT_NEAR(window_of(*controller), 64 * GetParam().kept, 0.01);
  controller->on_loss(loss(at(250ms), at(150ms), LossKind::ecn_ce));
  EXPECT_NEAR(window_of(*controller), 64 * GetParam().kept * GetParam().kept, 0.01);
}

// RFC 9002 s7.6.2, to our minimum window.
TEST_P(WindowAnswersTest, CollapsesOnPersistentCongestion) {
  const auto controller = make({.initial_window = datagrams(64)});
  controller->on_loss(loss(at(3s), at(10ms), LossKind::persistent));
  EXPECT_EQ(controller->congestion_window(), datagrams(4));
  EXPECT_NEAR(static_cast<double>(controller->snapshot().ssthresh.value()),
              static_cast<double>(datagrams(64).value()) * GetParam().kept, 12);
}

// RFC 9438 s4.9.
TEST_P(WindowAnswersTest, TakesBackWhatDisprovedLossesCost) {
  const auto controller = make({.initial_window = datagrams(64)});
  controller->on_loss(loss(at(3s), at(10ms), LossKind::persistent));
  controller->on_spurious_loss(spurious(false));
  EXPECT_EQ(controller->congestion_window(), datagrams(4)) << "some of them are true";
  controller->on_spurious_loss(spurious(true));
  EXPECT_EQ(controller->congestion_window(), datagrams(64));
  controller->on_loss(loss(at(4s), at(3500ms), LossKind::ecn_ce));
  controller->on_spurious_loss(spurious(true));
  EXPECT_LT(controller->congestion_window(), datagrams(64)) << "a mark is not disproved";
}

// RFC 9000 s9.4.
TEST_P(WindowAnswersTest, BeginsAgainOnANewPath) {
  const auto controller = make({.initial_window = datagrams(20)});
  QueueClock path(*controller, {.base_rtt = 10ms});
  path.run_for(5s);
  ASSERT_NE(controller->congestion_window(), datagrams(20));
  path.change_path(80ms);
  EXPECT_EQ(controller->congestion_window(), datagrams(20));
  EXPECT_EQ(controller->snapshot().phase, "slow_start");
}

TEST_P(WindowAnswersTest, StaysBetweenItsBounds) {
  const auto controller = make({.window_min = datagrams(4), .window_max = datagrams(20)});
  QueueClock path(*controller, {});
  path.run_for(10s);
  EXPECT_EQ(controller->congestion_window(), datagrams(20));
  path.config().base_rtt = 400ms;
  for (int i = 0; i < 1000; ++i) {
    path.run_for(50ms);
    ASSERT_GE(controller->congestion_window(), datagrams(4));
    ASSERT_LE(controller->congestion_window(), datagrams(20));
  }
}

INSTANTIATE_TEST_SUITE_P(Controllers, WindowAnswersTest,
                         testing::Values(Entrant{"cubic", 0.7}, Entrant{"new_reno", 0.5},
                                         Entrant{"aimd", 0.5}, Entrant{"vegas", 0.5},
                                         Entrant{"ledbat", 0.5}, Entrant{"copa", 0.5}),
                         [](const auto& each) { return std::string(each.param.name); });

}  // namespace
}  // namespace hawser
