#include "tools/netsim/delay_model.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace hawser::netsim {
namespace {

using namespace std::chrono_literals;

constexpr int kCount = 1'000'000;
constexpr int kFewer = 200'000;

struct Figures {
  double mean_ms = 0;
  double deviation_ms = 0;
  double min_ms = 0;
  double max_ms = 0;
  std::vector<double> correlation;  // at lags 1 and 2
  // Shares of those beyond a multiple of the spread.
  double above_zero = 0;
  double above_one = 0;
  double above_four = 0;
};

Figures measure(const Jitter& jitter, int count = kCount) {
  JitterModel model(SeededRandom(21));
  model.configure(jitter);
  std::vector<double> values;
  for (int i = 0; i < count; ++i) {
    values.push_back(static_cast<double>(model.draw().count()) / 1e6);
  }
  Figures figures;
  for (const double value : values) {
    figures.mean_ms += value / count;
    figures.min_ms = std::min(figures.min_ms, value);
    figures.max_ms = std::max(figures.max_ms, value);
    const double spread_ms = static_cast<double>(jitter.spread.count()) / 1e6;
    figures.above_zero += value > 0 ? 1.0 / count : 0;
    figures.above_one += value > spread_ms ? 1.0 / count : 0;
    figures.above_four += value > 4 * spread_ms ? 1.0 / count : 0;
  }
  double variance = 0;
  for (const double value : values) variance += std::pow(value - figures.mean_ms, 2) / count;
  figures.deviation_ms = std::sqrt(variance);
  for (const std::size_t lag : {std::size_t{1}, std::size_t{2}}) {
    double covariance = 0;
    for (std::size_t i = lag; i < values.size(); ++i) {
      covariance += (values[i] - figures.mean_ms) * (values[i - lag] - figures.mean_ms) / count;
    }
    figures.correlation.push_back(covariance / variance);
  }
  return figures;
}

// netem's "100ms 20ms": within 80 and 120 ms, standard deviation 20 / sqrt(3).
TEST(JitterModelTest, UniformStaysWithinTheSpread) {
  const Figures figures = measure({.spread = 20ms});
  EXPECT_NEAR(figures.mean_ms, 0.0, 0.05);
  EXPECT_NEAR(figures.deviation_ms, 11.547, 0.03);
  EXPECT_NEAR(figures.min_ms, -20.0, 0.001);
  EXPECT_NEAR(figures.max_ms, 20.0, 0.001);
  EXPECT_NEAR(figures.correlation[0], 0.0, 0.004);
}

TEST(JitterModelTest, NormalHasTheSpreadAsItsDeviation) {
  const Figures figures = measure({.spread = 20ms, .distribution = JitterDistribution::normal});
  EXPECT_NEAR(figures.mean_ms, 0.0, 0.08);
  EXPECT_NEAR(figures.deviation_ms, 20.0, 0.06);
  EXPECT_GT(figures.max_ms, 85.0);
  EXPECT_LT(figures.max_ms, 120.0);
}

// In units of the spread, P(value > x) = (1.5 + x sqrt(3/4))^-3. Shares have bounds of four
// standard errors; the deviation of a sample has none, for the fourth moment is infinite.
TEST(JitterModelTest, ParetoHasTheSpreadAsItsDeviation) {
  const Figures figures =
      measure({.spread = 20ms, .distribution = JitterDistribution::pareto}, kFewer);
  EXPECT_NEAR(figures.mean_ms, 0.0, 0.18);
  EXPECT_NEAR(figures.deviation_ms, 20.0, 2.0);
  EXPECT_NEAR(figures.min_ms, -11.547, 0.001);
  EXPECT_NEAR(figures.above_zero, 0.296296, 0.0041);
  EXPECT_NEAR(figures.above_one, 0.0754964, 0.0024);
  EXPECT_NEAR(figures.above_four, 0.0081724, 0.00081);
}

// The shares come from integrating the sum of sqrt(9/10) Pareto and sqrt(1/10) normal.
TEST(JitterModelTest, ParetonormalHasTheSpreadAsItsDeviation) {
  const Figures figures =
      measure({.spread = 20ms, .distribution = JitterDistribution::paretonormal}, kFewer);
  EXPECT_NEAR(figures.mean_ms, 0.0, 0.18);
  EXPECT_NEAR(figures.deviation_ms, 20.0, 2.0);
  EXPECT_LT(figures.min_ms, -30.0);
  EXPECT_NEAR(figures.above_zero, 0.364082, 0.0044);
  EXPECT_NEAR(figures.above_one, 0.0780616, 0.0024);
  EXPECT_NEAR(figures.above_four, 0.0074560, 0.00078);
}

TEST(JitterModelTest, CorrelationWorksWithHeavyTails) {
  for (const auto distribution : {JitterDistribution::pareto, JitterDistribution::paretonormal}) {
    const Figures figures = measure(
        {.spread = 20ms, .distribution = distribution, .correlation = Probability::percent(50)});
    EXPECT_NEAR(figures.correlation[0], 0.50, 0.004);
    EXPECT_NEAR(figures.correlation[1], 0.25, 0.004);
    EXPECT_NEAR(figures.mean_ms, 0.0, 0.14);
    EXPECT_NEAR(figures.deviation_ms, 20.0, 1.0);
  }
}

// Whatever is drawn, times can be added to it.
TEST(JitterModelTest, ALongTailDoesNotOverflow) {
  JitterModel model(SeededRandom(27));
  model.configure({.spread = 10'000h, .distribution = JitterDistribution::pareto});
  for (int i = 0; i < 10'000; ++i) {
    const Duration drawn = model.draw();
    ASSERT_GE(drawn, model.lowest());
    ASSERT_LE(drawn, kForever / 4);
  }
}

// Unlike netem's, whose delay correlation does nothing: lag 1 is rho, lag 2 is rho^2, and the
// standard deviation stays.
TEST(JitterModelTest, CorrelationIsAFirstOrderAutoregression) {
  const Figures uniform = measure({.spread = 20ms, .correlation = Probability::percent(25)});
  EXPECT_NEAR(uniform.correlation[0], 0.25, 0.004);
  EXPECT_NEAR(uniform.correlation[1], 0.0625, 0.004);
  EXPECT_NEAR(uniform.deviation_ms, 11.547, 0.04);
  const Figures normal = measure({.spread = 20ms,
                                  .distribution = JitterDistribution::normal,
                                  .correlation = Probability::percent(90)});
  EXPECT_NEAR(normal.correlation[0], 0.90, 0.002);
  EXPECT_NEAR(normal.correlation[1], 0.81, 0.004);
  EXPECT_NEAR(normal.deviation_ms, 20.0, 0.18);
}

TEST(JitterModelTest, WithoutSpreadNothingIsDrawn) {
  JitterModel model(SeededRandom(22));
  EXPECT_EQ(model.draw(), 0ns);
  model.configure({.spread = 1ms});
  JitterModel fresh(SeededRandom(22));
  fresh.configure({.spread = 1ms});
  EXPECT_EQ(model.draw(), fresh.draw());
}

TEST(JitterModelTest, KnowsItsLowestDeviation) {
  JitterModel model(SeededRandom(23));
  EXPECT_EQ(model.lowest(), 0ns);
  model.configure({.spread = 5ms});
  EXPECT_EQ(model.lowest(), -5ms);
  model.configure({.spread = 5ms, .distribution = JitterDistribution::normal});
  EXPECT_EQ(model.lowest(), -kForever);
  model.configure({.spread = 6ms, .distribution = JitterDistribution::pareto});
  EXPECT_NEAR(static_cast<double>(model.lowest().count()), -3'464'101.6, 1.0);
  model.configure({.spread = 5ms, .correlation = Probability::percent(10)});
  EXPECT_EQ(model.lowest(), -kForever);
}

std::string choices(ReorderModel& model, const Reordering& config, int count) {
  std::string text;
  for (int i = 0; i < count; ++i) text += model.draw(config) ? 'x' : '.';
  return text;
}

TEST(ReorderModelTest, WithoutGapEachOneMaySkip) {
  ReorderModel model(SeededRandom(24));
  int chosen = 0;
  for (int i = 0; i < kCount; ++i) {
    chosen += model.draw({.probability = Probability::percent(25)}) ? 1 : 0;
  }
  EXPECT_NEAR(chosen / 1e6, 0.25, 0.0018);
}

// sch_netem: gap - 1 packets are delayed, then each next one skips with the probability.
TEST(ReorderModelTest, AGapDelaysAtLeastSoManyBetween) {
  ReorderModel model(SeededRandom(25));
  EXPECT_EQ(choices(model, {.probability = Probability::certain(), .gap = 5}, 12), "....x....x..");
  ReorderModel half(SeededRandom(26));
  const std::string text =
      choices(half, {.probability = Probability::percent(25), .gap = 5}, kCount);
  EXPECT_NEAR(static_cast<double>(std::count(text.begin(), text.end(), 'x')) / kCount, 1.0 / 8,
              0.0007);
  for (std::size_t at = text.find('x'); at != std::string::npos; at = text.find('x', at + 1)) {
    const std::size_t left = std::min<std::size_t>(4, text.size() - at - 1);
    ASSERT_EQ(text.substr(at + 1, 4), std::string(left, '.')) << "after datagram " << at;
  }
}

}  // namespace
}  // namespace hawser::netsim
