#include "tools/hawser/swarm_command.h"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <thread>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>
#include <uv.h>

#include "tools/hawser/canary.h"
#include "tools/hawser/flow_report.h"
#include "tools/hawser/interruption.h"
#include "tools/hawser/typed_options.h"
#include "tools/swarm/faults.h"

namespace hawser::cli {

using Json = nlohmann::ordered_json;
using Clock = std::chrono::steady_clock;

namespace {

constexpr char kExample[] =
    "\nExample: ten thousand scenarios; then the one of seed 4711 in words\n"
    "  hawser sim swarm --seeds 1-10000\n"
    "  hawser sim swarm --seeds 4711\n";

constexpr std::uint64_t kBatchMax = 64;
constexpr std::uint64_t kMinutesMax = 100'000;
constexpr std::uint64_t kConnectionsMax = 256;
constexpr ValueKind<SeedRange> kSeeds{
    parse_seed_range, "seeds from 1 on such as 1-20000, or one such as 4711", "A-B"};
constexpr ValueKind<std::uint64_t> kBatch{
    [](std::string_view text) { return parse_count(text, kBatchMax); },
    "a whole number from 1 to 64", "N"};
constexpr ValueKind<std::uint64_t> kConnections{
    [](std::string_view text) { return parse_count(text, kConnectionsMax); },
    "a whole number from 1 to 256", "N"};
constexpr ValueKind<std::uint64_t> kControllers{
    [](std::string_view text) { return parse_count(text, congestion_controllers().size()); },
    "a whole number from 1 to the number of controllers", "N"};
constexpr ValueKind<std::uint64_t> kMinutes{
    [](std::string_view text) { return parse_count(text, kMinutesMax); },
    "a whole number from 1 to 100000", "M"};

std::string fault_names() {
  std::vector<std::string_view> names;
  for (const swarm::FaultClass& fault : swarm::fault_classes()) names.push_back(fault.name);
  return fmt::format("{}", fmt::join(names, ", "));
}

void check_fault_name(const std::string& name) {
  const auto faults = swarm::fault_classes();
  if (std::ranges::find(faults, name, &swarm::FaultClass::name) != faults.end()) return;
  throw CLI::ValidationError("--without", refusal(name, "some of " + fault_names()));
}

// The program dies of a broken assertion or of a sanitizer's finding: then this is all that tells
// where. Formatting without the heap, which may be what is broken.
void tell_seed(int signal) {
  char line[80];
  const int size = std::snprintf(line, sizeof line, "hawser: died in --seeds %llu\n",
                                 static_cast<unsigned long long>(swarm::seed_under_way()));
  uv_buf_t text = uv_buf_init(line, static_cast<unsigned>(size));
  uv_fs_t request;
  (void)uv_fs_write(nullptr, &request, 2, &text, 1, -1, nullptr);
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

Json to_json(const swarm::Findings::First& violation) {
  return {{"invariant", swarm::to_string(violation.violation.invariant)},
          {"at_s", to_ms(violation.at) / 1e3},
          {"what", violation.violation.what}};
}

std::string to_text(const swarm::Findings::First& violation) {
  return fmt::format("{} broken at {}: {}", swarm::to_string(violation.violation.invariant),
                     format_duration(violation.at), violation.violation.what);
}

}  // namespace

std::optional<SeedRange> parse_seed_range(std::string_view text) {
  const std::size_t dash = text.find('-');
  const auto first = parse_number(text.substr(0, dash));
  const auto last = dash == std::string_view::npos ? first : parse_number(text.substr(dash + 1));
  if (!first || !last || *first == 0 || *last < *first) return std::nullopt;
  return SeedRange{*first, *last};
}

void SwarmCommand::declare(CLI::App& app) {
  add_value(app, {"--seeds", "which scenarios (default 1-1000); a single one is told in words"},
            kSeeds, seeds_);
  add_value(app, {"--minutes", "stop after so long, wherever it is"}, kMinutes, minutes_);
  add_value(app, {"--jobs", "threads (default: as many as there are processors)"}, kJobs, jobs_);
  app.add_option("--without", without_, "classes of faults to leave out: " + fault_names())
      ->delimiter(',')
      ->type_name("NAME,..");
  add_value(app, {"--until", "all faults end, and nothing more is sent, at this time"}, kDuration,
            until_);
  add_value(app, {"--messages", "only so many messages, the first ones"}, kNumber, messages_);
  add_value(app, {"--connections", "only so many connections, the first ones"}, kConnections,
            connections_);
  add_value(app, {"--batch", "capacity of all transmit buffers; shows in no trace"}, kBatch,
            batch_);
  add_value(app,
            {"--controllers",
             "only so many congestion controllers, the first ones: what a seed of "
             "an older version meant"},
            kControllers, controllers_);
  app.add_flag("--trace-hashes", prints_hashes_, "one line for each scenario: its seed and trace");
  app.add_flag("--canary", is_canary_, "run a transport with a known defect: it must be found");
  app.add_flag("--json", is_json_, "one JSON object on standard output and nothing else");
  app.footer(kExample);
}

swarm::Campaign SwarmCommand::resolve() const {
  for (const std::string& name : without_) check_fault_name(name);
  if (prints_hashes_ && is_json_) {
    throw CLI::ValidationError("--trace-hashes", "it prints lines: not together with --json");
  }
  swarm::Choice choice{.seed = seeds_.first,
                       .without = without_,
                       .until = until_,
                       .messages = messages_,
                       .connections = connections_,
                       .batch = batch_,
                       .controllers = controllers_};
  const unsigned processors = std::max(1U, std::thread::hardware_concurrency());
  const std::uint64_t seeds = seeds_.last - seeds_.first + 1;
  const std::uint64_t jobs = std::min(jobs_.value_or(processors), seeds);
  return {.first_seed = seeds_.first,
          .last_seed = seeds_.last,
          .choice = std::move(choice),
          .jobs = static_cast<unsigned>(jobs),
          .keeps_hashes = prints_hashes_};
}

ExitCode SwarmCommand::run() {
  if (is_canary_ && !is_canary()) become_canary();
  const swarm::Campaign campaign = resolve();
  note_interruptions();
  for (const int signal : {SIGABRT, SIGSEGV}) std::signal(signal, tell_seed);
  const bool is_single = campaign.first_seed == campaign.last_seed && !prints_hashes_;
  return is_single ? replay(campaign.choice) : sweep(campaign);
}

// ---- One scenario -------------------------------------------------------------------------------

ExitCode SwarmCommand::replay(const swarm::Choice& choice) const {
  const swarm::Scenario scenario = swarm::draw_scenario(choice);
  if (!is_json_) fmt::print("{}", swarm::describe(scenario));
  std::fflush(stdout);
  const swarm::Verdict verdict = swarm::run(scenario);
  const bool has_failed = verdict.violation.has_value();
  if (is_json_) {
    Json json = {{"scenarios", 1},
                 {"violations", has_failed ? 1 : 0},
                 {"failing_seeds", Json::array()},
                 {"trace_hash", fmt::format("{:016x}", verdict.trace_hash)},
                 {"faults", scenario.faults},
                 {"ended_at_s", to_ms(verdict.ended_at) / 1e3},
                 {"datagrams", verdict.datagrams},
                 {"messages", verdict.accepted},
                 {"messages_delivered", verdict.delivered}};
    if (has_failed) {
      json["failing_seeds"].push_back(choice.seed);
      json["violation"] = to_json(*verdict.violation);
    }
    fmt::print("{}\n", json.dump());
  } else {
    fmt::print("\nover at {}: {} datagrams, {} of {} messages delivered, trace {:016x}\n{}\n",
               format_duration(verdict.ended_at), verdict.datagrams, verdict.delivered,
               verdict.accepted, verdict.trace_hash,
               has_failed ? to_text(*verdict.violation) : "every promise was kept");
  }
  return has_failed ? ExitCode::promise_broken : ExitCode::ok;
}

// ---- Many ---------------------------------------------------------------------------------------

ExitCode SwarmCommand::sweep(const swarm::Campaign& campaign) const {
  const Clock::time_point begin = Clock::now();
  const auto end = minutes_ ? begin + std::chrono::minutes(*minutes_) : Clock::time_point::max();
  const bool is_terminal = uv_guess_handle(2) == UV_TTY;
  const std::uint64_t seeds = campaign.last_seed - campaign.first_seed + 1;
  const auto report = swarm::run_campaign(campaign, [&](const swarm::CampaignProgress& progress) {
    if (is_terminal) {
      fmt::print(stderr, "\r\033[K{} of {} scenarios, {} violations", progress.scenarios, seeds,
                 progress.violations);
    }
    return !was_interrupted() && Clock::now() < end;
  });
  if (is_terminal) fmt::print(stderr, "\r\033[K");
  const Duration wall = Clock::now() - begin;
  if (prints_hashes_) {
    for (std::size_t i = 0; i < report.hashes.size(); ++i) {
      fmt::print("{} {:016x}\n", campaign.first_seed + i, report.hashes[i]);
    }
  } else {
    fmt::print("{}", is_json_ ? json_of(report, wall) : text_of(report, wall));
  }
  if (was_interrupted()) return ExitCode::interrupted;
  return report.failing_seeds.empty() ? ExitCode::ok : ExitCode::promise_broken;
}

std::string SwarmCommand::replay_command(const swarm::Choice& choice) const {
  return fmt::format("hawser sim swarm {}{}", is_canary_ ? "--canary " : "",
                     swarm::replay_arguments(choice));
}

std::string SwarmCommand::text_of(const swarm::CampaignReport& report, Duration wall) const {
  std::string text = fmt::format(
      "{} scenarios in {:.1f} s, {} datagrams, {} of {} messages delivered, {} violations\n",
      report.scenarios, to_ms(wall) / 1e3, report.datagrams, report.delivered, report.messages,
      report.failing_seeds.size());
  for (const swarm::Shrunk& failure : report.failures) {
    text += fmt::format("\nseed {}: {}\n  {}\n", failure.choice.seed, to_text(failure.violation),
                        replay_command(failure.choice));
  }
  const std::size_t shown = report.failures.size();
  if (shown < report.failing_seeds.size()) {
    text += fmt::format("\nfailing, too: {}\n",
                        fmt::join(report.failing_seeds.begin() + static_cast<std::ptrdiff_t>(shown),
                                  report.failing_seeds.end(), " "));
  }
  return text;
}

std::string SwarmCommand::json_of(const swarm::CampaignReport& report, Duration wall) const {
  Json json = {
      {"scenarios", report.scenarios},          {"violations", report.failing_seeds.size()},
      {"failing_seeds", report.failing_seeds},  {"wall_s", to_ms(wall) / 1e3},
      {"datagrams", report.datagrams},          {"messages", report.messages},
      {"messages_delivered", report.delivered}, {"failures", Json::array()}};
  for (const swarm::Shrunk& failure : report.failures) {
    Json entry = to_json(failure.violation);
    entry["seed"] = failure.choice.seed;
    entry["replay"] = replay_command(failure.choice);
    json["failures"].push_back(entry);
  }
  return json.dump() + "\n";
}

}  // namespace hawser::cli
