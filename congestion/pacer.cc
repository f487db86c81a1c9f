#include "congestion/pacer.h"

#include <algorithm>

namespace hawser {
namespace {

__extension__ using Wide = __int128;

constexpr Wide kUnitsPerByte = Wide{8} * 1'000'000'000;
constexpr std::int64_t kBurstDatagrams = 2;
constexpr Wide kWholeBurstRate = 1'000'000'000;

}  // namespace

Pacer::Pacer(const PacerConfig& config)
    : config_(config),
      initial_left_(std::max(config.initial_window, config.datagram_size * kBurstDatagrams)) {}

bool Pacer::can_send(TimePoint now, Bandwidth rate) const {
  return rate.is_infinite() || initial_left_ > ByteCount(0) || credit_at(now, rate) > 0;
}

TimePoint Pacer::next_send_time(TimePoint now, Bandwidth rate) const {
  if (can_send(now, rate)) return now;
  if (rate.is_zero()) return kNever;
  const Wide bits_per_second = rate.bits_per_second();
  // The first nanosecond in which the credit is positive: rounding down would wake up too early.
  const Wide wait = (1 - credit_at(now, rate) + bits_per_second - 1) / bits_per_second;
  const Wide time = now.time_since_epoch().count() + wait;
  return time < kNever.time_since_epoch().count()
             ? TimePoint(Duration(static_cast<std::int64_t>(time)))
             : kNever;
}

void Pacer::on_sent(TimePoint now, ByteCount bytes, Bandwidth rate) {
  const ByteCount free_bytes = std::min(bytes, initial_left_);
  initial_left_ -= free_bytes;
  credit_ =
      rate.is_infinite() ? 0 : credit_at(now, rate) - (bytes - free_bytes).value() * kUnitsPerByte;
  last_sent_ = now;
}

Pacer::Wide Pacer::credit_at(TimePoint now, Bandwidth rate) const {
  if (!last_sent_) return credit_;
  const Wide elapsed = (now - *last_sent_).count();
  // A debt is paid before credit gathers, and an idle time, however long, gathers one burst.
  return std::min(credit_ + rate.bits_per_second() * elapsed, burst(rate));
}

Pacer::Wide Pacer::burst(Bandwidth rate) const {
  const Wide bits_per_second = rate.bits_per_second();
  const Wide datagram = config_.datagram_size.value() * kUnitsPerByte;
  const Wide whole = bits_per_second * config_.burst_interval.count();
  if (!is_spaced_) return std::max(kBurstDatagrams * datagram, whole);
  const Wide part = whole * std::min(bits_per_second, kWholeBurstRate) / kWholeBurstRate;
  return part < datagram ? 1 : part;  // any credit at all lets one packet leave
}

}  // namespace hawser
