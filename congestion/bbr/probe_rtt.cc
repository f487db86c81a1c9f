#include "congestion/bbr/probe_rtt.h"

namespace hawser::bbr {

void ProbeRtt::enter(Model& model, const SenderState& sender) {
  end_.reset();
  limited_from_ = sender.total_delivered;
  model.rounds.restart(sender);
}

bool ProbeRtt::on_ack(Model& model, const SenderState& sender) {
  limited_until_ = sender.total_delivered + sender.in_flight;
  if (!end_) {
    if (sender.in_flight > window(model)) return false;
    end_ = sender.now + kDuration;
    has_round_passed_ = false;
    model.rounds.restart(sender);
    return false;
  }
  has_round_passed_ = has_round_passed_ || model.rounds.is_start();
  return has_round_passed_ && is_over(sender.now);
}

}  // namespace hawser::bbr
