#include "congestion/bbr/startup.h"

#include <algorithm>

namespace hawser::bbr {

void Startup::enter() { gaps_ = 0; }

void Startup::on_loss(std::span<const LostPacket> packets) {
  for (const LostPacket& packet : packets) {
    const bool continues_gap = last_lost_ && packet.number == last_lost_->next();
    if (!continues_gap) ++gaps_;
    last_lost_ = packet.number;
  }
}

bool Startup::ends_by_loss(Model& model, const RateSample& sample) {
  if (!model.signals.is_round_end()) return false;
  const int gaps = gaps_;
  gaps_ = 0;
  if (gaps < kLossGaps || !sample.has_lost_too_much) return false;
  end_by_congestion(model);
  return true;
}

void Startup::end_by_congestion(Model& model) {
  model.full_pipe.set_full();
  model.long_term.set(std::max(model.bdp({100}), model.signals.inflight()));
}

}  // namespace hawser::bbr
