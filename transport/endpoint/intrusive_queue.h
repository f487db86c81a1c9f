#pragma once
/// A queue of things that carry their own links: joining and leaving never needs memory and takes
/// constant time. An element is in each queue at most once.
///
/// `T` has a member of type `QueueLink<T>` for each kind of queue it can be in. Elements must stay
/// where they are and leave before they die. Not thread-safe.

#include "hawser/assert.h"

namespace hawser {

template <typename T>
struct QueueLink {
  T* next = nullptr;
  T* previous = nullptr;
  bool is_queued = false;
};

template <typename T, QueueLink<T> T::*kLink>
class IntrusiveQueue {
 public:
  IntrusiveQueue() = default;
  IntrusiveQueue(const IntrusiveQueue&) = delete;
  IntrusiveQueue& operator=(const IntrusiveQueue&) = delete;

  bool contains(const T& element) const { return (element.*kLink).is_queued; }
  /// The element whose turn it is, or nullptr.
  T* front() const { return head_; }
  /// Joins at the end, unless it is queued already: then it keeps its place.
  void join(T& element) {
    QueueLink<T>& link = element.*kLink;
    if (link.is_queued) return;
    link = {nullptr, tail_, true};
    (tail_ == nullptr ? head_ : (tail_->*kLink).next) = &element;
    tail_ = &element;
  }
  /// Leaves, if it is queued.
  void leave(T& element) {
    QueueLink<T>& link = element.*kLink;
    if (!link.is_queued) return;
    (link.previous == nullptr ? head_ : (link.previous->*kLink).next) = link.next;
    (link.next == nullptr ? tail_ : (link.next->*kLink).previous) = link.previous;
    link = {};
  }
  /// The front goes to the end.
  void rotate() {
    T* element = head_;
    HAWSER_ASSERT(element != nullptr);
    leave(*element);
    join(*element);
  }

 private:
  T* head_ = nullptr;
  T* tail_ = nullptr;
};

}  // namespace hawser
