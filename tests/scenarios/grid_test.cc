// Everything arrives through everything: the grid of impairments, sizes and promises.

#include <algorithm>
#include <array>
#include <ostream>
#include <string>
#include <vector>

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
std::ostream& operator<<(std::ostream& out, const Load& load) {
  return out << load.count << " " << load.channel << " messages of " << load.size;
}

// One point of the grid, in percent.
struct Impairments {
  int loss;
  int duplicate;
  int reorder;
  int corrupt;
};

std::vector<Impairments> grid() {
  std::vector<Impairments> points;
  for (const int loss : {0, 1, 5, 20, 50}) {
    for (const int duplicate : {0, 5, 20}) {
      for (const int reorder : {0, 10, 30}) {
        for (const int corrupt : {0, 1, 5}) points.push_back({loss, duplicate, reorder, corrupt});
      }
    }
  }
  return points;
}

class GridScenario : public testing::TestWithParam<Load> {
 protected:
  bool is_reliable() const { return std::string_view(GetParam().channel) != "unreliable"; }

  // Unreliable messages of one datagram must arrive about as often as datagrams do. (Those still
  // under way at the end, because overtaken ones were taken for lost, do not.)
  static void expect_a_fair_share(const ScenarioRun& run, const Impairments& point) {
    const double passing = (1 - point.loss / 100.0) * (1 - point.corrupt / 100.0);
    const auto& flow = run.flow();
    EXPECT_GE(static_cast<double>(flow.deliveries.delivered),
              0.6 * passing * static_cast<double>(flow.messages_sent));
  }

  void note_impairments(const ScenarioRun& run) {
    for (std::size_t link = 0; link < 2; ++link) {
      const netsim::LinkStats& stats = run.link(link).stats;
      lost_ += stats.dropped_loss;
      duplicated_ += stats.duplicated;
      reordered_ += stats.reordered;
      corrupted_ += stats.corrupted;
    }
  }

  std::uint64_t lost_ = 0;
  std::uint64_t duplicated_ = 0;
  std::uint64_t reordered_ = 0;
  std::uint64_t corrupted_ = 0;
};

TEST_P(GridScenario, NothingIsLostDuplicatedDisorderedOrDamaged) {
  const Load load = GetParam();
  int seed = 0;
  for (const Impairments& point : grid()) {
    const char* from = ++seed % 2 == 0 ? "server" : "client";
    const ScenarioRun run(
        fmt::format("--rtt 60ms --loss {}% --duplicate {}% --reorder {}% --corrupt {}% --seed {} "
                    "--handshake-timeout 1h --idle-timeout 1h "
                    "--flow mode=messages,interval=5ms,burst=2,channel={},size={},count={},from={}",
                    point.loss, point.duplicate, point.reorder, point.corrupt, seed, load.channel,
                    load.size, load.count, from));
    if (is_reliable() || point.loss + point.corrupt + point.reorder == 0) {
      run.expect_all_delivered();
    } else {
      run.expect_nothing_wrong();
      if (load.count >= 100) expect_a_fair_share(run, point);
    }
    EXPECT_EQ(run.flow().messages_sent, static_cast<std::uint64_t>(load.count));
    if (HasFailure()) return;  // the first one tells enough
    note_impairments(run);
  }
  EXPECT_GT(std::min({lost_, duplicated_, reordered_, corrupted_}), 0U) << "the path was clean";
}

constexpr std::array kLoads = {
    Load{"ordered", "0", 100},      Load{"ordered", "1", 100},      Load{"ordered", "200", 200},
    Load{"ordered", "1150", 100},   Load{"ordered", "4000", 40},    Load{"ordered", "64KiB", 6},
    Load{"ordered", "1MiB", 2},     Load{"unordered", "0", 100},    Load{"unordered", "1", 100},
    Load{"unordered", "200", 200},  Load{"unordered", "1150", 100}, Load{"unordered", "4000", 40},
    Load{"unordered", "64KiB", 6},  Load{"unordered", "1MiB", 2},   Load{"unreliable", "0", 100},
    Load{"unreliable", "1", 100},   Load{"unreliable", "200", 200}, Load{"unreliable", "1150", 100},
    Load{"unreliable", "4000", 40}, Load{"unreliable", "64KiB", 6}, Load{"unreliable", "1MiB", 2}};

INSTANTIATE_TEST_SUITE_P(Loads, GridScenario, testing::ValuesIn(kLoads), [](const auto& each) {
  return fmt::format("{}{}", each.param.channel, each.param.size);
});

}  // namespace
}  // namespace hawser::scenarios
