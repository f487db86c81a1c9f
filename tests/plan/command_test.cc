// `hawser sim --plan` as a user runs it.

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/tools/command_line.h"

namespace hawser::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

// $PLAN: a small plan in the test's folder.
CommandResult run_with_plan(const std::string& plan, const std::string& script) {
  return run_script("PLAN=\"$DIR/p.toml\"\ncat >\"$PLAN\" <<'TOML'\n" + plan + "TOML\n" + script);
}

constexpr char kSmall[] =
    "[plan]\nseeds = '1-3'\noptions = '--rtt 10ms --flow mode=messages,count=20'\n"
    "[grid]\nloss = ['--loss 0', '--loss 5%']\n";

void expect_refusal(const CommandResult& result, const std::string& part) {
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.output, IsEmpty());
  EXPECT_THAT(result.errors, StartsWith("hawser sim: "));
  EXPECT_THAT(result.errors, HasSubstr(part));
  EXPECT_EQ(std::ranges::count(result.errors, '\n'), 1) << result.errors;
}

TEST(PlanCommandTest, PrintsATableAndWritesTheSameFilesWhateverTheThreads) {
  const CommandResult result = run_with_plan(
      kSmall,
      "cd \"$DIR\" && for jobs in 1 2; do\n"
      "  \"$HAWSER\" sim --plan p.toml --jobs $jobs --csv $jobs.csv --html $jobs.html || exit\n"
      "done\n"
      "cmp 1.csv 2.csv && cmp 1.html 2.html && wc -l <1.csv\n");
  EXPECT_EQ(result.exit_code, 0) << result.errors;
  EXPECT_THAT(result.errors, IsEmpty());
  EXPECT_THAT(result.output, HasSubstr("p: 6 of 6 runs in "));
  EXPECT_THAT(result.output, HasSubstr("latency p99, ms"));
  EXPECT_THAT(result.output, testing::EndsWith("\n7\n"));
}

TEST(PlanCommandTest, JsonIsOneObjectAndItsCommandsReplay) {
  const CommandResult result = run_with_plan(kSmall, "\"$HAWSER\" sim --plan \"$PLAN\" --json\n");
  EXPECT_EQ(result.exit_code, 0) << result.errors;
  const nlohmann::json json = result.json();
  ASSERT_EQ(json["cells"].size(), 2U);
  EXPECT_EQ(json["cells"][1]["figures"]["goodput_mbps"]["n"], 3);
  const std::string command = json["cells"][1]["command"];
  ASSERT_THAT(command, StartsWith("hawser "));
  EXPECT_EQ(run_tool(command.substr(7) + " --json").json()["flows"][0]["messages_delivered"], 20);
}

TEST(PlanCommandTest, ARunThatFailsIsToldWithItsCommandAndItsCode) {
  const CommandResult result = run_with_plan(
      "[plan]\nseeds = '8-9'\noptions = '--handshake-timeout 100ms --flow count=1'\n"
      "[grid]\nloss = ['--loss 0', '--loss 100%']\n",
      "\"$HAWSER\" sim --plan \"$PLAN\"\n");
  EXPECT_EQ(result.exit_code, 3);
  EXPECT_THAT(result.errors,
              HasSubstr("hawser: loss=100%, seed 8: flow 1: the connection timed out "
                        "(handshake_timeout): hawser sim --handshake-timeout 100ms --flow count=1 "
                        "--loss 100% --seed 8\n"));
  EXPECT_THAT(result.output, HasSubstr("4 of 4 runs"));
}

TEST(PlanCommandTest, AnInterruptedPlanTellsWhatItHas) {
  const CommandResult result = run_with_plan(
      "[plan]\nseeds = '1-100000'\noptions = '--rtt 1ms --flow mode=bulk --duration 10h'\n"
      "[grid]\na = ['']\n",
      "\"$HAWSER\" sim --plan \"$PLAN\" --csv \"$DIR/out.csv\" &\n"
      "tool=$!\n"
      "while ! [ -e \"$DIR/out.csv.part\" ]; do :; done\n"
      "kill -INT $tool\nwait $tool\ncode=$?\ncat \"$DIR/out.csv\"\nexit $code\n");
  EXPECT_EQ(result.exit_code, 130);
  EXPECT_THAT(result.output, HasSubstr("0 of 100000 runs"));
  EXPECT_THAT(result.output, HasSubstr("a,seed,outcome,trace_hash"));
}

TEST(PlanCommandTest, TheExampleIsAPlan) {
  const CommandResult result =
      run_script("sed 's/1-20/1-1/; s/10s/3s/' " HAWSER_EXAMPLE_PLAN
                 " >\"$DIR/p.toml\"\n\"$HAWSER\" sim --plan \"$DIR/p.toml\" --json\n");
  EXPECT_EQ(result.exit_code, 0) << result.errors;
  EXPECT_EQ(result.json()["runs"], 6);
  EXPECT_EQ(result.json()["cells"][1]["choices"]["control"], "new reno");
}

TEST(PlanCommandTest, WhatIsWrongIsSaidInOneLine) {
  const std::string tool = "\"$HAWSER\" sim --plan \"$PLAN\" ";
  expect_refusal(run_tool("sim --plan /nowhere/p.toml"),
                 "/nowhere/p.toml: cannot be read: No such file or directory");
  expect_refusal(run_tool("sim --plan /"), "/: cannot be read: Is a directory");
  expect_refusal(run_tool("sim --csv x --flow count=1"),
                 "--csv: it goes with a plan: give --plan FILE.toml");
  expect_refusal(run_with_plan(kSmall, tool + "--rtt 3ms\n"),
                 "--rtt: not together with --plan: write it into the plan's options");
  expect_refusal(run_with_plan(kSmall, tool + "--down-rtt 3ms\n"),
                 "--down-rtt: not together with --plan: write it into the plan's options");
  expect_refusal(run_with_plan(kSmall, tool + "--seed 3\n"),
                 "--seed: not together with --plan: write it into the plan as seeds = \"1-20\"");
  expect_refusal(run_with_plan(kSmall, tool + "--report x.html\n"),
                 "--report: not together with --plan: give it to one of the plan's commands");
  expect_refusal(run_with_plan("[plan]\noptions = '--up-loss 1% --flow count=1'\n[grid]\n"
                               "a = ['--up-loss 2%']\n",
                               tool),
                 "p.toml:4: --up-loss: given 2 times: give it once; a plan's options and its grid "
                 "count together");
  expect_refusal(run_with_plan(kSmall, tool + "--jobs 0\n"),
                 "--jobs: '0' is not accepted: give a whole number from 1 to 256");
  expect_refusal(run_with_plan(kSmall, tool + "--csv /nowhere/x\n"),
                 "--csv: /nowhere/x cannot be written");
  expect_refusal(run_with_plan(kSmall, tool + "--csv \"$DIR/x\" --html \"$DIR/x\"\n"),
                 "--html: it is the file of --csv, too");
  expect_refusal(run_with_plan("[plan]\nseed = 3\n", tool),
                 "p.toml:2: unknown key 'seed' in [plan]: give name, seeds, jobs or options");
  expect_refusal(run_with_plan("[grid]\nflow = ['--flow count=1']\nloss = ['--loss 0',\n"
                               "  '--loss 200%']\n",
                               tool),
                 "p.toml:4: --loss: '200%' is not accepted: give a probability");
}

}  // namespace
}  // namespace hawser::cli
