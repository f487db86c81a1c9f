#include <array>

#include "tools/swarm/fault_draws.h"

namespace hawser::swarm {
namespace {

using netsim::LinkConfig;
using netsim::NetemChance;
using netsim::NetemShare;
using netsim::Probability;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

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

NetemShare share(Dice& dice, std::uint64_t most_permille) {
  return NetemShare::of(static_cast<double>(dice.scaled(1, most_permille)) / 1000);
}

NetemChance chance(Dice& dice, std::uint64_t most_permille) {
  NetemChance drawn{.probability = share(dice, most_permille), .correlation = share(dice, 990)};
  if (dice.once_in(2)) drawn.correlation = {};
  return drawn;
}

void draw_netem_loss(Dice& dice, netsim::NetemConfig& netem) {
  switch (dice.between(0, 3)) {
    case 0:
      netem.loss = chance(dice, 300);
      break;
    case 1:
      netem.loss = netsim::NetemGilbertElliott{.enter_bad = share(dice, 200),
                                               .leave_bad = share(dice, 900),
                                               .loss_good = share(dice, 50)};
      break;
    case 2:
      netem.loss = netsim::NetemFourState{.p13 = share(dice, 300),
                                          .p31 = share(dice, 500),
                                          .p32 = share(dice, 500),
                                          .p14 = share(dice, 100)};
      break;
    default:
      break;
  }
}

// Linux's netem in one direction, in place of all else that befalls datagrams there.
void add_netem(Dice& dice, Scenario& scenario) {
  LinkConfig& link = dice.once_in(2) ? scenario.faulty.up : scenario.faulty.down;
  netsim::NetemConfig netem{
      .limit = static_cast<std::uint32_t>(dice.scaled(10, 1000)),
      .delay = {.mean = link.delay + dice.scaled(microseconds(10), milliseconds(100)),
                .jitter = dice.scaled(microseconds(10), milliseconds(100)),
                .distribution = dice.pick(
                    {netsim::NetemDistribution::uniform, netsim::NetemDistribution::normal,
                     netsim::NetemDistribution::pareto, netsim::NetemDistribution::paretonormal})},
      .delay_correlation = share(dice, 990),
      .ecn = dice.once_in(4)};
  draw_netem_loss(dice, netem);
  if (dice.once_in(3)) netem.corrupt = chance(dice, 100);
  if (dice.once_in(3)) netem.duplicate = chance(dice, 300);
  if (dice.once_in(3)) netem.reorder = chance(dice, 500);
  if (dice.once_in(3)) netem.gap = static_cast<std::uint32_t>(dice.scaled(1, 20));
  const Bandwidth rate = draw_rate(dice, 1'000'000, 100'000'000);
  const auto per_slot = static_cast<std::int32_t>(dice.scaled(8, 64));
  const Duration slot_min = dice.scaled(microseconds(100), milliseconds(20));
  if (dice.once_in(3)) netem.rate = {.rate = rate};
  if (dice.once_in(3)) netem.slot = {.min = slot_min, .max = 2 * slot_min, .packets = per_slot};
  link.netem = netem;
}

// The losses of the classes before, or its own, but never many in a row.
void add_loss_cap(Dice& dice, Scenario& scenario) {
  const Probability loss = dice.permille(100, 1000);
  const auto burst_max = static_cast<std::uint32_t>(dice.scaled(1, 20));
  on_some_directions(dice, scenario.faulty, [&](LinkConfig& link) {
    link.loss = std::max(link.loss, loss);
    link.loss_burst_max = burst_max;
  });
}

// The path becomes another one: routes change, and losses come and go.
void add_changes(Dice& dice, Scenario& scenario) {
  for (std::uint64_t i = dice.scaled(1, 8); i > 0; --i) {
    const Duration at = dice.between(Duration(0), scenario.calm_at);
    const Duration delay = dice.scaled(microseconds(50), milliseconds(300));
    const Probability loss = dice.permille(1, 200);
    const bool is_both_ways = dice.once_in(2);
    const bool has_loss = dice.once_in(2);
    scenario.edits.push_back({at, [=](LinkConfig& up, LinkConfig& down) {
                                up.delay = delay;
                                if (is_both_ways) down.delay = delay;
                                up.loss = has_loss ? loss : Probability();
                              }});
  }
}

// What equipment on the way makes of ECN bits; that may begin in mid-run, and stay.
void add_ecn_fault(Dice& dice, Scenario& scenario) {
  const auto fault = dice.pick({netsim::EcnFault::clear, netsim::EcnFault::ect1,
                                netsim::EcnFault::ce, netsim::EcnFault::drop});
  const Duration from = dice.once_in(2) ? Duration(0) : draw_interval(dice, scenario).from;
  const std::uint64_t which = dice.between(0, 3);
  scenario.edits.push_back({from, [=](LinkConfig& up, LinkConfig& down) {
                              if (which != 0) up.ecn_fault = fault;
                              if (which != 1) down.ecn_fault = fault;
                            }});
}

// The route changes, and with it what the path carries, but never less than a connection needs.
void add_mtu_steps(Dice& dice, Scenario& scenario) {
  for (std::uint64_t i = dice.between(1, 4); i > 0; --i) {
    const Duration at = dice.between(Duration(0), scenario.calm_at);
    const ByteCount mtu(dice.pick({1228, 1280, 1400, 1500, 9000}));
    const bool is_one_way = dice.once_in(3);
    scenario.edits.push_back({at, [=](LinkConfig& up, LinkConfig& down) {
                                up.mtu = mtu;
                                if (!is_one_way) down.mtu = mtu;
                              }});
  }
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
    {"narrow-path", 12, add_narrow_path},
    {"blackout", 13, add_blackout},
    {"partition", 14, add_partition},
    {"state-loss", 21, add_state_loss},
    {"misdelivery", 22, add_misdelivery},
    {"replay", 23, add_replay},
    {"clogs", 24, add_clogs},
    {"loss-cap", 25, add_loss_cap},
    {"netem", 26, add_netem},
    {"changes", 43, add_changes},
    {"ecn-fault", 44, add_ecn_fault},
    {"mtu-steps", 45, add_mtu_steps},
});

}  // namespace

std::span<const FaultClass> path_faults() { return kFaults; }

}  // namespace hawser::swarm
