#pragma once
/// The core's only allocator after construction: bounded, and it says no instead of throwing.
///
/// Blocks come in size classes and go back to a free list when released, so a warmed-up
/// endpoint calls the system's allocator no more (`Stats::system_allocations` stands still).
/// One pool may serve several endpoints of one thread, as their common budget. Not thread-safe.

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "hawser/assert.h"
#include "hawser/units.h"

namespace hawser {

class MemoryPool {
 public:
  struct Stats {
    ByteCount in_use{0};                   ///< handed out now
    ByteCount reserved{0};                 ///< in use plus kept in free lists
    ByteCount peak{0};                     ///< the highest `in_use`
    std::uint64_t system_allocations = 0;  ///< blocks ever taken from the system's allocator
    std::uint64_t refusals = 0;            ///< requests that the budget or the system refused
  };

  /// `budget`: the most that may be in use at a time. Free blocks are given back to the system
  /// where keeping them would exceed it.
  explicit MemoryPool(ByteCount budget = ByteCount(256 << 20)) : budget_(budget) {}
  /// Every block must have been released (asserted).
  ~MemoryPool() {
    HAWSER_ASSERT(stats_.in_use == ByteCount(0));
    trim();
  }
  MemoryPool(const MemoryPool&) = delete;
  MemoryPool& operator=(const MemoryPool&) = delete;

  /// A block of at least `size` bytes, aligned for any type; nullptr if the budget does not allow
  /// it.
  [[nodiscard]] void* allocate(std::size_t size) {
    const std::size_t cls = class_of(size);
    if (cls >= kClasses) return refuse();
    if (refuse_in_ > 0 && --refuse_in_ == 0) return refuse();
    const ByteCount block(class_size(cls));
    if (stats_.in_use + block > budget_) return refuse();
    FreeBlock* found = free_[cls];
    if (found != nullptr) {
      free_[cls] = found->next;
    } else {
      if (stats_.reserved + block > budget_) trim();
      found = static_cast<FreeBlock*>(std::malloc(block.size()));
      if (found == nullptr) return refuse();
      ++stats_.system_allocations;
      stats_.reserved += block;
    }
    stats_.in_use += block;
    if (stats_.in_use > stats_.peak) stats_.peak = stats_.in_use;
    return found;
  }
  /// Returns a block; `size` must be the one it was asked with. nullptr is ignored.
  void release(void* block, std::size_t size) {
    if (block == nullptr) return;
    const std::size_t cls = class_of(size);
    HAWSER_ASSERT(cls < kClasses && stats_.in_use.value() >= class_size(cls));
    auto* freed = static_cast<FreeBlock*>(block);
    freed->next = free_[cls];
    free_[cls] = freed;
    stats_.in_use -= ByteCount(class_size(cls));
  }
  /// Gives all free blocks back to the system.
  void trim() {
    for (std::size_t cls = 0; cls < kClasses; ++cls) {
      while (free_[cls] != nullptr) {
        FreeBlock* block = free_[cls];
        free_[cls] = block->next;
        stats_.reserved -= ByteCount(class_size(cls));
        std::free(block);
      }
    }
  }
  /// For tests of what becomes of a program that gets no memory: the `nth` request from now on is
  /// refused, counting from 1, and those after it are served again. 0: none is.
  void refuse_nth(std::uint64_t nth) { refuse_in_ = nth; }
  const Stats& stats() const { return stats_; }
  ByteCount budget() const { return budget_; }
  /// The size that a request of `size` really takes.
  static std::size_t block_size(std::size_t size) {
    return static_cast<std::size_t>(class_size(class_of(size)));
  }

 private:
  struct FreeBlock {
    FreeBlock* next;
  };
  // Four classes per doubling waste at most a fifth of a block.
  static constexpr std::size_t kSmallestLog2 = 5;  // 32 bytes
  static constexpr std::size_t kClasses = 101;     // up to 1 GiB

  static std::size_t class_of(std::size_t size) {
    if (size <= (std::size_t{1} << kSmallestLog2)) return 0;
    const std::size_t below = size - 1;
    const auto log2 = static_cast<std::size_t>(std::bit_width(below)) - 1;
    return (log2 - kSmallestLog2) * 4 + ((below >> (log2 - 2)) & 3) + 1;
  }
  static std::int64_t class_size(std::size_t cls) {
    if (cls == 0) return std::int64_t{1} << kSmallestLog2;
    const std::size_t log2 = (cls - 1) / 4 + kSmallestLog2;
    return static_cast<std::int64_t>((cls - 1) % 4 + 5) << (log2 - 2);
  }
  void* refuse() {
    ++stats_.refusals;
    return nullptr;
  }

  ByteCount budget_;
  std::uint64_t refuse_in_ = 0;
  Stats stats_;
  std::array<FreeBlock*, kClasses> free_{};
};

}  // namespace hawser
