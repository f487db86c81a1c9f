#include "tools/netsim/draws.h"

#include <algorithm>
#include <limits>

namespace hawser::netsim {
namespace {

__extension__ using Wide = unsigned __int128;

constexpr std::uint64_t kHalf = std::uint64_t{1} << 63;

// True with probability exp(-1/2). The length n of a descending run of uniforms that starts below
// 1/2 is at least k with probability (1/2)^k / k!, so that it is even with the alternating sum of
// these: the exponential series.
bool draw_exp_minus_half(SeededRandom& random) {
  std::uint64_t previous = kHalf;
  for (bool is_even = true;; is_even = !is_even) {
    const std::uint64_t next = random.next();
    if (next >= previous) return is_even;
    previous = next;
  }
}

// True with probability exp(-x (2k + x) / (2k + 2)), x being `fraction` / 2^64: a descending run
// from x, each step of which must also pass a test of probability (2k + x) / (2k + 2).
bool draw_normal_step(SeededRandom& random, std::uint64_t k, std::uint64_t fraction) {
  const Wide limit = (Wide(2 * k) << 64) + fraction;
  std::uint64_t previous = fraction;
  for (bool is_even = true;; is_even = !is_even) {
    const std::uint64_t next = random.next();
    if (next >= previous) return is_even;
    if (Wide(random.next()) * (2 * k + 2) >= limit) return is_even;
    previous = next;
  }
}

// k with probability proportional to exp(-k^2 / 2): the integer part of |x|.
std::uint64_t draw_normal_integer(SeededRandom& random) {
  for (;;) {
    std::uint64_t k = 0;
    while (draw_exp_minus_half(random)) ++k;
    std::uint64_t trials = k == 0 ? 0 : k * (k - 1);
    while (trials > 0 && draw_exp_minus_half(random)) --trials;
    if (trials == 0) return k;
  }
}

}  // namespace

Duration draw_exponential(SeededRandom& random, Duration mean) {
  for (std::uint64_t whole = 0;; ++whole) {
    // A descending run from `fraction` has odd length with probability exp(-fraction); each
    // failure leaves the exponential's memoryless next unit.
    const std::uint64_t fraction = random.next();
    std::uint64_t previous = fraction;
    bool is_odd = true;
    for (std::uint64_t next = random.next(); next < previous; next = random.next()) {
      previous = next;
      is_odd = !is_odd;
    }
    if (!is_odd) continue;
    const auto unit = static_cast<std::uint64_t>(mean.count());
    const Wide nanos = Wide(unit) * whole + ((Wide(unit) * fraction) >> 64);
    const Wide longest = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max() / 4);
    return Duration(static_cast<std::int64_t>(std::clamp<Wide>(nanos, 1, longest)));
  }
}

Q32 draw_uniform(SeededRandom& random) {
  return static_cast<Q32>(random.next() >> (63 - kQ32Bits)) - kQ32One;
}

Q32 draw_normal(SeededRandom& random) {
  for (;;) {
    const std::uint64_t k = draw_normal_integer(random);
    const std::uint64_t fraction = random.next();
    std::uint64_t trials = k + 1;
    while (trials > 0 && draw_normal_step(random, k, fraction)) --trials;
    if (trials > 0) continue;
    const auto magnitude = static_cast<Q32>((k << kQ32Bits) | (fraction >> kQ32Bits));
    return (random.next() & 1) != 0 ? -magnitude : magnitude;
  }
}

Q32 draw_pareto(SeededRandom& random) {
  constexpr std::uint64_t kLeast = std::uint64_t{1} << 44;
  const std::uint64_t first = random.next();
  const std::uint64_t second = random.next();
  const std::uint64_t third = random.next();
  const std::uint64_t largest = std::max({first, second, third, kLeast});
  return static_cast<Q32>((Wide(1) << (64 + kQ32Bits)) / largest);
}

}  // namespace hawser::netsim
