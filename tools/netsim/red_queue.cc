#include "tools/netsim/red_queue.h"

#include <algorithm>

#include "hawser/assert.h"

namespace hawser::netsim {
namespace {

__extension__ using Wide = __int128;

// `value` times numerator / denominator.
std::int64_t scaled(std::int64_t value, std::int64_t numerator, std::int64_t denominator) {
  return static_cast<std::int64_t>(Wide(value) * numerator / denominator);
}

// `base` to the power of `exponent`, for a base of at most 1.
Q32 power(Q32 base, std::int64_t exponent) {
  Q32 result = kQ32One;
  for (; exponent > 0 && result > 0; exponent /= 2) {
    if (exponent % 2 == 1) result = scaled(result, base, kQ32One);
    base = scaled(base, base, kQ32One);
  }
  return result;
}

}  // namespace

RedQueue::RedQueue(const Red& config, SeededRandom random) : config_(config), random_(random) {
  HAWSER_ASSERT(config.min < config.max && !config.max_probability.is_zero());
  HAWSER_ASSERT(config.weight_shift <= Red::kWeightShiftMax);
}

QueueDiscipline::Verdict RedQueue::admit(TimePoint now, const Datagram& datagram) {
  const auto draw = static_cast<Q32>(random_.next() >> kQ32Bits);
  update_average(now);
  const Q32 base = base_chance();
  if (base == kQ32One) {
    // So much is beyond marking (RFC 3168 s7).
    since_chosen_ = 0;
    return Verdict::dropped_early;
  }
  if (!is_chosen(base, draw)) return Verdict::accepted;
  return can_be_marked(datagram.ecn) ? Verdict::marked : Verdict::dropped_early;
}

void RedQueue::update_average(TimePoint now) {
  if (!empty()) {
    scaled_average_ += tally_.bytes.value() - (scaled_average_ >> config_.weight_shift);
    return;
  }
  // As if small datagrams had come to an empty queue all the while, one after the other.
  constexpr ByteCount kSmallDatagram{1000};
  const Q32 kept = kQ32One - (kQ32One >> config_.weight_shift);
  const Duration each = std::max(rate_.transfer_time(kSmallDatagram), Duration(1));
  scaled_average_ = scaled(scaled_average_, power(kept, (now - empty_since_) / each), kQ32One);
}

Q32 RedQueue::base_chance() const {
  const ByteCount average = this->average();
  const Q32 at_max = config_.max_probability.fixed_point(kQ32Bits);
  if (average < config_.min) return 0;
  if (average >= config_.max * 2) return kQ32One;
  if (average < config_.max) {
    const ByteCount slope = config_.max - config_.min;
    return scaled(at_max, (average - config_.min).value(), slope.value());
  }
  const ByteCount beyond = average - config_.max;
  return at_max + scaled(kQ32One - at_max, beyond.value(), config_.max.value());
}

// The chance grows with the datagrams since the last choice, base / (1 - count x base), so that any
// number of them from 1 to 1/base is equally likely.
bool RedQueue::is_chosen(Q32 base_chance, Q32 draw) {
  const Wide rest = kQ32One - Wide(since_chosen_) * base_chance;
  const bool is_chosen = Wide(draw) * rest < Wide(base_chance) * kQ32One;
  since_chosen_ = is_chosen || base_chance == 0 ? 0 : since_chosen_ + 1;
  return is_chosen;
}

std::optional<QueuedDatagram> RedQueue::pop(TimePoint now) {
  std::optional<QueuedDatagram> first = take();
  if (empty()) empty_since_ = now;
  return first;
}

}  // namespace hawser::netsim
