#pragma once
/// Which bytes of a message have arrived: disjoint, sorted, merged. Any split is accepted, also
/// pieces that overlap (a segment cut anew after the datagram size fell, and its old copy).

#include <algorithm>
#include <cstdint>

#include "hawser/pool_ring.h"
#include "hawser/units.h"

namespace hawser {

class ByteRanges {
 public:
  explicit ByteRanges(MemoryPool& pool) : ranges_(pool) {}

  /// Adds [begin, end). False: no memory.
  [[nodiscard]] bool add(ByteCount begin, ByteCount end) {
    std::size_t first = ranges_.size();  // first range that touches or lies behind the new one
    while (first > 0 && ranges_[first - 1].end >= begin) --first;
    std::size_t last = first;  // one past the last range that touches it
    while (last < ranges_.size() && ranges_[last].begin <= end) ++last;
    if (first == last) {
      covered_ += end - begin;
      return ranges_.insert(first, {begin, end});
    }
    Range merged{std::min(begin, ranges_[first].begin), std::max(end, ranges_[last - 1].end)};
    for (std::size_t i = first; i < last; ++i) covered_ -= ranges_[i].end - ranges_[i].begin;
    covered_ += merged.end - merged.begin;
    ranges_[first] = merged;
    for (std::size_t i = last; i > first + 1; --i) ranges_.erase(i - 1);
    return true;
  }
  /// Bytes covered in all.
  ByteCount covered() const { return covered_; }

 private:
  struct Range {
    ByteCount begin;
    ByteCount end;
  };
  PoolRing<Range> ranges_;  // bounded by the receive window: each segment adds at most one
  ByteCount covered_{0};
};

}  // namespace hawser
