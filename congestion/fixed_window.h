#pragma once
/// A window that never changes: for measuring what the ARQ does apart from congestion control, and
/// for teaching. Never use it on a network that others share. Not thread-safe.
///
/// A sender that always has more is paced at what the path was seen to deliver, so that a window
/// beyond the bandwidth-delay product does not stand in the bottleneck's queue, where it would
/// delay every retransmission; but never slower than ten datagrams a round trip. A sender limited
/// by its application is not paced.

#include <array>

#include "hawser/congestion_controller.h"

namespace hawser {

class FixedWindow final : public CongestionController {
 public:
  /// The window is `config.fixed_window_packets` (taken as 1 if less) datagrams of the path's
  /// size; the other options do not apply.
  explicit FixedWindow(const CongestionConfig& config);

  void on_ack(const AckEvent& event) override;
  void on_loss(const LossEvent&) override {}
  /// Keeps the number of datagrams, at their new size.
  void on_path_change(const PathChangeEvent& event) override;

  ByteCount congestion_window() const override { return datagram_size_ * packets_; }
  Bandwidth pacing_rate(const RttSnapshot& rtt) const override;
  CongestionSnapshot snapshot() const override;

 private:
  /// Rates are remembered for one to two times so many round trips.
  static constexpr int kEpochRoundTrips = 10;
  /// So many datagrams may leave each round trip whatever was delivered: the initial window of
  /// RFC 9002 s7.2.
  static constexpr std::int64_t kLeastPerRoundTrip = 10;

  std::int64_t packets_;
  ByteCount datagram_size_;
  std::array<Bandwidth, 2> delivered_{};  // highest of this epoch and of the last
  TimePoint epoch_end_;
};

}  // namespace hawser
