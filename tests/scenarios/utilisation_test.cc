// How much of a path the controllers and the three protocols use.

#include <ostream>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/scenarios/scenario_run.h"

namespace hawser::scenarios {
namespace {

class ControllerScenario : public testing::TestWithParam<const char*> {};

TEST_P(ControllerScenario, FillsACleanPathTo90PercentOfThePayloadCeiling) {
  const ScenarioRun run(
      fmt::format("--rtt 60ms --rate 100mbit --queue 1bdp --duration 30s --warmup 5s "
                  "--flow mode=bulk,cc={}",
                  GetParam()));
  EXPECT_GE(share_of_ceiling(run), 0.90);
  EXPECT_LE(share_of_ceiling(run), 1.005);
}

// 25 MB are under way: with the default settings neither end's buffers are in the way.
TEST(LongFatScenario, IsFilledWithTheDefaultSettings) {
  const ScenarioRun run(
      "--rtt 200ms --rate 1gbit --queue 1bdp --duration 25s --warmup 15s --flow mode=bulk,cc=bbr");
  EXPECT_GE(share_of_ceiling(run), 0.90);
}

// Where nothing is left to chance two flows fall into step at a drop-tail queue, and an extra
// millisecond decides which of them loses; a rare loss breaks the step. It is rare enough for the
// queue to decide nearly all: one alone would allow a window three times the fair one.
TEST_P(ControllerScenario, TwoFlowsShareABottleneckFairly) {
  double sum = 0;
  int runs = 0;
  for (const char* extra_delay : {"0", "1ms", "2ms", "5ms"}) {
    for (int seed = 1; seed <= 4; ++seed) {
      const ScenarioRun run(fmt::format(
          "--rtt 40ms --rate 20mbit --queue 1bdp --loss 0.01% --duration 60s "
          "--warmup 20s --seed {} --flow mode=bulk,cc={} --flow mode=bulk,cc={},delay={}",
          seed, GetParam(), GetParam(), extra_delay));
      const double fairness = cli::jain_index(run.report().flows);
      EXPECT_GE(fairness, 0.8);
      EXPECT_GE(run.link().stats.utilisation, 0.95);
      sum += fairness;
      ++runs;
    }
  }
  EXPECT_GE(sum / runs, 0.9);
}

INSTANTIATE_TEST_SUITE_P(Names, ControllerScenario,
                         testing::Values("cubic", "new_reno", "aimd", "bbr"),
                         [](const auto& each) { return std::string(each.param); });

/// A row of the tables of finite windows: one-way delay `a` in frames, loss of the forward
/// direction, window; the textbook's formula, what an event simulation of the textbook protocol
/// found, and how close to the latter we must come.
struct TextbookRow {
  const char* arq;
  double delay_frames;
  const char* loss;
  int window;
  double formula;
  double simulated;
  double tolerance;
  int seconds;  ///< enough for a thousand losses, where there are any
};
std::ostream& operator<<(std::ostream& out, const TextbookRow& row) {
  return out << row.arq << " a=" << row.delay_frames << " p=" << row.loss << " W=" << row.window;
}

class TextbookScenario : public testing::TestWithParam<TextbookRow> {};

// A message of 1150 bytes travels in a frame of 1 ms: 1208 bytes with all headers. A sender that is
// always busy then delivers 9.2 Mbit/s.
constexpr const char* kFrameRate = "9660kbit";
constexpr double kFullMbps = 9.2;

TEST_P(TextbookScenario, MatchesTheEventSimulation) {
  const TextbookRow row = GetParam();
  const ScenarioRun run(
      fmt::format("--delay {:.0f}us --up-rate {} --up-loss {} --seed 3 --duration {}s --warmup 5s "
                  "--flow mode=bulk,size=1150,cc=fixed,window=4096,send_window={},arq={}",
                  row.delay_frames * 1000, kFrameRate, row.loss, row.seconds, row.window, row.arq));
  const double utilisation = run.flow().goodput_mbps / kFullMbps;
  EXPECT_NEAR(utilisation, row.simulated, row.simulated * row.tolerance)
      << "the formula says " << row.formula;
}

// The tolerances: 1 % for stop-and-wait; 4 % for go-back-N, 10 % where its window is below the 2a+1
// frames that fill the path; 10 % for selective repeat, which finds losses by itself.
constexpr TextbookRow kRows[] = {{"stop_and_wait", 0.1, "0%", 1, .8333, .8333, .01, 60},
                                 {"stop_and_wait", 1, "1%", 1, .3300, .3299, .01, 300},
                                 {"stop_and_wait", 5, "1%", 1, .0900, .0900, .01, 1000},
                                 {"stop_and_wait", 10, "5%", 1, .0452, .0453, .01, 1000},
                                 {"stop_and_wait", 50, "1%", 1, .0098, .0098, .01, 4000},
                                 {"stop_and_wait", 100, "10%", 1, .0045, .0045, .01, 4000},
                                 {"stop_and_wait", 250, "0.1%", 1, .0020, .0020, .01, 4000},
                                 {"go_back_n", 0.1, "0%", 7, 1.0, 1.0, .04, 60},
                                 {"go_back_n", 1, "1%", 7, .9706, .970, .04, 200},
                                 {"go_back_n", 5, "1%", 7, .5943, .599, .10, 200},
                                 {"go_back_n", 10, "5%", 32, .4750, .473, .04, 200},
                                 {"go_back_n", 50, "1%", 127, .4950, .492, .04, 200},
                                 {"go_back_n", 100, "10%", 64, .0393, .043, .10, 200},
                                 {"go_back_n", 250, "0.1%", 512, .6660, .635, .04, 4000},
                                 {"selective_repeat", 0.1, "0%", 7, 1.0, 1.0, .10, 60},
                                 {"selective_repeat", 1, "1%", 7, .9900, .990, .10, 200},
                                 {"selective_repeat", 5, "1%", 7, .6300, .601, .10, 200},
                                 {"selective_repeat", 10, "5%", 32, .9500, .800, .10, 200},
                                 {"selective_repeat", 50, "1%", 127, .9900, .737, .10, 200},
                                 {"selective_repeat", 100, "10%", 64, .2866, .150, .10, 200},
                                 {"selective_repeat", 250, "0.1%", 512, .9990, .733, .10, 600}};

INSTANTIATE_TEST_SUITE_P(Rows, TextbookScenario, testing::ValuesIn(kRows), [](const auto& each) {
  const TextbookRow& row = each.param;
  return fmt::format("{}W{}a{:.0f}tenths", row.arq, row.window, row.delay_frames * 10);
});

}  // namespace
}  // namespace hawser::scenarios
