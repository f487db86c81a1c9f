#include "tools/hawser/relay_self_test.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include <fmt/format.h>

#include "tools/hawser/flow_report.h"

namespace hawser::cli {
namespace {

// What the machine's own timers may add to the median delay of one way.
constexpr double kTimingToleranceMs = 2;
// A share of the rate, for the same reason.
constexpr double kRateTolerance = 0.05;
// A rate shows where clearly more is sent.
constexpr double kOverload = 1.25;

bool has_known_loss(const netsim::LinkConfig& link) {
  return !link.loss_ge_time && !link.loss_state && link.loss_pattern.drops.empty() &&
         link.loss_burst_max == std::numeric_limits<std::uint32_t>::max() &&
         link.drop == netsim::ScriptedDrops{} && link.blackouts.empty();
}

bool has_constant_delay(const netsim::LinkConfig& link) {
  return !link.netem && link.jitter.spread == Duration::zero() && !link.has_rate() && !link.slots &&
         !link.aggregation && link.clogs.empty() &&
         link.random_clogs.mean_clogged == Duration::zero() &&
         link.reorder.probability.value() < 0.5;
}

// The mean, and by how much the losses' dependence on one another widens what chance allows.
struct ExpectedLoss {
  double share = 0;
  double spread = 1;
};

ExpectedLoss expected_loss(const netsim::LinkConfig& link) {
  const double alone = link.loss.value();
  if (!link.loss_ge) return {.share = alone};
  const netsim::GilbertElliott& bursts = *link.loss_ge;
  const double enter = bursts.enter_bad.value();
  const double leave = bursts.leave_bad.value();
  // The chain's stationary distribution, and its correlation from one datagram to the next.
  const double bad = enter > 0 ? enter / (enter + leave) : 0;
  const double correlation = 1 - enter - leave;
  const double in_bursts = bad * bursts.loss_bad.value() + (1 - bad) * bursts.loss_good.value();
  const double widening = correlation < 1 ? (1 + correlation) / (1 - correlation) : 1;
  return {.share = 1 - (1 - alone) * (1 - in_bursts), .spread = std::max(std::sqrt(widening), 1.0)};
}

SelfTestCheck share_check(std::string what, const ExpectedLoss& expected, std::uint64_t count,
                          std::uint64_t total) {
  const auto trials = static_cast<double>(std::max<std::uint64_t>(total, 1));
  const double share = expected.share;
  return {.what = std::move(what),
          .expected = share,
          .measured = static_cast<double>(count) / trials,
          .tolerance = 5 * expected.spread * std::sqrt(share * (1 - share) / trials),
          .is_checked = total > 0};
}

void add_shares(std::vector<SelfTestCheck>& checks, std::string_view way,
                const netsim::LinkConfig& link, const netsim::LinkStats& stats) {
  const auto name = [way](std::string_view what) { return fmt::format("{}, {}", what, way); };
  const std::uint64_t judged = stats.packets - stats.dropped_mtu - stats.dropped_blackout;
  if (has_known_loss(link)) {
    checks.push_back(
        share_check(name("share lost"), expected_loss(link), stats.dropped_loss, judged));
  }
  // What is dropped has no copy. Where policer or queue dropped, it is not known how many of those
  // were copies themselves, and of a discipline's drops not how many were damaged.
  const std::uint64_t kept = judged - stats.dropped_loss;
  const std::uint64_t dropped = stats.dropped_queue + stats.dropped_policer + stats.dropped_aqm;
  if (dropped == 0) {
    checks.push_back(share_check(name("share duplicated"), {.share = link.duplicate.value()},
                                 stats.duplicated, kept));
  }
  // Damage befalls copies too.
  if (std::holds_alternative<netsim::DropTail>(link.aqm)) {
    const std::uint64_t queued = kept + stats.duplicated - dropped;
    checks.push_back(share_check(name("share damaged"), {.share = link.damage.corrupt.value()},
                                 stats.corrupted, queued));
  }
}

SelfTestCheck median_check(const char* what, Duration expected, const LatencyStats& measured,
                           int ways) {
  return {.what = what,
          .expected = to_ms(expected),
          .measured = to_ms(measured.percentile(500)),
          .tolerance = kTimingToleranceMs * ways,
          .is_checked = measured.count() > 0};
}

// Of what arrived: all datagrams of the load have one size.
void add_rate(std::vector<SelfTestCheck>& checks, const netsim::LinkConfig& link,
              const SelfTestFigures& figures) {
  const netsim::LinkStats& stats = figures.relay.up;
  const bool is_plain = !link.trace && !link.rate.is_infinite() && !link.policer && !link.slots &&
                        !link.aggregation && link.damage.truncate.is_zero() &&
                        link.damage.extend.is_zero();
  if (!is_plain || stats.packets == 0) return;
  const double rate = static_cast<double>(link.rate.bits_per_second()) / 1e6;
  const double loss = static_cast<double>(stats.dropped_loss) / static_cast<double>(stats.packets);
  const double offered = to_mbps(stats.bytes, figures.sent_over) * (1 - loss);
  if (offered < kOverload * rate) return;
  const auto size = static_cast<double>(stats.bytes.value()) / static_cast<double>(stats.packets);
  const double span_us = to_ms(figures.arrival_span) * 1e3;
  const double gaps = static_cast<double>(std::max<std::uint64_t>(figures.received, 1) - 1);
  checks.push_back({.what = "rate in Mbit/s, up",
                    .expected = rate,
                    .measured = span_us > 0 ? gaps * size * 8 / span_us : 0,
                    .tolerance = kRateTolerance * rate,
                    .is_checked = figures.received > 1});
}

}  // namespace

std::vector<SelfTestCheck> compare(const netsim::PathConfig& path, const SelfTestFigures& figures) {
  const netsim::LinkConfig& up = path.up;
  const netsim::LinkConfig& down = path.down;
  std::vector<SelfTestCheck> checks;
  checks.push_back({.what = "datagrams passed on that arrived",
                    .expected = static_cast<double>(figures.relay.sent),
                    .measured = static_cast<double>(figures.received + figures.echoes_received),
                    .is_checked = figures.relay.sent > 0});
  if (!path.changes.empty()) return checks;
  // Netem's figures are not those of its words.
  if (!up.netem) {
    add_shares(checks, "up", up, figures.relay.up);
    add_rate(checks, up, figures);
  }
  if (!down.netem) add_shares(checks, "down", down, figures.relay.down);
  if (has_constant_delay(up)) {
    checks.push_back(median_check("median delay in ms, up", up.delay, figures.latency, 1));
    if (has_constant_delay(down)) {
      checks.push_back(
          median_check("median round trip in ms", up.delay + down.delay, figures.round_trip, 2));
    }
  }
  return checks;
}

}  // namespace hawser::cli
