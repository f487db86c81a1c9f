#pragma once
/// The state of RFC 9002 appendix B that most controllers share: congestion window, ssthresh,
/// recovery period, and the bounds of the window; with HyStart++ in the first slow start and
/// Proportional Rate Reduction in recoveries, if wanted.
///
/// Owned by a controller, by value: copying it is how a controller remembers what to restore when a
/// loss proves spurious. It decides when a window may grow and when a loss counts; by how much is
/// the controller's matter. Not thread-safe. RFC 9002 s7, RFC 5681 s3.1, RFC 9406, RFC 9937.

#include <optional>

#include "congestion/hystart.h"
#include "congestion/prr.h"
#include "hawser/congestion_controller.h"

namespace hawser {

/// The bounds of a window, with the zeros of a `CongestionConfig` resolved. RFC 9002 s7.2.
struct WindowLimits {
  explicit WindowLimits(const CongestionConfig& config);

  ByteCount datagram_size;
  ByteCount initial;
  ByteCount min;
  ByteCount max;  ///< at least `min`
};

/// A part of a window: {7, 10} is 70 % of it.
struct WindowFraction {
  std::int64_t numerator;
  std::int64_t denominator;
};

class CongestionWindow {
 public:
  /// Without HyStart++ and Proportional Rate Reduction.
  explicit CongestionWindow(const WindowLimits& limits);
  /// With those that the configuration asks for.
  explicit CongestionWindow(const CongestionConfig& config);

  void on_sent(const SentEvent& event);
  /// Takes acknowledgements in: `evidence` and then `slow_start`. Returns the bytes on which
  /// congestion avoidance may grow.
  ByteCount on_ack(const AckEvent& event) { return slow_start(evidence(event)); }
  /// Ends the recovery period if a packet sent after its start was among the acknowledged ones or
  /// they leave nothing in flight. Returns the bytes that tell something of this window: none
  /// during recovery or when the application was the limit (RFC 9002 s7.8).
  ByteCount evidence(const AckEvent& event);
  /// Grows by `acked`, or the share of it that HyStart++ allows, on the way to ssthresh. Returns
  /// what it did not use up.
  ByteCount slow_start(ByteCount acked);
  /// Adds `bytes`, which are not negative, up to the maximum.
  void grow(ByteCount bytes);
  /// Takes `bytes`, which are not negative, away, down to the minimum, and ends slow start. Unlike
  /// `reduce` it answers no loss: no recovery follows.
  void shrink(ByteCount bytes);

  /// Whether the loss or mark of a packet sent at `sent_time` calls for a reduction. It does not if
  /// the packet left before the latest reduction: one reduction per round trip (RFC 9002 s7.3.2).
  bool is_new_episode(TimePoint sent_time) const { return sent_time > recovery_start_; }
  /// Cuts the window and ssthresh to `kept` of the window, not below the minimum, and enters the
  /// recovery period. `allowed()` follows at once.
  void reduce(TimePoint now, WindowFraction kept);
  /// The same, but `allowed()` follows within a round trip, if Proportional Rate Reduction is on.
  void reduce(const LossEvent& event, WindowFraction kept);
  /// Every loss or mark, before what else it calls for: it makes no room for new packets.
  void note_loss(const LossEvent& event);
  /// Answers persistent congestion: the minimum window, in slow start towards the ssthresh of the
  /// reduction before (RFC 9002 s7.6.2, RFC 5681 s3.1). Losses of packets sent before `now` belong
  /// to the same outage and do not lower ssthresh again.
  void collapse(TimePoint now);
  /// Slow start from here on, with no ssthresh to end it.
  void resume_slow_start() { ssthresh_ = ByteCount::max(); }
  /// The datagram size changed. The window keeps its bytes, unless it is still the initial one.
  void set_limits(const WindowLimits& limits);
  /// This window, a copy of before a reduction, is the present one again. What was under way then
  /// is no measure for what may leave now.
  void come_back() { prr_.reset(); }
  /// The path changed: the initial window again. What becomes of packets sent before `now` says
  /// nothing about the new path and changes nothing (RFC 9000 s9.4).
  void restart(const WindowLimits& limits, TimePoint now);

  /// How much may be in flight now: the window, or in a recovery what Proportional Rate Reduction
  /// makes of it, within the bounds.
  ByteCount allowed() const;
  /// The window; in a recovery what it will be at the end.
  ByteCount size() const { return size_; }
  ByteCount ssthresh() const { return ssthresh_; }
  const WindowLimits& limits() const { return limits_; }
  bool is_slow_start() const { return size_ < ssthresh_; }
  /// "slow_start", "conservative_slow_start" (RFC 9406 s4.2), "recovery" or "congestion_avoidance"
  /// (RFC 9002 s7.3).
  std::string_view phase() const;
  /// The window spread over the smoothed round-trip time, times 1.25 so that the window and not the
  /// pacer is the limit, or 2 in slow start, where the window doubles within the round trip
  /// (RFC 9002 s7.7). Infinite while no round-trip time is known.
  Bandwidth pacing_rate(const RttSnapshot& rtt) const;
  /// The window spread over `rtt` without the quarter more outside slow start, which would stand in
  /// the queue for a moment whenever an acknowledgement lets many packets go: a delay-based
  /// controller would see little else.
  Bandwidth even_pacing_rate(Duration rtt) const;

 private:
  bool ends_recovery(const AckEvent& event) const;
  void leave_recovery();
  /// RFC 9406 s4.3: later slow starts end at an ssthresh that was found out.
  bool has_hystart() const { return hystart_ && ssthresh_ == ByteCount::max(); }

  WindowLimits limits_;
  ByteCount size_;
  ByteCount ssthresh_ = ByteCount::max();
  /// Packets sent up to here have been answered for. At first none: times may start anywhere.
  TimePoint recovery_start_ = TimePoint::min();
  bool is_recovering_ = false;  ///< nothing sent after `recovery_start_` is acknowledged yet
  bool uses_prr_ = false;
  std::optional<Prr> prr_;          ///< of the present recovery
  std::optional<HyStart> hystart_;  ///< none: not used
};

}  // namespace hawser
