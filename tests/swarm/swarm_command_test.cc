#include "tools/hawser/swarm_command.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "tests/tools/command_line.h"

namespace hawser::cli {
namespace {

TEST(SwarmCommandTest, ASweepSaysHowManyFailed) {
  const CommandResult result = run_tool("sim swarm --seeds 1-10 --json");
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_EQ(result.json()["scenarios"], 10);
  EXPECT_EQ(result.json()["violations"], 0);
  EXPECT_TRUE(result.json()["failing_seeds"].empty());
}

TEST(SwarmCommandTest, OneSeedIsToldInWords) {
  const CommandResult result = run_tool("sim swarm --seeds 5");
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_NE(result.output.find("seed 5: calm at"), std::string::npos);
  EXPECT_NE(result.output.find("every promise was kept"), std::string::npos);
}

TEST(SwarmCommandTest, PrintsOneTraceForEachSeed) {
  const CommandResult one = run_tool("sim swarm --seeds 8-9 --trace-hashes --batch 1");
  EXPECT_EQ(one.output.substr(0, 2), "8 ");
  EXPECT_NE(one.output.find("\n9 "), std::string::npos);
  EXPECT_EQ(one.output, run_tool("sim swarm --seeds 8-9 --trace-hashes --batch 64").output);
}

// Whoever tests must be seen to fail: the sibling's transport has a known defect.
TEST(SwarmCommandTest, TheCanaryIsCaught) {
  // Two small scenarios that meet the defect: a campaign meets it once in ten, and shrinking a
  // large one takes minutes under a sanitizer.
  const CommandResult result = run_tool("sim swarm --canary --seeds 47-48 --json");
  EXPECT_EQ(result.exit_code, 1);
  ASSERT_FALSE(result.json()["failures"].empty());
  const std::string replay = result.json()["failures"][0]["replay"];
  EXPECT_EQ(replay.find("hawser sim swarm --canary --seeds "), 0U);
  EXPECT_EQ(run_tool(replay.substr(std::string("hawser ").size())).exit_code, 1);
}

TEST(SwarmCommandTest, WrongValuesGetOneLine) {
  for (const char* arguments :
       {"--seeds 5-1", "--seeds 0", "--seeds x", "--jobs 0", "--batch 65", "--connections 0",
        "--controllers 0", "--controllers 99", "--without love", "--minutes 0", "--until soon",
        "--trace-hashes --json"}) {
    const CommandResult result = run_tool(std::string("sim swarm ") + arguments);
    EXPECT_EQ(result.exit_code, 2) << arguments;
    EXPECT_EQ(std::ranges::count(result.errors, '\n'), 1) << result.errors;
  }
}

TEST(SwarmCommandTest, ReadsRangesOfSeeds) {
  EXPECT_EQ(parse_seed_range("3-9")->first, 3U);
  EXPECT_EQ(parse_seed_range("3-9")->last, 9U);
  EXPECT_EQ(parse_seed_range("4")->last, 4U);
  for (const char* text : {"", "-", "3-", "-3", "9-3", "0-3", "1-2-3"}) {
    EXPECT_FALSE(parse_seed_range(text).has_value()) << text;
  }
}

}  // namespace
}  // namespace hawser::cli
