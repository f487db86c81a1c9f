#include "tests/plan/invented_runs.h"

#include <algorithm>
#include <stdexcept>

namespace hawser::plan {

Plan invented_plan() {
  return parse_plan(
      "[plan]\n"
      "seeds = '1-3'\n"
      "options = '--common'\n"
      "[grid]\n"
      "path = ['--clean', '--lossy \"two words\"']\n"
      "load = [{label = 'the \"small\", one', options = '--small'}, '--large']\n",
      "folder/invented.toml");
}

PlannedRun invented_run(const Words& words) {
  const auto has = [&words](const char* word) { return std::ranges::count(words, word) > 0; };
  if (has("--bad")) throw std::runtime_error("'--bad' is bad");
  const bool is_lossy = has("--lossy");
  const auto count = static_cast<double>(words.size());
  return [is_lossy, count](std::uint64_t seed, const std::atomic<bool>&) {
    RunResult result{.figures = {}, .trace_hash = seed, .outcome = Outcome::ok, .fault = {}};
    result.figures.goodput_mbps = 10 * count + static_cast<double>(seed);
    if (seed != 2) result.figures.completion_s = 0.1 * static_cast<double>(seed);
    if (is_lossy && seed == 3) {
      result.outcome = Outcome::promise_broken;
      result.fault = "flow 1: a message was lost";
    }
    return std::optional(result);
  };
}

InventedBatch::InventedBatch() : batch_(invented_plan(), invented_run) {
  batch_.run(1, [](std::size_t) { return true; });
}

}  // namespace hawser::plan
