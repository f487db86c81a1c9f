#include "tools/plan/plan.h"

#include <ostream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hawser::plan {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Plan parsed(const std::string& text) { return parse_plan(text, "folder/p.toml"); }

std::vector<std::string> labels(const Column& column) {
  std::vector<std::string> labels;
  for (const Choice& choice : column.choices) labels.push_back(choice.label);
  return labels;
}

TEST(PlanTest, EverythingFindsItsPlace) {
  const Plan plan = parsed(
      "[plan]\n"
      "name = 'A plan'\n"
      "seeds = '3-5'\n"
      "jobs = 4\n"
      "options = '''\n--rtt 40ms\n--netem \"delay 1ms\"'''\n"
      "[grid]\n"
      "loss = ['--loss 0',\n"
      "  {label = '1 %', options = '--loss 1%'}]\n");
  EXPECT_EQ(plan.name, "A plan");
  EXPECT_THAT(plan.seeds, ElementsAre(3, 4, 5));
  EXPECT_EQ(plan.jobs, 4U);
  EXPECT_THAT(plan.common.words, ElementsAre("--rtt", "40ms", "--netem", "delay 1ms"));
  EXPECT_EQ(plan.common.line, 5U);
  ASSERT_EQ(plan.columns.size(), 1U);
  EXPECT_EQ(plan.columns[0].name, "loss");
  EXPECT_THAT(labels(plan.columns[0]), ElementsAre("0", "1 %"));
  EXPECT_THAT(plan.columns[0].choices[1].words, ElementsAre("--loss", "1%"));
  EXPECT_EQ(plan.columns[0].choices[1].line, 10U);
}

TEST(PlanTest, WhatIsNotGivenHasItsDefault) {
  const Plan plan = parsed("[grid]\na = ['']\n");
  EXPECT_EQ(plan.name, "p");
  EXPECT_THAT(plan.seeds, ElementsAre(1));
  EXPECT_EQ(plan.jobs, std::nullopt);
  EXPECT_THAT(plan.common.words, IsEmpty());
}

TEST(PlanTest, SeedsAreARangeOneOrAList) {
  const auto seeds = [](const std::string& value) {
    return parsed("[plan]\nseeds = " + value + "\n[grid]\na = ['']\n").seeds;
  };
  EXPECT_THAT(seeds("'2-4'"), ElementsAre(2, 3, 4));
  EXPECT_THAT(seeds("'9'"), ElementsAre(9));
  EXPECT_THAT(seeds("9"), ElementsAre(9));
  EXPECT_THAT(seeds("[7, 0, 999999999999999]"), ElementsAre(7, 0, 999'999'999'999'999));
}

TEST(PlanTest, ColumnsStandInTheOrderOfTheFile) {
  const Plan plan = parsed("[grid]\nz = ['']\na = ['']\nm = ['']\n");
  EXPECT_EQ(plan.columns[0].name, "z");
  EXPECT_EQ(plan.columns[1].name, "a");
  EXPECT_EQ(plan.columns[2].name, "m");
}

TEST(PlanTest, LabelsLeaveOutTheOptionThatAllAreAbout) {
  const Plan plan = parsed(
      "[grid]\n"
      "loss = ['--loss 0', '--loss 1%', {label = 'both', options = '--loss 1% --corrupt 1%'}]\n"
      "path = ['--loss-ge 1%,10%', '--corrupt 1%', '']\n");
  EXPECT_THAT(labels(plan.columns[0]), ElementsAre("0", "1%", "both"));
  EXPECT_THAT(labels(plan.columns[1]), ElementsAre("--loss-ge 1%,10%", "--corrupt 1%", "none"));
}

struct WrongPlan {
  std::string text;
  std::string answer;
};
std::ostream& operator<<(std::ostream& out, const WrongPlan& plan) { return out << plan.answer; }

class WrongPlanTest : public testing::TestWithParam<WrongPlan> {};

TEST_P(WrongPlanTest, IsRefusedInOneLineWithItsPlace) {
  try {
    parsed(GetParam().text);
    FAIL() << "was accepted";
  } catch (const PlanError& error) {
    EXPECT_THAT(error.what(), HasSubstr("folder/p.toml:" + GetParam().answer));
    EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos);
  }
}

std::string with_plan(const std::string& line) {
  return "[plan]\n" + line + "\n[grid]\na = ['']\n";
}
std::string with_grid(const std::string& line) { return "[grid]\n" + line + "\n"; }

