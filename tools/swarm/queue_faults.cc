#include <array>

#include "tools/swarm/fault_draws.h"

namespace hawser::swarm {
namespace {

using netsim::LinkConfig;
using std::chrono::microseconds;
using std::chrono::milliseconds;

// The rate collapses for a while, and with it what waits in the queue piles up.
void add_slowness(Dice& dice, Scenario& scenario) {
  const Interval slow = draw_interval(dice, scenario);
  const Bandwidth rate = draw_rate(dice, 8'000, 2'000'000);
  const TwoWay base = scenario.base;
  scenario.edits.push_back({slow.from, [rate](LinkConfig& up, LinkConfig& down) {
                              up.rate = std::min(up.rate, rate);
                              down.rate = std::min(down.rate, rate);
                            }});
  scenario.edits.push_back({slow.to, [base](LinkConfig& up, LinkConfig& down) {
                              up.rate = base.up.rate;
                              down.rate = base.down.rate;
                            }});
}

void add_short_queue(Dice& dice, Scenario& scenario) {
  const Bandwidth rate = draw_rate(dice, 100'000, 20'000'000);
  netsim::QueueLimit queue{.packets = static_cast<std::int64_t>(dice.scaled(1, 30))};
  const ByteCount bytes = dice.scaled(ByteCount(1500), ByteCount(50'000));
  const Duration time = dice.scaled(milliseconds(10), milliseconds(500));
  const std::uint64_t measure = dice.between(0, 3);  // packets, packets, bytes, time
  if (measure == 2) queue = {.bytes = bytes};
  if (measure == 3) queue = {.time = time};
  on_some_directions(dice, scenario.faulty, [&](LinkConfig& link) {
    link.rate = std::min(link.rate, rate);
    link.queue = queue;
  });
}

// Datagrams wait behind a rate, and a discipline judges them.
void add_aqm(Dice& dice, Scenario& scenario) {
  const Bandwidth rate = draw_rate(dice, 200'000, 20'000'000);
  const netsim::Codel codel{.target = dice.scaled(microseconds(100), milliseconds(50)),
                            .interval = dice.scaled(milliseconds(1), milliseconds(500))};
  const ByteCount least = dice.scaled(ByteCount(1500), ByteCount(100'000));
  const netsim::Red red{.min = least,
                        .max = least + dice.scaled(ByteCount(1), ByteCount(200'000)),
                        .max_probability = dice.permille(1, 1000)};
  const netsim::FqCodel fq{.codel = codel,
                           .quantum = dice.scaled(ByteCount(100), ByteCount(9000)),
                           .queues = static_cast<std::uint32_t>(dice.scaled(1, 1024))};
  const auto aqm = dice.pick<netsim::Aqm>({red, codel, fq});
  on_some_directions(dice, scenario.faulty, [&](LinkConfig& link) {
    link.rate = std::min(link.rate, rate);
    link.aqm = aqm;
  });
}

// A long queue says so by its marks.
void add_ecn_marks(Dice& dice, Scenario& scenario) {
  const Bandwidth rate = draw_rate(dice, 200'000, 20'000'000);
  const ByteCount above = dice.scaled(ByteCount(1), ByteCount(100'000));
  on_some_directions(dice, scenario.faulty, [&](LinkConfig& link) {
    link.rate = std::min(link.rate, rate);
    link.ecn_mark = above;
  });
}

// A bucket large enough for any datagram at times: one that never fits is `narrow-path`.
void add_policer(Dice& dice, Scenario& scenario) {
  netsim::Policer policer{.rate = draw_rate(dice, 100'000, 20'000'000),
                          .burst = dice.scaled(ByteCount(1500), ByteCount(200'000))};
  policer.initial = dice.once_in(2) ? policer.burst : ByteCount(0);
  on_some_directions(dice, scenario.faulty, [&](LinkConfig& link) { link.policer = policer; });
}

// Slots drop nothing, and what waits for them keeps its place: with small ones the calm would begin
// when all of it has left.
void add_slots(Dice& dice, Scenario& scenario) {
  netsim::Slots slots{.interval_min = dice.scaled(microseconds(100), milliseconds(20))};
  slots.interval_max = slots.interval_min + dice.scaled(microseconds(1), milliseconds(20));
  if (dice.once_in(2)) slots.packets = static_cast<std::int64_t>(dice.scaled(8, 64));
  if (dice.once_in(2)) slots.bytes = dice.scaled(ByteCount(12'000), ByteCount(64'000));
  on_some_directions(dice, scenario.faulty, [&](LinkConfig& link) { link.slots = slots; });
}

void add_aggregation(Dice& dice, Scenario& scenario) {
  netsim::Aggregation heap{.time = dice.scaled(microseconds(10), milliseconds(100))};
  if (dice.once_in(2)) heap.packets = static_cast<std::int64_t>(dice.scaled(1, 64));
  if (dice.once_in(2)) heap.bytes = dice.scaled(ByteCount(1), ByteCount(64'000));
  on_some_directions(dice, scenario.faulty, [&](LinkConfig& link) { link.aggregation = heap; });
}

// A cellular link: opportunities in clusters, and nothing in between.
void add_rate_trace(Dice& dice, Scenario& scenario) {
  std::vector<Duration> times;
  const Duration gap_max = dice.scaled(microseconds(100), milliseconds(200));
  Duration at{1};
  for (std::uint64_t i = dice.scaled(1, 100); i > 0; --i) {
    at += dice.between(Duration(0), gap_max);
    times.insert(times.end(), dice.scaled(1, 8), at);
  }
  const auto trace = netsim::RateTrace::from(std::move(times));
  on_some_directions(dice, scenario.faulty, [&](LinkConfig& link) { link.trace = trace; });
}

// From a tenth of the path's rate to half as much again, for so many datagrams at most.
void add_cross_traffic(Dice& dice, Scenario& scenario) {
  constexpr ByteCount kBytesMax{1'000'000};
  const Bandwidth rate = draw_rate(dice, 100'000, 20'000'000);
  for (LinkConfig* link : {&scenario.faulty.up, &scenario.faulty.down}) {
    link->rate = std::min(link->rate, rate);
  }
  for (std::uint64_t i = dice.between(1, 2); i > 0; --i) {
    CrossPlan cross{.on = draw_interval(dice, scenario),
                    .rate = rate.scaled(static_cast<std::int64_t>(dice.between(10, 150)), 100),
                    .is_from_server = dice.once_in(2)};
    const Duration burst = dice.scaled(milliseconds(1), milliseconds(500));
    if (dice.once_in(2)) cross.mean_burst = burst;
    cross.on.to = std::min(cross.on.to, cross.on.from + cross.rate.transfer_time(kBytesMax));
    scenario.cross_traffic.push_back(cross);
  }
}

// More bottlenecks before and behind the faulty one; each client crosses some of them.
void add_hops(Dice& dice, Scenario& scenario) {
  const std::uint64_t more = dice.between(1, 3);
  for (std::uint64_t i = 0; i < more; ++i) {
    LinkConfig link;
    link.delay = dice.scaled(microseconds(10), milliseconds(20));
    const Bandwidth rate = draw_rate(dice, 1'000'000, 100'000'000);
    if (dice.once_in(2)) link.rate = rate;
    scenario.calm_hops.push_back({.up = link, .down = link});
  }
  scenario.faulty_hop = dice.between(0, more);
  for (HostPlan& client : scenario.clients) {
    client.first_hop = dice.between(0, more);
    client.last_hop = dice.between(client.first_hop, more);
  }
  // Who passes the faulty one by meets no fault of the path: few do, and the first one never.
  for (std::size_t i = 0; i < scenario.clients.size(); ++i) {
    HostPlan& client = scenario.clients[i];
    const bool must_cross = i == 0 || !dice.once_in(4);
    if (!must_cross) continue;
    client.first_hop = std::min(client.first_hop, scenario.faulty_hop);
    client.last_hop = std::max(client.last_hop, scenario.faulty_hop);
  }
}

constexpr auto kFaults = std::to_array<FaultClass>({
    {"slowness", 10, add_slowness},
    {"short-queue", 11, add_short_queue},
    {"aqm", 27, add_aqm},
    {"ecn-marks", 28, add_ecn_marks, true},
    {"policer", 29, add_policer},
    {"slots", 30, add_slots, true},
    {"aggregation", 31, add_aggregation, true},
    {"rate-trace", 32, add_rate_trace, true},
    {"cross-traffic", 33, add_cross_traffic, true},
    {"hops", 34, add_hops, true},
});

}  // namespace

std::span<const FaultClass> queue_faults() { return kFaults; }

}  // namespace hawser::swarm
