#include "tools/hawser/relay_self_test.h"

#include <algorithm>
#include <cmath>

#include "tools/hawser/flow_report.h"

namespace hawser::cli {
namespace {

// What the machine's own timers may add to the median delay.
constexpr double kTimingToleranceMs = 2;

bool has_only_independent_loss(const netsim::LinkConfig& link) {
  return !link.loss_ge && !link.loss_ge_time && link.loss_pattern.drops.empty() &&
         link.drop == netsim::ScriptedDrops{} && link.blackouts.empty();
}

bool has_constant_delay(const netsim::LinkConfig& link) {
  return link.jitter.spread == Duration::zero() && !link.has_rate() && !link.slots &&
         !link.aggregation && link.reorder.probability.value() < 0.5;
}

SelfTestCheck share_check(const char* what, netsim::Probability probability, std::uint64_t count,
                          std::uint64_t total) {
  const double expected = probability.value();
  const auto trials = static_cast<double>(std::max<std::uint64_t>(total, 1));
  return {.what = what,
          .expected = expected,
          .measured = static_cast<double>(count) / trials,
          .tolerance = 5 * std::sqrt(expected * (1 - expected) / trials)};
}

}  // namespace

std::vector<SelfTestCheck> compare(const netsim::PathConfig& path, const SelfTestFigures& figures) {
  const netsim::LinkConfig& up = path.up;
  const netsim::LinkStats& stats = figures.relay.up;
  std::vector<SelfTestCheck> checks;
  checks.push_back({.what = "datagrams passed on that arrived",
                    .expected = static_cast<double>(figures.relay.sent),
                    .measured = static_cast<double>(figures.received)});
  // Netem's figures are not those of its words.
  if (!path.changes.empty() || up.netem) return checks;
  const std::uint64_t judged = stats.packets - stats.dropped_mtu - stats.dropped_blackout;
  if (has_only_independent_loss(up)) {
    checks.push_back(share_check("share lost", up.loss, stats.dropped_loss, judged));
  }
  // What is dropped has no copy. Where policer or queue dropped, it is not known how many of those
  // were copies themselves, and of a discipline's drops not how many were damaged.
  const std::uint64_t kept = judged - stats.dropped_loss;
  const std::uint64_t dropped = stats.dropped_queue + stats.dropped_policer + stats.dropped_aqm;
  if (dropped == 0) {
    checks.push_back(share_check("share duplicated", up.duplicate, stats.duplicated, kept));
  }
  // Damage befalls copies too.
  if (std::holds_alternative<netsim::DropTail>(up.aqm)) {
    const std::uint64_t queued = kept + stats.duplicated - dropped;
    checks.push_back(share_check("share damaged", up.damage.corrupt, stats.corrupted, queued));
  }
  if (has_constant_delay(up) && figures.latency.count() > 0) {
    checks.push_back({.what = "median delay in ms",
                      .expected = to_ms(up.delay),
                      .measured = to_ms(figures.latency.percentile(500)),
                      .tolerance = kTimingToleranceMs});
  }
  return checks;
}

}  // namespace hawser::cli
