#include "congestion/bbr/bbr.h"

#include <algorithm>

#include "congestion/bbr/outage.h"

namespace hawser {

using bbr::ProbeBw;
using bbr::RateSample;

namespace {

constexpr std::int64_t kLossPercentMax = 50;

std::int64_t loss_percent_of(const CongestionConfig& config) {
  return std::clamp<std::int64_t>(config.loss_threshold_percent, 1, kLossPercentMax);
}

}  // namespace

Bbr::Bbr(const CongestionConfig& config)
    : config_(config),
      model_(WindowLimits(config), loss_percent_of(config)),
      control_(model_.limits) {}

void Bbr::look_at(const CongestionContext& context) {
  sender_.now = context.now;
  sender_.in_flight = context.bytes_in_flight;
  sender_.window = control_.window();
  sender_.is_window_limited = window_use_.was_full();
}

// ---- Sending -----------------------------------------------------------------------------------

void Bbr::on_sent(const SentEvent& event) {
  look_at(event.context);
  window_use_.on_sent(sender_.in_flight, model_.limits.datagram_size, sender_.window);
  const bool was_idle = sender_.in_flight == event.bytes && event.context.is_app_limited;
  if (!was_idle) return;
  // s5.4.1: back to the known rate at once, and no faster.
  is_idle_restart_ = true;
  model_.aggregation.on_idle_restart(sender_.now);
  if (state_ == State::probe_bw) {
    control_.set_pacing_rate(model_, {100}, Duration::zero());
  } else if (state_ == State::probe_rtt && probe_rtt_.is_over(sender_.now)) {
    leave_probe_rtt();
  }
}

// ---- Acknowledgements --------------------------------------------------------------------------

void Bbr::on_ack(const AckEvent& event) {
  look_at(event.context);
  sender_.total_delivered = event.total_delivered;
  const RateSample sample = sample_of(event);
  end_episode(event.largest_acked_sent_time);
  update_model(sample);
  advance_state(sample);
  model_.min_rtt.on_ack(sender_.now, sample.rtt, event.rate.is_app_limited);
  check_probe_rtt(sample);
  model_.signals.end_ack(sample);
  update_control(sample, event.rtt.smoothed);
}

RateSample Bbr::sample_of(const AckEvent& event) const {
  const DeliveryRateSample& rate = event.rate;
  RateSample sample;
  sample.rtt = event.context.now - event.largest_acked_sent_time;
  sample.newly_acked = event.acked_bytes;
  sample.has_packet = rate.is_valid || rate.prior_in_flight > ByteCount(0);
  if (!sample.has_packet) return sample;
  if (rate.is_valid && !rate.rate.is_infinite()) sample.delivery_rate = rate.rate;
  sample.is_app_limited = rate.is_app_limited || probe_rtt_.has_limited(rate.prior_delivered);
  sample.delivered = rate.delivered;
  sample.prior_delivered = rate.prior_delivered;
  sample.tx_in_flight = rate.prior_in_flight;
  sample.has_lost_too_much =
      model_.is_loss_too_high(event.total_lost - rate.prior_lost, rate.prior_in_flight);
  return sample;
}

void Bbr::update_model(const RateSample& sample) {
  model_.signals.begin_ack(sender_, sample);
  model_.rounds.on_ack(sender_, sample);
  if (model_.rounds.is_start()) window_use_.on_round_start();
  model_.max_bandwidth.on_ack(sample);
  if (model_.signals.is_round_end()) {
    // While probing, losses answer the question that the probe asks; see `ProbeBw`.
    if (model_.signals.is_congested() && !is_probing_for_bandwidth()) {
      model_.short_term.lower(model_.signals, model_.max_bandwidth.value(), sender_.window);
    }
    model_.signals.forget_losses();
  }
  model_.aggregation.on_ack(sender_, sample.newly_acked,
                            {.bandwidth = model_.bandwidth(), .round = model_.rounds.count()});
  model_.full_pipe.on_ack(sample, model_.rounds.is_start());
}

void Bbr::advance_state(const RateSample& sample) {
  if (state_ == State::startup) {
    if (startup_.ends_by_loss(model_, sample)) note_end_of(Undo::State::startup);
    if (!model_.full_pipe.was_ever_full()) return;
    state_ = State::drain;
    drain_.enter(model_);
    return;
  }
  if (!model_.full_pipe.was_ever_full()) return;
  if (probe_bw_.take_feedback(model_, sender_, sample)) return;
  if (state_ == State::drain && drain_.is_over(model_, sender_)) {
    state_ = State::probe_bw;
    probe_bw_.start_down(model_, sender_);
  } else if (state_ == State::probe_bw) {
    probe_bw_.on_ack(model_, sender_, sample);
  }
}

void Bbr::check_probe_rtt(const RateSample& sample) {
  if (state_ != State::probe_rtt && model_.min_rtt.is_probe_due() && !is_idle_restart_) {
    enter_probe_rtt();
  }
  if (state_ == State::probe_rtt && probe_rtt_.on_ack(model_, sender_)) leave_probe_rtt();
  if (sample.delivered > ByteCount(0)) is_idle_restart_ = false;
}

void Bbr::update_control(const RateSample& sample, Duration smoothed_rtt) {
  control_.set_pacing_rate(model_, pacing_gain(), smoothed_rtt);
  model_.offload_budget = bbr::Control::send_quantum(control_.pacing_rate(model_, smoothed_rtt),
                                                     model_.limits.datagram_size);
  control_.set_window(model_, volume(), sender_, sample.newly_acked);
}

// ---- States ------------------------------------------------------------------------------------

void Bbr::enter_startup() {
  state_ = State::startup;
  startup_.enter();
  probe_bw_.leave();
}

void Bbr::enter_probe_rtt() {
  control_.save_window(is_recovering_);
  state_ = State::probe_rtt;
  probe_bw_.leave();
  probe_rtt_.enter(model_, sender_);
}

void Bbr::leave_probe_rtt() {
  model_.min_rtt.on_probe_done(sender_.now);
  control_.restore_window();
  model_.short_term.lift();
  if (!model_.full_pipe.was_ever_full()) return enter_startup();
  state_ = State::probe_bw;
  // No queue stands now; but losses may come of the larger window, so probing waits its time.
  probe_bw_.start_cruise(model_, sender_);
}

bool Bbr::is_probing_for_bandwidth() const {
  return state_ == State::startup || (state_ == State::probe_bw && probe_bw_.is_accelerating());
}

bbr::Gain Bbr::pacing_gain() const {
  switch (state_) {
    case State::startup:
      return bbr::Startup::kPacingGain;
    case State::drain:
      return bbr::Drain::kPacingGain;
    case State::probe_rtt:
      return bbr::ProbeRtt::kPacingGain;
    case State::probe_bw:
      break;
  }
  return probe_bw_.pacing_gain();
}

bbr::Control::Volume Bbr::volume() const {
  switch (state_) {
    case State::startup:
      return {.gain = bbr::Startup::kWindowGain};
    case State::drain:
      return {.gain = bbr::Drain::kWindowGain};
    case State::probe_rtt:
      return {.gain = bbr::ProbeRtt::kWindowGain,
              .cap = std::min(bbr::ProbeRtt::window(model_), model_.inflight_with_headroom())};
    case State::probe_bw:
      break;
  }
  const bool is_cruising = probe_bw_.phase() == ProbeBw::Phase::cruise;
  return {.gain = probe_bw_.window_gain(),
          .cap = is_cruising ? model_.inflight_with_headroom() : model_.long_term.value(),
          .is_probing_up = probe_bw_.phase() == ProbeBw::Phase::up};
}

// ---- Losses ------------------------------------------------------------------------------------

void Bbr::on_loss(const LossEvent& event) {
  look_at(event.context);
  sender_.total_delivered = std::max(sender_.total_delivered, event.total_delivered);
  const bool is_new = !episode_start_ || event.largest_lost_sent_time > *episode_start_;
  if (is_new) begin_episode();
  if (event.kind == LossKind::persistent || bbr::is_outage(event, model_.inflight({100}))) {
    return take_outage();
  }
  if (event.kind == LossKind::ecn_ce) {
    take_mark(event);
  } else {
    take_lost_packets(event);
  }
}

/// The path carried nothing for a while, which says neither that it carries less now nor that its
/// queue was full. As after a timeout (s5.6.4.4) little is sent until something is acknowledged,
/// then as before; the silence has drained the queue as well as a ProbeRTT would.
void Bbr::take_outage() {
  control_.save_window(true);
  control_.collapse(model_, sender_.in_flight);
  is_recovering_ = true;
  episode_start_ = sender_.now;
  is_idle_restart_ = true;
}

void Bbr::begin_episode() {
  control_.save_window(is_recovering_ || state_ == State::probe_rtt);
  episode_start_ = sender_.now;
  is_recovering_ = true;
  undo_ = Undo{.state = Undo::State::none,
               .short_term = model_.short_term,
               .long_term = model_.long_term.value()};
}

void Bbr::note_end_of(Undo::State state) {
  if (undo_) undo_->state = state;
}

void Bbr::end_episode(TimePoint largest_acked_sent_time) {
  if (!is_recovering_ || largest_acked_sent_time <= *episode_start_) return;
  is_recovering_ = false;
  if (state_ != State::probe_rtt) control_.restore_window();
}

void Bbr::take_lost_packets(const LossEvent& event) {
  model_.signals.on_loss(sender_);
  startup_.on_loss(event.packets);
  ByteCount lost_later = bbr::total_of(event.packets);
  for (const LostPacket& packet : event.packets) {
    lost_later -= packet.bytes;
    const bool ended_up =
        probe_bw_.on_lost(model_, sender_,
                          {.bytes = packet.bytes,
                           .tx_in_flight = packet.in_flight_at_send,
                           .lost = event.total_lost - lost_later - packet.lost_at_send,
                           .is_app_limited = packet.is_app_limited ||
                                             probe_rtt_.has_limited(packet.delivered_at_send)});
    if (ended_up) note_end_of(Undo::State::up);
  }
}

/// A mark is no loss, but says as much, and no late acknowledgement disproves it (s3.6).
void Bbr::take_mark(const LossEvent& event) {
  undo_.reset();
  model_.signals.on_mark(sender_);
  if (state_ == State::startup) {
    bbr::Startup::end_by_congestion(model_);
    return;
  }
  for (const LostPacket& packet : event.packets) {
    probe_bw_.on_marked(model_, sender_,
                        {.bytes = packet.bytes,
                         .tx_in_flight = packet.in_flight_at_send,
                         .lost = ByteCount(0),
                         .is_app_limited = packet.is_app_limited});
  }
}

void Bbr::on_spurious_loss(const SpuriousLossEvent& event) {
  if (!event.whole_episode_disproved || !undo_) return;
  look_at(event.context);
  if (state_ != State::probe_rtt) control_.restore_window();
  episode_start_.reset();
  is_recovering_ = false;
  model_.signals.forget_losses();
  model_.full_pipe.restart();
  model_.short_term.raise_to(undo_->short_term);
  model_.long_term.raise_to(undo_->long_term);
  const Undo::State state = undo_->state;
  undo_.reset();
  if (state == Undo::State::startup && state_ != State::startup) {
    model_.full_pipe.forget();
    if (state_ != State::probe_rtt) enter_startup();
  }
  const bool is_up = state_ == State::probe_bw && probe_bw_.phase() == ProbeBw::Phase::up;
  if (state == Undo::State::up && !is_up && state_ != State::probe_rtt) {
    state_ = State::probe_bw;
    probe_bw_.start_refill(model_, sender_);
  }
}

// ---- Path --------------------------------------------------------------------------------------

void Bbr::on_path_change(const PathChangeEvent& event) {
  config_.datagram_size = event.datagram_size;
  if (event.is_new_path) {
    *this = Bbr(config_);
    return;
  }
  model_.limits = WindowLimits(config_);
  control_.limit_window(model_.limits);
}

CongestionSnapshot Bbr::snapshot() const {
  static constexpr std::string_view kProbeBwPhases[] = {"probe_bw_down", "probe_bw_cruise",
                                                        "probe_bw_refill", "probe_bw_up"};
  CongestionSnapshot snapshot{.name = "bbr", .phase = {}, .congestion_window = control_.window()};
  switch (state_) {
    case State::startup:
      snapshot.phase = "startup";
      break;
    case State::drain:
      snapshot.phase = "drain";
      break;
    case State::probe_bw:
      snapshot.phase = kProbeBwPhases[static_cast<std::size_t>(probe_bw_.phase())];
      break;
    case State::probe_rtt:
      snapshot.phase = "probe_rtt";
      break;
  }
  return snapshot;
}

}  // namespace hawser
