#pragma once
/// Which bytes of a message have arrived: disjoint, sorted, merged. Any split is accepted, also
/// pieces that overlap (a segment cut anew after the datagram size fell, and its old copy). Owned
/// by an InboundMessage; the Inbox bounds how many ranges there are in all.

#include <algorithm>
#include <cstdint>

#include "hawser/pool_ring.h"
#include "hawser/units.h"

namespace hawser {

class ByteRanges {
 public:
  explicit ByteRanges(MemoryPool& pool) : ranges_(pool) {}

  /// Adds [begin, end), which must not be empty. False: no memory, nothing changed.
  [[nodiscard]] bool add(ByteCount begin, ByteCount end) {
    const std::size_t first = first_ending_at(begin);
    std::size_t last = first;  // one past the last range that touches the new one
    ByteCount known{0};        // bytes of those that it touches
    while (last < ranges_.size() && ranges_[last].begin <= end) {
      known += ranges_[last].end - ranges_[last].begin;
      ++last;
    }
    if (first == last) {
      if (!ranges_.insert(first, {begin, end})) return false;
      covered_ += end - begin;
      return true;
    }
    const Range merged{std::min(begin, ranges_[first].begin), std::max(end, ranges_[last - 1].end)};
    covered_ += merged.end - merged.begin - known;
    ranges_[first] = merged;
    ranges_.erase(first + 1, last - first - 1);
    return true;
  }
  /// Bytes covered in all.
  ByteCount covered() const { return covered_; }
  /// In how many ranges they lie.
  std::size_t count() const { return ranges_.size(); }
  /// Forgets the ranges and gives their memory back; `covered` stays.
  void release() { ranges_.release(); }

 private:
  struct Range {
    ByteCount begin;
    ByteCount end;
  };

  /// Index of the first range that ends at `begin` or behind it.
  std::size_t first_ending_at(ByteCount begin) const {
    // Mostly a piece goes on where the last one ended.
    if (ranges_.empty() || ranges_.back().end < begin) return ranges_.size();
    if (ranges_.back().begin <= begin) return ranges_.size() - 1;
    std::size_t low = 0;
    std::size_t high = ranges_.size() - 1;
    while (low < high) {
      const std::size_t middle = (low + high) / 2;
      if (ranges_[middle].end < begin) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  PoolRing<Range> ranges_;
  ByteCount covered_{0};
};

}  // namespace hawser
