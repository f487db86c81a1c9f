#include "tools/hawser/plan_mode.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <memory>
#include <string_view>
#include <thread>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <uv.h>

#include "tools/hawser/interruption.h"
#include "tools/hawser/option_names.h"
#include "tools/hawser/plan_runs.h"
#include "tools/hawser/typed_options.h"
#include "tools/plan/plan_page.h"
#include "tools/plan/plan_report.h"
#include "tools/seeing/output_file.h"

namespace hawser::cli {
namespace {

using Clock = std::chrono::steady_clock;

constexpr char kGroup[] = "Plan";
constexpr std::array<std::string_view, 3> kPlanOnly{"--csv", "--html", "--jobs"};
constexpr std::array<std::string_view, 2> kEither{"--plan", "--json"};
constexpr std::array<std::string_view, 3> kOneRunOnly{"--report", "--qlog", "--pcap"};
constexpr std::size_t kFailuresPrinted = 10;

double seconds_since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

// A bar on standard error, if that is a terminal.
class Bar {
 public:
  explicit Bar(std::size_t total) : total_(total) {}
  void show(std::size_t done) {
    if (!is_terminal_) return;
    const std::size_t filled = kWidth * done / total_;
    std::string text = fmt::format("\r\033[K[{}{}] {} of {} runs", std::string(filled, '#'),
                                   std::string(kWidth - filled, '.'), done, total_);
    if (done > 0) {
      const auto left = static_cast<double>(total_ - done);
      text += fmt::format(", about {:.0f} s left",
                          seconds_since(begin_) * left / static_cast<double>(done));
    }
    fmt::print(stderr, "{}", text);
    is_shown_ = true;
  }
  void clear() const {
    if (is_shown_) fmt::print(stderr, "\r\033[K");
  }

 private:
  static constexpr std::size_t kWidth = 30;
  std::size_t total_;
  bool is_terminal_ = uv_guess_handle(2) == UV_TTY;
  bool is_shown_ = false;
  Clock::time_point begin_ = Clock::now();
};

// A file that is known to be writable before the runs begin.
class Target {
 public:
  Target(const char* option, const std::optional<std::string>& path) : option_(option) {
    if (path) file_ = std::make_unique<seeing::OutputFile>(*path);
    check(file_ != nullptr ? file_->error() : std::error_code());
  }
  template <typename MakeText>
  void write(const MakeText& make_text) {
    if (file_ == nullptr) return;
    file_->write(make_text());
    check(file_->commit());
  }

 private:
  void check(const std::error_code& error) const {
    if (!error) return;
    throw CLI::ValidationError(
        option_, fmt::format("{} cannot be written: {}", file_->path().string(), error.message()));
  }

  const char* option_;
  std::unique_ptr<seeing::OutputFile> file_;
};

plan::Batch make_batch(const std::string& file) {
  try {
    return plan::Batch(plan::read_plan(file), make_plan_run);
  } catch (const plan::PlanError& error) {
    throw CLI::ValidationError(error.what());
  }
}

// What to do instead of giving an option together with --plan.
std::string_view way_out(std::string_view name) {
  if (name == "--seed") return "write it into the plan as seeds = \"1-20\"";
  if (std::ranges::find(kOneRunOnly, name) != kOneRunOnly.end())
    return "give it to one of the plan's commands, which --json and the page of --html tell";
  return "write it into the plan's options";
}

// A line for each run that failed, with the command that replays it; the worst is the code.
ExitCode judge(const plan::Batch& batch) {
  const std::vector<plan::Batch::Failure> failures = batch.failures();
  plan::Outcome worst = plan::Outcome::ok;
  std::size_t told = 0;
  for (const plan::Batch::Failure& failure : failures) {
    worst = std::max(worst, failure.result->outcome);
    if (told++ >= kFailuresPrinted) continue;
    const plan::Cell& cell = batch.cells()[failure.cell];
    fmt::print(stderr, "hawser: {}, seed {}: {}: {}\n", cell.title(batch.plan()), failure.seed,
               failure.result->fault, cell.command(batch.plan(), failure.seed));
  }
  if (told > kFailuresPrinted)
    fmt::print(stderr, "hawser: {} more runs failed\n", told - kFailuresPrinted);
  switch (worst) {
    case plan::Outcome::ok:
      return ExitCode::ok;
    case plan::Outcome::no_connection:
      return ExitCode::no_connection;
    case plan::Outcome::no_figures:
      return ExitCode::wrong_usage;
    case plan::Outcome::promise_broken:
      break;
  }
  return ExitCode::promise_broken;
}

void print(const plan::Batch& batch, double wall_s, bool is_json) {
  if (is_json) {
    nlohmann::ordered_json json = plan::to_json(batch);
    json["wall_s"] = wall_s;
    fmt::print("{}\n", json.dump());
    return;
  }
  fmt::print("{}: {} of {} runs in {:.1f} s, {} cells, {} seeds each\n\n{}", batch.plan().name,
             batch.finished(), batch.run_count(), wall_s, batch.cells().size(),
             batch.plan().seeds.size(), plan::to_text(batch));
}

}  // namespace

void PlanMode::add_to(CLI::App& app) {
  app_ = &app;
  app.add_option("--plan", file_, "all runs of a TOML plan instead of one; an example is below")
      ->type_name("FILE")
      ->group(kGroup);
  app.add_option("--csv", csv_, "a line for each run of the plan")
      ->type_name("FILE")
      ->group(kGroup);
  app.add_option("--html", html_, "the plan's cells as one HTML page of small charts")
      ->type_name("FILE")
      ->group(kGroup);
  add_value(app, {"--jobs", "threads for the plan's runs (all processors)"}, kJobs, jobs_)
      ->group(kGroup);
}

bool PlanMode::is_asked() const {
  const bool has_plan = app_->count("--plan") > 0;
  for (const CLI::Option* option : app_->get_options()) {
    if (option->count() == 0) continue;
    const std::string name = typed_name(*option);
    const bool is_plan_only = std::ranges::find(kPlanOnly, name) != kPlanOnly.end();
    const bool is_either = std::ranges::find(kEither, name) != kEither.end();
    if (!has_plan && is_plan_only)
      throw CLI::ValidationError(name, "it goes with a plan: give --plan FILE.toml");
    if (has_plan && !is_plan_only && !is_either)
      throw CLI::ValidationError(name, fmt::format("not together with --plan: {}", way_out(name)));
  }
  return has_plan;
}

ExitCode PlanMode::run(bool is_json) {
  plan::Batch batch = make_batch(file_);
  if (csv_ && csv_ == html_) throw CLI::ValidationError("--html", "it is the file of --csv, too");
  note_interruptions();
  Target csv("--csv", csv_);
  Target html("--html", html_);
  const unsigned processors = std::max(std::thread::hardware_concurrency(), 1U);
  const unsigned jobs =
      jobs_ ? static_cast<unsigned>(*jobs_) : batch.plan().jobs.value_or(processors);
  const Clock::time_point begin = Clock::now();
  Bar bar(batch.run_count());
  batch.run(jobs, [&bar](std::size_t done) {
    bar.show(done);
    return !was_interrupted();
  });
  bar.clear();
  csv.write([&batch] { return plan::to_csv(batch); });
  html.write([&] { return plan::plan_page(batch, "hawser sim --plan " + plan::quoted(file_)); });
  print(batch, seconds_since(begin), is_json);
  const ExitCode verdict = judge(batch);
  return was_interrupted() ? ExitCode::interrupted : verdict;
}

}  // namespace hawser::cli
