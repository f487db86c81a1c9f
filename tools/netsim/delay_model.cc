#include "tools/netsim/delay_model.h"

#include <cmath>

#include "hawser/assert.h"

namespace hawser::netsim {
namespace {

__extension__ using Wide = __int128;

Q32 multiply(Q32 a, Q32 b) { return static_cast<Q32>((Wide(a) * b) >> kQ32Bits); }

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
  const bool is_normal = jitter_.distribution == JitterDistribution::normal;
  Q32 deviation = is_normal ? draw_normal(random_) : draw_uniform(random_);
  if (memory_weight_ > 0) {
    // The first value has nothing to remember: it is drawn from the stationary distribution.
    if (has_previous_) {
      deviation = multiply(memory_weight_, previous_) + multiply(innovation_weight_, deviation);
    }
    previous_ = deviation;
    has_previous_ = true;
  }
  return Duration(multiply(deviation, jitter_.spread.count()));
}

Duration JitterModel::lowest() const {
  if (jitter_.spread == Duration::zero()) return Duration::zero();
  const bool is_bounded =
      jitter_.distribution == JitterDistribution::uniform && memory_weight_ == 0;
  return is_bounded ? -jitter_.spread : -kForever;
}

bool ReorderModel::draw(const Reordering& config) {
  HAWSER_ASSERT(config.gap > 0);
  const bool is_chosen = config.probability.draw(random_);
  if (is_chosen && delayed_in_a_row_ >= config.gap - 1) {
    delayed_in_a_row_ = 0;
    return true;
  }
  ++delayed_in_a_row_;
  return false;
}

}  // namespace hawser::netsim
