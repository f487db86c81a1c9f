#include "tools/hawser/plan_runs.h"

#include <algorithm>
#include <memory>
#include <utility>

#include <fmt/format.h>

#include "tools/hawser/sim_options.h"
#include "tools/hawser/value_text.h"
#include "tools/hawser/verdict.h"

namespace hawser::cli {
namespace {

void raise(std::optional<double>& greatest, double value) {
  greatest = greatest ? std::max(*greatest, value) : value;
}

// How it ended, and why that is not well.
std::pair<plan::Outcome, std::string> outcome_of(const SimulationReport& report, Duration warmup) {
  if (report.outcome == netsim::RunOutcome::event_storm)
    return {plan::Outcome::promise_broken, "the simulation stood still: too many events at once"};
  if (warmup > Duration::zero() && report.duration <= warmup) {
    return {plan::Outcome::no_figures,
            fmt::format("--warmup {} leaves nothing of a run that ended at {}",
                        format_duration(warmup), format_duration(report.duration))};
  }
  const auto finding = worst_finding(report.flows);
  if (!finding) return {plan::Outcome::ok, {}};
  const bool is_broken = finding->code == ExitCode::promise_broken;
  return {is_broken ? plan::Outcome::promise_broken : plan::Outcome::no_connection, finding->line};
}

}  // namespace

plan::RunFigures figures_of(const SimulationReport& report) {
  plan::RunFigures figures;
  double goodput = 0;
  std::uint64_t sent = 0;
  std::uint64_t lost = 0;
  for (const FlowReport& flow : report.flows) {
    goodput += flow.goodput_mbps;
    sent += flow.stats.packets_sent;
    lost += flow.stats.packets_lost;
    if (flow.completion) raise(figures.completion_s, to_ms(*flow.completion) / 1e3);
    if (flow.latency.count() == 0) continue;
    raise(figures.latency_p50_ms, to_ms(flow.latency.percentile(500)));
    raise(figures.latency_p99_ms, to_ms(flow.latency.percentile(990)));
    raise(figures.latency_p999_ms, to_ms(flow.latency.percentile(999)));
  }
  figures.goodput_mbps = goodput;
  if (!std::ranges::all_of(report.flows,
                           [](const auto& flow) { return flow.completion.has_value(); }))
    figures.completion_s.reset();
  if (sent > 0) figures.lost_percent = 100 * static_cast<double>(lost) / static_cast<double>(sent);
  if (report.flows.size() > 1) figures.jain = jain_index(report.flows);
  for (const LinkReport& link : report.links) {
    if (link.stats.utilisation > 0)
      raise(figures.utilisation_percent, link.stats.utilisation * 100);
    raise(figures.queue_mean_ms, to_ms(link.stats.queue_mean));
  }
  return figures;
}

plan::PlannedRun make_plan_run(const plan::Words& words) {
  const auto shared = std::make_shared<const SimulationSpec>(parse_simulation(words));
  return [shared](std::uint64_t seed,
                  const std::atomic<bool>& is_cancelled) -> std::optional<plan::RunResult> {
    SimulationSpec spec = *shared;
    spec.seed = seed;
    const SimulationReport report =
        simulate(spec, [&is_cancelled](Duration) { return is_cancelled.load(); });
    if (is_cancelled) return std::nullopt;
    auto [outcome, fault] = outcome_of(report, spec.warmup);
    const bool has_figures = outcome != plan::Outcome::no_figures;
    return plan::RunResult{.figures = has_figures ? figures_of(report) : plan::RunFigures{},
                           .trace_hash = report.trace_hash,
                           .outcome = outcome,
                           .fault = std::move(fault)};
  };
}

}  // namespace hawser::cli
