#include "tools/netsim/delay_model.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "hawser/assert.h"

namespace hawser::netsim {
namespace {

__extension__ using Wide = __int128;

constexpr Q32 to_q32(double value) {
  return static_cast<Q32>(value * static_cast<double>(kQ32One));
}
constexpr Q32 kParetoMean = to_q32(1.5);
constexpr Q32 kParetoScale = to_q32(1.1547005383792515);  // 1 / sqrt(3/4)
// Three quarters and a quarter, over the standard deviation of their sum: sqrt(9/10), sqrt(1/10).
constexpr Q32 kParetoWeight = to_q32(0.9486832980505138);
constexpr Q32 kNormalWeight = to_q32(0.3162277660168379);

Q32 multiply(Q32 a, Q32 b) { return static_cast<Q32>((Wide(a) * b) >> kQ32Bits); }

Q32 standardised_pareto(Q32 pareto) { return multiply(pareto - kParetoMean, kParetoScale); }

// A deviation in units of the spread as a time, far within what sums of times can hold.
Duration in_time(Q32 deviation, Duration spread) {
  constexpr Wide kLongest = std::numeric_limits<std::int64_t>::max() / 4;
  const Wide nanos = (Wide(deviation) * spread.count()) >> kQ32Bits;
  return Duration(static_cast<std::int64_t>(std::clamp<Wide>(nanos, -kLongest, kLongest)));
}

}  // namespace

void JitterModel::configure(const Jitter& jitter) {
  HAWSER_ASSERT(jitter.spread >= Duration::zero());
  HAWSER_ASSERT(jitter.correlation < Probability::certain());
  if (jitter.distribution != jitter_.distribution) has_previous_ = false;
  jitter_ = jitter;
  memory_weight_ = jitter.correlation.fixed_point(kQ32Bits);
  // IEEE square roots round correctly: this is the same everywhere. The argument is exact to 2^-53.
  const double rho = static_cast<double>(memory_weight_) / static_cast<double>(kQ32One);
  const double variance_left = (1.0 - rho) * (1.0 + rho);
  innovation_weight_ = static_cast<Q32>(std::sqrt(variance_left) * static_cast<double>(kQ32One));
}

Duration JitterModel::draw() {
  if (jitter_.spread == Duration::zero()) return Duration::zero();
  Q32 deviation = draw_deviation();
  if (memory_weight_ > 0) {
    // The first value has nothing to remember: it is drawn from the stationary distribution.
    if (has_previous_) {
      deviation = multiply(memory_weight_, previous_) + multiply(innovation_weight_, deviation);
    }
    previous_ = deviation;
    has_previous_ = true;
  }
  return in_time(deviation, jitter_.spread);
}

// Mean zero; in units of the spread.
Q32 JitterModel::draw_deviation() {
  switch (jitter_.distribution) {
    case JitterDistribution::normal:
      return draw_normal(random_);
    case JitterDistribution::pareto:
      return standardised_pareto(draw_pareto(random_));
    case JitterDistribution::paretonormal: {
      const Q32 pareto = standardised_pareto(draw_pareto(random_));
      return multiply(kParetoWeight, pareto) + multiply(kNormalWeight, draw_normal(random_));
    }
    case JitterDistribution::uniform:
      break;
  }
  return draw_uniform(random_);
}

Duration JitterModel::lowest() const {
  if (jitter_.spread == Duration::zero()) return Duration::zero();
  if (memory_weight_ > 0) return -kForever;
  if (jitter_.distribution == JitterDistribution::uniform) return -jitter_.spread;
  if (jitter_.distribution != JitterDistribution::pareto) return -kForever;
  return in_time(standardised_pareto(kQ32One), jitter_.spread);
}

bool ReorderModel::draw(const Reordering& config) {
  HAWSER_ASSERT(config.gap > 0);
  const bool is_chosen = config.probability.draw(random_);
  if (is_chosen && passed_over_ >= config.gap - 1) {
    passed_over_ = 0;
    return true;
  }
  ++passed_over_;
  return false;
}

}  // namespace hawser::netsim
