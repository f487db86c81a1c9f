#include "tools/hawser/sim_command.h"

#include <chrono>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <uv.h>

#include "tools/hawser/interruption.h"
#include "tools/hawser/report_text.h"
#include "tools/hawser/value_text.h"
#include "tools/hawser/verdict.h"

namespace hawser::cli {

using Json = nlohmann::ordered_json;

namespace {

constexpr char kExample[] =
    "\nExample: 20,000 ordered messages over a bad path\n"
    "  hawser sim --rtt 60ms --loss 20% --duplicate 5% --reorder 10% --corrupt 2% --seed 7 \\\n"
    "    --flow mode=messages,size=200,interval=5ms,count=20000,channel=ordered\n"
    "\nA plan (--plan) runs each combination of its grid with each seed:\n"
    "  [plan]\n"
    "  seeds = \"1-20\"\n"
    "  options = \"--rtt 40ms --rate 20mbit --queue 1bdp --duration 10s\"\n"
    "  [grid]\n"
    "  loss = [\"--loss 0\", \"--loss 1%\", \"--loss 5%\"]\n"
    "  flow = [\"--flow mode=bulk,cc=cubic\", {label = \"new reno\",\n"
    "           options = \"--flow mode=bulk,cc=new_reno\"}]\n";

// How far the virtual time has come, if standard error is a terminal.
class SimProgress {
 public:
  void show(Duration simulated) {
    if (!is_terminal_ || ++asked_ % kPeriod != 0) return;
    const auto now = std::chrono::steady_clock::now();
    if (now < next_) return;
    next_ = now + std::chrono::milliseconds(500);
    fmt::print(stderr, "\r\033[K{:.1f} s simulated", to_ms(simulated) / 1e3);
    is_shown_ = true;
  }
  void clear() {
    if (is_shown_) fmt::print(stderr, "\r\033[K");
  }

 private:
  static constexpr std::uint64_t kPeriod = 1024;  // of questions: a clock costs more than an event
  bool is_terminal_ = uv_guess_handle(2) == UV_TTY;
  bool is_shown_ = false;
  std::uint64_t asked_ = 0;
  std::chrono::steady_clock::time_point next_ =
      std::chrono::steady_clock::now() + std::chrono::milliseconds(500);
};

void throw_if(const std::optional<std::string>& complaint) {
  if (complaint) throw CLI::ValidationError(*complaint);
}

double mbps(ByteCount bytes, Duration time) {
  if (time <= Duration::zero()) return 0;
  return static_cast<double>(bytes.value()) * 8 / 1e3 / to_ms(time);
}

std::string to_text(const SimulationReport& report, Duration wall) {
  std::string text =
      fmt::format("{:.3f} s simulated in {:.3f} s, {} datagrams, seed {}, trace {:016x}\n\n",
                  to_ms(report.duration) / 1e3, to_ms(wall) / 1e3, report.packets_simulated,
                  report.seed, report.trace_hash);
  for (std::size_t i = 0; i < report.flows.size(); ++i) {
    text += to_text(report.flows[i], fmt::format("flow {}", i + 1)) + "\n";
  }
  for (const LinkReport& link : report.links) text += to_text(link);
  for (const HostReport& host : report.hosts) text += to_text(host);
  for (const auto& cross : report.cross) {
    text += fmt::format("cross traffic: {} of {} datagrams arrived, {:.3f} Mbit/s over the run\n",
                        cross.received, cross.sent, mbps(cross.bytes_received, report.duration));
  }
  if (report.unroutable > 0) {
    text += fmt::format("{} datagrams were sent to an address that was left\n", report.unroutable);
  }
  if (report.flows.size() > 1)
    text += fmt::format("Jain's index {:.4f}\n", jain_index(report.flows));
  return text;
}

}  // namespace

Json to_json(const SimulationReport& report, Duration wall) {
  Json json = {{"seed", report.seed},
               {"trace_hash", fmt::format("{:016x}", report.trace_hash)},
               {"duration_s", to_ms(report.duration) / 1e3},
               {"wall_s", to_ms(wall) / 1e3},
               {"packets_simulated", report.packets_simulated},
               {"flows", Json::array()},
               {"links", Json::array()}};
  for (const FlowReport& flow : report.flows) json["flows"].push_back(to_json(flow));
  for (const LinkReport& link : report.links) json["links"].push_back(to_json(link));
  json["jain"] = jain_index(report.flows);
  for (const auto& cross : report.cross) {
    json["cross"].push_back({{"sent", cross.sent},
                             {"received", cross.received},
                             {"bytes_received", cross.bytes_received.value()}});
  }
  // Beyond the contract.
  json["unroutable"] = report.unroutable;
  json["hosts"] = Json::array();
  for (const HostReport& host : report.hosts) json["hosts"].push_back(to_json(host));
  return json;
}

void SimCommand::declare(CLI::App& app) {
  options_.add_to(app);
  view_options_.add_to(app);
  plan_mode_.add_to(app);
  app.add_flag("--json", is_json_, "one JSON object on standard output and nothing else");
  app.footer("Keys of --flow:\n" + flow_help() + kExample);
}

ExitCode SimCommand::run() {
  if (plan_mode_.is_asked()) return plan_mode_.run(is_json_);
  const SimulationSpec spec = options_.resolve();
  note_interruptions();
  throw_if(view_options_.complaint());
  seeing::RunView view(view_options_.paths(), netsim::EventQueue::kStart);
  throw_if(view.error());
  const auto begin = std::chrono::steady_clock::now();
  SimProgress progress;
  const SimulationReport report = simulate(
      spec,
      [&progress](Duration simulated) {
        progress.show(simulated);
        return was_interrupted();
      },
      view_options_.paths().is_any() ? &view : nullptr);
  progress.clear();
  const bool is_all_warmup = spec.warmup > Duration::zero() && report.duration <= spec.warmup;
  if (is_all_warmup && !was_interrupted()) {
    throw CLI::ValidationError(
        "--warmup", fmt::format("{} leaves nothing of a run that ended at {}",
                                format_duration(spec.warmup), format_duration(report.duration)));
  }
  seeing::ReportText text = report_text(report, view_options_.command_line("hawser sim"));
  text.marks = run_marks(spec.path);
  throw_if(view.finish(text));
  const Duration wall = std::chrono::steady_clock::now() - begin;
  fmt::print("{}", is_json_ ? to_json(report, wall).dump() + "\n" : to_text(report, wall));
  if (was_interrupted()) return ExitCode::interrupted;
  if (report.outcome == netsim::RunOutcome::event_storm) {
    fmt::print(stderr, "hawser: the simulation stood still: too many events at one instant\n");
    return ExitCode::promise_broken;
  }
  return judge(report.flows);
}

}  // namespace hawser::cli
