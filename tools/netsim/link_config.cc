#include "hawser/netsim/link_config.h"

#include "tools/netsim/misuse.h"

namespace hawser::netsim {
namespace {

constexpr Duration kInstant{1};

void check_loss(FieldCheck& check, const LinkConfig& config) {
  check.at_least("loss_burst_max", std::uint64_t{config.loss_burst_max}, std::uint64_t{1});
  if (const auto& timed = config.loss_ge_time) {
    check.duration("loss_ge_time.mean_bad", timed->mean_bad, kInstant)
        .duration("loss_ge_time.mean_good", timed->mean_good, kInstant);
  }
  if (const auto& state = config.loss_state) {
    check.that(state->is_possible(), "loss_state.p13", state->p13,
               "such that neither p13 + p14 nor p31 + p32 exceeds 100 %");
  }
  const std::size_t odd = config.loss_pattern.drops.find_first_not_of("01");
  check.that(odd == std::string::npos, "loss_pattern.drops, at its first odd place,",
             std::uint64_t{odd}, "'0' or '1' everywhere");
}

void check_delay(FieldCheck& check, const LinkConfig& config) {
  const Reordering& reorder = config.reorder;
  check.duration("delay", config.delay)
      .duration("jitter.spread", config.jitter.spread)
      .that(config.jitter.correlation < Probability::certain(), "jitter.correlation",
            config.jitter.correlation, "less than 100 %")
      .at_least("reorder.gap", std::uint64_t{reorder.gap}, std::uint64_t{1})
      .duration("reorder.delay", reorder.delay)
      .that(reorder.depth == 0 || reorder.delay == Duration::zero(), "reorder.depth",
            std::uint64_t{reorder.depth}, "0 where reorder.delay is set")
      .duration("replay.age_min", config.replay.age_min)
      .at_least("damage.corrupt_bits", std::uint64_t{config.damage.corrupt_bits}, std::uint64_t{1});
}

void check_discipline(FieldCheck&, const DropTail&) {}
void check_discipline(FieldCheck& check, const Red& red) {
  check.in("aqm.min", red.min, ByteCount(0), red.max - ByteCount(1))
      .that(!red.max_probability.is_zero(), "aqm.max_probability", red.max_probability, "above 0 %")
      .in("aqm.weight_shift", std::uint64_t{red.weight_shift}, std::uint64_t{0},
          std::uint64_t{Red::kWeightShiftMax});
}
void check_discipline(FieldCheck& check, const Codel& codel) {
  check.duration("aqm.target", codel.target).duration("aqm.interval", codel.interval, kInstant);
}
void check_discipline(FieldCheck& check, const FqCodel& fair) {
  check_discipline(check, fair.codel);
  check.at_least("aqm.quantum", fair.quantum, ByteCount(1))
      .in("aqm.queues", std::uint64_t{fair.queues}, std::uint64_t{1},
          std::uint64_t{FqCodel::kQueuesMax});
}

void check_queue(FieldCheck& check, const LinkConfig& config) {
  const Bandwidth slowest = Bandwidth::bits_per_second(1);
  check.at_least("rate", config.rate, slowest)
      .at_least("queue.packets", config.queue.packets, std::int64_t{0})
      .at_least("queue.bytes", config.queue.bytes, ByteCount(0))
      .at_least("queue.time", config.queue.time, Duration::zero())
      .at_least("ecn_mark", config.ecn_mark, ByteCount(0))
      .at_least("mtu", config.mtu, ByteCount(0));
  std::visit([&check](const auto& aqm) { check_discipline(check, aqm); }, config.aqm);
  if (const auto& policer = config.policer) {
    check.at_least("policer.rate", policer->rate, slowest)
        .in("policer.burst", policer->burst, ByteCount(1), Policer::kBurstMax)
        .in("policer.initial", policer->initial, ByteCount(0), policer->burst);
  }
}

void check_release(FieldCheck& check, const LinkConfig& config) {
  check.duration("random_clogs.mean_free", config.random_clogs.mean_free)
      .duration("random_clogs.mean_clogged", config.random_clogs.mean_clogged);
  if (const auto& heap = config.aggregation) {
    check.at_least("aggregation.packets", heap->packets, std::int64_t{1})
        .at_least("aggregation.bytes", heap->bytes, ByteCount(1))
        .duration("aggregation.time", heap->time);
  }
  if (const auto& slots = config.slots) {
    check.duration("slots.interval_min", slots->interval_min, Slots::kIntervalMin)
        .duration("slots.interval_max", slots->interval_max, slots->interval_min)
        .at_least("slots.packets", slots->packets, std::int64_t{1})
        .at_least("slots.bytes", slots->bytes, ByteCount(1));
  }
}

void check_netem(FieldCheck& check, const NetemConfig& netem) {
  check.at_least("netem.gap", std::uint64_t{netem.gap}, std::uint64_t{1})
      .duration("netem.delay.mean", netem.delay.mean)
      .duration("netem.delay.jitter", netem.delay.jitter);
  if (netem.rate) {
    check.at_least("netem.rate", netem.rate->rate, Bandwidth::bits_per_second(8));
  }
  if (netem.slot) {
    check.duration("netem.slot.min", netem.slot->min)
        .duration("netem.slot.max", netem.slot->max, netem.slot->min);
  }
}

}  // namespace

std::optional<std::string> LinkConfig::validate() const {
  FieldCheck check;
  check_delay(check, *this);
  check_loss(check, *this);
  check_queue(check, *this);
  check_release(check, *this);
  for (const Blackout& dark : blackouts) check.period("blackouts", dark.from, dark.to);
  for (const Clog& clog : clogs) check.period("clogs", clog.from, clog.to);
  if (netem) check_netem(check, *netem);
  return std::move(check).complaint();
}

}  // namespace hawser::netsim
