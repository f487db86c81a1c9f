#include "congestion/bbr/delivery_signals.h"

#include <algorithm>

namespace hawser::bbr {

void DeliverySignals::begin_ack(const SenderState& sender, const RateSample& sample) {
  bandwidth_ = std::max(bandwidth_, sample.delivery_rate);
  inflight_ = std::max(inflight_, sample.delivered);
  has_good_flight_ = has_good_flight_ || (sample.has_packet && !sample.has_lost_too_much);
  is_round_end_ = sample.has_packet && sample.prior_delivered >= round_end_;
  if (is_round_end_) round_end_ = sender.total_delivered;
}

void DeliverySignals::end_ack(const RateSample& sample) {
  if (!is_round_end_) return;
  bandwidth_ = sample.delivery_rate;
  inflight_ = sample.delivered;
}

void DeliverySignals::on_loss(const SenderState& sender) {
  begin_loss_round(sender);
  has_loss_ = true;
}

void DeliverySignals::on_mark(const SenderState& sender) {
  begin_loss_round(sender);
  is_marked_ = true;
}

void DeliverySignals::begin_loss_round(const SenderState& sender) {
  if (has_loss_ || is_marked_) return;
  round_end_ = sender.total_delivered;
  has_good_flight_ = false;
}

void DeliverySignals::forget_losses() {
  has_loss_ = false;
  is_marked_ = false;
}

void DeliverySignals::reset() {
  bandwidth_ = Bandwidth::zero();
  inflight_ = ByteCount(0);
  forget_losses();
}

}  // namespace hawser::bbr
