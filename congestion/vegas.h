#pragma once
/// Vegas: keeps between two and four datagrams of its own in the queue of the bottleneck, counted
/// by how far the round-trip time lies above its base. One per path; not thread-safe. Brakmo and
/// Peterson, "TCP Vegas: End to End Congestion Avoidance on a Global Internet", IEEE Journal on
/// Selected Areas in Communications 13(8), 1995; losses and marks as RFC 9002 s7.
///
/// ```
///   queued = window (rtt - base) / rtt      rtt: the smallest of a round trip
///
///   0 ........ alpha = 2 ........ beta = 4 ........
///      + 1            stays            - 1           datagram per round trip
/// ```
///
/// Slow start doubles the window in every third round trip only, so that what a window does is seen
/// before the next one is tried, and ends with more than gamma = 1 datagram in the queue. (In the
/// paper it is every other one, without a pacer, whose bursts take one to pass.)
///
/// Two things go beyond the paper, whose flow knows its path for ever. When the queue has not been
/// empty for long, or does not become shorter however often the window shrinks, half the window
/// rests and the base is measured anew (`RttProbe`). And where many round trips in a row find less
/// than alpha queued, the window slow starts.

#include "congestion/revocable_window.h"
#include "congestion/round_trips.h"
#include "congestion/rtt_probe.h"
#include "congestion/stretch_allowance.h"

namespace hawser {

class Vegas final : public CongestionController {
 public:
  explicit Vegas(const CongestionConfig& config);

  void on_ack(const AckEvent& event) override;
  void on_loss(const LossEvent& event) override;
  void on_spurious_loss(const SpuriousLossEvent& event) override {
    window_.on_spurious_loss(event);
  }
  void on_path_change(const PathChangeEvent& event) override;

  ByteCount congestion_window() const override;
  Bandwidth pacing_rate(const RttSnapshot& rtt) const override;
  CongestionSnapshot snapshot() const override;

 private:
  /// What is learned of one round trip.
  struct Round {
    ByteCount window;         ///< at its beginning
    Duration rtt = kForever;  ///< the smallest
  };

  void measure(Duration rtt);
  void slow_start(const AckEvent& event, bool is_round_over);
  void avoid_congestion(TimePoint now);
  void take_base(Duration base);
  /// Of our bytes, those that stand in the queue when the round-trip time is `rtt`: the Diff of the
  /// paper, times the base.
  ByteCount queued(Duration rtt) const;
  ByteCount datagrams(std::int64_t count) const { return window_.limits().datagram_size * count; }

  RevocableWindow window_;
  RoundTrips round_trips_;
  Round round_;
  Duration base_rtt_ = kForever;
  RttProbe probe_;
  StretchAllowance stretch_;
  Duration rtt_before_probe_{0};
  int slow_start_round_ = 0;  ///< 0: grows, 1: settles, 2: looks
  int rounds_too_long_ = 0;   ///< in a row with more than beta in the queue
  int rounds_too_short_ = 0;  ///< in a row with less than alpha
};

}  // namespace hawser
