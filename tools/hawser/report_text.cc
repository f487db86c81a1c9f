#include "tools/hawser/report_text.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "tools/seeing/run_recorder.h"

namespace hawser::cli {
namespace {

using Recorder = seeing::RunRecorder;

constexpr std::size_t kRowsMax = 100;  // of a table

std::string ms(Duration duration) { return fmt::format("{:.2f}", to_ms(duration)); }
std::string percent(std::uint64_t part, std::uint64_t whole) {
  if (whole == 0) return "\u2013";
  return fmt::format("{:.2f} %", 100.0 * static_cast<double>(part) / static_cast<double>(whole));
}

std::string title_of(const SimulationReport& report) {
  if (report.flows.size() == 1) {
    const FlowReport& flow = report.flows.front();
    return fmt::format("{} over {}, {:.1f} s", to_string(flow.mode), flow.cc,
                       to_ms(report.duration) / 1e3);
  }
  return fmt::format("{} flows, {:.1f} s", report.flows.size(), to_ms(report.duration) / 1e3);
}

seeing::ReportTable flow_table(const SimulationReport& report) {
  seeing::ReportTable table{
      .caption = "Flows: latency from due to delivered, and what their connections did",
      .columns = {"flow", "traffic", "control", "goodput, Mbit/s", "messages", "p50, ms", "p99, ms",
                  "p99.9, ms", "max, ms", "packets", "lost", "wrongly lost", "probes", "RTT, ms"},
      .rows = {}};
  for (const FlowReport& flow : report.flows) {
    if (table.rows.size() == kRowsMax) break;
    const ConnectionStats& stats = flow.stats;
    table.rows.push_back(
        {fmt::format("flow {}", table.rows.size() + 1),
         fmt::format("{} {}", to_string(flow.delivery), to_string(flow.mode)), flow.cc,
         fmt::format("{:.3f}", flow.goodput_mbps), fmt::format("{}", flow.deliveries.delivered),
         ms(flow.latency.percentile(500)), ms(flow.latency.percentile(990)),
         ms(flow.latency.percentile(999)), ms(flow.latency.max()),
         fmt::format("{}", stats.packets_sent), percent(stats.packets_lost, stats.packets_sent),
         fmt::format("{}", stats.spurious_losses), fmt::format("{}", stats.probes_sent),
         ms(stats.rtt.smoothed)});
  }
  return table;
}

seeing::ReportTable link_table(const SimulationReport& report) {
  seeing::ReportTable table{
      .caption = "Links",
      .columns = {"link", "datagrams", "lost", "dropped by queue", "dropped otherwise",
                  "duplicated, replayed", "damaged, misdelivered", "reordered", "CE marked", "used",
                  "wait mean, ms", "max, ms"},
      .rows = {}};
  for (const LinkReport& link : report.links) {
    if (table.rows.size() == kRowsMax) break;
    const netsim::LinkStats& stats = link.stats;
    const auto count = [](std::uint64_t value) { return fmt::format("{}", value); };
    table.rows.push_back(
        {link.name, count(stats.packets),
         percent(stats.dropped_loss + stats.dropped_blackout + stats.dropped_mtu, stats.packets),
         percent(stats.dropped_queue + stats.dropped_aqm, stats.packets),
         percent(stats.dropped_policer + stats.dropped_memory, stats.packets),
         count(stats.duplicated + stats.replayed),
         count(stats.corrupted + stats.truncated + stats.extended + stats.misdelivered),
         count(stats.reordered), count(stats.ecn_marked),
         fmt::format("{:.1f} %", stats.utilisation * 100), ms(stats.queue_mean),
         ms(stats.queue_max)});
  }
  return table;
}

void add_note(seeing::ReportText& text, std::size_t shown, std::size_t of, const char* what) {
  if (of <= shown) return;
  text.notes.push_back(fmt::format("Of {} {} the first {} are shown.", of, what, shown));
}

}  // namespace

seeing::ReportText report_text(const SimulationReport& report, std::string command) {
  seeing::ReportText text{
      .title = title_of(report),
      .command = std::move(command),
      .facts = {{"seed", fmt::format("{}", report.seed)},
                {"trace", fmt::format("{:016x}", report.trace_hash)},
                {"virtual time", fmt::format("{:.3f} s", to_ms(report.duration) / 1e3)},
                {"datagrams", fmt::format("{}", report.packets_simulated)}},
      .tables = {flow_table(report), link_table(report)},
      .notes = {},
      .marks = {},
      .duration = report.duration};
  if (report.flows.size() > 1) {
    text.facts.emplace_back("Jain\u2019s index", fmt::format("{:.4f}", jain_index(report.flows)));
  }
  add_note(text, kRowsMax, report.flows.size(), "flows in the table");
  add_note(text, kRowsMax, report.links.size(), "links in the table");
  add_note(text, Recorder::kFlowsMax, report.flows.size(), "flows in the charts");
  add_note(text, Recorder::kLinksMax, report.links.size(), "links in the charts");
  return text;
}

std::vector<seeing::RunMark> run_marks(const netsim::PathConfig& path) {
  std::vector<seeing::RunMark> marks;
  const auto add_blackouts = [&marks](const netsim::LinkConfig& link, const char* what) {
    for (const netsim::Blackout& dark : link.blackouts) marks.push_back({dark.from, dark.to, what});
  };
  if (path.up.blackouts == path.down.blackouts) {
    add_blackouts(path.up, "blackout");
  } else {
    add_blackouts(path.up, "blackout up");
    add_blackouts(path.down, "blackout down");
  }
  for (const netsim::PathChange& change : path.changes)
    marks.push_back({change.at, change.at, "path changes"});
  for (const Duration at : path.rebinds) marks.push_back({at, at, "address changes"});
  std::ranges::stable_sort(marks, {}, &seeing::RunMark::at);
  return marks;
}

}  // namespace hawser::cli
