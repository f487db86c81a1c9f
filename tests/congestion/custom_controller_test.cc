// A controller as an application writes it: the public header alone, no file of the library
// touched. It must be able to do all that the built-in ones do.

#include <algorithm>
#include <cmath>
#include <memory>

#include <gtest/gtest.h>

#include "hawser/congestion_controller.h"
#include "tests/congestion/ack_clock.h"

namespace {

using namespace std::chrono_literals;

/// Additive increase by half a datagram per round trip, multiplicative decrease to 7/8.
class HalfStep final : public hawser::CongestionController {
 public:
  explicit HalfStep(const hawser::CongestionConfig& config)
      : datagram_size_(config.datagram_size), window_(config.datagram_size * 10) {}

  void on_ack(const hawser::AckEvent& event) override {
    if (event.context.is_app_limited) return;
    if (event.largest_acked_sent_time <= answered_until_) return;
    acked_ += event.acked_bytes;
    if (acked_ < window_ * 2) return;
    acked_ -= window_ * 2;
    window_ += datagram_size_;
  }
  void on_loss(const hawser::LossEvent& event) override {
    if (event.largest_lost_sent_time <= answered_until_) return;
    answered_until_ = event.context.now;
    window_ = std::max(window_ * 7 / 8, datagram_size_ * 2);
  }
  void on_path_change(const hawser::PathChangeEvent& event) override {
    datagram_size_ = event.datagram_size;
    if (event.is_new_path) window_ = datagram_size_ * 10;
  }
  hawser::ByteCount congestion_window() const override { return window_; }
  hawser::Bandwidth pacing_rate(const hawser::RttSnapshot& rtt) const override {
    return hawser::Bandwidth::from(window_, rtt.smoothed).scaled(5, 4);
  }
  hawser::CongestionSnapshot snapshot() const override {
    return {.name = "half_step", .phase = "increase", .congestion_window = window_};
  }

 private:
  hawser::ByteCount datagram_size_;
  hawser::ByteCount window_;
  hawser::ByteCount acked_{0};
  hawser::TimePoint answered_until_ = hawser::TimePoint::min();
};

constexpr hawser::CongestionControllerFactory kHalfStep{
    "half_step",
    [](const hawser::CongestionConfig& config) -> std::unique_ptr<hawser::CongestionController> {
      return std::make_unique<HalfStep>(config);
    }};

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
