#pragma once
/// Netem's random numbers and what it makes of them: chances, delays, losses. The kernel draws all
/// of them from one generator; here each kind has its own, as everywhere in the simulator.

#include <cstdint>
#include <variant>

#include "hawser/netsim/netem_config.h"
#include "hawser/random.h"

namespace hawser::netsim {

/// Numbers of 32 bits, each a weighted mean of a fresh one and the one before. The mean has a
/// smaller spread than its parts: this, not the chance of a long run, is what a correlation does to
/// netem's losses. Not thread-safe.
class NetemDraws {
 public:
  explicit NetemDraws(SeededRandom random) : random_(random) {}
  /// Forgets the last number.
  void configure(NetemShare correlation);
  std::uint32_t next();
  /// Whether something of this probability happens; draws only if it is not zero.
  bool happens(NetemShare probability) {
    return !probability.is_zero() && draws_within(probability);
  }
  /// The same, but draws for a probability of zero too.
  bool draws_within(NetemShare probability) { return next() <= probability.value(); }

 private:
  std::uint32_t fresh() { return static_cast<std::uint32_t>(random_.next() >> 32); }

  SeededRandom random_;
  std::uint64_t correlation_ = 0;
  std::uint64_t last_ = 0;
};

/// A delay of that distribution. It may be negative.
Duration draw_netem_delay(NetemDraws& draws, const NetemDelay& delay);

/// Which datagrams netem loses. Not thread-safe.
class NetemLoss {
 public:
  using Config = decltype(NetemConfig::loss);

  explicit NetemLoss(SeededRandom random) : draws_(random) {}
  /// Begins anew, in the good state.
  void configure(const Config& config);
  bool draw();

 private:
  // The 4-state model's names; the Gilbert-Elliott model knows the first two.
  enum class State : std::uint8_t { good, lost_in_burst, delivered_in_burst, lost_in_gap };

  bool draw(const NetemChance& chance) { return draws_.happens(chance.probability); }
  bool draw(const NetemGilbertElliott& model);
  bool draw(const NetemFourState& model);

  NetemDraws draws_;
  Config config_;
  State state_ = State::good;
};

}  // namespace hawser::netsim
