#include "congestion/new_reno.h"

namespace hawser {
namespace {

constexpr WindowFraction kKeptOnLoss{1, 2};

}  // namespace

void NewReno::on_ack(const AckEvent& event) {
  const ByteCount acked = window_.on_ack(event);
  window_.grow(growth_.add(acked, window_.limits().datagram_size, window_.size()));
}

void NewReno::on_loss(const LossEvent& event) { window_.on_loss(event, kKeptOnLoss); }

CongestionSnapshot NewReno::snapshot() const {
  return {.name = "new_reno",
          .phase = window_.phase(),
          .congestion_window = window_.allowed(),
          .ssthresh = window_.ssthresh()};
}

}  // namespace hawser
