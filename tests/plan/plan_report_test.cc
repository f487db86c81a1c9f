#include "tools/plan/plan_report.h"

#include <fstream>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/plan/invented_runs.h"

namespace hawser::plan {
namespace {

std::string read_file(const char* path) {
  std::ifstream stream(path, std::ios::binary);
  std::ostringstream text;
  text << stream.rdbuf();
  return text.str();
}

TEST(PlanReportTest, CsvIsAsItAlwaysWas) {
  const InventedBatch invented;
  EXPECT_EQ(to_csv(*invented), read_file(HAWSER_GOLDEN_CSV));
}

TEST(PlanReportTest, JsonTellsSpreadsAndWhatReplaysAFailure) {
  const InventedBatch invented;
  const nlohmann::ordered_json json = to_json(*invented);
  EXPECT_EQ(json["plan"], "invented");
  EXPECT_EQ(json["runs"], 12);
  EXPECT_EQ(json["finished"], 12);
  EXPECT_EQ(json["failed"], 2);
  ASSERT_EQ(json["cells"].size(), 4U);
  EXPECT_EQ(json["cells"][2]["choices"]["path"], "--lossy two words");
  EXPECT_EQ(json["cells"][2]["figures"]["goodput_mbps"]["median"], 42.0);
  EXPECT_EQ(json["cells"][2]["figures"]["completion_s"]["n"], 2);
  EXPECT_EQ(json["cells"][2]["figures"]["jain"]["n"], 0);
  ASSERT_EQ(json["failures"].size(), 2U);
  EXPECT_EQ(json["failures"][0]["seed"], 3);
  EXPECT_EQ(json["failures"][0]["outcome"], "promise_broken");
  EXPECT_EQ(json["failures"][0]["command"],
            "hawser sim --common --lossy 'two words' --small --seed 3");
}

TEST(PlanReportTest, TextHasMediansAndQuartilesOfTheFiguresThatThereAre) {
  const InventedBatch invented;
  EXPECT_EQ(to_text(*invented),
            "path               load              goodput, Mbit/s    completion, s\n"
            "--clean            the \"small\", one   32 [31.5 32.5]  0.2 [0.15 0.25]\n"
            "--clean            --large            32 [31.5 32.5]  0.2 [0.15 0.25]\n"
            "--lossy two words  the \"small\", one   42 [41.5 42.5]  0.2 [0.15 0.25]\n"
            "--lossy two words  --large            42 [41.5 42.5]  0.2 [0.15 0.25]\n");
}

}  // namespace
}  // namespace hawser::plan
