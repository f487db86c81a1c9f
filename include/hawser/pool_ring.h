#pragma once
/// A queue on pool memory that is also indexable: the core's replacement for std::deque.
///
/// Grows by doubling and reports failure instead of throwing; gives its memory back when
/// `release`d. Elements must be trivially copyable. Not thread-safe.

#include <cstddef>
#include <cstring>
#include <type_traits>
#include <utility>

#include "hawser/memory_pool.h"

namespace hawser {

template <typename T>
class PoolRing {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  explicit PoolRing(MemoryPool& pool) : pool_(&pool) {}
  PoolRing(PoolRing&& other) noexcept
      : pool_(other.pool_),
        slots_(std::exchange(other.slots_, nullptr)),
        capacity_(std::exchange(other.capacity_, 0)),
        head_(std::exchange(other.head_, 0)),
        size_(std::exchange(other.size_, 0)) {}
  PoolRing(const PoolRing&) = delete;
  PoolRing& operator=(const PoolRing&) = delete;
  PoolRing& operator=(PoolRing&&) = delete;
  ~PoolRing() { release(); }

  bool empty() const { return size_ == 0; }
  std::size_t size() const { return size_; }
  T& operator[](std::size_t index) {
    HAWSER_ASSERT(index < size_);
    return slots_[(head_ + index) & (capacity_ - 1)];
  }
  const T& operator[](std::size_t index) const { return const_cast<PoolRing&>(*this)[index]; }
  T& front() { return (*this)[0]; }
  const T& front() const { return (*this)[0]; }
  T& back() { return (*this)[size_ - 1]; }
  const T& back() const { return (*this)[size_ - 1]; }

  /// Makes room for `count` elements in all. False if the pool refuses; nothing changed then.
  [[nodiscard]] bool reserve(std::size_t count) {
    if (count <= capacity_) return true;
    std::size_t capacity = capacity_ == 0 ? kFirstCapacity : capacity_;
    while (capacity < count) capacity *= 2;
    auto* slots = static_cast<T*>(pool_->allocate(capacity * sizeof(T)));
    if (slots == nullptr) return false;
    for (std::size_t i = 0; i < size_; ++i) slots[i] = (*this)[i];
    if (slots_ != nullptr) pool_->release(slots_, capacity_ * sizeof(T));
    slots_ = slots;
    capacity_ = capacity;
    head_ = 0;
    return true;
  }
  [[nodiscard]] bool push_back(const T& element) {
    if (!reserve(size_ + 1)) return false;
    slots_[(head_ + size_++) & (capacity_ - 1)] = element;
    return true;
  }
  void pop_front() { pop_front(1); }
  void pop_front(std::size_t count) {
    HAWSER_ASSERT(count <= size_);
    head_ = capacity_ == 0 ? 0 : (head_ + count) & (capacity_ - 1);
    size_ -= count;
  }
  void pop_back() {
    HAWSER_ASSERT(size_ > 0);
    --size_;
  }
  /// Inserts before `index`, moving what lies on its shorter side: linear, and cheap near both
  /// ends.
  [[nodiscard]] bool insert(std::size_t index, const T& element) {
    HAWSER_ASSERT(index <= size_);
    const T copy = element;  // it may be one of ours
    if (!reserve(size_ + 1)) return false;
    ++size_;
    if (index < size_ / 2) {
      head_ = (head_ + capacity_ - 1) & (capacity_ - 1);
      for (std::size_t i = 0; i < index; ++i) (*this)[i] = (*this)[i + 1];
    } else {
      for (std::size_t i = size_ - 1; i > index; --i) (*this)[i] = (*this)[i - 1];
    }
    (*this)[index] = copy;
    return true;
  }
  /// Removes `count` elements from `index` on, moving what lies on their shorter side. Linear.
  void erase(std::size_t index, std::size_t count = 1) {
    HAWSER_ASSERT(count <= size_ && index <= size_ - count);
    const std::size_t behind = size_ - count - index;
    if (index < behind) {
      for (std::size_t i = index; i > 0; --i) (*this)[i - 1 + count] = (*this)[i - 1];
      pop_front(count);
    } else {
      for (std::size_t i = index; i < index + behind; ++i) (*this)[i] = (*this)[i + count];
      size_ -= count;
    }
  }
  void clear() {
    head_ = 0;
    size_ = 0;
  }
  /// Empties it and gives the memory back to the pool.
  void release() {
    if (slots_ != nullptr) pool_->release(slots_, capacity_ * sizeof(T));
    slots_ = nullptr;
    capacity_ = 0;
    clear();
  }

 private:
  static constexpr std::size_t kFirstCapacity = 8;
  MemoryPool* pool_;
  T* slots_ = nullptr;
  std::size_t capacity_ = 0;  // a power of two, or 0
  std::size_t head_ = 0;
  std::size_t size_ = 0;
};

}  // namespace hawser
