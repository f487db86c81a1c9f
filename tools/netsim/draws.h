#pragma once
/// Random numbers of the shapes that impairments need, by integer comparisons alone: exact, and the
/// same on every platform, which `std::*_distribution` and libm are not. Used by the link's models.

#include <cstdint>

#include "hawser/random.h"
#include "hawser/time.h"

namespace hawser::netsim {

/// Fixed point with 32 fractional bits.
using Q32 = std::int64_t;
inline constexpr unsigned kQ32Bits = 32;
inline constexpr Q32 kQ32One = Q32{1} << kQ32Bits;

/// What draws from a link's seed. The numbers name the streams: never renumber, or old seeds replay
/// other runs.
enum class Impairment : std::uint8_t {
  loss = 0,
  burst_loss = 1,          ///< Gilbert-Elliott by packets
  timed_burst_period = 2,  ///< the lengths of its good and bad periods
  timed_burst_loss = 3,
  duplicate = 4,
  corrupt = 5,
  corrupt_copy = 6,
  jitter = 7,
  jitter_copy = 8,
  reorder = 9,
  state_loss = 10,
  truncate = 11,
  truncate_copy = 12,
  extend = 13,
  extend_copy = 14,
  misdeliver = 15,
  misdeliver_copy = 16,
  replay = 17,
  replay_sample = 18,  ///< which datagrams are kept for it
  clog = 19,
  red = 25,
  fq_codel_salt = 26,
  slots = 27,
  netem_duplicate = 40,
  netem_loss = 41,
  netem_corrupt = 42,
  netem_damage = 43,  ///< which bit
  netem_reorder = 44,
  netem_delay = 45,
  netem_slot = 46
};

/// Where one link's streams come from.
struct StreamSource {
  std::uint64_t seed = 1;
  std::uint32_t link = 0;
  SeededRandom stream(Impairment impairment) const {
    const auto label = (std::uint64_t{link} << 8) | static_cast<std::uint64_t>(impairment);
    return SeededRandom::stream(seed, label);
  }
};

/// Exponentially distributed with this mean, at least 1 ns; von Neumann's method. `mean` must be
/// positive.
Duration draw_exponential(SeededRandom& random, Duration mean);

/// Uniform in [-1, 1).
Q32 draw_uniform(SeededRandom& random);

/// Normal with mean 0 and standard deviation 1. The exact method of C. F. F. Karney, "Sampling
/// exactly from the normal distribution" (2016), algorithm N, on 64-bit fractions.
Q32 draw_normal(SeededRandom& random);

/// Pareto with shape 3 and 1 as its least value: mean 3/2, standard deviation sqrt(3/4). Exact, for
/// the inverse is the largest of three uniforms; cut at 2^20, which nobody lives to see.
Q32 draw_pareto(SeededRandom& random);

}  // namespace hawser::netsim
