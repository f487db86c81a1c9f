#include "tools/plan/figures.h"

#include <gtest/gtest.h>

namespace hawser::plan {
namespace {

TEST(FiguresTest, QuartilesLieBetweenNeighbours) {
  const Spread spread = spread_of({7, 1, 3, 10});
  EXPECT_EQ(spread.count, 4U);
  EXPECT_DOUBLE_EQ(spread.least, 1);
  EXPECT_DOUBLE_EQ(spread.lower_quartile, 2.5);
  EXPECT_DOUBLE_EQ(spread.median, 5);
  EXPECT_DOUBLE_EQ(spread.upper_quartile, 7.75);
  EXPECT_DOUBLE_EQ(spread.greatest, 10);
}

TEST(FiguresTest, OddNumbersHaveAMedianOfTheirOwn) {
  const Spread spread = spread_of({5, 1, 9});
  EXPECT_DOUBLE_EQ(spread.lower_quartile, 3);
  EXPECT_DOUBLE_EQ(spread.median, 5);
  EXPECT_DOUBLE_EQ(spread.upper_quartile, 7);
}

TEST(FiguresTest, OneValueIsAllOfItsSpreadAndNoneIsNothing) {
  const Spread one = spread_of({4});
  EXPECT_DOUBLE_EQ(one.least, 4);
  EXPECT_DOUBLE_EQ(one.upper_quartile, 4);
  EXPECT_EQ(spread_of({}).count, 0U);
}

TEST(FiguresTest, ColumnsOfEveryTableAreKnown) {
  for (const char* name : {"seed", "outcome", "trace_hash", "jain", "goodput_mbps"})
    EXPECT_TRUE(is_fixed_column(name)) << name;
  EXPECT_FALSE(is_fixed_column("loss"));
}

}  // namespace
}  // namespace hawser::plan
