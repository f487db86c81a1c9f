#pragma once
/// Damage to a payload: what each kind does to the bytes. Pure functions of the bytes and a seed;
/// each gives a copy, or null if the pool refuses.

#include <cstddef>
#include <cstdint>

#include "hawser/buffer.h"

namespace hawser::netsim {

/// The largest UDP payload over IPv4; nothing is extended beyond it.
inline constexpr std::size_t kPayloadMax = 65'507;
/// The most bytes that are appended.
inline constexpr std::size_t kExtensionMax = 64;

/// With `bits` different bits flipped, or all if it has fewer.
Buffer with_flipped_bits(MemoryPool& pool, const Buffer& original, std::uint32_t bits,
                         std::uint64_t seed);
/// With a burst of 1 to `longest` bits in a row, whose first and last are flipped for sure.
Buffer with_flipped_burst(MemoryPool& pool, const Buffer& original, std::uint32_t longest,
                          std::uint64_t seed);
/// Cut to a shorter length, at least one byte. `original` has at least two (asserted).
Buffer truncated(MemoryPool& pool, const Buffer& original, std::uint64_t seed);
/// With 1 to `kExtensionMax` random bytes appended, within `kPayloadMax`, which `original` is below
/// (asserted).
Buffer extended(MemoryPool& pool, const Buffer& original, std::uint64_t seed);

}  // namespace hawser::netsim
