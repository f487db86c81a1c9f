#pragma once
/// SipHash-2-4 (Aumasson and Bernstein, 2012): a keyed hash for short inputs. Cookies, tokens,
/// reset tokens and address buckets rest on it; without the key its values cannot be guessed.
/// Thread-safe: pure functions and a small value.

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace hawser::wire {

using SipHashKey = std::span<const std::uint8_t, 16>;

/// Hashes bytes that come in pieces; the cut between the pieces does not matter.
class SipHash {
 public:
  enum class Output : std::uint8_t { bits64, bits128 };

  explicit SipHash(SipHashKey key, Output output = Output::bits64);
  void update(std::span<const std::uint8_t> bytes);
  /// The hash of all bytes so far, for an object made for 64 or 128 bits (asserted). Ends the
  /// object's use.
  std::uint64_t finish64();
  /// The reference's byte order: both halves little-endian, the first one first.
  std::array<std::uint8_t, 16> finish128();

 private:
  void compress(std::uint64_t word);
  void rounds(int count);
  void finish_input();
  std::uint64_t fold() const { return state_[0] ^ state_[1] ^ state_[2] ^ state_[3]; }

  std::array<std::uint64_t, 4> state_;
  std::uint64_t pending_ = 0;  ///< bytes of an unfinished word, the first one lowest
  std::uint64_t size_ = 0;
  Output output_;
};

std::uint64_t siphash64(SipHashKey key, std::span<const std::uint8_t> bytes);
std::array<std::uint8_t, 16> siphash128(SipHashKey key, std::span<const std::uint8_t> bytes);

}  // namespace hawser::wire
