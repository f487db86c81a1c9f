#pragma once
/// LEDBAT, for background traffic: fills what others leave of the path, with a queueing delay of
/// `config.ledbat_target`, and gets out of the way of whoever makes it longer. One per path; not
/// thread-safe. RFC 6817, with mends of draft-irtf-iccrg-ledbat-plus-plus: a constant increase and
/// a proportional decrease, by which several share a path fairly, and slow-downs.
///
/// The RFC measures one-way delays; all we have is the round-trip time, less its smallest value of
/// the last ten minutes. So queues of the return path count as well: LEDBAT yields to traffic in
/// either direction.
///
/// One who comes while the queue stands takes it for part of the path, and pushes the others out.
/// So everybody rests at the minimum window now and then, until the queue is empty and shows the
/// path itself (`RttProbe`; the slow-downs of the draft).

#include <array>

#include "congestion/fractional_growth.h"
#include "congestion/recent_minimum.h"
#include "congestion/revocable_window.h"
#include "congestion/round_trips.h"
#include "congestion/rtt_probe.h"
#include "congestion/stretch_allowance.h"

namespace hawser {

class Ledbat final : public CongestionController {
 public:
  /// The initial window, where the configuration leaves it open, is the minimum (RFC 6817 s2.4.2).
  explicit Ledbat(const CongestionConfig& config);

  void on_ack(const AckEvent& event) override;
  void on_loss(const LossEvent& event) override;
  void on_spurious_loss(const SpuriousLossEvent& event) override {
    window_.on_spurious_loss(event);
  }
  void on_path_change(const PathChangeEvent& event) override;

  ByteCount congestion_window() const override {
    return probe_.is_resting() ? window_.limits().min : stretch_.window_with(window_);
  }
  Bandwidth pacing_rate(const RttSnapshot& rtt) const override {
    return window_.even_pacing_rate(rtt.smoothed);
  }
  CongestionSnapshot snapshot() const override;

 private:
  void measure(TimePoint now, Duration rtt);
  void doubt_base(TimePoint now);
  void slow_start(ByteCount acked, Duration delay);
  void avoid_congestion(ByteCount acked, Duration delay);
  /// The smallest of the latest samples.
  Duration current_rtt() const;
  Duration queueing_delay() const;
  /// The increase per round trip is a datagram divided by this.
  std::int64_t gain_divisor() const;

  RevocableWindow window_;
  FractionalGrowth growth_;
  Duration target_;
  RecentMinimum<10> base_rtt_;
  std::array<Duration, 4> latest_rtts_{};
  std::size_t next_rtt_ = 0;  ///< of `latest_rtts_`, to be replaced
  RoundTrips round_trips_;
  RttProbe probe_;
  StretchAllowance stretch_;
  // The range of the round-trip times since the delay is above the target without much change.
  Duration lowest_ = kForever;
  Duration highest_{0};
  int vain_rests_ = 0;  ///< since then
};

}  // namespace hawser
