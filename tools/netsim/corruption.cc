#include "tools/netsim/corruption.h"

#include <algorithm>

#include "hawser/random.h"

namespace hawser::netsim {

std::optional<Damage> CorruptionModel::draw(Probability probability) {
  const bool is_damaged = probability.draw(random_);
  const Damage damage{random_.next()};
  return is_damaged ? std::optional(damage) : std::nullopt;
}

Buffer damaged_copy(MemoryPool& pool, const Buffer& original, std::uint32_t bits, Damage damage) {
  Buffer copy = Buffer::copy_of(pool, original.bytes());
  if (copy.is_null() || copy.size() == 0) return copy;
  const auto before = original.bytes();
  const auto after = copy.writable();
  const std::uint64_t bits_in_all = before.size() * 8;
  SeededRandom place(damage.seed);
  for (std::uint64_t left = std::min<std::uint64_t>(bits, bits_in_all); left > 0;) {
    const std::uint64_t position = place.below(bits_in_all);
    const auto mask = static_cast<std::uint8_t>(1U << (position & 7));
    const auto index = static_cast<std::size_t>(position >> 3);
    // The original tells which bits were flipped already: flipping one back would undo damage.
    if (((before[index] ^ after[index]) & mask) != 0) continue;
    after[index] = static_cast<std::uint8_t>(after[index] ^ mask);
    --left;
  }
  return copy;
}

}  // namespace hawser::netsim
