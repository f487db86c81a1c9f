// The CRC32C instruction of SSE4.2.
//
// It takes one cycle to start and three to finish, so three chains run side by side over three
// equal lanes of the data; carry-less multiplication then moves the first two behind the third:
// appending n zero bytes to a message multiplies its CRC by x^(8n) modulo the polynomial.
#include "transport/wire/checksum_engines.h"

#if defined(__x86_64__)
#include <immintrin.h>

#include <array>
#include <cstring>
#endif

namespace hawser::wire {
#if defined(__x86_64__)
namespace {

/// A lane is at most this many words of 8 bytes; longer data takes several rounds.
constexpr std::size_t kLaneWordsMax = 128;
/// Below this a single chain is faster.
constexpr std::size_t kLaneWordsMin = 4;

/// x^bits modulo the polynomial, reflected: the highest bit is the coefficient of x^0.
constexpr std::uint32_t power_of_x(std::size_t bits) {
  std::uint32_t power = 0x80000000;
  for (; bits > 0; --bits) power = power >> 1 ^ ((power & 1) != 0 ? kCrc32cReflected : 0);
  return power;
}

/// Entry n moves a CRC over n words. A reflected carry-less product comes out multiplied by x, and
/// the instruction that reduces it appends 32 bits: hence 33 less.
constexpr std::array<std::uint32_t, 2 * kLaneWordsMax + 1> make_shifts() {
  std::array<std::uint32_t, 2 * kLaneWordsMax + 1> shifts{};
  std::uint32_t shift = power_of_x(64 - 33);
  for (std::size_t words = 1; words < shifts.size(); ++words) {
    shifts[words] = shift;
    for (int bit = 0; bit < 64; ++bit) {
      shift = shift >> 1 ^ ((shift & 1) != 0 ? kCrc32cReflected : 0);
    }
  }
  return shifts;
}

constexpr auto kShifts = make_shifts();

inline std::uint64_t load_word(const std::uint8_t* bytes) {
  std::uint64_t word = 0;
  std::memcpy(&word, bytes, sizeof(word));
  return word;
}

/// `crc` times a power of x, before its reduction.
__attribute__((target("sse4.2,pclmul"))) inline std::uint64_t shifted(std::uint64_t crc,
                                                                      std::uint32_t power) {
  const __m128i product = _mm_clmulepi64_si128(_mm_cvtsi64_si128(static_cast<long long>(crc)),
                                               _mm_cvtsi32_si128(static_cast<int>(power)), 0);
  return static_cast<std::uint64_t>(_mm_cvtsi128_si64(product));
}

/// Takes three lanes of `words` words each; returns the register behind them.
__attribute__((target("sse4.2,pclmul"))) std::uint64_t three_lanes(std::uint64_t crc,
                                                                   const std::uint8_t* bytes,
                                                                   std::size_t words) {
  const std::uint8_t* const second = bytes + 8 * words;
  const std::uint8_t* const third = second + 8 * words;
  std::uint64_t crc_second = 0;
  std::uint64_t crc_third = 0;
  for (std::size_t i = 0; i + 1 < words; ++i) {
    crc = _mm_crc32_u64(crc, load_word(bytes + 8 * i));
    crc_second = _mm_crc32_u64(crc_second, load_word(second + 8 * i));
    crc_third = _mm_crc32_u64(crc_third, load_word(third + 8 * i));
  }
  const std::size_t last = 8 * (words - 1);
  crc = _mm_crc32_u64(crc, load_word(bytes + last));
  crc_second = _mm_crc32_u64(crc_second, load_word(second + last));
  // The third lane's last word is reduced together with the two products.
  const std::uint64_t moved =
      shifted(crc, kShifts[2 * words]) ^ shifted(crc_second, kShifts[words]);
  return _mm_crc32_u64(crc_third, load_word(third + last) ^ moved);
}

__attribute__((target("sse4.2,pclmul"))) std::uint32_t extend(std::uint32_t crc,
                                                              std::span<const std::uint8_t> bytes) {
  std::uint64_t state = ~crc;
  const std::uint8_t* at = bytes.data();
  std::size_t left = bytes.size();
  while (left >= 3 * 8 * kLaneWordsMin) {
    const std::size_t words = left / 24 < kLaneWordsMax ? left / 24 : kLaneWordsMax;
    state = three_lanes(state, at, words);
    at += 24 * words;
    left -= 24 * words;
  }
  for (; left >= 8; at += 8, left -= 8) state = _mm_crc32_u64(state, load_word(at));
  auto narrow = static_cast<std::uint32_t>(state);
  for (; left > 0; ++at, --left) narrow = _mm_crc32_u8(narrow, *at);
  return ~narrow;
}

}  // namespace

ChecksumEngine sse42_engine() {
  return {.name = "sse4.2",
          .is_available = __builtin_cpu_supports("sse4.2") && __builtin_cpu_supports("pclmul"),
          .extend = extend};
}
#else
ChecksumEngine sse42_engine() {
  return {.name = "sse4.2", .is_available = false, .extend = nullptr};
}
#endif
}  // namespace hawser::wire
