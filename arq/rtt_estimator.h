#pragma once
/// Estimates the round-trip time of one path and derives the timeouts from it.
/// A pure value: no clock, no allocation. Not thread-safe. RFC 6298; ack delay as RFC 9002 s5.3.

#include "hawser/congestion_controller.h"
#include "hawser/time.h"

namespace hawser {

/// RFC 9002 s6.2.2: assumed until the first sample.
inline constexpr Duration kInitialRtt = std::chrono::milliseconds(333);
/// RFC 9002 s6.1.2: the timer granularity G.
inline constexpr Duration kGranularity = std::chrono::milliseconds(1);
/// RFC 6298 s2.1: its timeout until the first sample.
inline constexpr Duration kInitialRetransmissionTimeout = std::chrono::seconds(1);

class RttEstimator {
 public:
  /// `initial_rtt`: assumed until the first sample, such as an earlier connection's.
  explicit RttEstimator(Duration initial_rtt = kInitialRtt);

  /// Adds one sample; a negative one counts as zero. `ack_delay` is the peer's claim, already
  /// capped at its maximum; it is ignored where it would push the sample below `min()`.
  void update(Duration sample, Duration ack_delay);
  /// Forgets everything: another path.
  void reset();

  bool has_sample() const { return has_sample_; }
  /// The newest sample, its ack delay included; zero before the first.
  Duration latest() const { return latest_; }
  /// The smallest sample, never lessened by an ack delay; zero before the first.
  Duration min() const { return min_; }
  /// SRTT; the initial RTT before the first sample.
  Duration smoothed() const { return smoothed_; }
  /// RTTVAR; half the initial RTT before the first sample.
  Duration variation() const { return variation_; }
  RttSnapshot snapshot() const { return {latest_, smoothed_, min_}; }
  /// SRTT + max(4 RTTVAR, G), before backoff and ack delay (RFC 9002 s6.2.1, RFC 6298 s2.3).
  Duration probe_timeout() const;
  /// The same with RFC 6298's floor (its s2.4 says 1 s), for comparison; before the first sample at
  /// least `kInitialRetransmissionTimeout`.
  Duration retransmission_timeout(Duration floor) const;

 private:
  Duration initial_rtt_;
  bool has_sample_ = false;
  Duration latest_{0};
  Duration min_{0};
  Duration smoothed_;
  Duration variation_;
};

}  // namespace hawser
