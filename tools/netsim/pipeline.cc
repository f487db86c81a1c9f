#include "tools/netsim/pipeline.h"

#include <algorithm>
#include <utility>

namespace hawser::netsim {
namespace {

Ecn as_it_arrives(Ecn ecn, EcnFault fault) {
  switch (fault) {
    case EcnFault::clear:
      return Ecn::not_ect;
    case EcnFault::ect1:
      return ecn == Ecn::ect0 ? Ecn::ect1 : ecn;
    case EcnFault::ce:
      return can_be_marked(ecn) ? Ecn::ce : ecn;
    case EcnFault::none:
    case EcnFault::drop:
      break;
  }
  return ecn;
}

}  // namespace

Pipeline::Pipeline(const LinkIdentity& identity, const LinkConfig& config, MemoryPool& pool)
    : Pipeline(StreamSource{identity.seed, identity.number}, identity, config, pool) {}

Pipeline::Pipeline(const StreamSource& streams, const LinkIdentity& identity,
                   const LinkConfig& config, MemoryPool& pool)
    : start_(identity.start),
      config_(config),
      pool_(pool),
      loss_(streams, identity.start, config),
      duplicate_(streams.stream(Impairment::duplicate)),
      damage_(DamageModel::of_originals(streams)),
      damage_of_copies_(DamageModel::of_copies(streams)),
      replay_(streams.stream(Impairment::replay), streams.stream(Impairment::replay_sample)),
      jitter_(streams.stream(Impairment::jitter)),
      jitter_of_copies_(streams.stream(Impairment::jitter_copy)),
      reorder_(streams.stream(Impairment::reorder)),
      bottleneck_(streams, identity.start),
      clogs_(streams.stream(Impairment::clog), identity.start),
      gate_(streams.stream(Impairment::slots)),
      netem_(streams, pool) {
  configure_models(identity.start);
  if (config_.netem) netem_.configure(start_, *config_.netem);
}

// Everybody draws for every datagram: what becomes of it must not shift the draws of the next one.
// Returns whether it is lost.
bool Pipeline::draw_all(TimePoint now, const Datagram& datagram) {
  const bool carries_message_bytes =
      !loss_.wants_classification() || !classifier_ || classifier_(datagram.bytes.bytes());
  const bool is_lost = loss_.draw(now, config_, carries_message_bytes);
  original_.is_reordered = !config_.reorder.probability.is_zero() && reorder_.draw(config_.reorder);
  original_.jitter = jitter_.draw();
  original_.damage = damage_.draw(config_.damage, datagram.bytes.size());
  if (!config_.duplicate.is_zero()) {
    fate_.is_duplicated = config_.duplicate.draw(duplicate_);
    copy_.jitter = jitter_of_copies_.draw();
    copy_.damage = damage_of_copies_.draw(config_.damage, datagram.bytes.size());
  }
  if (!config_.damage.misdeliver.is_zero()) {
    routes_.note(datagram);
    if (!routes_.has_another()) original_.damage.misdeliver = copy_.damage.misdeliver = {};
  }
  if (!config_.replay.probability.is_zero()) replay_.draw(config_.replay.probability);
  return is_lost;
}

Fate Pipeline::judge(TimePoint now, const Datagram& datagram) {
  fate_ = {};
  const bool is_lost = !config_.netem && draw_all(now, datagram);
  if (datagram.wire_size() > config_.mtu) return {.outcome = Outcome::too_big};
  if (is_blacked_out(now)) return {.outcome = Outcome::blackout};
  if (config_.ecn_fault == EcnFault::drop && datagram.ecn != Ecn::not_ect) {
    return {.outcome = Outcome::lost};
  }
  if (config_.netem) return netem_.judge(now, datagram);
  if (is_lost) return {.outcome = Outcome::lost};
  const Outcome outcome = admit(now, datagram, fate_.is_marked);
  if (outcome != Outcome::passed) return {.outcome = outcome};
  fate_.is_corrupted = original_.damage.corrupt.has_value();
  fate_.is_truncated = original_.damage.truncate.has_value();
  fate_.is_extended = original_.damage.extend.has_value();
  fate_.is_misdelivered = original_.damage.misdeliver.has_value();
  (config_.reorder.skips_delay() ? fate_.is_early : fate_.is_late) = original_.is_reordered;
  return fate_;
}

// Whether policer and queue let a datagram in.
Outcome Pipeline::admit(TimePoint now, const Datagram& datagram, bool& is_marked) {
  if (!policer_.passes(now, datagram.wire_size())) return Outcome::policed;
  const Bottleneck::Verdict verdict = bottleneck_.admit(now, datagram);
  is_marked = verdict == Bottleneck::Verdict::marked;
  if (verdict == Bottleneck::Verdict::full) return Outcome::queue_full;
  if (verdict == Bottleneck::Verdict::dropped_early) return Outcome::dropped_early;
  return Outcome::passed;
}

bool Pipeline::is_blacked_out(TimePoint now) const {
  const Duration since_start = now - start_;
  return std::ranges::any_of(config_.blackouts, [&](const Blackout& dark) {
    return dark.from <= since_start && since_start < dark.to;
  });
}

void Pipeline::enqueue(TimePoint now, Datagram&& datagram) {
  if (config_.netem) {
    netem_.enqueue(now, std::move(datagram));
    return advance(now);
  }
  if (!config_.replay.probability.is_zero()) replay_.keep(now, datagram);
  std::optional<Datagram> copy;
  if (fate_.is_duplicated) copy = datagram;
  if (fate_.is_marked) {
    datagram.ecn = Ecn::ce;
    ++counted_.ecn_marked;
  }
  enqueue_one(now, std::move(datagram), original_);
  if (!copy) return;
  ++counted_.duplicated;
  enqueue_follower(now, *std::move(copy), copy_);
}

void Pipeline::replay(TimePoint now) {
  if (config_.replay.probability.is_zero() || is_blacked_out(now)) return;
  std::optional<Datagram> old = replay_.poll(now, config_.replay.age_min);
  if (!old || old->wire_size() > config_.mtu) return;
  ++counted_.replayed;
  enqueue_follower(now, *std::move(old), Draws{});
}

// A copy, or an old datagram, meets the policer and the queue that the offered one left behind.
void Pipeline::enqueue_follower(TimePoint now, Datagram&& datagram, const Draws& draws) {
  bool is_marked = false;
  const Outcome outcome = admit(now, datagram, is_marked);
  if (outcome == Outcome::queue_full) ++counted_.dropped_queue;
  if (outcome == Outcome::dropped_early) ++counted_.dropped_aqm;
  if (outcome == Outcome::policed) ++counted_.dropped_policer;
  if (outcome != Outcome::passed) return;
  if (is_marked) {
    datagram.ecn = Ecn::ce;
    ++counted_.ecn_marked;
  }
  enqueue_one(now, std::move(datagram), draws);
}

// Puts an admitted datagram into the queue.
void Pipeline::enqueue_one(TimePoint now, Datagram&& datagram, const Draws& draws) {
  if (!damage(datagram, draws.damage)) return;
  bottleneck_.push({std::move(datagram), now, draws.jitter, draws.is_reordered});
  advance(now);
}

// Returns whether there was memory for it.
bool Pipeline::damage(Datagram& datagram, const DamageDraws& draws) {
  if (draws.touches_bytes()) {
    datagram.bytes = damaged_copy(pool_, datagram.bytes, config_.damage, draws);
    if (datagram.bytes.is_null()) {
      ++counted_.dropped_memory;
      return false;
    }
    if (draws.corrupt) ++counted_.corrupted;
    if (draws.truncate) ++counted_.truncated;
    if (draws.extend) ++counted_.extended;
  }
  if (draws.misdeliver) {
    routes_.redirect(datagram, *draws.misdeliver);
    ++counted_.misdelivered;
  }
  return true;
}

void Pipeline::advance(TimePoint now) {
  while (auto departure = bottleneck_.poll(now)) send_on(*std::move(departure));
  while (!hold_back_.empty()) {
    auto overdue = hold_back_.poll_overdue(now);
    if (!overdue) break;
    put_on_delay_line(overdue->arrival, std::move(overdue->datagram));
  }
  if (netem_.next_timeout() > now) return;
  while (auto departure = netem_.poll(now)) {
    // Only what was under way when netem took over can be overtaken here.
    if (delay_line_.insert(departure->at, std::move(departure->datagram))) ++counted_.reordered;
  }
}

// What has been serialised goes on its way.
void Pipeline::send_on(QueuedDatagram&& item) {
  const Reordering& reorder = config_.reorder;
  Duration delay = std::max(config_.delay + item.jitter, Duration::zero());
  if (item.is_reordered) delay = reorder.skips_delay() ? Duration::zero() : delay + reorder.delay;
  const TimePoint arrival = item.sent + delay;
  if (item.is_reordered && reorder.depth > 0 && !hold_back_.is_full()) {
    hold_back_.hold({arrival, std::move(item.datagram)}, reorder.depth);
    return;
  }
  const bool overtakes_held = hold_back_.note_arrival(arrival);
  const bool overtakes_others = delay_line_.insert(arrival, std::move(item.datagram));
  if (overtakes_held || overtakes_others) ++counted_.reordered;
  while (auto overtaken = hold_back_.poll_overtaken()) {
    put_on_delay_line(overtaken->arrival, std::move(overtaken->datagram));
  }
}

// What was held back.
void Pipeline::put_on_delay_line(TimePoint arrival, Datagram&& datagram) {
  if (delay_line_.insert(arrival, std::move(datagram))) ++counted_.reordered;
}

TimePoint Pipeline::next_timeout() const {
  TimePoint next = std::min(delay_line_.next_arrival(), hold_back_.next_deadline());
  if (!bottleneck_.empty()) next = std::min(next, bottleneck_.next_end() + delay_floor_);
  next = clogs_.earliest_exit(std::min(next, netem_.next_timeout()));
  return std::min(next, gate_.next_release());
}

std::optional<Datagram> Pipeline::poll(TimePoint now) {
  advance(now);
  const auto exit = [this, now] {
    const TimePoint arrival = delay_line_.next_arrival();
    return arrival > now ? arrival : clogs_.exit_time(arrival);
  };
  std::optional<Datagram> next;
  if (gate_.is_needed()) {
    for (TimePoint at = exit(); at <= now; at = exit()) gate_.push(at, delay_line_.take_next());
    next = gate_.poll(now);
  } else if (exit() <= now) {
    next = delay_line_.take_next();
  }
  if (!next) return next;
  next->ecn = as_it_arrives(next->ecn, config_.ecn_fault);
  ++counted_.delivered;
  return next;
}

void Pipeline::apply(TimePoint now, const LinkConfig& config) {
  loss_.configure(now, config_, config);
  // What netem already does goes on undisturbed.
  if (config.netem && config.netem != config_.netem) netem_.configure(now, *config.netem);
  config_ = config;
  configure_models(now);
}

void Pipeline::configure_models(TimePoint now) {
  jitter_.configure(config_.jitter);
  jitter_of_copies_.configure(config_.jitter);
  policer_.configure(now, config_.policer);
  bottleneck_.configure(now, config_);
  clogs_.configure(now, config_.clogs, config_.random_clogs);
  gate_.configure(now, config_.aggregation, config_.slots);
  // What waits has drawn under an earlier configuration: no floor is sure then.
  const Duration lowest = jitter_.lowest();
  const bool may_be_zero =
      !bottleneck_.empty() || !config_.reorder.probability.is_zero() || -lowest >= config_.delay;
  delay_floor_ = may_be_zero ? Duration::zero() : config_.delay + lowest;
}

void Pipeline::report_to(LinkStats& stats, TimePoint now) const {
  const Bottleneck::Counters queue = bottleneck_.counters();
  stats.delivered += counted_.delivered;
  stats.dropped_queue += counted_.dropped_queue + queue.overflowed;
  stats.dropped_aqm += counted_.dropped_aqm + queue.dropped;
  stats.dropped_policer += counted_.dropped_policer;
  stats.dropped_memory += counted_.dropped_memory;
  stats.duplicated += counted_.duplicated;
  stats.replayed += counted_.replayed;
  stats.corrupted += counted_.corrupted;
  stats.truncated += counted_.truncated;
  stats.extended += counted_.extended;
  stats.misdelivered += counted_.misdelivered;
  stats.reordered += counted_.reordered;
  stats.ecn_marked += counted_.ecn_marked + queue.marked;
  const Bottleneck::Figures figures = bottleneck_.figures(now);
  stats.queue_max = figures.wait_max;
  if (figures.waits > 0) stats.queue_mean = figures.wait_sum / figures.waits;
  stats.queue_p50 = figures.wait_p50;
  stats.queue_p99 = figures.wait_p99;
  // The link makes it a share of the time.
  stats.busy = figures.busy;
  netem_.report_to(stats, now);
}

}  // namespace hawser::netsim
