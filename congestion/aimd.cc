#include "congestion/aimd.h"

#include <algorithm>

namespace hawser {

Aimd::Aimd(const CongestionConfig& config)
    : window_(config),
      increase_percent_(std::clamp<std::int64_t>(config.aimd_increase_percent, 1, 10'000)),
      kept_on_loss_{std::clamp<std::int64_t>(config.aimd_decrease_percent, 1, 99), 100} {}

void Aimd::on_ack(const AckEvent& event) {
  const ByteCount acked = window_.on_ack(event);
  const ByteCount step = window_.limits().datagram_size * increase_percent_;
  window_.grow(growth_.add(acked, step, window_.size() * 100));
}

CongestionSnapshot Aimd::snapshot() const {
  return {.name = "aimd",
          .phase = window_.phase(),
          .congestion_window = window_.allowed(),
          .ssthresh = window_.ssthresh()};
}

}  // namespace hawser
