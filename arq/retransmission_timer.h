#pragma once
/// One deadline for the case that no acknowledgement comes: the probe timeout and its backoff.
///
/// Expiry asks for two probes spaced in time; it declares nothing lost and reduces no window
/// (RFC 9002 s6.2). The k-th interval is the timeout times 2^(k-1), never above `kBackoffMax`
/// (RFC 8085 s3.1.3 permits two datagrams in six seconds to a silent peer). Not thread-safe.

#include <cstdint>

#include "arq/rtt_estimator.h"

namespace hawser {

///                 arm                        deadline: 1st probe due
///   disarmed ------------> waiting for acks --------------------------.
///      ^                      ^  |                                    v
///      |  disarm (from any)   |  | arm: restart from             waiting in backoff
///      '----------------------+  '  the new transmission         |  spacing: 2nd probe due
///                             |                                  |  deadline: again, doubled
///                             '----------------------------------'
///                                  on_progress (cancels probes)
///
/// In backoff the next interval runs from the expiry: neither the probes themselves nor new data
/// move it, so `arm` then only refreshes the timeout, and the second probe stays due at its time.
/// The expiries of a silent peer thus lie at 1, 3, 7 ... timeouts after the transmission whatever
/// the spacing of the probes. A trickle of new data postpones the first expiry only (each of its
/// packets tests the path as a probe would), not the later ones.
class RetransmissionTimer {
 public:
  static constexpr Duration kBackoffMax = std::chrono::seconds(6);
  /// RFC 6298 s2.4 and s2.5, for its mode.
  static constexpr Duration kRfc6298Floor = std::chrono::seconds(1);
  static constexpr Duration kRfc6298BackoffMax = std::chrono::seconds(60);
  /// The second probe follows the first by this, or by a quarter of the timeout if that is less:
  /// a burst of loss that took the first should be over.
  static constexpr Duration kProbeSpacing = std::chrono::milliseconds(10);

  enum class Mode : std::uint8_t {
    probe,   ///< SRTT + max(4 RTTVAR, 1 ms), no floor
    rfc6298  ///< the plain retransmission timer with a floor of 1 s, for comparison: one probe an
             ///< expiry, and transmissions do not restart it while it runs (its s5.1)
  };
  explicit RetransmissionTimer(Mode mode = Mode::probe) : mode_(mode) {}

  /// The timer runs from the newest ack-eliciting transmission (RFC 9002 s6.2.1); in backoff from
  /// the last expiry. Call it after each such transmission and after acknowledgements.
  /// `ack_delay_max`: added where the peer may delay its acknowledgement; zero if an immediate one
  /// was asked for.
  void arm(TimePoint last_eliciting_sent, const RttEstimator& rtt, Duration ack_delay_max);
  /// Nothing is outstanding: no probe is due any more. The backoff stays until there is progress,
  /// but the next interval runs from the next transmission.
  void disarm();
  /// Newly acknowledged data: backoff starts afresh, probes not yet sent are cancelled. `arm` again
  /// if anything is outstanding.
  void on_progress();
  /// `now` has reached `deadline()` (asserted): one more probe is due (`probes_due`).
  void on_expired(TimePoint now);

  /// The next expiry or the second probe's time; kNever when disarmed.
  TimePoint deadline() const;
  /// How many expiries since the last progress.
  int expiry_count() const { return expiry_count_; }
  /// Probes that are due and not yet sent: 0 to 2. They are not held back by the window.
  int probes_due() const { return probes_due_; }
  void on_probe_sent();

 private:
  static constexpr int kProbesMax = 2;

  Duration interval() const;
  TimePoint expiry() const { return start_ + interval(); }
  void owe_probe();

  Mode mode_;
  bool is_armed_ = false;
  int expiry_count_ = 0;
  int probes_due_ = 0;
  Duration timeout_{0};  // before backoff
  TimePoint start_;      // of the running interval
  bool restarts_on_transmission_ = true;
  TimePoint second_probe_time_ = kNever;
};

}  // namespace hawser
