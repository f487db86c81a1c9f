#include "tools/plan/plan_page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/plan/invented_runs.h"

namespace hawser::plan {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

bool always(std::size_t) { return true; }

TEST(PlanPageTest, HoldsSpreadsRunsAndFailures) {
  const InventedBatch invented;
  const std::string page = plan_page(*invented, "hawser sim --plan p.toml");
  EXPECT_THAT(page, HasSubstr("hawser sim --plan p.toml"));
  // The least, the quartiles, the greatest; then the three runs.
  EXPECT_THAT(page, HasSubstr("[41,41.5,42,42.5,43,41,42,43]"));
  EXPECT_THAT(page, HasSubstr(R"({"cell":2,"seed":3,"fault":"flow 1: a message was lost"})"));
  EXPECT_THAT(page, Not(HasSubstr("{{DATA}}")));
}

TEST(PlanPageTest, NothingInAPlanEndsItsData) {
  Batch batch(parse_plan("[grid]\na = [{label = '</script>', options = ''}]\n", "p.toml"),
              invented_run);
  batch.run(1, always);
  EXPECT_THAT(plan_page(batch, ""), HasSubstr("\\u003c/script>"));
}

TEST(PlanPageTest, AThousandRunsStayWithinTheirSize) {
  const MakeRun make_run = [](const Words&) -> PlannedRun {
    return [](std::uint64_t seed, const std::atomic<bool>&) {
      RunResult result;
      for (const Figure& figure : kFigures)
        result.figures.*figure.value = 1234.5678 / static_cast<double>(seed + 1);
      return std::optional(result);
    };
  };
  std::string column = "['0'";
  for (int i = 1; i < 1000; ++i) column += ", '" + std::to_string(i) + "'";
  Batch wide(parse_plan("[grid]\na = " + column + "]\n", "p.toml"), make_run);
  wide.run(1, always);
  EXPECT_LT(plan_page(wide, "").size(), 500'000U);
  Batch deep(parse_plan("[plan]\nseeds = '1-1000'\n[grid]\na = ['']\n", "p.toml"), make_run);
  deep.run(1, always);
  EXPECT_LT(plan_page(deep, "").size(), 500'000U);
}

TEST(PlanPageTest, ManyRunsAreToldByTheirQuartilesAlone) {
  Batch batch(parse_plan("[plan]\nseeds = '1-4001'\n[grid]\na = ['']\n", "p.toml"), invented_run);
  batch.run(1, always);
  EXPECT_LT(plan_page(batch, "").size(), 50'000U);
}

}  // namespace
}  // namespace hawser::plan
