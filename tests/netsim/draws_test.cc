#include "tools/netsim/draws.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "hawser/netsim/probability.h"

namespace hawser::netsim {
namespace {

using namespace std::chrono_literals;

constexpr int kDraws = 1'000'000;

struct Moments {
  double mean = 0;
  double variance = 0;
};

Moments moments_of(const std::vector<double>& values) {
  Moments moments;
  const auto count = static_cast<double>(values.size());
  for (const double value : values) moments.mean += value / count;
  for (const double value : values) {
    moments.variance += (value - moments.mean) * (value - moments.mean) / count;
  }
  return moments;
}

template <typename Predicate>
double share(const std::vector<double>& values, Predicate predicate) {
  const auto hits = std::count_if(values.begin(), values.end(), predicate);
  return static_cast<double>(hits) / static_cast<double>(values.size());
}

// All bounds below are four standard errors.

TEST(DrawsTest, ExponentialHasItsMeanVarianceAndTail) {
  SeededRandom random(1);
  std::vector<double> values;
  for (int i = 0; i < kDraws; ++i) {
    values.push_back(static_cast<double>(draw_exponential(random, 1ms).count()) / 1e6);
  }
  const Moments moments = moments_of(values);
  EXPECT_NEAR(moments.mean, 1.0, 0.004);
  EXPECT_NEAR(moments.variance, 1.0, 0.0113);
  EXPECT_NEAR(share(values, [](double x) { return x > 1; }), 0.3678794, 0.0020);
  EXPECT_NEAR(share(values, [](double x) { return x > 3; }), 0.0497871, 0.0009);
  EXPECT_NEAR(share(values, [](double x) { return x < 0.1; }), 0.0951626, 0.0012);
}

TEST(DrawsTest, ExponentialIsNeverZeroAndNeverOverflows) {
  SeededRandom random(2);
  for (int i = 0; i < 1000; ++i) {
    EXPECT_GE(draw_exponential(random, Duration(1)), Duration(1));
    EXPECT_LE(draw_exponential(random, kForever), kForever / 4);
  }
}

TEST(DrawsTest, NormalHasItsMeanVarianceAndTails) {
  SeededRandom random(3);
  std::vector<double> values;
  for (int i = 0; i < kDraws; ++i) {
    values.push_back(static_cast<double>(draw_normal(random)) / static_cast<double>(kQ32One));
  }
  const Moments moments = moments_of(values);
  EXPECT_NEAR(moments.mean, 0.0, 0.004);
  EXPECT_NEAR(moments.variance, 1.0, 0.0057);
  EXPECT_NEAR(share(values, [](double x) { return std::abs(x) < 0.5; }), 0.3829249, 0.0020);
  EXPECT_NEAR(share(values, [](double x) { return std::abs(x) < 1; }), 0.6826895, 0.0019);
  EXPECT_NEAR(share(values, [](double x) { return x > 2; }), 0.0227501, 0.0006);
  EXPECT_NEAR(share(values, [](double x) { return x < -3; }), 0.0013499, 0.00015);
}

TEST(DrawsTest, UniformFillsItsRangeEvenly) {
  SeededRandom random(4);
  std::vector<double> values;
  for (int i = 0; i < kDraws; ++i) {
    values.push_back(static_cast<double>(draw_uniform(random)) / static_cast<double>(kQ32One));
    ASSERT_GE(values.back(), -1.0);
    ASSERT_LT(values.back(), 1.0);
  }
  const Moments moments = moments_of(values);
  EXPECT_NEAR(moments.mean, 0.0, 0.0024);
  EXPECT_NEAR(moments.variance, 1.0 / 3, 0.0012);
}

// P(X > x) = 1 / x^3.
TEST(DrawsTest, ParetoHasItsMeanAndTail) {
  SeededRandom random(9);
  std::vector<double> values;
  for (int i = 0; i < kDraws; ++i) {
    values.push_back(static_cast<double>(draw_pareto(random)) / static_cast<double>(kQ32One));
  }
  EXPECT_GE(*std::ranges::min_element(values), 1.0);
  EXPECT_NEAR(moments_of(values).mean, 1.5, 0.0035);
  EXPECT_NEAR(share(values, [](double x) { return x > 1.25; }), 0.512, 0.0020);
  EXPECT_NEAR(share(values, [](double x) { return x > 2; }), 0.125, 0.0014);
  EXPECT_NEAR(share(values, [](double x) { return x > 10; }), 0.001, 0.00013);
}

// The same on every platform, or old seeds would replay other runs.
TEST(DrawsTest, KnownValues) {
  SeededRandom random(5);
  EXPECT_EQ(draw_exponential(random, 1s), 288411228ns);
  EXPECT_EQ(draw_exponential(random, 1s), 649546730ns);
  EXPECT_EQ(draw_normal(random), 2637109802);
  EXPECT_EQ(draw_normal(random), -2564664713);
  EXPECT_EQ(draw_uniform(random), 711824283);
  EXPECT_EQ(draw_pareto(random), 7228073759);
}

TEST(DrawsTest, EachLinkAndImpairmentHasAStreamOfItsOwn) {
  const std::uint64_t loss = StreamSource{.seed = 1, .link = 0}.stream(Impairment::loss).next();
  EXPECT_EQ(loss, (StreamSource{.seed = 1, .link = 0}.stream(Impairment::loss).next()));
  EXPECT_NE(loss, (StreamSource{.seed = 1, .link = 0}.stream(Impairment::jitter).next()));
  EXPECT_NE(loss, (StreamSource{.seed = 1, .link = 1}.stream(Impairment::loss).next()));
  EXPECT_NE(loss, (StreamSource{.seed = 2, .link = 0}.stream(Impairment::loss).next()));
}

TEST(ProbabilityTest, EndsAreExact) {
  SeededRandom random(6);
  for (int i = 0; i < 1000; ++i) {
    EXPECT_FALSE(Probability().draw(random));
    EXPECT_TRUE(Probability::certain().draw(random));
  }
  EXPECT_EQ(Probability::percent(100), Probability::certain());
  EXPECT_TRUE(Probability::ratio(0, 7).is_zero());
}

TEST(ProbabilityTest, HitsAsOftenAsItSays) {
  SeededRandom random(7);
  int hits = 0;
  for (int i = 0; i < kDraws; ++i) hits += Probability::percent(10).draw(random) ? 1 : 0;
  EXPECT_NEAR(hits, 100'000, 1'200);
}

TEST(ProbabilityTest, EveryDrawTakesOneWord) {
  SeededRandom used(8);
  SeededRandom expected(8);
  static_cast<void>(Probability().draw(used));
  static_cast<void>(Probability::certain().draw(used));
  expected.next();
  expected.next();
  EXPECT_EQ(used.next(), expected.next());
}

TEST(ProbabilityTest, ValuesAreRoundedToTheNearest) {
  EXPECT_DOUBLE_EQ(Probability::ratio(1, 3).value(), 1.0 / 3);
  EXPECT_EQ(Probability::percent(25).fixed_point(32), std::int64_t{1} << 30);
}

}  // namespace
}  // namespace hawser::netsim
