#pragma once
/// NewReno, the controller of RFC 9002: slow start, congestion avoidance by one datagram per round
/// trip, half the window on a loss; with HyStart++ and Proportional Rate Reduction. One per path;
/// not thread-safe. RFC 9002 s7 and appendix B.

#include "congestion/fractional_growth.h"
#include "congestion/revocable_window.h"

namespace hawser {

class NewReno final : public CongestionController {
 public:
  explicit NewReno(const CongestionConfig& config) : window_(config) {}

  void on_sent(const SentEvent& event) override { window_.on_sent(event); }
  void on_ack(const AckEvent& event) override;
  void on_loss(const LossEvent& event) override;
  void on_spurious_loss(const SpuriousLossEvent& event) override {
    window_.on_spurious_loss(event);
  }
  void on_path_change(const PathChangeEvent& event) override { window_.on_path_change(event); }

  ByteCount congestion_window() const override { return window_.allowed(); }
  Bandwidth pacing_rate(const RttSnapshot& rtt) const override { return window_.pacing_rate(rtt); }
  CongestionSnapshot snapshot() const override;

 private:
  RevocableWindow window_;
  FractionalGrowth growth_;
};

}  // namespace hawser
