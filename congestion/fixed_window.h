#pragma once
/// A window that never changes, unpaced: for measuring what the ARQ does apart from congestion
/// control, and for teaching. Never use it on a network that others share. Not thread-safe.

#include "hawser/congestion_controller.h"

namespace hawser {

class FixedWindow final : public CongestionController {
 public:
  /// The window is `config.fixed_window_packets` (taken as 1 if less) datagrams of the path's
  /// size; the other options do not apply.
  explicit FixedWindow(const CongestionConfig& config);

  void on_ack(const AckEvent&) override {}
  void on_loss(const LossEvent&) override {}
  /// Keeps the number of datagrams, at their new size.
  void on_path_change(const PathChangeEvent& event) override;

  ByteCount congestion_window() const override { return datagram_size_ * packets_; }
  Bandwidth pacing_rate(const RttSnapshot&) const override { return Bandwidth::infinite(); }
  CongestionSnapshot snapshot() const override;

 private:
  std::int64_t packets_;
  ByteCount datagram_size_;
};

}  // namespace hawser
