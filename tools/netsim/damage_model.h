#pragma once
/// Which datagrams a link damages, and how. Owned by the link.

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "hawser/buffer.h"
#include "hawser/netsim/damage_config.h"
#include "tools/netsim/draws.h"

namespace hawser::netsim {

/// Throws the dice for one kind of damage.
class DamageDice {
 public:
  explicit DamageDice(SeededRandom random) : random_(random) {}
  /// The seed from which one datagram's damage follows, if it is to be damaged. Takes two words
  /// whatever comes of it, so that neither sizes nor bit counts shift the draws.
  std::optional<std::uint64_t> draw(Probability probability);

 private:
  SeededRandom random_;
};

/// What one datagram suffers, by the seeds of each kind.
struct DamageDraws {
  std::optional<std::uint64_t> corrupt{};
  std::optional<std::uint64_t> truncate{};
  std::optional<std::uint64_t> extend{};
  std::optional<std::uint64_t> misdeliver{};
  bool touches_bytes() const { return corrupt || truncate || extend; }
};

/// The dice of all kinds; originals and copies have a model each.
class DamageModel {
 public:
  static DamageModel of_originals(const StreamSource& streams);
  static DamageModel of_copies(const StreamSource& streams);
  /// Decides about one datagram with so many bytes of payload; what is impossible for its size is
  /// left out.
  DamageDraws draw(const Damage& config, std::size_t size);

 private:
  explicit DamageModel(const std::array<SeededRandom, 4>& streams);
  DamageDice corrupt_;
  DamageDice truncate_;
  DamageDice extend_;
  DamageDice misdeliver_;
};

/// A copy of `original` with all damage that was drawn for its bytes; null if the pool refuses.
Buffer damaged_copy(MemoryPool& pool, const Buffer& original, const Damage& config,
                    const DamageDraws& draws);

}  // namespace hawser::netsim
