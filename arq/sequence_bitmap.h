#pragma once
/// A set of Sequences within a window that moves upward, in which the member nearest to a Sequence
/// is found in constant time. Owned by the send window, which keeps two. Not thread-safe.

#include <cstdint>
#include <optional>

#include "hawser/pool_ring.h"
#include "hawser/units.h"

namespace hawser {

/// One bit per Sequence, and above them one bit per 64 of those: a search looks at one word of
/// bits and at one summary word per 4096 Sequences of the window.
class SequenceBitmap {
 public:
  explicit SequenceBitmap(MemoryPool& pool) : words_(pool), summary_(pool) {}

  /// Makes room for `sequence`, which must not be below the base. False: no memory.
  [[nodiscard]] bool extend(Sequence sequence);
  /// Adds one for which there is room (asserted).
  void insert(Sequence sequence);
  /// Takes one out; nothing happens if it is not in.
  void erase(Sequence sequence);
  /// The smallest member at or above `from`.
  std::optional<Sequence> next(Sequence from) const;
  /// The largest member at or below `from`.
  std::optional<Sequence> previous(Sequence from) const;
  std::size_t count() const { return count_; }

  /// Moves the base up. No member may be below it (asserted).
  void raise_base(Sequence base);
  /// Gives the memory back. It must be empty (asserted); the next base is `base`.
  void release(Sequence base);

 private:
  static constexpr std::uint64_t kBits = 64;
  using Word = std::uint64_t;

  /// The smallest word, by absolute number, at or above `word` that has a bit.
  std::optional<std::uint64_t> next_word(std::uint64_t word) const;
  /// The largest word at or below `word` that has a bit.
  std::optional<std::uint64_t> previous_word(std::uint64_t word) const;
  bool holds(std::uint64_t word) const {
    return word >= first_word_ && word - first_word_ < words_.size();
  }

  // Words carry absolute numbers (Sequence / 64), so that nothing moves when the window does.
  PoolRing<Word> words_;
  PoolRing<Word> summary_;
  std::uint64_t first_word_ = 0;
  std::uint64_t first_summary_ = 0;
  std::size_t count_ = 0;
};

}  // namespace hawser
