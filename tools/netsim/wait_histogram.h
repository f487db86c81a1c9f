#pragma once
/// How long datagrams waited in a queue, as a histogram of fixed size. Owned by the
/// bottleneck, and by netem.

#include <array>
#include <bit>
#include <cstdint>

#include "hawser/time.h"

namespace hawser::netsim {

/// Counts durations in classes whose width is 1/32 of their lower edge, at least 1 ns: 15 KiB for
/// all that a `Duration` can hold. Not thread-safe.
class WaitHistogram {
 public:
  /// `wait` must not be negative.
  void add(Duration wait) {
    ++counts_[index_of(static_cast<std::uint64_t>(wait.count()))];
    ++total_;
  }
  void clear() { *this = {}; }
  /// The wait that `percent` of all did not exceed (nearest rank): the lower edge of its class,
  /// hence at most 1/32 too small. Zero without any.
  Duration percentile(std::uint64_t percent) const {
    const std::uint64_t rank = (total_ * percent + 99) / 100;
    std::uint64_t seen = 0;
    for (std::size_t i = 0; i < counts_.size(); ++i) {
      seen += counts_[i];
      if (seen >= rank) return total_ == 0 ? Duration::zero() : lower_edge(i);
    }
    return Duration::zero();
  }

 private:
  static constexpr unsigned kSubBits = 5;
  static constexpr std::size_t kSub = std::size_t{1} << kSubBits;
  static constexpr std::size_t kClasses = (64 - kSubBits) * kSub;
  // Below 2 kSub the number itself, then kSub classes for each further bit.
  static std::size_t index_of(std::uint64_t value) {
    if (value < kSub) return value;
    const auto shift = static_cast<unsigned>(std::bit_width(value)) - kSubBits - 1;
    return shift * kSub + (value >> shift);
  }
  static Duration lower_edge(std::size_t index) {
    if (index < kSub) return Duration(static_cast<std::int64_t>(index));
    const std::size_t shift = index / kSub - 1;
    return Duration(static_cast<std::int64_t>((index - shift * kSub) << shift));
  }
  std::array<std::uint64_t, kClasses> counts_{};
  std::uint64_t total_ = 0;
};

}  // namespace hawser::netsim
