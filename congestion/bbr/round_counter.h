#pragma once
/// Counts round trips by packets, not by time: one ends when a packet is acknowledged that left
/// after it had begun. Silence, a blackout or a change of the round-trip time thus make no model of
/// the path grow old. draft-ietf-ccwg-bbr s5.5.1. A plain value.

#include "congestion/bbr/rate_sample.h"

namespace hawser::bbr {

class RoundCounter {
 public:
  /// Once for each acknowledgement.
  void on_ack(const SenderState& sender, const RateSample& sample) {
    is_start_ = sample.has_packet && sample.prior_delivered >= end_;
    if (!is_start_) return;
    restart(sender);
    ++count_;
  }
  /// The round that is under way lasts until a packet sent from now on is acknowledged.
  void restart(const SenderState& sender) { end_ = sender.total_delivered; }

  /// The latest acknowledgement began a round.
  bool is_start() const { return is_start_; }
  std::int64_t count() const { return count_; }

 private:
  ByteCount end_{0};  ///< next_round_delivered
  std::int64_t count_ = 0;
  bool is_start_ = false;
};

}  // namespace hawser::bbr
