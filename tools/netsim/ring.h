#pragma once
/// A queue that keeps its slots: for datagrams, which std::deque would buy a block for every few
/// of. Used by the queue and the delay line of a link.

#include <cstddef>
#include <utility>
#include <vector>

#include "hawser/assert.h"

namespace hawser::netsim {

/// Grows by doubling and never shrinks. `T` is default-constructible and movable; what a moved-from
/// slot still holds is its business. Not thread-safe.
template <typename T>
class Ring {
 public:
  bool empty() const { return size_ == 0; }
  std::size_t size() const { return size_; }
  T& front() {
    HAWSER_ASSERT(size_ > 0);
    return slots_[head_];
  }
  const T& front() const { return const_cast<Ring&>(*this).front(); }
  const T& back() const {
    HAWSER_ASSERT(size_ > 0);
    return slots_[(head_ + size_ - 1) & (slots_.size() - 1)];
  }
  void push_back(T&& element) {
    if (size_ == slots_.size()) grow();
    slots_[(head_ + size_++) & (slots_.size() - 1)] = std::move(element);
  }
  /// Takes the front out of the ring.
  T take_front() {
    T element = std::move(front());
    drop_front();
    return element;
  }
  /// Ends the front's turn; what is left in its slot stays there.
  void drop_front() {
    HAWSER_ASSERT(size_ > 0);
    head_ = (head_ + 1) & (slots_.size() - 1);
    --size_;
  }

 private:
  static constexpr std::size_t kFirstCapacity = 16;
  void grow() {
    std::vector<T> larger(slots_.empty() ? kFirstCapacity : slots_.size() * 2);
    for (std::size_t i = 0; i < size_; ++i) {
      larger[i] = std::move(slots_[(head_ + i) & (slots_.size() - 1)]);
    }
    slots_ = std::move(larger);
    head_ = 0;
  }
  std::vector<T> slots_;  // a power of two, or none
  std::size_t head_ = 0;
  std::size_t size_ = 0;
};

}  // namespace hawser::netsim
