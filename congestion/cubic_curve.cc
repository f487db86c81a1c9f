#include "congestion/cubic_curve.h"

#include <algorithm>

namespace hawser {
namespace {

__extension__ using Wide = __int128;

constexpr Wide kBillion = 1'000'000'000;
// C = 0.4 = 2/5, in datagrams per cubic second.
constexpr Wide kCNumerator = 2;
constexpr Wide kCDenominator = 5;
// The distance from the plateau, in time, beyond which the curve is flat: 2^40 ns. Its cube takes
// 120 bits, which is what 128-bit arithmetic can carry.
constexpr int kDistanceBits = 40;
constexpr Wide kDistanceMax = Wide{1} << kDistanceBits;

// The largest integer whose cube is at most `value`, which is in 0..2^120.
std::int64_t cube_root(Wide value) {
  std::int64_t root = 0;
  for (int bit = kDistanceBits; bit >= 0; --bit) {
    const std::int64_t candidate = root | (std::int64_t{1} << bit);
    if (Wide{candidate} * candidate * candidate <= value) root = candidate;
  }
  return root;
}

// K = cbrt((W_max - cwnd_epoch) / C), RFC 9438 s4.2 figure 2.
Duration time_to_climb(ByteCount height, ByteCount datagram_size) {
  // First in cubic microseconds, as cubic nanoseconds of a large height do not fit.
  const Wide microseconds_cubed = Wide{height.value()} * kCDenominator * kBillion * kBillion /
                                  (kCNumerator * datagram_size.value());
  const Wide largest = kDistanceMax * kDistanceMax * kDistanceMax / kBillion;
  return Duration(cube_root(std::min(microseconds_cubed, largest) * kBillion));
}

}  // namespace

CubicCurve::CubicCurve(const CubicCurveShape& shape)
    : plateau_(std::max(shape.plateau, shape.start)), datagram_size_(shape.datagram_size) {
  HAWSER_ASSERT(datagram_size_ > ByteCount(0));
  time_to_plateau_ = time_to_climb(plateau_ - shape.start, datagram_size_);
}

ByteCount CubicCurve::window(Duration t) const {
  const Wide distance =
      std::clamp(Wide{t.count()} - time_to_plateau_.count(), -kDistanceMax, kDistanceMax);
  const Wide cube = distance * distance * distance / kBillion;  // ns^2 s
  const Wide bytes =
      cube * kCNumerator * datagram_size_.value() / (kCDenominator * kBillion * kBillion);
  return plateau_ + ByteCount(static_cast<std::int64_t>(bytes));
}

}  // namespace hawser
