// Everything arrives through everything: the grid of impairments, sizes and promises.

#include <array>
#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/scenarios/scenario_run.h"

namespace hawser::scenarios {
namespace {

struct Load {
  const char* channel;
  const char* size;
  int count;
};

class GridScenario : public testing::TestWithParam<Load> {};

TEST_P(GridScenario, NothingIsLostDuplicatedDisorderedOrDamaged) {
  const Load load = GetParam();
  const bool is_reliable = std::string_view(load.channel) != "unreliable";
  int seed = 0;
  for (const int loss : {0, 10, 50}) {
    for (const int duplicate : {0, 5, 20}) {
      for (const int reorder : {0, 10, 30}) {
        for (const int corrupt : {0, 2, 5}) {
          const ScenarioRun run(fmt::format(
              "--rtt 60ms --loss {}% --duplicate {}% --reorder {}% --corrupt {}% --seed {} "
              "--handshake-timeout 1h --idle-timeout 1h "
              "--flow mode=messages,interval=5ms,burst=2,channel={},size={},count={}",
              loss, duplicate, reorder, corrupt, ++seed, load.channel, load.size, load.count));
          if (is_reliable) {
            run.expect_all_delivered();
          } else {
            run.expect_nothing_wrong();
          }
          if (testing::Test::HasFailure()) return;  // the first one tells enough
        }
      }
    }
  }
}

constexpr std::array kLoads = {
    Load{"ordered", "0", 100},      Load{"ordered", "1", 100},      Load{"ordered", "200", 200},
    Load{"ordered", "4000", 40},    Load{"ordered", "64KiB", 6},    Load{"ordered", "1MiB", 1},
    Load{"unordered", "0", 100},    Load{"unordered", "1", 100},    Load{"unordered", "200", 200},
    Load{"unordered", "4000", 40},  Load{"unordered", "64KiB", 6},  Load{"unordered", "1MiB", 1},
    Load{"unreliable", "0", 100},   Load{"unreliable", "1", 100},   Load{"unreliable", "200", 200},
    Load{"unreliable", "4000", 40}, Load{"unreliable", "64KiB", 6}, Load{"unreliable", "1MiB", 1}};

INSTANTIATE_TEST_SUITE_P(Loads, GridScenario, testing::ValuesIn(kLoads), [](const auto& each) {
  return fmt::format("{}{}", each.param.channel, each.param.size);
});

}  // namespace
}  // namespace hawser::scenarios
