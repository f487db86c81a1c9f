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
#include "congestion/congestion_window.h"
#include "congestion/cubic_curve.h"
#include "congestion/fractional_growth.h"

namespace hawser {

class Cubic final : public CongestionController {
 public:
  explicit Cubic(const CongestionConfig& config);

  void on_sent(const SentEvent& event) override;
  void on_ack(const AckEvent& event) override;
  void on_loss(const LossEvent& event) override;
  void on_spurious_loss(const SpuriousLossEvent& event) override;
  void on_path_change(const PathChangeEvent& event) override;

  ByteCount congestion_window() const override { return state_.window.allowed(); }
  Bandwidth pacing_rate(const RttSnapshot& rtt) const override {
    return state_.window.pacing_rate(rtt);
  }
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
  /// All that a reduction changes and that is restored if it was unfounded (RFC 9438 s4.9).
  struct State {
    explicit State(const CongestionConfig& config) : window(config) {}
    /// The datagram size changed.
    void set_limits(const WindowLimits& limits);

    CongestionWindow window;
    ByteCount w_max{0};         ///< 0: not known, the curve starts at its plateau
    ByteCount window_prior{0};  ///< cwnd_prior: the window before the latest reduction
    std::optional<Epoch> epoch;
  };

  void reduce(const LossEvent& event);
  void start_epoch();
  void avoid_congestion(ByteCount acked, Duration smoothed_rtt);

  CongestionConfig config_;
  State state_;
  /// The state before the latest reduction; empty once that is known to be justified.
  std::optional<State> before_reduction_;
  ActiveTime active_time_;
};

}  // namespace hawser
