#include "congestion/cubic.h"

#include <algorithm>

namespace hawser {
namespace {

constexpr WindowFraction kBeta{7, 10};
// (1 + beta) / 2, RFC 9438 s4.7.
constexpr WindowFraction kFastConvergence{17, 20};
// alpha = 3 (1 - beta) / (1 + beta) = 9/17: additive increase that, with a decrease to beta, keeps
// the average window of Reno. RFC 9438 s4.3.
constexpr WindowFraction kAlpha{9, 17};

}  // namespace

Cubic::Cubic(const CongestionConfig& config) : config_(config), state_(config) {}

void Cubic::on_sent(const SentEvent& event) {
  active_time_.on_sent(event);
  state_.window.on_sent(event);
}

void Cubic::on_ack(const AckEvent& event) {
  active_time_.on_ack(event.context);
  const ByteCount acked = state_.window.on_ack(event);
  if (acked > ByteCount(0)) avoid_congestion(acked, event.rtt.smoothed);
}

void Cubic::avoid_congestion(ByteCount acked, Duration smoothed_rtt) {
  if (!state_.epoch) start_epoch();
  Epoch& epoch = *state_.epoch;
  CongestionWindow& window = state_.window;
  const ByteCount size = window.size();
  const Duration t = active_time_.total() - epoch.start;

  // From the window before the loss upwards the decrease is made up for: grow as Reno does.
  const bool has_caught_up = epoch.reno_window >= state_.window_prior;
  const std::int64_t alpha = has_caught_up ? kAlpha.denominator : kAlpha.numerator;
  epoch.reno_window += epoch.reno_growth.add(acked * alpha, window.limits().datagram_size,
                                             size * kAlpha.denominator);

  if (epoch.curve.window(t) < epoch.reno_window) {
    window.grow(std::max(epoch.reno_window - size, ByteCount(0)));
    return;
  }
  // RFC 9438 s4.2: head for where the curve will be one round trip from now, but never faster than
  // by half a window per round trip, whatever the curve asks for.
  const ByteCount target = std::clamp(epoch.curve.window(t + smoothed_rtt), size, size * 3 / 2);
  window.grow(std::min(epoch.growth.add(acked, target - size, size), target - size));
}

void Cubic::start_epoch() {
  const ByteCount size = state_.window.size();
  // After slow start without a loss W_max is not known: K = 0 and W_max = the window, which is what
  // the curve makes of a lower plateau (RFC 9438 s4.8, s4.10).
  state_.epoch = Epoch{.curve = CubicCurve({.start = size,
                                            .plateau = state_.w_max,
                                            .datagram_size = state_.window.limits().datagram_size}),
                       .start = active_time_.total(),
                       .reno_window = size,
                       .growth = {},
                       .reno_growth = {}};
}

void Cubic::on_loss(const LossEvent& event) {
  state_.window.note_loss(event);
  if (state_.window.is_new_episode(event.largest_lost_sent_time)) reduce(event);
  if (event.kind == LossKind::persistent) {
    state_.window.collapse(event.context.now);
    state_.w_max = ByteCount(0);
    state_.epoch.reset();
  }
  // No late acknowledgement disproves a congestion mark.
  if (event.kind == LossKind::ecn_ce) before_reduction_.reset();
}

void Cubic::reduce(const LossEvent& event) {
  before_reduction_ = state_;
  // RFC 9438 s4.6 offers the bytes in flight as the base; the window serves as well, since it grows
  // only while it is full.
  const ByteCount size = state_.window.size();
  // s4.7: a flow that did not get back to its last maximum has a new competitor; make room for it.
  const bool makes_room = config_.fast_convergence && size < state_.w_max;
  state_.w_max =
      makes_room ? size * kFastConvergence.numerator / kFastConvergence.denominator : size;
  state_.window_prior = size;
  state_.window.reduce(event, kBeta);
  state_.epoch.reset();
}

void Cubic::on_spurious_loss(const SpuriousLossEvent& event) {
  if (!event.whole_episode_disproved || !before_reduction_) return;
  // RFC 9438 s4.9.2: a window that has outgrown the old one since is the better evidence.
  if (state_.window.size() < before_reduction_->window.size()) {
    state_ = *before_reduction_;
    state_.window.come_back();
  }
  before_reduction_.reset();
}

void Cubic::on_path_change(const PathChangeEvent& event) {
  config_.datagram_size = event.datagram_size;
  if (event.is_new_path) {
    before_reduction_.reset();
    state_ = State(config_);
    state_.window.restart(WindowLimits(config_), event.context.now);
    return;
  }
  state_.set_limits(WindowLimits(config_));
  if (before_reduction_) before_reduction_->set_limits(WindowLimits(config_));
}

void Cubic::State::set_limits(const WindowLimits& limits) {
  window.set_limits(limits);
  epoch.reset();  // the curve is drawn in datagrams
}

CongestionSnapshot Cubic::snapshot() const {
  return {.name = "cubic",
          .phase = state_.window.phase(),
          .congestion_window = state_.window.allowed(),
          .ssthresh = state_.window.ssthresh()};
}

}  // namespace hawser
