#include "tools/plan/batch.h"

#include <algorithm>
#include <stdexcept>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/plan/invented_runs.h"

namespace hawser::plan {
namespace {

bool always(std::size_t) { return true; }

std::string complaint(const std::string& text) {
  try {
    const Batch batch(parse_plan(text, "p.toml"), invented_run);
  } catch (const PlanError& error) {
    return error.what();
  }
  return "none";
}

TEST(BatchTest, RunsEachCellWithEachSeed) {
  const InventedBatch invented;
  const Batch& batch = *invented;
  EXPECT_EQ(batch.run_count(), 12U);
  EXPECT_EQ(batch.finished(), 12U);
  EXPECT_EQ(batch.result(0, 0)->figures.goodput_mbps, 10 * 3 + 1);
  EXPECT_EQ(batch.result(3, 2)->figures.goodput_mbps, 10 * 4 + 3);
}

TEST(BatchTest, ASpreadIsThatOfTheRunsThatHaveTheFigure) {
  const InventedBatch invented;
  const Spread goodput = (*invented).spread(1, kFigures[0]);
  EXPECT_EQ(goodput.count, 3U);
  EXPECT_DOUBLE_EQ(goodput.median, 32);
  const Spread completion = (*invented).spread(1, kFigures[1]);
  EXPECT_EQ(completion.count, 2U);
  EXPECT_DOUBLE_EQ(completion.median, 0.2);
}

TEST(BatchTest, TellsWhichFiguresThereAre) {
  const InventedBatch invented;
  const std::vector<Figure> figures = (*invented).figures();
  ASSERT_EQ(figures.size(), 2U);
  EXPECT_EQ(figures[0].key, "goodput_mbps");
  EXPECT_EQ(figures[1].key, "completion_s");
}

TEST(BatchTest, TheWorstFailuresComeFirst) {
  const MakeRun make_run = [](const Words&) -> PlannedRun {
    return [](std::uint64_t seed, const std::atomic<bool>&) {
      const Outcome outcome = seed == 2 ? Outcome::promise_broken : Outcome::no_connection;
      return std::optional(
          RunResult{.figures = {}, .trace_hash = 0, .outcome = outcome, .fault = "f"});
    };
  };
  Batch batch(invented_plan(), make_run);
  batch.run(1, always);
  const std::vector<Batch::Failure> failures = batch.failures();
  ASSERT_EQ(failures.size(), 12U);
  EXPECT_EQ(failures[0].cell, 0U);
  EXPECT_EQ(failures[0].seed, 2U);
  EXPECT_EQ(failures[3].cell, 3U);
  EXPECT_EQ(failures[4].cell, 0U);
  EXPECT_EQ(failures[4].seed, 1U);
}

TEST(BatchTest, WhatWasCancelledHasNoResult) {
  std::atomic<int> begun = 0;
  const MakeRun make_run = [&begun](const Words&) -> PlannedRun {
    return [&begun](std::uint64_t, const std::atomic<bool>& is_cancelled) {
      if (begun++ == 0) return std::optional(RunResult{});
      while (!is_cancelled) {
      }
      return std::optional<RunResult>();
    };
  };
  Batch batch(invented_plan(), make_run);
  batch.run(1, [](std::size_t) { return false; });
  EXPECT_EQ(batch.finished(), 1U);
  EXPECT_EQ(batch.result(0, 1), nullptr);
  EXPECT_TRUE(batch.failures().empty());
}

TEST(BatchTest, ARefusalNamesTheLineWhoseWordsAreAtFault) {
  EXPECT_EQ(complaint("[plan]\noptions='--bad'\n[grid]\na=['--x']\n"),
            "p.toml:2: '--bad' is bad (a=--x)");
  EXPECT_EQ(complaint("[grid]\na=['--x',\n  '--bad']\nb=['']\n"),
            "p.toml:3: '--bad' is bad (a=--bad, b=none)");
}

TEST(BatchTest, WordsThatAreWrongOnlyTogetherAreThoseOfTheLastColumn) {
  const MakeRun make_run = [](const Words& words) -> PlannedRun {
    if (words.size() > 1) throw std::runtime_error("too many words");
    return {};
  };
  try {
    const Batch batch(parse_plan("[grid]\na=['x']\nb=['y']\n", "p.toml"), make_run);
    FAIL();
  } catch (const PlanError& error) {
    EXPECT_STREQ(error.what(), "p.toml:3: too many words (a=x, b=y)");
  }
}

}  // namespace
}  // namespace hawser::plan
