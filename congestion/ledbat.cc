#include "congestion/ledbat.h"

#include <algorithm>

namespace hawser {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;

constexpr WindowFraction kKeptOnLoss{1, 2};
constexpr Duration kTargetMax = milliseconds(100);  // RFC 6817 s2.5
constexpr Duration kBaseHistorySpan = minutes(1);
/// The gain is a sixteenth at least: draft-irtf-iccrg-ledbat-plus-plus s4.2.
constexpr std::int64_t kGainDivisorMax = 16;
/// A queue of less than this part of the target counts as empty.
constexpr int kEmptyPart = 8;
/// A base is given up after so many rests, half a minute or more, that did not come back to it.
constexpr int kVainRests = 3;

CongestionConfig with_initial_window(CongestionConfig config) {
  if (config.initial_window == ByteCount(0)) config.initial_window = ByteCount(1);  // the minimum
  return config;
}

}  // namespace

Ledbat::Ledbat(const CongestionConfig& config)
    : window_(RevocableWindow::plain(with_initial_window(config))),
      target_(std::clamp<Duration>(config.ledbat_target, milliseconds(1), kTargetMax)) {
  latest_rtts_.fill(kForever);
}

void Ledbat::on_ack(const AckEvent& event) {
  const TimePoint now = event.context.now;
  if (event.rtt.latest > Duration::zero()) measure(now, event.rtt.latest);
  const bool is_round_over = round_trips_.on_ack(event);
  stretch_.on_ack(event, is_round_over);
  const ByteCount acked = window_.evidence(event);
  if (acked == ByteCount(0)) return;
  // What a rest measures has become part of the base history, as every sample does.
  if (is_round_over && probe_.on_round_trip(now, false)) doubt_base(now);
  if (!probe_.is_idle()) return;
  const Duration delay = queueing_delay();
  if (delay < target_ / kEmptyPart) probe_.on_empty_queue(now);
  if (window_.is_slow_start()) {
    slow_start(acked, delay);
  } else {
    avoid_congestion(acked, delay);
  }
}

// ---- Delay --------------------------------------------------------------------------------------

void Ledbat::measure(TimePoint now, Duration rtt) {
  probe_.on_sample(rtt);
  base_rtt_.add(now, rtt, kBaseHistorySpan);
  latest_rtts_[next_rtt_] = rtt;
  next_rtt_ = (next_rtt_ + 1) % latest_rtts_.size();
  lowest_ = std::min(lowest_, current_rtt());
  highest_ = std::max(highest_, current_rtt());
  if (queueing_delay() > target_ && highest_ - lowest_ <= target_ / 2) return;
  lowest_ = highest_ = current_rtt();
  vain_rests_ = 0;
}

/// What neither drains while we rest nor swings, as the queue of others does, is no queue: the path
/// has become longer.
void Ledbat::doubt_base(TimePoint now) {
  ++vain_rests_;
  if (vain_rests_ < kVainRests) return;
  base_rtt_.clear();
  base_rtt_.add(now, lowest_, kBaseHistorySpan);
  window_.resume_slow_start();
}

Duration Ledbat::current_rtt() const {
  return *std::min_element(latest_rtts_.begin(), latest_rtts_.end());
}

Duration Ledbat::queueing_delay() const {
  return current_rtt() == kForever ? Duration::zero() : current_rtt() - base_rtt_.value();
}

std::int64_t Ledbat::gain_divisor() const {
  const Duration base = base_rtt_.value();
  if (base == kForever) return kGainDivisorMax;
  return std::clamp<std::int64_t>((2 * target_ + base - Duration(1)) / base, 1, kGainDivisorMax);
}

// ---- Window -------------------------------------------------------------------------------------

void Ledbat::slow_start(ByteCount acked, Duration delay) {
  if (delay > target_ * 3 / 4) return window_.shrink(ByteCount(0));
  window_.slow_start(acked / gain_divisor());
}

void Ledbat::avoid_congestion(ByteCount acked, Duration delay) {
  const ByteCount datagram = window_.limits().datagram_size;
  window_.grow(growth_.add(acked, datagram, window_.size() * gain_divisor()));
  if (delay <= target_) return;
  // Half of our share of what the queue holds beyond the target, per round trip: what was done is
  // seen one round trip late, and all of it would be done twice.
  const Bandwidth half = Bandwidth::from(acked, 2 * current_rtt());
  window_.shrink(half.bytes_in(delay - target_));
}

// ---- The other events ---------------------------------------------------------------------------

void Ledbat::on_loss(const LossEvent& event) {
  if (window_.on_loss(event, kKeptOnLoss)) stretch_ = {};
}

void Ledbat::on_path_change(const PathChangeEvent& event) {
  window_.on_path_change(event);
  if (!event.is_new_path) return;
  base_rtt_.clear();
  latest_rtts_.fill(kForever);
  round_trips_.restart(event.context.now);
  stretch_ = {};
  probe_.restart(event.context.now);
  vain_rests_ = 0;
}

CongestionSnapshot Ledbat::snapshot() const {
  return {.name = "ledbat",
          .phase = probe_.is_idle() ? window_.phase() : "slow_down",
          .congestion_window = congestion_window(),
          .ssthresh = window_.ssthresh()};
}

}  // namespace hawser
