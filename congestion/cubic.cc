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

Cubic::Cubic(const CongestionConfig& config)
    : has_fast_convergence_(config.fast_convergence), window_(config) {}

void Cubic::on_sent(const SentEvent& event) {
  active_time_.on_sent(event);
  window_.on_sent(event);
}

void Cubic::on_ack(const AckEvent& event) {
  active_time_.on_ack(event.context);
  const ByteCount acked = window_.on_ack(event);
  if (acked > ByteCount(0)) avoid_congestion(acked, event.rtt.smoothed);
}

void Cubic::avoid_congestion(ByteCount acked, Duration smoothed_rtt) {
  if (!memory_.epoch) start_epoch();
  Epoch& epoch = *memory_.epoch;
  const ByteCount size = window_.size();
  const Duration t = active_time_.total() - epoch.start;

  // From the window before the loss upwards the decrease is made up for: grow as Reno does.
  const bool has_caught_up = epoch.reno_window >= memory_.window_prior;
  const std::int64_t alpha = has_caught_up ? kAlpha.denominator : kAlpha.numerator;
  epoch.reno_window += epoch.reno_growth.add(acked * alpha, window_.limits().datagram_size,
                                             size * kAlpha.denominator);

  if (epoch.curve.window(t) < epoch.reno_window) {
    window_.grow(std::max(epoch.reno_window - size, ByteCount(0)));
    return;
  }
  // RFC 9438 s4.2: head for where the curve will be one round trip from now, but never faster than
  // by half a window per round trip, whatever the curve asks for.
  const ByteCount target = std::clamp(epoch.curve.window(t + smoothed_rtt), size, size * 3 / 2);
  window_.grow(std::min(epoch.growth.add(acked, target - size, size), target - size));
}

void Cubic::start_epoch() {
  const ByteCount size = window_.size();
  // After slow start without a loss W_max is not known: K = 0 and W_max = the window, which is what
  // the curve makes of a lower plateau (RFC 9438 s4.8, s4.10).
  memory_.epoch = Epoch{.curve = CubicCurve({.start = size,
                                             .plateau = memory_.w_max,
                                             .datagram_size = window_.limits().datagram_size}),
                        .start = active_time_.total(),
                        .reno_window = size,
                        .growth = {},
                        .reno_growth = {}};
}

void Cubic::on_loss(const LossEvent& event) {
  if (window_.is_new_episode(event.largest_lost_sent_time)) note_reduction();
  window_.on_loss(event, kBeta);
  if (event.kind == LossKind::persistent) {
    memory_.w_max = ByteCount(0);
    memory_.epoch.reset();
  }
}

/// The window is about to be reduced.
void Cubic::note_reduction() {
  before_reduction_ = memory_;
  // RFC 9438 s4.6 offers the bytes in flight as the base; the window serves as well, since it grows
  // only while it is full.
  const ByteCount size = window_.size();
  // s4.7: a flow that did not get back to its last maximum has a new competitor; make room for it.
  const bool makes_room = has_fast_convergence_ && size < memory_.w_max;
  memory_ = {
      .w_max = makes_room ? size * kFastConvergence.numerator / kFastConvergence.denominator : size,
      .window_prior = size,
      .epoch = {}};
}

void Cubic::on_spurious_loss(const SpuriousLossEvent& event) {
  if (window_.on_spurious_loss(event)) memory_ = before_reduction_;
}

void Cubic::on_path_change(const PathChangeEvent& event) {
  window_.on_path_change(event);
  if (event.is_new_path) memory_ = {};
  // The curves are drawn in datagrams.
  memory_.epoch.reset();
  before_reduction_.epoch.reset();
}

CongestionSnapshot Cubic::snapshot() const {
  return {.name = "cubic",
          .phase = window_.phase(),
          .congestion_window = window_.allowed(),
          .ssthresh = window_.ssthresh()};
}

}  // namespace hawser
