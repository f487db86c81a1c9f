#pragma once
/// The receiver's side of selective repeat: which segments were accepted, so that each is taken
/// once, and how far the sender may go. A bitmap over the window. Not thread-safe.

#include <cstdint>

#include "hawser/pool_ring.h"
#include "hawser/units.h"

namespace hawser {

class ReceiveWindow {
 public:
  /// The widest window: its bitmap takes 128 KiB when a segment at its far end has arrived.
  static constexpr std::uint64_t kWindowMax = std::uint64_t{1} << 20;

  enum class Verdict : std::uint8_t {
    accepted,   ///< new: take it
    duplicate,  ///< taken before, or skipped
    ahead,      ///< beyond the window
    no_memory   ///< nothing changed
  };
  /// `window`: how many segments beyond the oldest missing one are accepted, 1 to `kWindowMax`
  /// (asserted). 1 makes the receiver of stop-and-wait and go-back-N.
  /// `skip_window`: how far beyond it a skip may reach, `window` to `kWindowMax` (asserted). More
  /// than `window` for those two: their sender runs ahead of what they accept, and may have to
  /// abandon what it sent.
  ReceiveWindow(MemoryPool& pool, std::uint64_t window, std::uint64_t skip_window);
  ReceiveWindow(MemoryPool& pool, std::uint64_t window) : ReceiveWindow(pool, window, window) {}

  /// Judges a segment without taking it.
  Verdict judge(Sequence sequence) const;
  /// Takes it if it is new and inside.
  Verdict accept(Sequence sequence);
  /// The sender will never send these (again): they count as received. `accepted` if any was
  /// missing, else `duplicate`. Ranges beyond the skip window give `ahead` and change nothing; an
  /// inverted range is empty, hence a `duplicate`.
  Verdict skip(Sequence smallest, Sequence largest);

  /// The oldest missing segment.
  Sequence base() const { return base_; }
  /// First Sequence that is not accepted: base + window. The credit to announce.
  Sequence limit() const { return base_ + window_; }
  /// How many Sequences the bitmap spans now, from just below the base: what this window costs in
  /// memory, in bits.
  std::uint64_t span() const { return words_.size() * kBits; }

 private:
  static constexpr std::uint64_t kBits = 64;
  using Word = std::uint64_t;

  std::uint64_t word_index(Sequence sequence) const {
    return sequence.value() / kBits - base_.value() / kBits;
  }
  bool extend(Sequence sequence);
  void advance_base();

  // Bit i of word k: Sequence 64 (base / 64 + k) + i was taken. Grows only as far as the furthest
  // segment taken, and is given back when nothing is taken beyond the base.
  PoolRing<Word> words_;
  std::uint64_t window_;
  std::uint64_t skip_window_;
  Sequence base_;
};

}  // namespace hawser
