#include "tools/hawser/plan_runs.h"

#include <stdexcept>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tools/hawser/sim_options.h"
#include "tools/plan/plan_report.h"

namespace hawser::cli {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

const std::atomic<bool> kNotCancelled = false;

plan::RunResult run(const std::string& words, std::uint64_t seed = 1) {
  return *make_plan_run(*plan::split_words(words))(seed, kNotCancelled);
}

std::string complaint(const std::string& words) {
  try {
    make_plan_run(*plan::split_words(words));
  } catch (const std::exception& error) {
    return error.what();
  }
  return "none";
}

TEST(PlanRunsTest, FiguresAreThoseOfTheSameRunAlone) {
  const std::string words =
      "--rtt 20ms --rate 5mbit --loss 2% --flow mode=messages,count=50 "
      "--flow mode=bulk,bytes=100kB";
  const SimulationReport report = simulate(parse_simulation(words + " --seed 3"));
  const plan::RunResult result = run(words, 3);
  const plan::RunFigures& figures = result.figures;
  EXPECT_EQ(result.trace_hash, report.trace_hash);
  EXPECT_EQ(result.outcome, plan::Outcome::ok);
  EXPECT_EQ(figures.goodput_mbps, report.flows[0].goodput_mbps + report.flows[1].goodput_mbps);
  EXPECT_EQ(figures.completion_s,
            to_ms(std::max(*report.flows[0].completion, *report.flows[1].completion)) / 1e3);
  EXPECT_EQ(figures.jain, jain_index(report.flows));
  EXPECT_EQ(figures.utilisation_percent, report.links[0].stats.utilisation * 100);
}

TEST(PlanRunsTest, WhatARunDoesNotHaveIsAbsent) {
  const plan::RunFigures figures =
      run("--duration 100ms --flow mode=messages,interval=5ms").figures;
  EXPECT_EQ(figures.completion_s, std::nullopt);
  EXPECT_EQ(figures.jain, std::nullopt);
  EXPECT_EQ(figures.utilisation_percent, std::nullopt);
}

TEST(PlanRunsTest, ARunThatDoesNotConnectSaysSo) {
  const plan::RunResult result =
      run("--loss 100% --handshake-timeout 100ms --flow mode=messages,count=1");
  EXPECT_EQ(result.outcome, plan::Outcome::no_connection);
  EXPECT_THAT(result.fault, HasSubstr("flow 1: the connection timed out"));
  EXPECT_EQ(result.figures.latency_p50_ms, std::nullopt);
}

TEST(PlanRunsTest, AWarmupThatLeavesNothingLeavesNoFigures) {
  const plan::RunResult result = run("--warmup 5s --flow mode=messages,count=1");
  EXPECT_EQ(result.outcome, plan::Outcome::no_figures);
  EXPECT_THAT(result.fault, HasSubstr("--warmup 5s leaves nothing"));
  EXPECT_EQ(result.figures.goodput_mbps, std::nullopt);
}

TEST(PlanRunsTest, ACancelledRunHasNoResult) {
  const std::atomic<bool> is_cancelled = true;
  EXPECT_EQ(make_plan_run({"--flow", "count=1"})(1, is_cancelled), std::nullopt);
}

TEST(PlanRunsTest, WordsOfOtherPurposesAreRefused) {
  EXPECT_EQ(complaint("--flow count=1 --report x.html"), "unknown option '--report'");
  EXPECT_EQ(complaint("--flow count=1 --help"), "unknown option '--help'");
  EXPECT_EQ(complaint("word --flow count=1"), "unknown word 'word'");
  EXPECT_THAT(complaint("--loss 200% --flow count=1"), HasSubstr("--loss: '200%' is not accepted"));
}

TEST(PlanRunsTest, ResultsDoNotDependOnTheNumberOfThreads) {
  std::vector<std::string> tables;
  for (const unsigned jobs : {1U, 2U, 5U}) {
    plan::Batch batch(
        plan::parse_plan("[plan]\nseeds = '1-4'\noptions = '--rtt 10ms --rate 5mbit --jitter 2ms'\n"
                         "[grid]\nloss = ['--loss 0', '--loss 5%']\n"
                         "flow = ['--flow mode=messages,count=30', '--flow bytes=30kB']\n",
                         "p.toml"),
        make_plan_run);
    batch.run(jobs, [](std::size_t) { return true; });
    tables.push_back(plan::to_csv(batch));
  }
  EXPECT_EQ(tables[0], tables[1]);
  EXPECT_EQ(tables[0], tables[2]);
}

}  // namespace
}  // namespace hawser::cli
