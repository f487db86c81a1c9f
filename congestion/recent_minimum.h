#pragma once
/// The smallest of the durations seen of late, such as the round-trip time of a path without
/// queues: what is older than the memory is forgotten, so that a path that became longer is found
/// out. Owned by a controller; a plain value of fixed size. The base history of RFC 6817 s2.4.2.
///
/// It keeps one minimum for each of `kSpans` spans of time in a row. The memory therefore reaches
/// back between `kSpans - 1` and `kSpans` spans.

#include <algorithm>
#include <array>
#include <cstddef>

#include "hawser/time.h"

namespace hawser {

template <std::size_t kSpans>
class RecentMinimum {
 public:
  RecentMinimum() { clear(); }

  /// `span`, positive, may differ from call to call.
  void add(TimePoint now, Duration value, Duration span) {
    if (now - start_ >= span * static_cast<std::int64_t>(kSpans)) {
      clear();
      start_ = now;
    }
    for (; now - start_ >= span; start_ += span) {
      std::shift_right(minima_.begin(), minima_.end(), 1);
      minima_.front() = kForever;
    }
    minima_.front() = std::min(minima_.front(), value);
  }
  /// `kForever` if nothing is remembered.
  Duration value() const { return *std::min_element(minima_.begin(), minima_.end()); }
  void clear() { minima_.fill(kForever); }

 private:
  std::array<Duration, kSpans> minima_;  ///< the newest span first
  TimePoint start_;                      ///< of the newest span
};

}  // namespace hawser
