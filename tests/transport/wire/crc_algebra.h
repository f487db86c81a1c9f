#pragma once
/// CRC32C as linear algebra: which errors a checksum cannot see, without trying them one by one.
///
/// Flipping a bit of a packet changes (checksum computed) xor (checksum sent) by a value that
/// depends on the bit's place alone, its syndrome; several flips change it by the xor of theirs. An
/// error is missed exactly where that is zero. Bits are counted as the CRC takes them: the lowest
/// of a byte first.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace hawser::wire::samples {

/// The syndromes of all bits of a packet and of the 64 bits of the unsent number in front of it.
class Syndromes {
 public:
  explicit Syndromes(std::size_t packet_size) : of_bit_(kNumberBits + 8 * packet_size) {
    // The last bit of the trailer is the highest of the checksum; one place earlier is one step of
    // the shift register further.
    std::uint32_t syndrome = 0x80000000;
    for (auto at = of_bit_.rbegin(); at != of_bit_.rend(); ++at) {
      *at = syndrome;
      syndrome = syndrome >> 1 ^ ((syndrome & 1) != 0 ? 0x82F63B78 : 0);
    }
  }
  /// Of the packet's bits, the first one of the first byte first.
  std::span<const std::uint32_t> packet() const { return std::span(of_bit_).subspan(kNumberBits); }
  /// Of a change of the number in the pseudo-header.
  std::uint32_t of_number(std::uint64_t difference) const {
    std::uint32_t syndrome = 0;
    for (std::size_t bit = 0; bit < kNumberBits; ++bit) {
      // Network order: the highest byte stands first, within it the lowest bit.
      const std::size_t place = (7 - bit / 8) * 8 + bit % 8;
      if ((difference >> bit & 1) != 0) syndrome ^= of_bit_[place];
    }
    return syndrome;
  }

 private:
  static constexpr std::size_t kNumberBits = 64;
  std::vector<std::uint32_t> of_bit_;
};

/// A set of syndromes that answers quickly whether it holds one.
class SyndromeSet {
 public:
  explicit SyndromeSet(std::span<const std::uint32_t> syndromes)
      : sorted_(syndromes.begin(), syndromes.end()), may_hold_(std::size_t{1} << kFilterBits) {
    std::ranges::sort(sorted_);
    for (const std::uint32_t syndrome : sorted_) may_hold_[filter_of(syndrome)] = 1;
  }
  bool holds(std::uint32_t syndrome) const {
    return may_hold_[filter_of(syndrome)] != 0 && std::ranges::binary_search(sorted_, syndrome);
  }
  /// Whether at most `flips` (0..2) of its bits together have the syndrome `target`.
  bool reaches(std::uint32_t target, std::size_t flips) const {
    if (target == 0) return true;
    if (flips >= 1 && holds(target)) return true;
    return flips >= 2 && std::ranges::any_of(sorted_, [this, target](std::uint32_t syndrome) {
             return holds(target ^ syndrome);
           });
  }
  bool has_duplicates() const { return std::ranges::adjacent_find(sorted_) != sorted_.end(); }

 private:
  static constexpr unsigned kFilterBits = 20;
  static std::size_t filter_of(std::uint32_t syndrome) { return syndrome >> (32 - kFilterBits); }

  std::vector<std::uint32_t> sorted_;
  std::vector<std::uint8_t> may_hold_;
};

/// Up to 32 bits close to each other, prepared for the question: which of them, flipped together,
/// have a given syndrome?
class BurstWindow {
 public:
  explicit BurstWindow(std::span<const std::uint32_t> syndromes) {
    for (std::size_t i = 0; i < syndromes.size(); ++i) insert(syndromes[i], std::uint32_t{1} << i);
  }
  /// With full rank no two patterns have the same syndrome, and only the empty one has zero.
  std::size_t rank() const { return rank_; }
  /// The pattern with the syndrome `target`, bit i for the window's i-th bit.
  std::optional<std::uint32_t> solve(std::uint32_t target) const {
    std::uint32_t pattern = 0;
    for (std::size_t top = 32; top-- > 0;) {
      if ((target >> top & 1) == 0) continue;
      if (rows_[top].value == 0) return std::nullopt;
      target ^= rows_[top].value;
      pattern ^= rows_[top].pattern;
    }
    return pattern;
  }

 private:
  struct Row {
    std::uint32_t value = 0;    // its highest bit is the row's index
    std::uint32_t pattern = 0;  // the flips that give it
  };
  void insert(std::uint32_t value, std::uint32_t pattern) {
    for (std::size_t top = 32; top-- > 0 && value != 0;) {
      if ((value >> top & 1) == 0) continue;
      if (rows_[top].value == 0) {
        rows_[top] = {.value = value, .pattern = pattern};
        ++rank_;
        return;
      }
      value ^= rows_[top].value;
      pattern ^= rows_[top].pattern;
    }
  }

  std::array<Row, 32> rows_{};
  std::size_t rank_ = 0;
};

}  // namespace hawser::wire::samples
