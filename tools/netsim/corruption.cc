#include "tools/netsim/corruption.h"

#include <algorithm>

#include "hawser/assert.h"
#include "hawser/random.h"

namespace hawser::netsim {
namespace {

struct BitPlace {
  std::size_t byte;
  std::uint8_t mask;
};

BitPlace place_of(std::uint64_t bit) {
  return {static_cast<std::size_t>(bit >> 3), static_cast<std::uint8_t>(1U << (bit & 7))};
}

}  // namespace

Buffer with_flipped_bits(MemoryPool& pool, const Buffer& original, std::uint32_t bits,
                         std::uint64_t seed) {
  Buffer copy = Buffer::copy_of(pool, original.bytes());
  if (copy.is_null() || copy.size() == 0) return copy;
  const auto before = original.bytes();
  const auto after = copy.writable();
  const std::uint64_t bits_in_all = before.size() * 8;
  SeededRandom random(seed);
  for (std::uint64_t left = std::min<std::uint64_t>(bits, bits_in_all); left > 0;) {
    const BitPlace bit = place_of(random.below(bits_in_all));
    // The original tells which bits were flipped already: flipping one back would undo damage.
    if (((before[bit.byte] ^ after[bit.byte]) & bit.mask) != 0) continue;
    after[bit.byte] ^= bit.mask;
    --left;
  }
  return copy;
}

Buffer with_flipped_burst(MemoryPool& pool, const Buffer& original, std::uint32_t longest,
                          std::uint64_t seed) {
  Buffer copy = Buffer::copy_of(pool, original.bytes());
  if (copy.is_null() || copy.size() == 0) return copy;
  const std::uint64_t bits_in_all = copy.size() * 8;
  SeededRandom random(seed);
  const std::uint64_t length = 1 + random.below(std::min<std::uint64_t>(longest, bits_in_all));
  const std::uint64_t first = random.below(bits_in_all - length + 1);
  const std::uint64_t last = first + length - 1;
  const auto bytes = copy.writable();
  for (std::uint64_t at = first; at <= last; ++at) {
    const bool is_end = at == first || at == last;
    if (!is_end && (random.next() >> 63) == 0) continue;
    const BitPlace bit = place_of(at);
    bytes[bit.byte] ^= bit.mask;
  }
  return copy;
}

Buffer truncated(MemoryPool& pool, const Buffer& original, std::uint64_t seed) {
  HAWSER_ASSERT(original.size() >= 2);
  const std::uint64_t length = 1 + SeededRandom(seed).below(original.size() - 1);
  return Buffer::copy_of(pool, original.bytes().first(static_cast<std::size_t>(length)));
}

Buffer extended(MemoryPool& pool, const Buffer& original, std::uint64_t seed) {
  HAWSER_ASSERT(original.size() < kPayloadMax);
  SeededRandom random(seed);
  const std::size_t most = std::min(kExtensionMax, kPayloadMax - original.size());
  const std::size_t length = 1 + static_cast<std::size_t>(random.below(most));
  Buffer copy = Buffer::allocate(pool, original.size() + length);
  if (copy.is_null()) return copy;
  const auto bytes = copy.writable();
  std::ranges::copy(original.bytes(), bytes.begin());
  random.fill(bytes.last(length));
  return copy;
}

}  // namespace hawser::netsim
