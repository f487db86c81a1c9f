#include "tools/netsim/release_gate.h"

#include <algorithm>
#include <utility>

#include "hawser/assert.h"

namespace hawser::netsim {

void SlotClock::configure(TimePoint now, const std::optional<Slots>& config) {
  if (config == config_) return;
  config_ = config;
  if (!config) return;
  HAWSER_ASSERT(config->interval_min >= Slots::kIntervalMin);
  HAWSER_ASSERT(config->interval_max >= config->interval_min);
  HAWSER_ASSERT(config->packets >= 1 && config->bytes >= ByteCount(1));
  // What was promised a place in an earlier slot keeps it.
  begin_slot(std::max(now, boundary_) + draw_interval());
}

Duration SlotClock::draw_interval() {
  const Duration spread = config_->interval_max - config_->interval_min;
  if (spread == Duration::zero()) return config_->interval_min;
  const std::uint64_t part = random_.below(static_cast<std::uint64_t>(spread.count()) + 1);
  return config_->interval_min + Duration(static_cast<std::int64_t>(part));
}

void SlotClock::begin_slot(TimePoint boundary) {
  boundary_ = boundary;
  packets_left_ = config_->packets;
  bytes_left_ = config_->bytes;
}

TimePoint SlotClock::assign(TimePoint ready, ByteCount wire_size) {
  if (boundary_ < ready && config_->interval_min == config_->interval_max) {
    // All boundaries but the last one before `ready` at once.
    const Duration interval = config_->interval_min;
    begin_slot(boundary_ + interval * ((ready - boundary_ - Duration(1)) / interval));
  }
  while (boundary_ < ready) begin_slot(boundary_ + draw_interval());
  const bool is_untouched = packets_left_ == config_->packets && bytes_left_ == config_->bytes;
  if (!is_untouched && (packets_left_ == 0 || wire_size > bytes_left_)) {
    begin_slot(boundary_ + draw_interval());
  }
  --packets_left_;
  bytes_left_ -= wire_size;
  return boundary_;
}

void ReleaseGate::configure(TimePoint now, const std::optional<Aggregation>& aggregation,
                            const std::optional<Slots>& slots) {
  if (aggregation != aggregation_) {
    let_go(std::min(now, deadline_));
    aggregation_ = aggregation;
    if (aggregation) {
      HAWSER_ASSERT(aggregation->packets >= 1 && aggregation->bytes >= ByteCount(1));
      HAWSER_ASSERT(aggregation->time >= Duration::zero());
    }
  }
  slots_.configure(now, slots);
}

bool ReleaseGate::is_needed() const {
  return aggregation_ || slots_.is_on() || !leaving_.empty() || !gathering_.empty();
}

void ReleaseGate::push(TimePoint arrival, Datagram&& datagram) {
  // What comes at the deadline comes too late, whoever asked in between.
  if (!gathering_.empty() && deadline_ <= arrival) let_go(deadline_);
  if (gathering_.empty()) deadline_ = arrival + (aggregation_ ? aggregation_->time : Duration(0));
  gathered_ += datagram.wire_size();
  gathering_.push_back(std::move(datagram));
  const bool is_complete = !aggregation_ || gathered_ >= aggregation_->bytes ||
                           std::ssize(gathering_) >= aggregation_->packets;
  if (is_complete) let_go(arrival);
}

// All that gathered goes on, to the slots if there are any.
void ReleaseGate::let_go(TimePoint at) {
  while (!gathering_.empty()) {
    Datagram datagram = gathering_.take_front();
    const TimePoint leaves = slots_.is_on() ? slots_.assign(at, datagram.wire_size()) : at;
    // What was held longer under an earlier configuration is not overtaken.
    const TimePoint behind = leaving_.empty() ? leaves : leaving_.back().leaves;
    leaving_.push_back({std::move(datagram), std::max(leaves, behind)});
  }
  gathered_ = ByteCount(0);
}

TimePoint ReleaseGate::next_release() const {
  if (!leaving_.empty()) return leaving_.front().leaves;
  return gathering_.empty() ? kNever : deadline_;
}

std::optional<Datagram> ReleaseGate::poll(TimePoint now) {
  if (!gathering_.empty() && deadline_ <= now) let_go(deadline_);
  if (leaving_.empty() || leaving_.front().leaves > now) return std::nullopt;
  return leaving_.take_front().datagram;
}

}  // namespace hawser::netsim
