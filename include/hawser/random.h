#pragma once
/// Where randomness comes from. The core never draws its own: a real endpoint is given the
/// operating system's, a simulation a seeded one, and the type says which.

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace hawser {

/// A source of uniform random bits. Not thread-safe. Ids, cookies and path challenges are as
/// unguessable as the source: give a real endpoint `hawser::SystemRandom` (uv_endpoint.h) only.
class RandomSource {
 public:
  virtual ~RandomSource() = default;
  virtual std::uint64_t next() = 0;

  /// Fills `bytes` with random bits.
  void fill(std::span<std::uint8_t> bytes) {
    for (std::size_t i = 0; i < bytes.size();) {
      std::uint64_t word = next();
      for (int k = 0; k < 8 && i < bytes.size(); ++k, ++i, word >>= 8) {
        bytes[i] = static_cast<std::uint8_t>(word);
      }
    }
  }
  /// A uniform integer in [0, bound); `bound` must not be 0. The same on every platform.
  std::uint64_t below(std::uint64_t bound) {
    // Rejection: the lowest `2^64 mod bound` values would be drawn once too often.
    const std::uint64_t threshold = (0 - bound) % bound;
    for (;;) {
      const std::uint64_t word = next();
      if (word >= threshold) return word % bound;
    }
  }
};

/// A deterministic generator for simulations and tests, never for real endpoints: its output is
/// predictable. xoshiro256** seeded through SplitMix64 (Blackman and Vigna, 2018).
class SeededRandom final : public RandomSource {
 public:
  explicit SeededRandom(std::uint64_t seed) {
    for (auto& word : state_) word = split_mix(seed);
  }
  std::uint64_t next() override {
    const std::uint64_t result = rotate(state_[1] * 5, 7) * 9;
    const std::uint64_t shifted = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= shifted;
    state_[3] = rotate(state_[3], 45);
    return result;
  }
  /// A generator whose draws do not depend on how often this one is asked: the same (seed, label)
  /// gives the same stream. Used to give each link and each impairment its own.
  static SeededRandom stream(std::uint64_t seed, std::uint64_t label) {
    std::uint64_t mixed = seed;
    const std::uint64_t first = split_mix(mixed);
    mixed = first ^ (label * 0x9E3779B97F4A7C15ULL);
    return SeededRandom(split_mix(mixed));
  }

 private:
  static constexpr std::uint64_t rotate(std::uint64_t word, int bits) {
    return (word << bits) | (word >> (64 - bits));
  }
  static constexpr std::uint64_t split_mix(std::uint64_t& state) {
    state += 0x9E3779B97F4A7C15ULL;
    std::uint64_t word = state;
    word = (word ^ (word >> 30)) * 0xBF58476D1CE4E5B9ULL;
    word = (word ^ (word >> 27)) * 0x94D049BB133111EBULL;
    return word ^ (word >> 31);
  }
  std::array<std::uint64_t, 4> state_{};
};

}  // namespace hawser
