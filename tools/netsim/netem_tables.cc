#include "tools/netsim/netem_tables.h"

#include <algorithm>
#include <cstddef>
#include <limits>

namespace hawser::netsim {
namespace {

constexpr auto kEntries = static_cast<std::int64_t>(NetemTable{}.size());

// To the nearest whole number, halves away from zero.
std::int64_t rounded(double value) {
  return static_cast<std::int64_t>(value < 0 ? value - 0.5 : value + 0.5);
}

std::int16_t saturated(std::int64_t value) {
  using Limits = std::numeric_limits<std::int16_t>;
  return static_cast<std::int16_t>(std::clamp<std::int64_t>(value, Limits::min(), Limits::max()));
}

struct NormalPoint {
  double density;
  double below;  // the probability of less
};

// G. Marsaglia, "Evaluating the normal distribution" (2004): the distribution function is
// 1/2 + density(x) * (x + x^3/3 + x^5/(3*5) + ..). The density is 1/sqrt(2 pi) over the series of
// exp(x^2/2), summed beside it. Neither sum has cancellation.
NormalPoint normal_at(double x) {
  constexpr double kRootOfTwoPi = 2.5066282746310002;
  const double square = x * x;
  double odd = x;  // x^n / n!!
  double even = 1;
  double odd_sum = odd;
  double even_sum = even;
  for (int n = 2; even > even_sum * 1e-18; n += 2) {
    even *= square / n;
    odd *= square / (n + 1);
    even_sum += even;
    odd_sum += odd;
  }
  const double density = 1 / (kRootOfTwoPi * even_sum);
  return {density, 0.5 + odd_sum * density};
}

// tc's generator walks from -10 in steps of 0.00005 and keeps, of all places whose probability
// rounds to i / 16384, the last; every fourth entry goes into the table. In table units, not yet
// saturated.
std::array<std::int64_t, kEntries> normal_values() {
  constexpr double kFirst = -10;
  constexpr double kStep = 0.00005;
  std::array<std::int64_t, kEntries> values{};
  double x = -4;
  for (std::int64_t i = 0; i < kEntries; ++i) {
    const double wanted = (static_cast<double>(4 * i) + 0.5) / static_cast<double>(4 * kEntries);
    // Newton's method, from the quantile before.
    for (double step = 1; step > 1e-9 || step < -1e-9; x -= step) {
      const NormalPoint point = normal_at(x);
      step = (point.below - wanted) / point.density;
    }
    const auto steps = static_cast<std::int64_t>((x - kFirst) / kStep);
    const double place = kFirst + kStep * static_cast<double>(steps);
    values[static_cast<std::size_t>(i)] = rounded(place * kNetemTableScale);
  }
  return values;
}

// Pareto with shape 3, shifted and scaled to mean 0: (u^(-1/3) - 3/2) * 4/3 for u from 1 downwards.
NetemTable make_pareto() {
  NetemTable table{};
  double inverse_root = 1;
  for (std::int64_t i = 0; i < kEntries; ++i) {
    const double u = static_cast<double>(kEntries - i) / static_cast<double>(kEntries);
    // Newton's method for y^-3 = u; it rises to the root from the one before.
    for (double step = 1; step > 1e-14; inverse_root += step) {
      step = inverse_root * (1 - u * inverse_root * inverse_root * inverse_root) / 3;
    }
    const double value = (inverse_root - 1.5) * 4 / 3 * kNetemTableScale;
    table[static_cast<std::size_t>(i)] = saturated(rounded(value));
  }
  return table;
}

NetemTable make_normal() {
  NetemTable table{};
  std::ranges::transform(normal_values(), table.begin(), saturated);
  return table;
}

// A quarter normal and three quarters Pareto, entry by entry.
NetemTable make_paretonormal() {
  const NetemTable& pareto = *netem_table(NetemDistribution::pareto);
  const auto mix = [](std::int64_t normal, std::int64_t pareto_value) {
    return saturated((normal + 3 * pareto_value) / 4);
  };
  NetemTable table{};
  std::ranges::transform(normal_values(), pareto, table.begin(), mix);
  return table;
}

}  // namespace

const NetemTable* netem_table(NetemDistribution distribution) {
  switch (distribution) {
    case NetemDistribution::normal: {
      static const NetemTable kNormal = make_normal();
      return &kNormal;
    }
    case NetemDistribution::pareto: {
      static const NetemTable kPareto = make_pareto();
      return &kPareto;
    }
    case NetemDistribution::paretonormal: {
      static const NetemTable kParetonormal = make_paretonormal();
      return &kParetonormal;
    }
    case NetemDistribution::uniform:
      break;
  }
  return nullptr;
}

}  // namespace hawser::netsim
