#include "tools/netsim/serializer.h"

#include "hawser/assert.h"

namespace hawser::netsim {

void Serializer::configure(TimePoint now, Bandwidth rate, const std::optional<RateTrace>& trace) {
  HAWSER_ASSERT(!rate.is_zero());
  rate_ = rate;
  last_size_ = ByteCount(0);
  last_time_ = Duration::zero();
  if (trace == trace_) return;
  // What waits for a byte of the old trace, or for the end at the old rate, begins no earlier.
  free_at_ = std::max(free_at_, now);
  busy_ += busy_by_trace(now);
  trace_ = trace;
  averages_since_ = now;
  free_byte_ = carried_ = 0;
}

std::int64_t Serializer::first_byte_at(TimePoint time) const {
  return trace_->count_before(time - start_) * RateTrace::kOpportunity.value();
}

TimePoint Serializer::time_of_byte(std::int64_t byte) const {
  return start_ + trace_->time_of(byte / RateTrace::kOpportunity.value());
}

std::int64_t Serializer::next_byte(TimePoint ready) const {
  return std::max(free_byte_, first_byte_at(std::max(ready, free_at_)));
}

TimePoint Serializer::next_start(TimePoint ready) const {
  return trace_ ? time_of_byte(next_byte(ready)) : std::max(ready, free_at_);
}

TimePoint Serializer::end_of(TimePoint start, ByteCount wire_size) const {
  if (!trace_) return start + time_at_rate(wire_size);
  return time_of_byte(next_byte(start) + wire_size.value() - 1);
}

Duration Serializer::time_at_rate(ByteCount wire_size) const {
  if (wire_size != last_size_) {
    last_size_ = wire_size;
    last_time_ = rate_.transfer_time(wire_size);
  }
  return last_time_;
}

TimePoint Serializer::send(TimePoint start, ByteCount wire_size) {
  HAWSER_ASSERT(next_start(start) == start);
  const TimePoint end = end_of(start, wire_size);
  if (trace_) {
    free_byte_ = next_byte(start) + wire_size.value();
    carried_ += wire_size.value();
  } else {
    rate_free_at_ = end;
    busy_ += end - start;
  }
  free_at_ = end;
  return end;
}

bool Serializer::would_wait_beyond(Duration limit, TimePoint now, ByteCount waiting) const {
  if (trace_) return time_of_byte(next_byte(now) + waiting.value()) - now > limit;
  // Written so that it cannot overflow: waiting time + time until it is free > limit.
  return rate_.transfer_time(waiting) > limit - std::max(free_at_ - now, Duration::zero());
}

Duration Serializer::wait_behind(TimePoint now, ByteCount waiting) const {
  if (trace_) return time_of_byte(next_byte(now) + waiting.value()) - now;
  return std::max(free_at_ - now, Duration::zero()) + rate_.transfer_time(waiting);
}

std::int64_t Serializer::bytes_booked_from(TimePoint now) const {
  return std::max<std::int64_t>(free_byte_ - first_byte_at(now), 0);
}

Duration Serializer::busy_by_trace(TimePoint now) const {
  __extension__ using Wide = __int128;
  if (!trace_) return Duration::zero();
  const std::int64_t offered = first_byte_at(now) - first_byte_at(averages_since_);
  if (offered == 0) return Duration::zero();
  const std::int64_t used = carried_ - bytes_booked_from(now);
  const Duration span = now - averages_since_;
  return Duration(static_cast<std::int64_t>(Wide(span.count()) * used / offered));
}

void Serializer::start_averages(TimePoint now) {
  busy_ = busy_ahead(now);
  averages_since_ = now;
  carried_ = trace_ ? bytes_booked_from(now) : 0;
}

Duration Serializer::busy(TimePoint now) const {
  return busy_ - busy_ahead(now) + busy_by_trace(now);
}

}  // namespace hawser::netsim
