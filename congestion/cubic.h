#pragma once
/// CUBIC, the default controller: after a loss the window returns to where it was along a cubic
/// curve of time, slowly near the old maximum and fast beyond it. With HyStart++ and Proportional
/// Rate Reduction. One per path; not thread-safe. RFC 9438.
///
/// ```
///   W_max ........___________.......        on a loss: W_max = window, window *= 0.7
///               /             \             then the larger of the curve and of the window that
///              /               |  loss      Reno would have (the Reno-friendly region)
///   0.7 W_max /                |
/// ```

#include <optional>

#include "congestion/active_time.h"
#include "congestion/cubic_curve.h"
#include "congestion/fractional_growth.h"
#include "congestion/revocable_window.h"

namespace hawser {

class Cubic final : public CongestionController {
 public:
  explicit Cubic(const CongestionConfig& config);

  void on_sent(const SentEvent& event) override;
  void on_ack(const AckEvent& event) override;
  void on_loss(const LossEvent& event) override;
  void on_spurious_loss(const SpuriousLossEvent& event) override;
  void on_path_change(const PathChangeEvent& event) override;

  ByteCount congestion_window() const override { return window_.allowed(); }
  Bandwidth pacing_rate(const RttSnapshot& rtt) const override { return window_.pacing_rate(rtt); }
  CongestionSnapshot snapshot() const override;

 private:
  /// One congestion avoidance stage: from the end of a recovery or of slow start to the next loss.
  struct Epoch {
    CubicCurve curve;
    Duration start{0};         ///< in active time
    ByteCount reno_window{0};  ///< W_est, RFC 9438 s4.3
    FractionalGrowth growth;
    FractionalGrowth reno_growth;
  };
  /// What is known of the path beside the window: a reduction changes it, and an unfounded one
  /// gives it back (RFC 9438 s4.9).
  struct Memory {
    ByteCount w_max{0};         ///< 0: not known, the curve starts at its plateau
    ByteCount window_prior{0};  ///< cwnd_prior: the window before the latest reduction
    std::optional<Epoch> epoch;
  };

  void note_reduction();
  void start_epoch();
  void avoid_congestion(ByteCount acked, Duration smoothed_rtt);

  bool has_fast_convergence_;
  RevocableWindow window_;
  Memory memory_;
  Memory before_reduction_;
  ActiveTime active_time_;
};

}  // namespace hawser
