#include "congestion/copa.h"

#include <algorithm>

namespace hawser {
namespace {

using std::chrono::microseconds;

constexpr WindowFraction kKeptOnLoss{1, 2};
/// The velocity doubles from the third round trip in one direction on.
constexpr int kRoundsBeforeDoubling = 3;
/// With no more of its share in the queue it counts as empty.
constexpr std::int64_t kEmptyPercent = 10;
/// One packet of so many may be lost without an answer, and so many datagrams at a time.
constexpr std::int64_t kPacketsPerLoss = 50;
constexpr std::int64_t kLossBurst = 8;

}  // namespace

Copa::Copa(const CongestionConfig& config)
    : window_(RevocableWindow::plain(config)),
      delta_percent_(std::clamp<std::int64_t>(config.copa_delta_percent, 1, 100)),
      window_at_round_start_(window_.size()) {}

void Copa::on_ack(const AckEvent& event) {
  if (event.rtt.latest > Duration::zero()) measure(event);
  const ByteCount most = window_.limits().datagram_size * kLossBurst * kPacketsPerLoss;
  tolerated_ = std::min(tolerated_ + event.acked_bytes, most);
  const bool is_round_over = round_trips_.on_ack(event);
  stretch_.on_ack(event, is_round_over);
  if (window_.evidence(event) == ByteCount(0)) return;
  if (is_round_over) on_round_trip(event.context.now);
  if (!probe_.is_idle()) return;
  const std::int64_t queue = queue_percent(standing_rtt_.value());
  if (queue <= kEmptyPercent) probe_.on_empty_queue(event.context.now);
  move(queue <= 100 ? Direction::up : Direction::down, event);
}

void Copa::measure(const AckEvent& event) {
  const RttSnapshot& rtt = event.rtt;
  base_rtt_ = std::min(base_rtt_, rtt.latest);
  // Four spans of an eighth: half a round trip.
  standing_rtt_.add(event.context.now, rtt.latest,
                    std::max<Duration>(rtt.smoothed / 8, microseconds(1)));
  probe_.on_sample(rtt.latest);
}

void Copa::on_round_trip(TimePoint now) {
  const bool was_idle = probe_.is_idle();
  const auto base = probe_.on_round_trip(now, false);
  if (base && queue_percent(*base) > kEmptyPercent) base_rtt_ = *base;
  if (was_idle) update_velocity();
}

std::int64_t Copa::queue_percent(Duration rtt) const {
  if (rtt == kForever || rtt <= base_rtt_) return 0;
  // window / rtt <= 1 / (delta queueing) where this is at most 100.
  const Wide is = Wide(window_.size().value()) * (rtt - base_rtt_).count() * delta_percent_;
  const Wide target = Wide(window_.limits().datagram_size.value()) * rtt.count();
  return static_cast<std::int64_t>(std::min<Wide>(is / target, INT64_MAX));
}

void Copa::move(Direction direction, const AckEvent& event) {
  const bool was_slow_start = window_.is_slow_start();
  if (was_slow_start && direction == Direction::up) {
    window_.slow_start(event.acked_bytes);
    return;
  }
  if (was_slow_start || (direction != direction_ && velocity_ > 1)) {
    return turn(direction, event);
  }
  const ByteCount datagram = window_.limits().datagram_size;
  const std::int64_t velocity = std::min(velocity_, velocity_max());
  const ByteCount step =
      step_.add(event.acked_bytes, datagram * velocity * 100, window_.size() * delta_percent_);
  if (direction == Direction::up) {
    window_.grow(step);
  } else {
    window_.shrink(step);
  }
}

void Copa::turn(Direction direction, const AckEvent& event) {
  reset_velocity(direction);
  const ByteCount size = window_.size();
  const bool is_known = event.rate.is_valid && !event.rate.is_app_limited;
  // A sample of a packet that came late is of another rate: no more was carried than was under way.
  const ByteCount carried =
      is_known ? std::min(event.rate.rate.bytes_in(event.rtt.latest), event.rate.prior_in_flight)
               : size;
  if (direction == Direction::down) {
    window_.shrink(size - std::min(size, carried));
  } else {
    window_.grow(std::max(size, carried) - size);
  }
  window_at_round_start_ = window_.size();
}

/// Once per round trip.
void Copa::update_velocity() {
  const bool is_up = window_.size() > window_at_round_start_;
  const Direction direction = is_up ? Direction::up : Direction::down;
  window_at_round_start_ = window_.size();
  if (window_.is_slow_start()) return;
  if (direction != direction_) return reset_velocity(direction);
  ++rounds_in_direction_;
  if (rounds_in_direction_ < kRoundsBeforeDoubling) return;
  velocity_ = std::min(2 * velocity_, velocity_max());
}

/// What moves an eighth of the window per round trip: a turn is seen one and a half too late.
std::int64_t Copa::velocity_max() const {
  const ByteCount datagram = window_.limits().datagram_size;
  const std::int64_t velocity = window_.size().value() * delta_percent_ / (datagram.value() * 800);
  return std::max<std::int64_t>(velocity, 1);
}

void Copa::reset_velocity(Direction direction) {
  direction_ = direction;
  rounds_in_direction_ = 0;
  velocity_ = 1;
}

void Copa::on_loss(const LossEvent& event) {
  if (event.kind == LossKind::packet && !exceeds_tolerance(event)) {
    window_.confirm_reduction();
    return;
  }
  if (window_.on_loss(event, kKeptOnLoss)) {
    reset_velocity(Direction::down);
    window_at_round_start_ = window_.size();
    stretch_ = {};
  }
  // RFC 9002 s5.2: the path may be another one.
  if (event.kind == LossKind::persistent) base_rtt_ = kForever;
}

bool Copa::exceeds_tolerance(const LossEvent& event) {
  for (const LostPacket& packet : event.packets) tolerated_ -= packet.bytes * kPacketsPerLoss;
  const bool is_exceeded = tolerated_ < ByteCount(0);
  tolerated_ = std::max(tolerated_, ByteCount(0));
  return is_exceeded;
}

void Copa::on_path_change(const PathChangeEvent& event) {
  window_.on_path_change(event);
  if (!event.is_new_path) return;
  base_rtt_ = kForever;
  probe_.restart(event.context.now);
  standing_rtt_.clear();
  reset_velocity(Direction::none);
  window_at_round_start_ = window_.size();
  tolerated_ = ByteCount(0);
  round_trips_.restart(event.context.now);
  stretch_ = {};
}

ByteCount Copa::congestion_window() const {
  if (!probe_.is_resting()) return stretch_.window_with(window_);
  return std::max(window_.size() / 2, window_.limits().min);
}

CongestionSnapshot Copa::snapshot() const {
  return {.name = "copa",
          .phase = probe_.is_idle() ? window_.phase() : "rtt_probe",
          .congestion_window = congestion_window(),
          .ssthresh = window_.ssthresh()};
}

}  // namespace hawser
