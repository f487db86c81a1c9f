#pragma once
/// HyStart++: ends the first slow start when the round-trip time rises, before the bottleneck's
/// queue overflows. RFC 9406.
///
/// ```
///                 a round's RTT is up by an eighth (4 to 16 ms)
///    slow start -----------------------------------------------> conservative slow start
///                 a round's RTT is below that again               a quarter of the growth
///               <-----------------------------------------------         |
///                                                                        | 5 rounds
///                                                                        v
///                                                               congestion avoidance
/// ```
///
/// A round ends when a packet that left after its start is acknowledged. L is infinite: we pace.
/// Owned by a window, by value, and restored with it. Not thread-safe.

#include <optional>

#include "hawser/congestion_controller.h"

namespace hawser {

class HyStart {
 public:
  /// The constants of RFC 9406 s4.3.
  static constexpr int kRttSamplesMin = 8;  ///< N_RTT_SAMPLE
  static constexpr Duration kRttThresholdMin = std::chrono::milliseconds(4);
  static constexpr Duration kRttThresholdMax = std::chrono::milliseconds(16);
  static constexpr int kRttDivisor = 8;                 ///< MIN_RTT_DIVISOR
  static constexpr int kConservativeGrowthDivisor = 4;  ///< CSS_GROWTH_DIVISOR
  static constexpr int kConservativeRounds = 5;         ///< CSS_ROUNDS

  /// After an idle time the rounds before it are no measure any more.
  void on_sent(const SentEvent& event);
  /// Takes an acknowledgement of slow start in. True: slow start is over. Neither that nor the
  /// entry into its conservative phase happens while the application is the limit: what delays
  /// packets then is not the growth of this window.
  [[nodiscard]] bool on_ack(const AckEvent& event);
  /// By how much the window grows for so many newly acknowledged bytes.
  ByteCount growth(ByteCount acked) const {
    return is_conservative() ? acked / kConservativeGrowthDivisor : acked;
  }
  bool is_conservative() const { return baseline_.has_value(); }

 private:
  void start_round(TimePoint now);
  bool has_risen() const;

  std::optional<TimePoint> round_start_;  ///< none before the first acknowledgement
  int samples_ = 0;                       ///< of this round
  Duration round_min_ = kForever;         ///< currentRoundMinRTT
  Duration last_round_min_ = kForever;    ///< lastRoundMinRTT; kForever: not known
  std::optional<Duration> baseline_;      ///< cssBaselineMinRtt; none outside of that phase
  int conservative_rounds_ = 0;
};

}  // namespace hawser
