#include "tools/plan/grid.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/plan/invented_runs.h"

namespace hawser::plan {
namespace {

using ::testing::ElementsAre;

TEST(GridTest, LastColumnChangesFirst) {
  const Plan plan = invented_plan();
  std::vector<std::string> titles;
  for (const Cell& cell : cells_of(plan)) titles.push_back(cell.title(plan));
  EXPECT_THAT(titles,
              ElementsAre("path=--clean, load=the \"small\", one", "path=--clean, load=--large",
                          "path=--lossy two words, load=the \"small\", one",
                          "path=--lossy two words, load=--large"));
}

TEST(GridTest, ACellsWordsAreTheCommonOnesAndThoseOfItsChoices) {
  const Plan plan = invented_plan();
  const Cell last = cells_of(plan).back();
  EXPECT_THAT(last.words(plan), ElementsAre("--common", "--lossy", "two words", "--large"));
  EXPECT_EQ(last.command(plan, 7), "hawser sim --common --lossy 'two words' --large --seed 7");
}

}  // namespace
}  // namespace hawser::plan
