// The window of every controller, round trip by round trip, on one path that lives through a lot: a
// change of behaviour changes a file, and is seen in review.

#include <iomanip>
#include <ostream>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/golden/golden_file.h"
#include "tests/golden/scripted_path.h"

namespace hawser {

// For GoogleTest, which names a parameter by it.
void PrintTo(const CongestionControllerFactory& factory, std::ostream* out) {
  *out << factory.name;
}

namespace golden {
namespace {

/// What happens before a round trip.
struct Turn {
  int round;
  const char* what;
  void (*apply)(ScriptedPath& path);
};

constexpr Turn kScript[] = {
    {0, "a greedy application", [](ScriptedPath&) {}},
    {50, "one packet lost", [](ScriptedPath& path) { path.drop(1); }},
    {80, "twenty packets lost in a row", [](ScriptedPath& path) { path.drop(20); }},
    {110, "ten datagrams per round trip, no more to send",
     [](ScriptedPath& path) { path.set_demand(Demand::trickle); }},
    {130, "one of them lost", [](ScriptedPath& path) { path.drop(1); }},
    {150, "greedy again", [](ScriptedPath& path) { path.set_demand(Demand::greedy); }},
    {180, "idle", [](ScriptedPath& path) { path.set_demand(Demand::silent); }},
    {205, "greedy again", [](ScriptedPath& path) { path.set_demand(Demand::greedy); }},
    {230, "everything lost", [](ScriptedPath& path) { path.set_blackout(true); }},
    {255, "nothing lost any more", [](ScriptedPath& path) { path.set_blackout(false); }},
    {320, "one packet marked", [](ScriptedPath& path) { path.mark(1); }},
    {350, "three packets overtaken, which arrive two round trips late",
     [](ScriptedPath& path) { path.hold_up(3); }},
    {380, "a new path", [](ScriptedPath& path) { path.change_path(); }}};
constexpr int kRounds = 420;

std::string row_of(int round, const CongestionSnapshot& snapshot) {
  const std::int64_t tenths = snapshot.congestion_window.value() * 10 / 1200;
  std::ostringstream row;
  row << std::setw(3) << round << std::setw(6) << tenths / 10 << '.' << tenths % 10 << "  "
      << snapshot.phase;
  return row.str();
}

std::vector<std::string> windows_of(const CongestionControllerFactory& factory) {
  ScriptedPath path(factory);
  std::vector<std::string> lines = {"# round trip, window in datagrams at its end, phase"};
  for (int round = 0; round < kRounds; ++round) {
    for (const Turn& turn : kScript) {
      if (turn.round != round) continue;
      lines.push_back(std::string("# ") + turn.what);
      turn.apply(path);
    }
    path.run_round_trip();
    lines.push_back(row_of(round, path.snapshot()));
  }
  return lines;
}

class WindowByRoundTest : public testing::TestWithParam<CongestionControllerFactory> {};

TEST_P(WindowByRoundTest, IsAsWrittenDown) {
  compare_with_golden(std::string("windows/") + std::string(GetParam().name) + ".txt",
                      windows_of(GetParam()), "ctest --preset dev -R WindowByRound");
}

INSTANTIATE_TEST_SUITE_P(Controllers, WindowByRoundTest,
                         testing::ValuesIn(congestion_controllers().begin(),
                                           congestion_controllers().end()),
                         [](const auto& each) { return std::string(each.param.name); });

}  // namespace
}  // namespace golden
}  // namespace hawser
