#pragma once
/// The smallest round-trip time of the last 10 s, BBR.min_rtt, and when it is time to drain the
/// queue for a new one. Two minima: the recent one forgets after 5 s, which is when the controller
/// probes; the other one lasts over two probes, so that the window during a probe still comes from
/// the one before. draft-ietf-ccwg-bbr s5.3.4.3, s5.5.6, s5.5.7.
///
/// As in the draft a sample refreshes a minimum only if it is smaller: the flow drains the queue
/// every 5 s even where it sees the same smallest round trip all the time, which costs it 2 to 3 %
/// of the path, and makes room for flows that see a queue which they take for the path.
///
/// Unlike in the draft, a flow that the application limits refreshes the recent minimum as long as
/// it sees no queue: it would learn nothing more, and who waits for its few bytes would.
///
/// Where the path is longer than 100 ms both times are counted in round trips, also unlike in the
/// draft: a ProbeRTT takes two of them whatever their length, which would be most of a connection's
/// time where they last 2 s.
///
/// A plain value without a clock. Not thread-safe.

#include "hawser/time.h"

namespace hawser::bbr {

class MinRttFilter {
 public:
  static constexpr Duration kProbeInterval = std::chrono::seconds(5);  ///< ProbeRTTInterval
  static constexpr int kProbeRounds = 50;     ///< at least so many round trips
  static constexpr int kWindowProbes = 2;     ///< MinRTTFilterLen, 10 s, in these intervals
  static constexpr int kNoQueueDivisor = 16;  ///< no queue: at most so much above the minimum

  /// Adds the sample of an acknowledgement, ack delay included. `is_app_limited`: it is of a packet
  /// that left when the application had no more.
  void on_ack(TimePoint now, Duration rtt, bool is_app_limited = false);
  /// At the latest acknowledgement the recent minimum was older than `probe_interval()`; that
  /// acknowledgement's sample has taken its place.
  bool is_probe_due() const { return is_probe_due_; }
  /// The queue was drained just now: the recent minimum counts from here.
  void on_probe_done(TimePoint now) { recent_time_ = now; }

  bool has_sample() const { return min_ != kForever; }
  /// `kForever` before the first sample.
  Duration value() const { return min_; }
  /// `kProbeInterval`, or `kProbeRounds` of the smallest round trip where that is longer.
  Duration probe_interval() const;

 private:
  Duration min_ = kForever;
  TimePoint min_time_{};
  Duration recent_ = kForever;  ///< probe_rtt_min_delay
  TimePoint recent_time_{};     ///< probe_rtt_min_stamp
  bool is_probe_due_ = false;
};

}  // namespace hawser::bbr
