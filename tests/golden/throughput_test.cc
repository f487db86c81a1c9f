// What every controller makes of a path, by its loss and its round-trip time: a change of behaviour
// changes the table, and is seen in review.

#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/golden/golden_file.h"
#include "tests/scenarios/scenario_run.h"

namespace hawser::golden {
namespace {

constexpr const char* kLosses[] = {"0%", "0.1%", "1%", "5%"};
constexpr const char* kRoundTrips[] = {"10ms", "40ms", "100ms", "300ms"};

std::string header() {
  std::string line = fmt::format("{:>6}{:>7}", "loss", "rtt");
  for (const CongestionControllerFactory& factory : congestion_controllers()) {
    line += fmt::format("{:>10}", factory.name);
  }
  return line;
}

std::string row_of(const char* loss, const char* round_trip) {
  std::string line = fmt::format("{:>6}{:>7}", loss, round_trip);
  for (const CongestionControllerFactory& factory : congestion_controllers()) {
    const scenarios::ScenarioRun run(
        fmt::format("--rate 20mbit --queue 1bdp --rtt {} --loss {} --duration 35s --warmup 5s "
                    "--flow mode=bulk,cc={}",
                    round_trip, loss, factory.name));
    line += fmt::format("{:>10.2f}", run.flow().goodput_mbps);
  }
  return line;
}

TEST(ThroughputTest, IsAsWrittenDown) {
  std::vector<std::string> lines = {
      "# goodput in Mbit/s of 20, queue of 1 BDP, from the fifth second on for 30;",
      "# more than 19.2 where what was held up before is delivered", header()};
  for (const char* loss : kLosses) {
    for (const char* round_trip : kRoundTrips) lines.push_back(row_of(loss, round_trip));
  }
  compare_with_golden("throughput.txt", lines, "ctest --preset release -R ThroughputTest");
}

}  // namespace
}  // namespace hawser::golden
