#include "hawser/netsim/trace_hash.h"

#include <array>
#include <bit>
#include <cstddef>
#include <cstring>
#include <span>

namespace hawser::netsim {
namespace {

// Odd, so that multiplying loses nothing; the fractional digits of the golden ratio.
constexpr std::uint64_t kFactor = 0x9E3779B97F4A7C15ULL;

constexpr std::uint64_t byte_swap(std::uint64_t word) {
  std::uint64_t swapped = 0;
  for (int i = 0; i < 8; ++i, word >>= 8) swapped = (swapped << 8) | (word & 0xFF);
  return swapped;
}

std::uint64_t read_word(const std::uint8_t* bytes, std::size_t count = 8) {
  std::uint64_t word = 0;
  std::memcpy(&word, bytes, count);
  return std::endian::native == std::endian::little ? word : byte_swap(word);
}

// Invertible in both arguments: where one differs, so does the result. The product carries
// differences upwards, the shift back down.
constexpr std::uint64_t mix(std::uint64_t state, std::uint64_t word) {
  const std::uint64_t product = (state ^ word) * kFactor;
  return product ^ (product >> 32);
}

// Four lanes side by side: a multiplication waits only for the one before it in its lane. They are
// named one by one, or they would live in memory.
std::array<std::uint64_t, 4> digest(std::span<const std::uint8_t> bytes) {
  std::uint64_t a = 1;
  std::uint64_t b = 2;
  std::uint64_t c = 3;
  std::uint64_t d = 4;
  const std::uint8_t* next = bytes.data();
  std::size_t left = bytes.size();
  for (; left >= 32; left -= 32, next += 32) {
    a = mix(a, read_word(next));
    b = mix(b, read_word(next + 8));
    c = mix(c, read_word(next + 16));
    d = mix(d, read_word(next + 24));
  }
  std::array<std::uint64_t, 4> lanes{a, b, c, d};
  for (std::uint64_t& lane : lanes) {
    if (left == 0) break;
    const std::size_t count = left < 8 ? left : 8;
    lane = mix(lane, read_word(next, count));
    next += count;
    left -= count;
  }
  return lanes;
}

}  // namespace

void TraceHash::absorb(std::uint64_t word) { state_ = mix(state_, word); }

void TraceHash::on_offered(const OfferedDatagram& offered) {
  const Fate& fate = offered.fate;
  const auto flags = static_cast<std::uint64_t>(fate.is_duplicated) |
                     static_cast<std::uint64_t>(fate.is_corrupted) << 1 |
                     static_cast<std::uint64_t>(fate.is_marked) << 2 |
                     static_cast<std::uint64_t>(fate.is_early) << 3 |
                     static_cast<std::uint64_t>(fate.is_late) << 4 |
                     static_cast<std::uint64_t>(fate.is_truncated) << 5 |
                     static_cast<std::uint64_t>(fate.is_extended) << 6 |
                     static_cast<std::uint64_t>(fate.is_misdelivered) << 7;
  const std::span<const std::uint8_t> bytes = offered.datagram.bytes.bytes();
  absorb(static_cast<std::uint64_t>(offered.since_start.count()));
  absorb(std::uint64_t{offered.link} << 32 | static_cast<std::uint64_t>(fate.outcome) << 8 | flags);
  absorb(bytes.size());

  for (const std::uint64_t lane : digest(bytes)) absorb(lane);
}

}  // namespace hawser::netsim
