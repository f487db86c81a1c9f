#include "tools/netsim/netem_tables.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include <gtest/gtest.h>

namespace hawser::netsim {
namespace {

// In standard deviations.
struct Figures {
  double mean = 0;
  double deviation = 0;
};

Figures measure(const NetemTable& table) {
  Figures figures;
  const auto size = static_cast<double>(table.size());
  for (const std::int16_t entry : table) figures.mean += entry / 8192.0 / size;
  double variance = 0;
  for (const std::int16_t entry : table) {
    variance += std::pow(entry / 8192.0 - figures.mean, 2) / size;
  }
  figures.deviation = std::sqrt(variance);
  return figures;
}

TEST(NetemTablesTest, NormalHasTheFiguresOfTheOneThatComesWithTc) {
  const NetemTable& table = *netem_table(NetemDistribution::normal);
  EXPECT_TRUE(std::ranges::is_sorted(table));
  const Figures figures = measure(table);
  EXPECT_NEAR(figures.mean, -0.0008, 0.00005);
  EXPECT_NEAR(figures.deviation, 1.000, 0.0005);
  EXPECT_EQ(table.front(), -32768) << "-4.00, clipped";
  EXPECT_EQ(table[1], -28307);
  EXPECT_NEAR(table.back() / 8192.0, 3.52, 0.005);
}

TEST(NetemTablesTest, ParetoHasTheFiguresOfTheOneThatComesWithTc) {
  const NetemTable& table = *netem_table(NetemDistribution::pareto);
  EXPECT_TRUE(std::ranges::is_sorted(table));
  const Figures figures = measure(table);
  EXPECT_NEAR(figures.mean, -0.034, 0.0006);
  EXPECT_NEAR(figures.deviation, 0.820, 0.0005);
  EXPECT_EQ(table.front(), -5461) << "-0.667";
  EXPECT_EQ(table[10], -5452);
  EXPECT_EQ(table.back(), 32767) << "4.00, clipped";
}

// A quarter of the one and three of the other; of the normal one before it is clipped.
TEST(NetemTablesTest, ParetonormalIsAMixtureOfBoth) {
  const NetemTable& table = *netem_table(NetemDistribution::paretonormal);
  EXPECT_TRUE(std::ranges::is_sorted(table));
  const Figures figures = measure(table);
  EXPECT_NEAR(figures.mean, -0.0253, 0.0005);
  EXPECT_NEAR(figures.deviation, 0.834, 0.0005);
  EXPECT_EQ(table.front(), -12305);
  EXPECT_EQ(table[1], -11171);
}

// FNV-1a over the entries in their order.
std::uint64_t hash_of(const NetemTable& table) {
  std::uint64_t hash = 0xCBF29CE484222325;
  for (const std::int16_t entry : table) {
    hash = (hash ^ static_cast<std::uint16_t>(entry)) * 0x100000001B3;
  }
  return hash;
}

// The tables are computed in floating point: a compiler that contracts or reorders its operations
// could shift an entry by one, and with it every run of a seed.
TEST(NetemTablesTest, EveryEntryIsTheSameEverywhere) {
  EXPECT_EQ(hash_of(*netem_table(NetemDistribution::normal)), 10'612'768'613'574'325'428U);
  EXPECT_EQ(hash_of(*netem_table(NetemDistribution::pareto)), 7'478'729'097'494'374'001U);
  EXPECT_EQ(hash_of(*netem_table(NetemDistribution::paretonormal)), 1'747'906'395'151'500'819U);
}

TEST(NetemTablesTest, UniformHasNone) {
  EXPECT_EQ(netem_table(NetemDistribution::uniform), nullptr);
}

}  // namespace
}  // namespace hawser::netsim
