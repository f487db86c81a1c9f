#pragma once
/// A bounded, sorted set of numbers kept as disjoint ranges: which packets arrived, which were
/// acknowledged. Insertion near the top is constant time; it never grows beyond its bound.

#include <cstddef>
#include <optional>

#include "hawser/pool_ring.h"

namespace hawser {

/// `Number` is an `Ordinal`. Not thread-safe.
template <typename Number>
class RangeSet {
 public:
  struct Range {
    Number smallest;
    Number largest;
    bool operator==(const Range&) const = default;
  };
  enum class Insert { added, duplicate, below_floor, no_memory };

  /// At most `ranges_max` (>= 1) ranges are kept; beyond that the lowest is forgotten and the floor
  /// rises above it.
  RangeSet(MemoryPool& pool, std::size_t ranges_max) : ranges_(pool), ranges_max_(ranges_max) {
    HAWSER_ASSERT(ranges_max >= 1);
  }

  /// Adds one number. Numbers below the floor are refused: whether they were in is not known.
  /// `no_memory` changes nothing.
  Insert insert(Number number);
  /// Whether it is in the set. Below the floor the answer is true: it counts as seen.
  bool contains(Number number) const;
  /// Forgets all below `floor`; numbers below it count as seen from now on. It never sinks.
  void raise_floor(Number floor);

  bool empty() const { return ranges_.empty(); }
  /// How many ranges there are.
  std::size_t size() const { return ranges_.size(); }
  /// Range `index`, 0 the lowest.
  const Range& operator[](std::size_t index) const { return ranges_[index]; }
  std::optional<Number> largest() const {
    return empty() ? std::nullopt : std::optional(ranges_.back().largest);
  }
  Number floor() const { return floor_; }

 private:
  std::size_t index_above(Number number) const;
  Insert insert_alone(std::size_t index, Number number);

  PoolRing<Range> ranges_;
  std::size_t ranges_max_;
  Number floor_;
};

/// The index of the lowest range that begins above `number`; the one below it may hold `number`.
template <typename Number>
std::size_t RangeSet<Number>::index_above(Number number) const {
  // Strides that double from the top: most numbers belong to the highest range or near it.
  std::size_t low = 0;
  std::size_t high = ranges_.size();
  for (std::size_t stride = 1; low < high; stride *= 2) {
    const std::size_t probe = high > stride ? high - stride : 0;
    if (ranges_[probe].smallest <= number) {
      low = probe + 1;
      break;
    }
    high = probe;
  }
  while (low < high) {
    const std::size_t middle = low + (high - low) / 2;
    if (ranges_[middle].smallest <= number) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return high;
}

template <typename Number>
typename RangeSet<Number>::Insert RangeSet<Number>::insert(Number number) {
  if (number < floor_) return Insert::below_floor;
  const std::size_t above = index_above(number);
  if (above > 0 && number <= ranges_[above - 1].largest) return Insert::duplicate;

  const bool extends_below = above > 0 && ranges_[above - 1].largest.next() == number;
  const bool extends_above = above < size() && number.next() == ranges_[above].smallest;
  if (extends_below && extends_above) {
    ranges_[above - 1].largest = ranges_[above].largest;
    ranges_.erase(above);
  } else if (extends_below) {
    ranges_[above - 1].largest = number;
  } else if (extends_above) {
    ranges_[above].smallest = number;
  } else {
    return insert_alone(above, number);
  }
  return Insert::added;
}

/// Adds a range of one number before range `index`.
template <typename Number>
typename RangeSet<Number>::Insert RangeSet<Number>::insert_alone(std::size_t index, Number number) {
  if (size() == ranges_max_) {
    if (index == 0) {  // it would itself be the lowest and thus the one to forget
      floor_ = number.next();
      return Insert::added;
    }
    floor_ = ranges_.front().largest.next();
    ranges_.pop_front();
    --index;
  }
  return ranges_.insert(index, Range{number, number}) ? Insert::added : Insert::no_memory;
}

template <typename Number>
bool RangeSet<Number>::contains(Number number) const {
  if (number < floor_) return true;
  const std::size_t above = index_above(number);
  return above > 0 && number <= ranges_[above - 1].largest;
}

template <typename Number>
void RangeSet<Number>::raise_floor(Number floor) {
  if (floor <= floor_) return;
  floor_ = floor;
  while (!empty() && ranges_.front().largest < floor) ranges_.pop_front();
  if (!empty() && ranges_.front().smallest < floor) ranges_.front().smallest = floor;
}

}  // namespace hawser
