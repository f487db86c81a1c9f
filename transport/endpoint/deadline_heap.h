#pragma once
/// The deadlines of many things, the earliest at hand: a binary heap in which each element knows
/// its place, so that a deadline moves in O(log n) and the earliest is read in O(1).
///
/// `T` has a member `std::size_t heap_place`, initially `kNotInHeap`, which is the heap's own.
/// Elements must stay where they are and leave before they die. On pool memory, reserved ahead, so
/// that setting a deadline cannot fail. Equal deadlines come in an unspecified but reproducible
/// order. Not thread-safe.

#include "hawser/pool_ring.h"
#include "hawser/time.h"

namespace hawser {

inline constexpr std::size_t kNotInHeap = SIZE_MAX;

template <typename T>
class DeadlineHeap {
 public:
  explicit DeadlineHeap(MemoryPool& pool) : entries_(pool) {}

  /// Makes room for `count` elements in all. False if the pool refuses.
  [[nodiscard]] bool reserve(std::size_t count) { return entries_.reserve(count); }
  /// kNever if there is none.
  TimePoint earliest() const { return entries_.empty() ? kNever : entries_.front().deadline; }
  /// The element with the earliest deadline, or nullptr.
  T* front() const { return entries_.empty() ? nullptr : entries_.front().element; }
  std::size_t size() const { return entries_.size(); }

  /// Sets or moves an element's deadline; kNever takes it out. There must be room (asserted).
  void set(T& element, TimePoint deadline) {
    if (deadline == kNever) return remove(element);
    std::size_t place = element.heap_place;
    if (place == kNotInHeap) {
      place = entries_.size();
      const bool has_room = entries_.push_back({deadline, &element});
      HAWSER_ASSERT(has_room);
      element.heap_place = place;
    }
    const bool is_earlier = deadline <= entries_[place].deadline;
    entries_[place].deadline = deadline;
    is_earlier ? sift_up(place) : sift_down(place);
  }
  /// Takes an element out, if it is in.
  void remove(T& element) {
    const std::size_t place = element.heap_place;
    if (place == kNotInHeap) return;
    const Entry last = entries_.back();
    entries_.pop_back();
    element.heap_place = kNotInHeap;
    if (last.element == &element) return;
    put(place, last);
    sift_up(place);
    sift_down(last.element->heap_place);
  }
  /// Gives the memory back to the pool. It must be empty (asserted).
  void release() {
    HAWSER_ASSERT(entries_.empty());
    entries_.release();
  }

 private:
  struct Entry {
    TimePoint deadline;
    T* element;
  };

  void put(std::size_t place, const Entry& entry) {
    entries_[place] = entry;
    entry.element->heap_place = place;
  }
  void sift_up(std::size_t place) {
    const Entry entry = entries_[place];
    while (place > 0) {
      const std::size_t parent = (place - 1) / 2;
      if (entries_[parent].deadline <= entry.deadline) break;
      put(place, entries_[parent]);
      place = parent;
    }
    put(place, entry);
  }
  void sift_down(std::size_t place) {
    const Entry entry = entries_[place];
    for (;;) {
      std::size_t child = 2 * place + 1;
      if (child >= entries_.size()) break;
      const bool has_right = child + 1 < entries_.size();
      if (has_right && entries_[child + 1].deadline < entries_[child].deadline) ++child;
      if (entry.deadline <= entries_[child].deadline) break;
      put(place, entries_[child]);
      place = child;
    }
    put(place, entry);
  }

  PoolRing<Entry> entries_;
};

}  // namespace hawser
