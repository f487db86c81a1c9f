#pragma once
// A congestion controller of one's own: half a datagram more per round trip, 7/8 of the window
// after a loss. What it lacks beside the built-in ones: slow start, the undoing of disproved
// losses.

#include <algorithm>
#include <memory>

#include "hawser/congestion_controller.h"

// Step 1: derive from CongestionController. Events come in.
class HalfStep final : public hawser::CongestionController {
 public:
  explicit HalfStep(const hawser::CongestionConfig& config)
      : datagram_size_(config.datagram_size), window_(config.datagram_size * 10) {}

  void on_ack(const hawser::AckEvent& event) override {
    // A window that was not used proves nothing about the path.
    if (event.context.is_app_limited) return;
    if (event.largest_acked_sent_time <= answered_until_) return;
    acked_ += event.acked_bytes;
    if (acked_ < window_ * 2) return;
    acked_ -= window_ * 2;
    window_ += datagram_size_;
  }
  void on_loss(const hawser::LossEvent& event) override {
    // Losses of one round trip are one piece of news.
    if (event.largest_lost_sent_time <= answered_until_) return;
    answered_until_ = event.context.now;
    window_ = std::max(window_ * 7 / 8, datagram_size_ * 2);
  }
  void on_path_change(const hawser::PathChangeEvent& event) override {
    datagram_size_ = event.datagram_size;
    if (event.is_new_path) window_ = datagram_size_ * 10;
  }
  // Step 2: three questions are answered.
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
  hawser::ByteCount acked_{0};  // towards the next increase
  hawser::TimePoint answered_until_ = hawser::TimePoint::min();
};

// Step 3: a factory, which must outlive the endpoint.
inline constexpr hawser::CongestionControllerFactory kHalfStep{
    "half_step",
    [](const hawser::CongestionConfig& config) -> std::unique_ptr<hawser::CongestionController> {
      return std::make_unique<HalfStep>(config);
    }};