const WrongPlan kWrongPlans[] = {
    {"[plan", "1: this is not TOML: "},
    {"[plan]\nname = 'a'\nname = 'b'\n", "3: this is not TOML: "},
    {"[plans]\n", "1: unknown table or key 'plans': give [plan] and [grid]"},
    {"plan = 3\n", "1: 'plan' is a whole number: give a table [plan]"},
    {"[[grid]]\n", "1: 'grid' is a list: give a table [grid]"},
    {"", "1: the grid is empty: give [grid] keys such as"},
    {"[plan]\n[grid]\n", "2: the grid is empty"},
    {with_plan("seed = 1"), "2: unknown key 'seed' in [plan]: give name, seeds, jobs or options"},
    {with_plan("name = 1.5"), "2: 'name' is a number with a fraction: give a text"},
    {with_plan("name = \"a\\nb\""), "2: a control character is not accepted"},
    {with_plan("options = true"), "2: 'options' is true or false: give words of hawser sim"},
    {with_plan("options = '--netem \"x'"), "2: --netem \"x: a quote is left open"},
    {with_plan("options = \"--loss \\u0000\""), "2: a control character is not accepted"},
    {with_plan("options = '--seed 3'"), "2: --seed is not accepted here: give seeds"},
    {with_plan("options = '--seed=3'"), "2: --seed is not accepted here: give seeds"},
    {with_plan("jobs = 0"), "2: jobs: '0' is not accepted: give a whole number from 1 to 256"},
    {with_plan("jobs = 257"), "2: jobs: '257' is not accepted"},
    {with_plan("jobs = '2'"), "2: jobs: '2' is not accepted"},
    {with_plan("seeds = '5-3'"), "2: seeds: '5-3' is not accepted: give \"1-20\", a seed, or"},
    {with_plan("seeds = '1-'"), "2: seeds: '1-' is not accepted"},
    {with_plan("seeds = '1000000000000000'"), "2: seeds: '1000000000000000' is not accepted"},
    {with_plan("seeds = -1"), "2: seeds: '-1' is not accepted"},
    {with_plan("seeds = 1.5"), "2: seeds: a number with a fraction is not accepted"},
    {with_plan("seeds = [1,\n'x']"), "3: seeds: 'x' is not accepted"},
    {with_plan("seeds = []"), "2: seeds is empty: give \"1-20\""},
    {with_plan("seeds = '0-100000'"), "2: seeds: 100001 are too many: give at most 100000"},
    {with_grid("a = []"), "2: 'a' is empty: give words of hawser sim"},
    {with_grid("a = '--loss 1%'"), "2: 'a' is a text: give a list of words"},
    {with_grid("a = ['',\n1979-05-27]"), "3: 'a' holds a date or time: give words"},
    {with_grid("a = [['']]"), "2: 'a' holds a list: give words"},
    {with_grid("a = [{label = 'x'}]"), "2: a choice of 'a' lacks options: give words"},
    {with_grid("a = [{word = 'x'}]"),
     "2: unknown key 'word' in a choice of 'a': give label or options"},
    {with_grid("a = [{label = 1, options = ''}]"), "2: 'label' is a whole number: give a text"},
    {with_grid("a = ['--seed 1']"), "2: --seed is not accepted here"},
    {with_grid("seed = ['']"), "2: 'seed' names a figure of every run: give another name"},
    {with_grid("a = ['--loss 0',\n'--loss 0']"),
     "3: 'a' has two choices '0': give each a label of its own"},
    {"[plan]\nseeds = '1-100000'\n[grid]\na = ['', 'b']\n",
     "3: 2 cells with 100000 seeds each are too many runs: at most 100000"},
};
INSTANTIATE_TEST_SUITE_P(Texts, WrongPlanTest, testing::ValuesIn(kWrongPlans));

TEST(PlanTest, MoreThanAThousandCellsAreRefused) {
  std::string column = "['0'";
  for (int i = 1; i < 32; ++i) column += ", '" + std::to_string(i) + "'";
  column += "]\n";
  try {
    parsed("[grid]\na = " + column + "b = " + column);
    FAIL();
  } catch (const PlanError& error) {
    EXPECT_THAT(error.what(), HasSubstr("p.toml:3: the grid has more than 1000 cells"));
  }
}

}  // namespace
}  // namespace hawser::plan
