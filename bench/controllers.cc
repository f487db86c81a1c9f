// The scoreboard of congestion controllers: what each makes of the same paths and neighbours, in
// virtual time, as one Markdown table. `congestion/README.md` shows it.

#include <algorithm>
#include <chrono>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "bench/controller_scenarios.h"
#include "tools/examples/half_step.h"
#include "tools/hawser/sim_options.h"
#include "tools/hawser/workers.h"

namespace hawser::bench {
namespace {

// One column.
struct Entrant {
  std::string name;
  std::string keys;                                  // of its flows, each with a comma behind it
  const CongestionControllerFactory* own = nullptr;  // one that is not built in
};

// Every controller of the library, some with a setting of note, and those of one's own.
std::vector<Entrant> entrants() {
  std::vector<Entrant> all;
  for (const CongestionControllerFactory& factory : congestion_controllers()) {
    all.push_back({std::string(factory.name), fmt::format("cc={},", factory.name)});
  }
  all.push_back({"bbr, loss_threshold=10", "cc=bbr,loss_threshold=10,"});
  all.push_back({"copa, copa_delta_percent=5", "cc=copa,copa_delta_percent=5,"});
  all.push_back({"half_step (an example)", "", &kHalfStep});
  return all;
}

std::string with_keys(std::string words, const std::string& keys) {
  constexpr std::string_view kFlow = "--flow ";
  for (std::size_t at = 0; (at = words.find(kFlow, at)) != std::string::npos;) {
    at += kFlow.size();
    words.insert(at, keys);
  }
  return words;
}

Outcome run(const std::string& words, const std::string& neighbour, const Entrant& entrant) {
  cli::SimulationSpec spec = cli::parse_simulation(with_keys(words, entrant.keys));
  for (cli::FlowSpec& flow : spec.flows) flow.own_controller = entrant.own;
  if (!neighbour.empty()) spec.flows.push_back(cli::parse_flow("mode=bulk,cc=" + neighbour));
  cli::DeliveryTimeline last_flow(spec.flows.back().start);
  const std::size_t last = spec.flows.size() - 1;
  auto report = cli::simulate(
      spec, [](Duration) { return false; }, nullptr,
      [&last_flow, last](std::size_t flow, Duration since_start, ByteCount size) {
        if (flow == last) last_flow.add(since_start, size);
      });
  return {std::move(report), std::move(last_flow)};
}

// The cells of one column for one scenario, from top to bottom.
std::vector<std::string> cells(const Scenario& scenario, const Entrant& entrant) {
  std::vector<double> sums(scenario.rows.size());
  for (const std::string& words : scenario.runs) {
    const Outcome outcome = run(words, scenario.neighbour, entrant);
    for (std::size_t i = 0; i < sums.size(); ++i) sums[i] += scenario.rows[i].figure(outcome);
  }
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < sums.size(); ++i) {
    const double mean = sums[i] / static_cast<double>(scenario.runs.size());
    texts.push_back(fmt::format("{:.{}f}", mean, scenario.rows[i].decimals));
  }
  return texts;
}

void print_commands(const std::vector<Scenario>& scenarios) {
  for (const Scenario& scenario : scenarios) {
    for (const Row& row : scenario.rows) fmt::print("{}\n", row.label);
    for (const std::string& words : scenario.runs) {
      fmt::print("    hawser sim {}{}\n", with_keys(words, "cc=NAME,"),
                 scenario.neighbour.empty() ? "" : " --flow mode=bulk,cc=" + scenario.neighbour);
    }
  }
}

void print_table(const std::vector<Scenario>& scenarios, const std::vector<Entrant>& columns,
                 const std::vector<std::vector<std::string>>& results) {
  std::string head = "| |";
  std::string rule = "|---|";
  for (const Entrant& entrant : columns) {
    head += fmt::format(" {} |", entrant.name);
    rule += "---|";
  }
  fmt::print("{}\n{}\n", head, rule);
  for (std::size_t i = 0; i < scenarios.size(); ++i) {
    for (std::size_t row = 0; row < scenarios[i].rows.size(); ++row) {
      std::string line = fmt::format("| {} |", scenarios[i].rows[row].label);
      for (std::size_t column = 0; column < columns.size(); ++column) {
        line += fmt::format(" {} |", results[i * columns.size() + column][row]);
      }
      fmt::print("{}\n", line);
    }
  }
}

void print_scoreboard(const std::vector<Scenario>& scenarios, const std::vector<Entrant>& columns,
                      unsigned jobs) {
  const auto begin = std::chrono::steady_clock::now();
  std::vector<std::vector<std::string>> results(scenarios.size() * columns.size());
  cli::do_pieces(
      results.size(), jobs,
      [&](std::size_t number, const std::atomic<bool>&) {
        results[number] =
            cells(scenarios[number / columns.size()], columns[number % columns.size()]);
      },
      [](std::size_t) { return true; });
  print_table(scenarios, columns, results);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  fmt::print(stderr, "{:.0f} s on {} threads\n", took.count(), jobs);
}

// Leaves what has a name that begins so, if any is asked for.
void keep_asked(std::vector<Entrant>& columns, const std::vector<std::string>& names) {
  std::erase_if(columns, [&names](const Entrant& entrant) {
    return !names.empty() && std::ranges::none_of(names, [&entrant](const std::string& name) {
      return entrant.name.starts_with(name);
    });
  });
}

// Leaves the scenarios that have a line with this text.
void keep_lines(std::vector<Scenario>& scenarios, const std::string& text) {
  std::erase_if(scenarios, [&text](const Scenario& scenario) {
    return std::ranges::none_of(scenario.rows, [&text](const Row& row) {
      return row.label.find(text) != std::string::npos;
    });
  });
}

int run_main(int argc, char** argv) {
  CLI::App app("What each congestion controller makes of the same paths, as a Markdown table");
  std::vector<std::string> names;
  std::string line;
  unsigned jobs = std::max(1U, std::thread::hardware_concurrency());
  bool is_list = false;
  app.add_option("NAME", names, "only the columns that begin so");
  app.add_option("--line", line, "only the runs that fill a line with this text");
  app.add_option("--jobs", jobs, "threads (all processors)")->check(CLI::Range(1U, cli::kJobsMax));
  app.add_flag("--commands", is_list, "the `hawser sim` behind each line, instead of the table");
  CLI11_PARSE(app, argc, argv);
  std::vector<Scenario> scenarios = controller_scenarios();
  std::vector<Entrant> columns = entrants();
  keep_lines(scenarios, line);
  keep_asked(columns, names);
  if (is_list) {
    print_commands(scenarios);
  } else {
    print_scoreboard(scenarios, columns, jobs);
  }
  return 0;
}

}  // namespace
}  // namespace hawser::bench

int main(int argc, char** argv) { return hawser::bench::run_main(argc, argv); }
