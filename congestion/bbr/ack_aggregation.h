#pragma once
/// How much more than expected arrives at a time: BBR.extra_acked. Radio links and thinned
/// acknowledgements deliver in heaps; a window of the bandwidth-delay product would leave the
/// sender with nothing to send between them, so this comes on top of it. draft-ietf-ccwg-bbr
/// s5.5.9. A plain value. Not thread-safe.

#include <array>

#include "congestion/bbr/rate_sample.h"

namespace hawser::bbr {

class AckAggregation {
 public:
  static constexpr std::int64_t kRounds = 10;        ///< ExtraAckedFilterLen
  static constexpr std::int64_t kStartupRounds = 1;  ///< before the pipe was ever full

  /// What an acknowledgement is measured against.
  struct Expectation {
    Bandwidth bandwidth;     ///< of the model
    std::int64_t round = 0;  ///< RoundCounter::count()
  };
  void on_ack(const SenderState& sender, ByteCount newly_acked, const Expectation& expected);
  /// The sender was idle: the time so far tells nothing.
  void on_idle_restart(TimePoint now) { start_ = now; }

  /// The largest excess of the last `rounds` rounds, 1 to `kRounds`, the present one included.
  ByteCount excess(std::int64_t round, std::int64_t rounds) const;

 private:
  /// The largest excess of one round.
  struct Entry {
    std::int64_t round = -kRounds;
    ByteCount excess{0};
  };

  TimePoint start_{};       ///< extra_acked_interval_start
  ByteCount delivered_{0};  ///< extra_acked_delivered: since then
  std::array<Entry, kRounds> entries_{};
};

}  // namespace hawser::bbr
