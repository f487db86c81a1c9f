// What a lab measures behind a real netem, and how the other models differ on purpose.

#include "tools/netsim/netem_draws.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <vector>

#include <gtest/gtest.h>

#include "hawser/netsim/probability.h"
#include "tools/netsim/delay_model.h"

namespace hawser::netsim {
namespace {

using namespace std::chrono_literals;

constexpr NetemShare percent(double value) { return NetemShare::percent(value); }

// ---- Shares -------------------------------------------------------------------------------------

TEST(NetemShareTest, RoundsAsTcDoes) {
  EXPECT_EQ(percent(0).value(), 0U);
  EXPECT_EQ(percent(1).value(), 42'949'673U);      // 42949672.95
  EXPECT_EQ(percent(25).value(), 1'073'741'824U);  // ..823.75
  EXPECT_EQ(percent(50).value(), 2'147'483'648U);  // ..647.5, to the even one
  EXPECT_EQ(percent(100).value(), 4'294'967'295U);
  EXPECT_EQ(percent(100), NetemShare::all());
}

// ---- Losses -------------------------------------------------------------------------------------

struct Losses {
  double share = 0;
  double mean_run = 0;       // of losses in a row
  double mean_pass_run = 0;  // of those that pass between them
};

Losses measure_losses(const NetemLoss::Config& config, int count = 500'000) {
  NetemLoss model(SeededRandom(5));
  model.configure(config);
  int lost = 0;
  int runs = 0;
  bool was_lost = false;
  for (int i = 0; i < count; ++i) {
    const bool is_lost = model.draw();
    lost += is_lost ? 1 : 0;
    runs += is_lost && !was_lost ? 1 : 0;
    was_lost = is_lost;
  }
  const auto per_run = [&](int number) {
    return runs == 0 ? 0 : static_cast<double>(number) / runs;
  };
  return {static_cast<double>(lost) / count, per_run(lost), per_run(count - lost)};
}

double lost_share(double loss, double correlation) {
  return measure_losses(NetemChance{percent(loss), percent(correlation)}).share;
}

TEST(NetemLossTest, WithoutCorrelationItIsNominal) {
  EXPECT_NEAR(lost_share(10, 0), 0.1, 0.0017);  // 4 standard deviations
  EXPECT_EQ(lost_share(0, 0), 0.0);
  EXPECT_EQ(lost_share(100, 0), 1.0);
}

// A mean of the fresh number and the last one seldom is small: tc's "loss 10% 25%" loses 1.75 %.
// The expected values are integrals of the stationary distribution of such means.
// The tolerances are four standard deviations, doubled for the bunching.
TEST(NetemLossTest, CorrelationStarvesSmallLosses) {
  EXPECT_NEAR(lost_share(10, 25), 0.0175, 0.0015);
  EXPECT_NEAR(lost_share(5, 25), 0.0019375, 0.0005);
  EXPECT_NEAR(lost_share(10, 50), 0.0010834, 0.0004);
  EXPECT_NEAR(lost_share(30, 25), 0.233333, 0.0048);
  EXPECT_LT(lost_share(1, 25), 1e-5);
}

// Stationary loss p/(p+r) (1-h) + r/(p+r) (1-k). The variance of a share of n datagrams in bursts
// is p (1-p) / n times (1 + c) / (1 - c), where c = 1 - p - r; the tolerances are four deviations.
TEST(NetemLossTest, GilbertElliottHasItsStationaryLoss) {
  struct Case {
    double p, r, loss_bad, loss_good, expected, tolerance;
  };
  constexpr std::array<Case, 5> kCases{{{1, 25, 100, 0, 0.038462, 0.0029},
                                        {1, 50, 100, 0, 0.019608, 0.0014},
                                        {0.5, 20, 70, 0.1, 0.018049, 0.0023},
                                        {2, 30, 50, 0, 0.03125, 0.0023},
                                        {10, 30, 90, 1, 0.2325, 0.0049}}};
  for (const Case& c : kCases) {
    const Losses losses = measure_losses(
        NetemGilbertElliott{percent(c.p), percent(c.r), percent(c.loss_bad), percent(c.loss_good)});
    EXPECT_NEAR(losses.share, c.expected, c.tolerance) << c.p << " " << c.r;
  }
}

TEST(NetemLossTest, GilbertElliottLosesInRunsAsLongAsTheBadStateLasts) {
  const Losses losses = measure_losses(NetemGilbertElliott{percent(1), percent(25)});
  EXPECT_NEAR(losses.mean_run, 4.0, 0.2);
}

// Where the state never changes again, its loss is that of independent draws: standard errors of
// 0.0009 and 0.0010. Bounds are four of them, well below a twentieth of the loss.
TEST(NetemLossTest, EachStateOfGilbertElliottHasItsOwnLoss) {
  constexpr int kCount = 200'000;
  const NetemGilbertElliott good{.loss_good = percent(20)};
  EXPECT_NEAR(measure_losses(good, kCount).share, 0.20, 0.0036);
  const NetemGilbertElliott bad{.enter_bad = percent(100), .loss_bad = percent(70)};
  EXPECT_NEAR(measure_losses(bad, kCount).share, 0.70, 0.0041);
}

// The move is drawn first, but the loss is that of the state before it.
TEST(NetemLossTest, GilbertElliottDecidesByTheStateBeforeTheMove) {
  NetemLoss model(SeededRandom(5));
  model.configure(NetemGilbertElliott{percent(100), percent(100)});
  EXPECT_FALSE(model.draw()) << "it begins as good";
  EXPECT_TRUE(model.draw());
  EXPECT_FALSE(model.draw());
}

// Loss = pi3 + pi4 of the Markov chain.
TEST(NetemLossTest, FourStatesHaveTheirStationaryLoss) {
  const auto share = [](double p13, double p31, double p32, double p23, double p14) {
    return measure_losses(
               NetemFourState{percent(p13), percent(p31), percent(p32), percent(p23), percent(p14)})
        .share;
  };
  EXPECT_NEAR(share(1, 30, 10, 30, 0.2), 0.033765, 0.0027);
  EXPECT_NEAR(share(2, 50, 0, 100, 0), 0.038462, 0.0020);
  EXPECT_NEAR(share(0.5, 25, 25, 50, 0.1), 0.020369, 0.0020);
}

// Ways in and out of a half each make independent draws of it: a standard error of 0.0011 for the
// share, and of 0.0063 for the mean of 50,000 geometric runs of 2. Bounds are four of each. A
// twentieth of one way moves the share by 0.012 or the run that it ends by 0.1.
TEST(NetemLossTest, RunsOfFourStatesEndAsOftenAsTheWaysOutSay) {
  const auto expect_halves = [](const NetemFourState& model) {
    const Losses losses = measure_losses(model, 200'000);
    EXPECT_NEAR(losses.share, 0.5, 0.0045);
    EXPECT_NEAR(losses.mean_run, 2, 0.026);
    EXPECT_NEAR(losses.mean_pass_run, 2, 0.026);
  };
  {
    SCOPED_TRACE("from gap to loss by p13 and back by p31");
    expect_halves({.p13 = percent(50), .p31 = percent(50)});
  }
  {
    SCOPED_TRACE("for ever in a burst: out of the loss by p32, back by p23");
    expect_halves({.p13 = percent(100), .p32 = percent(50), .p23 = percent(50)});
  }
  {
    SCOPED_TRACE("the loss ends by p31 + p32, after either of which as many pass");
    expect_halves({.p13 = percent(50), .p31 = percent(25), .p32 = percent(25), .p23 = percent(50)});
  }
}

// A renewal of mean 3 and variance 2: a standard error of sqrt(2/27 / n) = 0.00086.
TEST(NetemLossTest, LossesInAGapAreAlone) {
  const Losses losses =
      measure_losses(NetemFourState{.p31 = percent(100), .p14 = percent(50)}, 100'000);
  EXPECT_NEAR(losses.share, 1.0 / 3, 0.0035);
  EXPECT_EQ(losses.mean_run, 1.0);
}

TEST(NetemLossTest, ConfiguringBeginsInTheGoodState) {
  NetemLoss model(SeededRandom(5));
  const NetemGilbertElliott for_ever_bad{percent(100), percent(0)};
  model.configure(for_ever_bad);
  EXPECT_FALSE(model.draw());
  EXPECT_TRUE(model.draw());
  model.configure(for_ever_bad);
  EXPECT_FALSE(model.draw());
}

// ---- Delays -------------------------------------------------------------------------------------

struct Delays {
  double mean_ms = 0;
  double deviation_ms = 0;
  double min_ms = 0;
  double max_ms = 0;
  double correlation = 0;  // at lag 1
};

Delays measure_delays(const std::function<Duration()>& draw, int count = 200'000) {
  std::vector<double> values;
  for (int i = 0; i < count; ++i) values.push_back(static_cast<double>(draw().count()) / 1e6);
  Delays delays;
  delays.min_ms = *std::ranges::min_element(values);
  delays.max_ms = *std::ranges::max_element(values);
  for (const double value : values) delays.mean_ms += value / count;
  double variance = 0;
  double covariance = 0;
  double previous = delays.mean_ms;
  for (const double value : values) {
    variance += (value - delays.mean_ms) * (value - delays.mean_ms) / count;
    covariance += (value - delays.mean_ms) * (previous - delays.mean_ms) / count;
    previous = value;
  }
  delays.deviation_ms = std::sqrt(variance);
  delays.correlation = covariance / variance;
  return delays;
}

Delays measure_delays(const NetemDelay& delay, double correlation = 0) {
  NetemDraws draws(SeededRandom(9));
  draws.configure(percent(correlation));
  return measure_delays([&] { return draw_netem_delay(draws, delay); });
}

// Tolerances are four standard deviations of the means of 200,000 draws; the ends are exact.
// The mean lies 0.044 ms low because 2^32 is no multiple of the jitter.
TEST(NetemDelayTest, UniformFillsTheJitterOnBothSides) {
  const Delays delays = measure_delays({100ms, 20ms});
  EXPECT_NEAR(delays.mean_ms, 99.956, 0.104);
  EXPECT_NEAR(delays.deviation_ms, 11.547, 0.06);
  EXPECT_GE(delays.min_ms, 80.0);
  EXPECT_NEAR(delays.min_ms, 80.0, 0.001);
  EXPECT_LT(delays.max_ms, 120.0);
  EXPECT_NEAR(delays.max_ms, 120.0, 0.001);
}

TEST(NetemDelayTest, NormalHasTheJitterAsItsDeviation) {
  const Delays delays = measure_delays({100ms, 20ms, NetemDistribution::normal});
  EXPECT_NEAR(delays.mean_ms, 99.98, 0.18);
  EXPECT_NEAR(delays.deviation_ms, 20.0, 0.13);
  EXPECT_EQ(delays.min_ms, 20.0);
  EXPECT_NEAR(delays.max_ms, 170.45, 0.01);
}

TEST(NetemDelayTest, ParetoIsSkewed) {
  const Delays delays = measure_delays({100ms, 20ms, NetemDistribution::pareto});
  EXPECT_NEAR(delays.mean_ms, 100 - 0.0335 * 20, 0.15);
  EXPECT_NEAR(delays.deviation_ms, 0.820 * 20, 0.42);
  EXPECT_NEAR(delays.min_ms, 100 - 0.6666 * 20, 0.001);
  EXPECT_NEAR(delays.max_ms, 180.0, 0.01);
}

// Reduced modulo the jitter or the size of the table, the number keeps nothing of its correlation.
TEST(NetemDelayTest, CorrelationHasNoEffect) {
  for (const double correlation : {25.0, 90.0}) {
    const Delays uniform = measure_delays({100ms, 20ms}, correlation);
    EXPECT_NEAR(uniform.correlation, 0.0, 0.009) << correlation;
    EXPECT_NEAR(uniform.deviation_ms, 11.547, 0.06) << correlation;
    const Delays normal = measure_delays({100ms, 20ms, NetemDistribution::normal}, correlation);
    EXPECT_NEAR(normal.correlation, 0.0, 0.009) << correlation;
    EXPECT_NEAR(normal.deviation_ms, 20.0, 0.13) << correlation;
  }
}

TEST(NetemDelayTest, JitterEndsWhereTheKernelCapsIt) {
  const Delays delays = measure_delays({5s, 4s});
  EXPECT_GE(delays.min_ms, 5000 - 2147.483647);
  EXPECT_LT(delays.max_ms, 5000 + 2147.483647);
  EXPECT_GT(delays.max_ms, 5000 + 2147.0);
}

TEST(NetemDelayTest, RoundsTheTablesFractionAndKeepsTheRestExact) {
  NetemDraws draws(SeededRandom(9));
  // 8192 ns times an entry is the entry in nanoseconds, and 3 ns are at most 12 away.
  const auto entry = draw_netem_delay(draws, {0ns, 8192ns, NetemDistribution::pareto});
  EXPECT_GE(entry, -5461ns);
  EXPECT_LE(entry, 32767ns);
  EXPECT_NEAR(measure_delays({0ns, 3ns, NetemDistribution::pareto}).min_ms, -2e-6, 1e-9);
}

// ---- What the plain models do instead -----------------------------------------------------------

TEST(NetemAgainstPlainTest, APlainLossOfTenPercentIsTenPercentAndNetemsWithCorrelationIsNot) {
  SeededRandom random(5);
  int lost = 0;
  constexpr int kCount = 500'000;
  for (int i = 0; i < kCount; ++i) lost += Probability::percent(10).draw(random) ? 1 : 0;
  EXPECT_NEAR(static_cast<double>(lost) / kCount, 0.1, 0.0017);
  EXPECT_LT(lost_share(10, 25), 0.02);
}

TEST(NetemAgainstPlainTest, APlainJitterIsCorrelatedAsAskedAndNetemsIsNot) {
  JitterModel plain(SeededRandom(9));
  plain.configure({.spread = 20ms, .correlation = Probability::percent(25)});
  const Delays delays = measure_delays([&] { return plain.draw(); });
  EXPECT_NEAR(delays.correlation, 0.25, 0.009);
  EXPECT_NEAR(delays.deviation_ms, 11.547, 0.06);
  EXPECT_NEAR(measure_delays({0ms, 20ms}, 25).correlation, 0.0, 0.009);
}

}  // namespace
}  // namespace hawser::netsim
