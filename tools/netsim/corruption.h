#pragma once
/// Damage to a datagram's bytes. Owned by the link.

#include <cstdint>
#include <optional>

#include "hawser/buffer.h"
#include "hawser/netsim/probability.h"

namespace hawser::netsim {

/// The damage that one datagram suffers: where it lies follows from `seed` alone.
struct Damage {
  std::uint64_t seed = 0;
};

class CorruptionModel {
 public:
  explicit CorruptionModel(SeededRandom random) : random_(random) {}
  /// Decides about one datagram. Takes two words whatever comes of it, so that neither sizes nor
  /// bit counts shift the draws.
  std::optional<Damage> draw(Probability probability);

 private:
  SeededRandom random_;
};

/// A copy of `original` in which `bits` different bits are flipped, or all if it has fewer. Null if
/// the pool refuses.
Buffer damaged_copy(MemoryPool& pool, const Buffer& original, std::uint32_t bits, Damage damage);

}  // namespace hawser::netsim
