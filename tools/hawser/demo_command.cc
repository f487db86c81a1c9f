#include "tools/hawser/demo_command.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "tools/hawser/progress.h"
#include "tools/hawser/typed_options.h"
#include "tools/hawser/verdict.h"

namespace hawser::cli {
namespace {

using Json = nlohmann::ordered_json;
using netsim::Probability;

constexpr char kExample[] =
    "\nExample: a path that loses a fifth of everything, for 2,000 messages\n"
    "  hawser demo --rtt 80ms --loss 20% --count 2000 --interval 20ms\n";

// 40 ms, 5 % loss, 1 % duplicates, 5 % reordering, 1 % corruption, each way.
netsim::PathConfig default_path() {
  netsim::LinkConfig link;
  link.delay = std::chrono::milliseconds(20);
  link.loss = Probability::percent(5);
  link.duplicate = Probability::percent(1);
  link.reorder.probability = Probability::percent(5);
  link.damage.corrupt = Probability::percent(1);
  netsim::PathConfig path;
  path.up = link;
  path.down = link;
  return path;
}

// The settings that `describe` has words of its own for.
constexpr std::string_view kDescribed[] = {"rtt",     "delay",   "loss", "duplicate",
                                           "reorder", "corrupt", "rate", "trace"};

// `more`: what else was asked of the link.
std::string describe(const netsim::LinkConfig& link, const std::vector<std::string>& more) {
  std::vector<std::string> parts;
  const auto add = [&parts](Probability probability, const char* what) {
    if (!probability.is_zero())
      parts.push_back(fmt::format("{} {}", format_probability(probability), what));
  };
  if (!link.netem) parts.push_back(format_duration(link.delay) + " delay");
  add(link.loss, "lost");
  add(link.duplicate, "duplicated");
  add(link.reorder.probability, "reordered");
  add(link.damage.corrupt, "damaged");
  if (link.trace) {
    parts.push_back("a trace of " + format_rate(link.mean_rate()));
  } else if (link.has_rate()) {
    parts.push_back(format_rate(link.mean_rate()));
  }
  parts.insert(parts.end(), more.begin(), more.end());
  return fmt::format("{}", fmt::join(parts, ", "));
}

// Both ways, and what becomes of the client's address.
std::string describe(const netsim::PathConfig& path, const PathOptions& options) {
  std::string text = fmt::format("The way there: {}.\nThe way back:  {}.\n",
                                 describe(path.up, options.words_beyond(kDescribed, true)),
                                 describe(path.down, options.words_beyond(kDescribed, false)));
  for (const Duration at : path.rebinds)
    text += fmt::format("The client's address changes after {}.\n", format_duration(at));
  return text;
}

Json to_json(const RawUdpReport& raw) {
  return {{"sent", raw.sent},
          {"received", raw.received},
          {"duplicates", raw.counts.duplicates},
          {"out_of_order", raw.counts.overtaken},
          {"corrupt", raw.counts.corrupt},
          // Beyond the contract.
          {"lost", raw.sent - std::min(raw.sent, raw.counts.delivered)},
          {"latency_ms", to_json(raw.latency)}};
}

Json to_json(const DemoReport& report) {
  Json json = {{"flows", Json::array({to_json(report.flow)})},
               {"raw_udp", to_json(report.raw_udp)},
               {"links", Json::array()},
               {"relay_lateness_ms", to_json(report.relay_lateness)},
               {"unroutable", report.unroutable},
               {"wall_s", to_ms(report.wall) / 1e3}};
  for (const LinkReport& link : report.links) json["links"].push_back(to_json(link));
  return json;
}

std::string to_text(const DemoPlan& plan, const std::string& path, const DemoReport& report) {
  std::string text = fmt::format(
      "{} messages of {} B, one every {}, over real UDP sockets on this machine.\n"
      "{}\n{:<18}{:>14}{:>14}\n",
      plan.flow.count, plan.flow.size.value(), format_duration(plan.flow.interval), path, "",
      "raw UDP", "Hawser");
  const auto row = [&text](const char* what, auto raw, auto ours) {
    text += fmt::format("  {:<16}{:>14}{:>14}\n", what, raw, ours);
  };
  const auto ms = [](Duration duration) { return fmt::format("{:.1f} ms", to_ms(duration)); };
  const RawUdpReport& raw = report.raw_udp;
  const FlowReport& ours = report.flow;
  row("sent", raw.sent, ours.messages_sent);
  row("arrived intact", raw.counts.delivered, ours.deliveries.delivered);
  row("missing", raw.sent - raw.counts.delivered, ours.messages_sent - ours.deliveries.delivered);
  row("duplicated", raw.counts.duplicates, ours.deliveries.duplicates);
  row("out of order", raw.counts.overtaken, ours.deliveries.overtaken);
  row("damaged", raw.counts.corrupt, ours.deliveries.corrupt);
  row("latency p50", ms(raw.latency.percentile(500)), ms(ours.latency.percentile(500)));
  row("latency p99", ms(raw.latency.percentile(990)), ms(ours.latency.percentile(990)));
  const bool is_perfect =
      ours.completion && ours.deliveries.delivered == plan.flow.count && !ours.broken_promise();
  text += fmt::format("\n{} ({:.1f} s)\n",
                      is_perfect ? "Every message arrived once, in order, unchanged."
                                 : "Not every message arrived as it should.",
                      to_ms(report.wall) / 1e3);
  return text;
}

std::optional<std::uint64_t> parse_messages(std::string_view text) {
  return parse_count(text, 10'000'000);
}
std::optional<ByteCount> parse_message_size(std::string_view text) {
  return parse_size_between(text, ByteCount(24), ByteCount(1400));
}
std::optional<Duration> parse_interval(std::string_view text) {
  const auto interval = parse_duration(text);
  return interval && *interval > Duration::zero() ? interval : std::nullopt;
}
constexpr ValueKind<std::uint64_t> kCount{parse_messages, "a whole number from 1 to 10000000", "N"};
constexpr ValueKind<ByteCount> kMessageSize{parse_message_size, "a size from 24 to 1400", "SIZE"};
constexpr ValueKind<Duration> kInterval{parse_interval, "a duration above zero such as 3ms", "D"};

}  // namespace

DemoCommand::DemoCommand() : path_(default_path()) {}

void DemoCommand::declare(CLI::App& app) {
  add_value(app, {"--count", "messages (10000)"}, kCount, plan_.flow.count);
  add_value(app, {"--interval", "time between two messages (3ms)"}, kInterval, plan_.flow.interval);
  add_value(app, {"--size", "of a message, so that raw UDP can carry it too (200)"}, kMessageSize,
            plan_.flow.size);
  add_value(app, {"--seed", "of the network's chances (1)"}, kNumber, plan_.seed);
  app.add_flag("--json", is_json_, "one JSON object on standard output and nothing else");
  endpoint_.add_to(app);
  path_.add_to(app);
  app.footer(kExample);
}

ExitCode DemoCommand::run() {
  plan_.path = path_.resolve();
  endpoint_.apply_to(plan_.connection);
  if (const auto complaint = complaint_about(plan_.connection))
    throw CLI::ValidationError(*complaint);
  EventLoop loop;
  const InterruptWatch interrupt(loop);
  auto run = DemoRun::create(loop, plan_);
  if (!run) {
    fmt::print(stderr, "hawser demo: cannot open the sockets: {}\n", run.error().message());
    return ExitCode::no_connection;
  }
  Progress progress(loop, [&run, this] {
    return fmt::format("{} of {} messages arrived", (*run)->messages_delivered(), plan_.flow.count);
  });
  loop.run_until([&] { return (*run)->is_done() || interrupt.is_interrupted(); });
  progress.clear();
  const DemoReport report = (*run)->report();
  fmt::print("{}", is_json_ ? to_json(report).dump() + "\n"
                            : to_text(plan_, describe(plan_.path, path_), report));
  if (interrupt.is_interrupted()) return ExitCode::interrupted;
  return judge({report.flow});
}

}  // namespace hawser::cli
