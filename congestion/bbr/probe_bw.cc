#include "congestion/bbr/probe_bw.h"

#include <algorithm>

namespace hawser::bbr {
namespace {

constexpr Gain kBeta{70};

/// How much was in flight when losses passed the threshold, which may have been within this packet
/// if it is one of many that left in one go. draft-ietf-ccwg-bbr s5.5.10.2.
ByteCount inflight_at_loss(const Model& model, const LostFlight& packet) {
  const ByteCount inflight_before = packet.tx_in_flight - packet.bytes;
  const ByteCount lost_before = packet.lost - packet.bytes;
  const ByteCount prefix =
      (inflight_before * model.loss_percent - lost_before * 100) / (100 - model.loss_percent);
  // Where more had been lost before it, this packet is not to blame.
  return inflight_before + std::max(prefix, ByteCount(0));
}

/// What to keep in flight after that much lost too much. The draft keeps it all, the full queue
/// included, and so each flow keeps its part of it. Here three tenths go, as of any flow whose
/// packets a full queue drops, so that others find room; but nothing of what fills the pipe.
ByteCount safe_inflight(const Model& model, const SenderState& sender, const LostFlight& packet) {
  const ByteCount pipe = LongTermBound::with_headroom_for(model.bdp({100}) + model.excess_acked());
  return std::max({kBeta * packet.tx_in_flight, std::min(packet.tx_in_flight, pipe),
                   kBeta * model.target_inflight(sender)});
}

}  // namespace

Gain ProbeBw::pacing_gain() const {
  switch (phase_) {
    case Phase::down:
      return {90};
    case Phase::up:
      return {125};
    case Phase::cruise:
    case Phase::refill:
      break;
  }
  return {100};
}

Gain ProbeBw::window_gain() const { return {phase_ == Phase::up ? 225 : 200}; }

// ---- Entry and exit ----------------------------------------------------------------------------

void ProbeBw::start_down(Model& model, const SenderState& sender) {
  end_probing(model, sender);
  phase_ = Phase::down;
  cycle_ = {.start = sender.now, .start_round = model.rounds.count(), .wait = wait_.choose(sender)};
}

void ProbeBw::start_cruise(Model& model, const SenderState& sender) {
  if (!cycle_) start_down(model, sender);
  end_probing(model, sender);
  phase_ = Phase::cruise;
}

void ProbeBw::end_probing(Model& model, const SenderState& sender) {
  is_active_ = true;
  feedback_ = Feedback::stopping;
  model.signals.reset();
  model.rounds.restart(sender);
}

void ProbeBw::start_refill(Model& model, const SenderState& sender) {
  is_active_ = true;
  phase_ = Phase::refill;
  feedback_ = Feedback::refilling;
  was_precautionary_ = false;
  model.short_term.lift();
  model.long_term.restart_growth();
  model.rounds.restart(sender);
}

void ProbeBw::start_up(Model& model, const SenderState& sender, const RateSample& sample) {
  phase_ = Phase::up;
  feedback_ = Feedback::starting;
  is_probe_sample_ = true;
  model.rounds.restart(sender);
  model.full_pipe.restart(sample.delivery_rate);
  model.long_term.steepen(sender.window, model.limits.datagram_size);
}

void ProbeBw::leave() {
  is_active_ = false;
  feedback_ = Feedback::stopping;
}

// ---- Acknowledgements --------------------------------------------------------------------------

bool ProbeBw::take_feedback(Model& model, const SenderState& sender, const RateSample& sample) {
  const bool is_round_start = model.rounds.is_start();
  if (feedback_ == Feedback::starting && is_round_start) feedback_ = Feedback::coming;
  if (feedback_ == Feedback::stopping && is_round_start) {
    // All that was sent while probing has told what it could.
    feedback_ = Feedback::none;
    is_probe_sample_ = false;
    if (is_active_ && !sample.is_app_limited) model.max_bandwidth.advance_cycle();
    if (is_active_ && was_precautionary_ && !was_too_high_) {
      start_refill(model, sender);
      return true;
    }
  }
  if (!model.long_term.is_set() || sample.has_lost_too_much) return false;
  model.long_term.raise_to(sample.tx_in_flight);
  // The bound grows only where it is what holds the sender back.
  if (is_active_ && phase_ == Phase::up && sender.is_window_limited &&
      sender.window >= model.long_term.value()) {
    model.long_term.grow(sample.newly_acked, model.limits.datagram_size);
    if (is_round_start) model.long_term.steepen(sender.window, model.limits.datagram_size);
  }
  return false;
}

void ProbeBw::on_ack(Model& model, const SenderState& sender, const RateSample& sample) {
  switch (phase_) {
    case Phase::down:
      if (is_time_to_probe(model, sender)) {
        start_refill(model, sender);
      } else if (is_time_to_cruise(model, sender)) {
        phase_ = Phase::cruise;
      }
      break;
    case Phase::cruise:
      if (is_time_to_probe(model, sender)) start_refill(model, sender);
      break;
    case Phase::refill:
      if (model.rounds.is_start()) start_up(model, sender, sample);
      break;
    case Phase::up:
      if (is_time_to_go_down(model, sender, sample)) {
        was_too_high_ = false;
        start_down(model, sender);
      }
      break;
  }
}

bool ProbeBw::is_time_to_probe(const Model& model, const SenderState& sender) const {
  if (sender.now > cycle_->start + cycle_->wait.time) return true;
  const std::int64_t rounds =
      model.rounds.count() - cycle_->start_round + cycle_->wait.rounds_waited;
  const std::int64_t reno_rounds =
      model.target_inflight(sender).value() / model.limits.datagram_size.value();
  return rounds >= std::min(reno_rounds, ProbeWait::kRoundsMax);
}

bool ProbeBw::is_time_to_cruise(const Model& model, const SenderState& sender) const {
  return sender.in_flight <= model.inflight_with_headroom() &&
         sender.in_flight <= model.inflight_without_queue();
}

bool ProbeBw::is_time_to_go_down(Model& model, const SenderState& sender,
                                 const RateSample& sample) {
  if (was_too_high_ && sender.in_flight >= model.long_term.value()) {
    was_precautionary_ = true;
    return true;
  }
  if (sender.is_window_limited && sender.window >= model.long_term.value()) {
    // The bound, not the path, is what keeps the rate from growing.
    model.full_pipe.restart(sample.delivery_rate);
    return false;
  }
  return model.full_pipe.is_full();
}

// ---- Losses ------------------------------------------------------------------------------------

bool ProbeBw::on_lost(Model& model, const SenderState& sender, const LostFlight& packet) {
  if (!is_probe_sample_ || !model.is_loss_too_high(packet.lost, packet.tx_in_flight)) return false;
  LostFlight flight = packet;
  flight.tx_in_flight = inflight_at_loss(model, packet);
  return end_probe(model, sender, flight);
}

bool ProbeBw::on_marked(Model& model, const SenderState& sender, const LostFlight& packet) {
  return is_probe_sample_ && end_probe(model, sender, packet);
}

bool ProbeBw::end_probe(Model& model, const SenderState& sender, const LostFlight& packet) {
  was_too_high_ = true;
  is_probe_sample_ = false;  // one answer to each probe
  if (!packet.is_app_limited) model.long_term.set(safe_inflight(model, sender, packet));
  if (!is_active_ || phase_ != Phase::up) return false;
  start_down(model, sender);
  return true;
}

}  // namespace hawser::bbr
