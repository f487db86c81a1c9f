#include "congestion/vegas.h"

#include <algorithm>

namespace hawser {
namespace {

constexpr std::int64_t kAlpha = 2;
constexpr std::int64_t kBeta = 4;
constexpr std::int64_t kGamma = 1;
constexpr WindowFraction kKeptOnLoss{1, 2};
/// Slow start: one round trip grows, one passes until the burst of it has gone, one looks.
constexpr int kSlowStartRounds = 3;
/// So many round trips in a row may say the same before a datagram each is not enough.
constexpr int kPatience = 16;

}  // namespace

Vegas::Vegas(const CongestionConfig& config)
    : window_(RevocableWindow::plain(config)), round_{.window = window_.size()} {}

void Vegas::on_ack(const AckEvent& event) {
  if (event.rtt.latest > Duration::zero()) measure(event.rtt.latest);
  const ByteCount acked = window_.evidence(event);
  const bool is_round_over = round_trips_.on_ack(event);
  stretch_.on_ack(event, is_round_over);
  if (acked > ByteCount(0)) {
    if (window_.is_slow_start()) {
      slow_start(event, is_round_over);
    } else if (is_round_over) {
      avoid_congestion(event.context.now);
    }
  }
  if (is_round_over) round_ = {.window = window_.size()};
}

void Vegas::measure(Duration rtt) {
  base_rtt_ = std::min(base_rtt_, rtt);
  round_.rtt = std::min(round_.rtt, rtt);
  probe_.on_sample(rtt);
}

void Vegas::slow_start(const AckEvent& event, bool is_round_over) {
  probe_.restart(event.context.now);
  if (slow_start_round_ == 0) window_.slow_start(event.acked_bytes);
  if (!is_round_over) return;
  slow_start_round_ = (slow_start_round_ + 1) % kSlowStartRounds;
  const ByteCount queue = queued(round_.rtt);
  // Keeps what fits, and the one datagram that may wait.
  const bool has_looked = slow_start_round_ == 0;
  if (has_looked && queue > datagrams(kGamma)) window_.shrink(queue - datagrams(kGamma));
}

/// Once per round trip.
void Vegas::avoid_congestion(TimePoint now) {
  if (!probe_.is_idle()) {
    if (const auto base = probe_.on_round_trip(now, false)) take_base(*base);
    return;
  }
  const ByteCount queue = queued(round_.rtt);
  rounds_too_long_ = queue > datagrams(kBeta) ? rounds_too_long_ + 1 : 0;
  rounds_too_short_ = queue < datagrams(kAlpha) ? rounds_too_short_ + 1 : 0;
  if (queue < datagrams(kGamma)) probe_.on_empty_queue(now);
  probe_.on_round_trip(now, rounds_too_long_ == kPatience);
  if (!probe_.is_idle()) {
    rtt_before_probe_ = round_.rtt;
    rounds_too_long_ = rounds_too_short_ = 0;
    return;
  }
  if (queue > datagrams(kBeta)) window_.shrink(datagrams(1));
  if (queue < datagrams(kAlpha)) window_.grow(datagrams(1));
  if (rounds_too_short_ < kPatience) return;
  rounds_too_short_ = 0;
  slow_start_round_ = 0;
  window_.resume_slow_start();
}

void Vegas::take_base(Duration base) {
  // Bursts alone make a datagram wait.
  if (queued(base) >= datagrams(kAlpha)) base_rtt_ = base;
  // What by this base did not fit was a queue of our own.
  window_.shrink(queued(rtt_before_probe_));
}

ByteCount Vegas::queued(Duration rtt) const {
  if (rtt <= base_rtt_ || rtt == kForever) return ByteCount(0);
  return round_.window - Bandwidth::from(round_.window, rtt).bytes_in(base_rtt_);
}

ByteCount Vegas::congestion_window() const {
  if (!probe_.is_resting()) return stretch_.window_with(window_);
  const ByteCount fitting = window_.size() - queued(rtt_before_probe_);
  return std::max(std::min(window_.size() / 2, fitting), window_.limits().min);
}

void Vegas::on_loss(const LossEvent& event) {
  if (window_.on_loss(event, kKeptOnLoss)) {
    rounds_too_long_ = rounds_too_short_ = 0;
    stretch_ = {};
  }
  // RFC 9002 s5.2: the path may be another one.
  if (event.kind == LossKind::persistent) base_rtt_ = kForever;
}

void Vegas::on_path_change(const PathChangeEvent& event) {
  window_.on_path_change(event);
  if (!event.is_new_path) return;
  base_rtt_ = kForever;
  slow_start_round_ = rounds_too_long_ = rounds_too_short_ = 0;
  round_ = {.window = window_.size()};
  round_trips_.restart(event.context.now);
  stretch_ = {};
  probe_.restart(event.context.now);
}

Bandwidth Vegas::pacing_rate(const RttSnapshot& rtt) const {
  if (slow_start_round_ == 0) return window_.even_pacing_rate(rtt.smoothed);
  return Bandwidth::from(window_.size(), rtt.smoothed);
}

CongestionSnapshot Vegas::snapshot() const {
  return {.name = "vegas",
          .phase = probe_.is_idle() ? window_.phase() : "rtt_probe",
          .congestion_window = congestion_window(),
          .ssthresh = window_.ssthresh()};
}

}  // namespace hawser
