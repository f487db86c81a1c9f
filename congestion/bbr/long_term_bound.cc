#include "congestion/bbr/long_term_bound.h"

#include <algorithm>

#include "congestion/bbr/gain.h"

namespace hawser::bbr {
namespace {

constexpr Gain kHeadroom{15};
constexpr std::int64_t kHundredths = 100;

}  // namespace

ByteCount LongTermBound::with_headroom(ByteCount datagram_size) const {
  if (!is_set()) return value_;
  return value_ - std::max(kHeadroom * value_, datagram_size);
}

ByteCount LongTermBound::with_headroom_for(ByteCount volume) {
  const std::int64_t left = kHundredths - kHeadroom.hundredths;
  return (volume * kHundredths + ByteCount(left - 1)) / left;
}

void LongTermBound::raise_to(ByteCount value) { value_ = std::max(value_, value); }

void LongTermBound::restart_growth() {
  acked_ = ByteCount(0);
  acked_per_step_ = ByteCount::max();
  rounds_ = 0;
}

void LongTermBound::steepen(ByteCount window, ByteCount datagram_size) {
  acked_per_step_ = std::max(window / (std::int64_t{1} << rounds_), datagram_size);
  rounds_ = std::min(rounds_ + 1, kDoublingsMax);
}

void LongTermBound::grow(ByteCount acked, ByteCount datagram_size) {
  if (!is_set()) return;
  acked_ += acked;
  const std::int64_t steps = acked_.value() / acked_per_step_.value();
  acked_ -= acked_per_step_ * steps;
  value_ += datagram_size * steps;
}

}  // namespace hawser::bbr
