#include "tools/swarm/faults.h"

#include <algorithm>
#include <array>

namespace hawser::swarm {
namespace {

using netsim::LinkConfig;
using netsim::Probability;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

/// Calls `apply` for one direction or both.
template <typename Apply>
void on_some_directions(Dice& dice, TwoWay& path, Apply apply) {
  const std::uint64_t which = dice.between(0, 3);
  if (which != 0) apply(path.up);
  if (which != 1) apply(path.down);
}

/// A part of the faulty phase.
Interval draw_interval(Dice& dice, const Scenario& scenario) {
  const Duration from = dice.between(Duration(0), scenario.calm_at);
  return {from, dice.between(from, scenario.calm_at)};
}

HostPlan& any_host(Dice& dice, Scenario& scenario) {
  const std::uint64_t which = dice.between(0, scenario.clients.size());
  return which == 0 ? scenario.server : scenario.clients[which - 1];
}

HostPlan& any_client(Dice& dice, Scenario& scenario) {
  return scenario.clients[dice.between(0, scenario.clients.size() - 1)];
}

// ---- The path -----------------------------------------------------------------------------------

void add_jitter(Dice& dice, Scenario& scenario) {
  const netsim::Jitter jitter{
      .spread = dice.scaled(microseconds(10), dice.once_in(8) ? seconds(1) : milliseconds(100)),
      .distribution =
          dice.pick({netsim::JitterDistribution::uniform, netsim::JitterDistribution::normal,
                     netsim::JitterDistribution::pareto, netsim::JitterDistribution::paretonormal}),
      .correlation = dice.once_in(2) ? Probability() : Probability::percent(dice.between(1, 99))};
  on_some_directions(dice, scenario.faulty, [&](LinkConfig& link) { link.jitter = jitter; });
}

void add_reordering(Dice& dice, Scenario& scenario) {
  netsim::Reordering reorder{.probability = dice.permille(1, 500),
                             .gap = static_cast<std::uint32_t>(dice.scaled(1, 20))};
  const auto depth = static_cast<std::uint32_t>(dice.scaled(1, 100));
  const Duration delay = dice.scaled(microseconds(10), milliseconds(500));
  const std::uint64_t way = dice.between(0, 2);  // netem's, by depth, by time
  if (way == 1) reorder.depth = depth;
  if (way == 2) reorder.delay = delay;
  on_some_directions(dice, scenario.faulty, [&](LinkConfig& link) { link.reorder = reorder; });
}

void add_loss(Dice& dice, Scenario& scenario) {
  const Probability loss = dice.permille(1, dice.once_in(8) ? 900 : 300);
  on_some_directions(dice, scenario.faulty, [&](LinkConfig& link) { link.loss = loss; });
}

void add_burst_loss(Dice& dice, Scenario& scenario) {
  const netsim::GilbertElliott bursts{
      .enter_bad = dice.permille(1, 200),
      .leave_bad = dice.permille(20, 900),
      .loss_bad = dice.once_in(2) ? Probability::certain() : dice.permille(100, 1000),
      .loss_good = dice.once_in(2) ? Probability() : dice.permille(1, 50)};
  on_some_directions(dice, scenario.faulty, [&](LinkConfig& link) { link.loss_ge = bursts; });
}

void add_timed_loss(Dice& dice, Scenario& scenario) {
  const netsim::TimedGilbertElliott bursts{
      .mean_bad = dice.scaled(milliseconds(1), milliseconds(500)),
      .mean_good = dice.scaled(milliseconds(10), seconds(2)),
      .loss_bad = dice.once_in(2) ? Probability::certain() : dice.permille(100, 1000)};
  on_some_directions(dice, scenario.faulty, [&](LinkConfig& link) { link.loss_ge_time = bursts; });
}

// Every n-th, the first ones, or any rhythm.
void add_loss_pattern(Dice& dice, Scenario& scenario) {
  netsim::LossPattern pattern;
  const std::uint64_t length = dice.scaled(2, 64);
  for (std::uint64_t i = 0; i < length; ++i) pattern.drops += dice.once_in(4) ? '1' : '0';
  pattern.drops.back() = '0';
  pattern.spans_both_directions = dice.once_in(4);
  on_some_directions(dice, scenario.faulty, [&](LinkConfig& link) { link.loss_pattern = pattern; });
}

// The first datagrams: the handshake, or the first that carry messages.
void add_drops(Dice& dice, Scenario& scenario) {
  netsim::ScriptedDrops drop;
  const std::uint64_t first = dice.between(1, 4);
  auto& numbers = dice.once_in(2) ? drop.of_all : drop.with_message_bytes;
  for (std::uint64_t i = first + dice.scaled(1, 6); i > first; --i) numbers.push_back(i - 1);
  on_some_directions(dice, scenario.faulty, [&](LinkConfig& link) { link.drop = drop; });
}

void add_duplicates(Dice& dice, Scenario& scenario) {
  const Probability duplicate = dice.permille(1, 500);
  on_some_directions(dice, scenario.faulty, [&](LinkConfig& link) { link.duplicate = duplicate; });
}

void add_damage(Dice& dice, Scenario& scenario) {
  netsim::Damage damage{.corrupt = dice.permille(1, 300),
                        .corrupt_bits = static_cast<std::uint32_t>(dice.scaled(1, 64))};
  if (dice.once_in(2)) damage.corrupt_burst = static_cast<std::uint32_t>(dice.scaled(1, 64));
  if (dice.once_in(2)) damage.truncate = dice.permille(1, 100);
  if (dice.once_in(2)) damage.extend = dice.permille(1, 100);
  on_some_directions(dice, scenario.faulty, [&](LinkConfig& link) { link.damage = damage; });
}

// The rate collapses for a while, and with it what waits in the queue piles up.
void add_slowness(Dice& dice, Scenario& scenario) {
  const Interval slow = draw_interval(dice, scenario);
  const auto rate =
      Bandwidth::bits_per_second(static_cast<std::int64_t>(dice.scaled(8'000, 2'000'000)));
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
  const auto rate =
      Bandwidth::bits_per_second(static_cast<std::int64_t>(dice.scaled(100'000, 20'000'000)));
  const netsim::QueueLimit queue{.packets = static_cast<std::int64_t>(dice.scaled(1, 30))};
  on_some_directions(dice, scenario.faulty, [&](LinkConfig& link) {
    link.rate = std::min(link.rate, rate);
    link.queue = queue;
  });
}

// Datagrams above a size vanish without a word.
void add_narrow_path(Dice& dice, Scenario& scenario) {
  const Interval narrow = draw_interval(dice, scenario);
  const ByteCount mtu(static_cast<std::int64_t>(dice.between(576, 1500)));
  const auto set = [](ByteCount size) {
    return [size](LinkConfig& up, LinkConfig& down) { up.mtu = down.mtu = size; };
  };
  scenario.edits.push_back({narrow.from, set(mtu)});
  scenario.edits.push_back({narrow.to, set(ByteCount::max())});
}

void add_blackout(Dice& dice, Scenario& scenario) {
  for (std::uint64_t i = dice.between(1, 3); i > 0; --i) {
    const Interval dark = draw_interval(dice, scenario);
    for (LinkConfig* link : {&scenario.faulty.up, &scenario.faulty.down}) {
      link->blackouts.push_back({dark.from, dark.to});
    }
  }
}

void add_partition(Dice& dice, Scenario& scenario) {
  LinkConfig& link = dice.once_in(2) ? scenario.faulty.up : scenario.faulty.down;
  const Interval dark = draw_interval(dice, scenario);
  link.blackouts.push_back({dark.from, dark.to});
}

void add_state_loss(Dice& dice, Scenario& scenario) {
  const netsim::FourStateLoss states{.p13 = dice.permille(1, 300),
                                     .p31 = dice.permille(20, 500),
                                     .p32 = dice.permille(1, 500),
                                     .p23 = dice.permille(100, 1000),
                                     .p14 = dice.permille(1, 100)};
  on_some_directions(dice, scenario.faulty, [&](LinkConfig& link) { link.loss_state = states; });
}

// A datagram that was meant for another connection, or comes from where another client is.
void add_misdelivery(Dice& dice, Scenario& scenario) {
  const Probability misdeliver = dice.permille(1, 200);
  on_some_directions(dice, scenario.faulty,
                     [&](LinkConfig& link) { link.damage.misdeliver = misdeliver; });
}

// Old datagrams come again, those of connections long gone among them.
void add_replay(Dice& dice, Scenario& scenario) {
  const netsim::Replay replay{.probability = dice.permille(1, 300),
                              .age_min = dice.scaled(microseconds(100), seconds(2))};
  on_some_directions(dice, scenario.faulty, [&](LinkConfig& link) { link.replay = replay; });
}

// Nothing arrives for a while, and then all at once.
void add_clogs(Dice& dice, Scenario& scenario) {
  const Interval clog = draw_interval(dice, scenario);
  const netsim::RandomClogs random{.mean_free = dice.scaled(milliseconds(1), seconds(1)),
                                   .mean_clogged = dice.scaled(milliseconds(1), milliseconds(200))};
  const bool is_random = dice.once_in(2);
  on_some_directions(dice, scenario.faulty, [&](LinkConfig& link) {
    if (is_random) {
      link.random_clogs = random;
    } else {
      link.clogs.push_back({clog.from, clog.to});
    }
  });
}

// ---- The hosts ----------------------------------------------------------------------------------

// Who has no idle timeout would PING an address that a restarted client left, for ever: by design.
void add_rebind(Dice& dice, Scenario& scenario) {
  if (scenario.never_idle) return;
  HostPlan& client = any_client(dice, scenario);
  for (std::uint64_t i = dice.scaled(1, 4); i > 0; --i) {
    client.rebinds.push_back(dice.between(Duration(0), scenario.calm_at));
  }
  std::ranges::sort(client.rebinds);
}

// The socket refuses large datagrams (EMSGSIZE): the connection lives with it to its end.
void add_small_datagrams(Dice& dice, Scenario& scenario) {
  any_host(dice, scenario).datagram_limit = {
      .at = dice.between(Duration(0), scenario.calm_at),
      .size = ByteCount(static_cast<std::int64_t>(dice.between(1200, 1500)))};
}

void add_slow_reader(Dice& dice, Scenario& scenario) {
  HostPlan& host = any_host(dice, scenario);
  Duration at{0};
  for (std::uint64_t i = dice.between(1, 3); i > 0; --i) {
    const Duration from = dice.between(at, scenario.calm_at);
    at = dice.between(from, scenario.calm_at);
    host.reader_stops.push_back({from, at});
  }
}

void add_restart(Dice& dice, Scenario& scenario) {
  any_host(dice, scenario).restarts.push_back(dice.between(Duration(0), scenario.calm_at));
}

// Too little for all that is asked of it, but room for any one message: one that a pool can never
// hold waits for ever while its connection lives (ARCHITECTURE.md, Memory).
void add_little_memory(Dice& dice, Scenario& scenario) {
  ByteCount largest{0};
  for (const MessagePlan& message : scenario.messages) largest = std::max(largest, message.size);
  any_host(dice, scenario).endpoint.memory_budget =
      largest * 4 + dice.scaled(ByteCount(16 << 10), ByteCount(2 << 20));
}

void add_full_server(Dice& dice, Scenario& scenario) {
  scenario.server.endpoint.connections_max = static_cast<std::uint32_t>(dice.between(1, 3));
}

constexpr auto kFaults = std::to_array<FaultClass>({
    {"jitter", 1, add_jitter},
    {"reorder", 2, add_reordering},
    {"loss", 3, add_loss},
    {"burst-loss", 4, add_burst_loss},
    {"timed-loss", 5, add_timed_loss},
    {"loss-pattern", 6, add_loss_pattern},
    {"drops", 7, add_drops},
    {"duplicate", 8, add_duplicates},
    {"damage", 9, add_damage},
    {"slowness", 10, add_slowness},
    {"short-queue", 11, add_short_queue},
    {"narrow-path", 12, add_narrow_path},
    {"blackout", 13, add_blackout},
    {"partition", 14, add_partition},
    {"rebind", 15, add_rebind},
    {"small-datagrams", 16, add_small_datagrams},
    {"slow-reader", 17, add_slow_reader},
    {"restart", 18, add_restart},
    {"little-memory", 19, add_little_memory},
    {"full-server", 20, add_full_server},
    {"state-loss", 21, add_state_loss},
    {"misdelivery", 22, add_misdelivery},
    {"replay", 23, add_replay},
    {"clogs", 24, add_clogs},
});

}  // namespace

std::span<const FaultClass> fault_classes() { return kFaults; }

}  // namespace hawser::swarm
