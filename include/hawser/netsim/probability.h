#pragma once
/// A chance between never and always, exact and the same on every platform.

#include <compare>
#include <cstdint>

#include "hawser/assert.h"
#include "hawser/random.h"

namespace hawser::netsim {

/// A probability as a multiple of 2^-63. The default is zero: never. Thread-safe: a plain value.
class Probability {
 public:
  constexpr Probability() = default;
  /// `numerator` / `denominator`, rounded to the nearest representable value. Asserts that it lies
  /// within 0 and 1.
  static constexpr Probability ratio(std::uint64_t numerator, std::uint64_t denominator) {
    HAWSER_ASSERT(denominator > 0 && numerator <= denominator);
    return Probability(
        static_cast<std::uint64_t>((Wide(numerator) * kCertain + denominator / 2) / denominator));
  }
  /// Whole percents, 0 to 100 (asserted).
  static constexpr Probability percent(std::uint64_t percent) { return ratio(percent, 100); }
  static constexpr Probability certain() { return Probability(kCertain); }

  constexpr bool is_zero() const { return threshold_ == 0; }
  /// The value as a fraction of 1, for figures and texts.
  constexpr double value() const {
    return static_cast<double>(threshold_) / static_cast<double>(kCertain);
  }
  /// One minus the value, exactly.
  constexpr Probability complement() const { return Probability(kCertain - threshold_); }
  /// The value times 2^`bits`, rounded down; `bits` is at most 63.
  constexpr std::int64_t fixed_point(unsigned bits) const {
    return static_cast<std::int64_t>(threshold_ >> (63 - bits));
  }
  /// Throws the dice: takes exactly one word from `random`, whatever the probability.
  bool draw(SeededRandom& random) const { return (random.next() >> 1) < threshold_; }
  constexpr auto operator<=>(const Probability&) const = default;

 private:
  __extension__ using Wide = unsigned __int128;
  static constexpr std::uint64_t kCertain = std::uint64_t{1} << 63;
  constexpr explicit Probability(std::uint64_t threshold) : threshold_(threshold) {}
  std::uint64_t threshold_ = 0;
};

}  // namespace hawser::netsim
