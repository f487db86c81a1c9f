#pragma once
/// AIMD(a, b): a datagrams more for each round trip without a loss, b of the window kept on a loss.
/// For study: (1, 1/2) is NewReno, and each pair has an average window that a formula gives,
/// sqrt(a (1 + b) / (2 (1 - b) p)) datagrams at a loss of p. One per path; not thread-safe.
/// Chiu and Jain, 1989; loss, marks and slow start as NewReno's.

#include "congestion/fractional_growth.h"
#include "congestion/revocable_window.h"

namespace hawser {

class Aimd final : public CongestionController {
 public:
  /// a and b are `config.aimd_increase_percent` and `config.aimd_decrease_percent`; what is out of
  /// their ranges is taken as the end of the range.
  explicit Aimd(const CongestionConfig& config);

  void on_sent(const SentEvent& event) override { window_.on_sent(event); }
  void on_ack(const AckEvent& event) override;
  void on_loss(const LossEvent& event) override { window_.on_loss(event, kept_on_loss_); }
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
  std::int64_t increase_percent_;
  WindowFraction kept_on_loss_;
};

}  // namespace hawser
