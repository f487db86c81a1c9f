#pragma once
/// What was delivered and whether anything was lost during the present loss round: bw_latest,
/// inflight_latest, is_loss_in_round. A loss round is a round trip; the first loss within it starts
/// it anew, so that it holds what was delivered after that loss. draft-ietf-ccwg-bbr s5.5.10.3.
/// A plain value. Not thread-safe.

#include "congestion/bbr/rate_sample.h"

namespace hawser::bbr {

class DeliverySignals {
 public:
  /// Early in the processing of each acknowledgement.
  void begin_ack(const SenderState& sender, const RateSample& sample);
  /// Late in it: after a round, the next one begins with this sample.
  void end_ack(const RateSample& sample);
  void on_loss(const SenderState& sender);
  void on_mark(const SenderState& sender);
  /// Losses and marks so far have been answered, or were none.
  void forget_losses();
  /// Nothing of before counts any more.
  void reset();

  /// This acknowledgement ends a loss round (loss_round_start).
  bool is_round_end() const { return is_round_end_; }
  /// The most that one sample of the round showed.
  Bandwidth bandwidth() const { return bandwidth_; }
  ByteCount inflight() const { return inflight_; }
  /// Something was lost, and every flight that was acknowledged since lost more than the threshold;
  /// or something was marked.
  bool is_congested() const { return is_marked_ || (has_loss_ && !has_good_flight_); }

 private:
  void begin_loss_round(const SenderState& sender);

  Bandwidth bandwidth_;
  ByteCount inflight_{0};
  bool has_loss_ = false;
  bool is_marked_ = false;
  bool has_good_flight_ = false;
  ByteCount round_end_{0};  ///< loss_round_delivered
  bool is_round_end_ = false;
};

}  // namespace hawser::bbr
