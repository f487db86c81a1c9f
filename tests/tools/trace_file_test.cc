#include "tools/hawser/trace_file.h"

#include <string>

#include <gtest/gtest.h>

namespace hawser::cli {
namespace {

using namespace std::chrono_literals;

/// What is said about a text that is no trace.
std::string problem_of(std::string_view text) {
  std::string problem;
  return parse_trace(text, "lte.down", problem) ? "accepted" : problem;
}

TEST(TraceFileTest, ReadsOneTimePerLine) {
  std::string problem;
  const auto trace = parse_trace("0\n3\n3\n10\n", "lte.down", problem);
  ASSERT_TRUE(trace);
  EXPECT_EQ(*trace, *netsim::RateTrace::from({0ms, 3ms, 3ms, 10ms}));
  EXPECT_EQ(*parse_trace("0\r\n3\r\n3\n10", "lte.down", problem), *trace)
      << "other line ends, and none at the end";
  EXPECT_EQ(problem, "");
}

TEST(TraceFileTest, SaysWhichLineIsWrong) {
  const std::string form = "is not accepted: give a time in whole milliseconds such as 17";
  EXPECT_EQ(problem_of("1\nx2\n").find("lte.down:2: 'x2' " + form), 0U);
  EXPECT_EQ(problem_of("1\n\n2\n").find("lte.down:2: '' " + form), 0U);
  EXPECT_EQ(problem_of("1\n-2\n").find("lte.down:2: '-2' " + form), 0U);
  EXPECT_EQ(problem_of("1.5\n").find("lte.down:1: '1.5' " + form), 0U);
  EXPECT_EQ(problem_of("36000000001\n").find("lte.down:1: '36000000001' " + form), 0U);
  EXPECT_EQ(problem_of("36000000000\n"), "accepted");
  EXPECT_EQ(problem_of("7\n8\n5\n"), "lte.down:3: 5 comes after 8: give times that never decrease");
  const std::string bounds = "a trace is from 1 to 100000000 lines, the last of them above 0";
  EXPECT_EQ(problem_of(""), "lte.down:0: " + bounds);
  EXPECT_EQ(problem_of("0\n0\n"), "lte.down:2: " + bounds);
}

TEST(TraceFileTest, SaysWhichFileCannotBeRead) {
  std::string problem;
  EXPECT_FALSE(read_trace("/nowhere/lte.down", problem));
  EXPECT_EQ(problem, "'/nowhere/lte.down' cannot be read: give the name of a trace file");
  EXPECT_FALSE(read_trace("/", problem));
  EXPECT_EQ(problem, "'/' cannot be read: give the name of a trace file");
}

}  // namespace
}  // namespace hawser::cli
