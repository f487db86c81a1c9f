#include "tools/netsim/pipeline.h"

#include <algorithm>
#include <utility>

#include "hawser/assert.h"

namespace hawser::netsim {

Pipeline::Pipeline(const LinkIdentity& identity, const LinkConfig& config, MemoryPool& pool)
    : Pipeline(StreamSource{identity.seed, identity.number}, identity, config, pool) {}

Pipeline::Pipeline(const StreamSource& streams, const LinkIdentity& identity,
                   const LinkConfig& config, MemoryPool& pool)
    : start_(identity.start),
      config_(config),
      pool_(pool),
      loss_(streams, identity.start, config),
      duplicate_(streams.stream(Impairment::duplicate)),
      corruption_(streams.stream(Impairment::corrupt)),
      corruption_of_copies_(streams.stream(Impairment::corrupt_copy)),
      jitter_(streams.stream(Impairment::jitter)),
      jitter_of_copies_(streams.stream(Impairment::jitter_copy)),
      reorder_(streams.stream(Impairment::reorder)) {
  configure_models();
}

// Everybody draws for every datagram: what becomes of it must not shift the draws of the next one.
// Returns whether it is lost.
bool Pipeline::draw_all(TimePoint now, const Datagram& datagram) {
  original_ = copy_ = {};
  fate_.is_duplicated = false;
  const bool carries_message_bytes =
      !loss_.wants_classification() || !classifier_ || classifier_(datagram.bytes.bytes());
  const bool is_lost = loss_.draw(now, config_, carries_message_bytes);
  if (!config_.reorder.probability.is_zero()) {
    original_.skips_delay = reorder_.draw(config_.reorder);
  }
  original_.jitter = jitter_.draw();
  if (!config_.corrupt.is_zero()) original_.damage = corruption_.draw(config_.corrupt);
  if (!config_.duplicate.is_zero()) {
    fate_.is_duplicated = config_.duplicate.draw(duplicate_);
    copy_.jitter = jitter_of_copies_.draw();
    if (!config_.corrupt.is_zero()) copy_.damage = corruption_of_copies_.draw(config_.corrupt);
  }
  if (datagram.bytes.size() == 0) original_.damage = copy_.damage = std::nullopt;
  return is_lost;
}

Fate Pipeline::judge(TimePoint now, const Datagram& datagram) {
  fate_ = {};
  const bool is_lost = draw_all(now, datagram);
  if (datagram.wire_size() > config_.mtu) return {.outcome = Outcome::too_big};
  if (is_blacked_out(now)) return {.outcome = Outcome::blackout};
  if (is_lost) return {.outcome = Outcome::lost};
  const Bottleneck::Verdict verdict = bottleneck_.admit(now, datagram);
  if (verdict == Bottleneck::Verdict::full) return {.outcome = Outcome::queue_full};
  fate_.is_corrupted = original_.damage.has_value();
  fate_.is_marked = verdict == Bottleneck::Verdict::marked;
  fate_.is_early = original_.skips_delay;
  return fate_;
}

bool Pipeline::is_blacked_out(TimePoint now) const {
  const Duration since_start = now - start_;
  return std::ranges::any_of(config_.blackouts, [&](const Blackout& dark) {
    return dark.from <= since_start && since_start < dark.to;
  });
}

void Pipeline::enqueue(TimePoint now, Datagram&& datagram) {
  std::optional<Datagram> copy;
  if (fate_.is_duplicated) copy = datagram;
  if (fate_.is_marked) {
    datagram.ecn = Ecn::ce;
    ++counted_.ecn_marked;
  }
  enqueue_one(now, std::move(datagram), original_);
  if (!copy) return;

  // A copy meets the queue that its original left behind.
  ++counted_.duplicated;
  const Bottleneck::Verdict verdict = bottleneck_.admit(now, *copy);
  if (verdict == Bottleneck::Verdict::full) {
    ++counted_.dropped_queue;
    return;
  }
  if (verdict == Bottleneck::Verdict::marked) {
    copy->ecn = Ecn::ce;
    ++counted_.ecn_marked;
  }
  enqueue_one(now, *std::move(copy), copy_);
}

// Puts an admitted datagram into the queue.
void Pipeline::enqueue_one(TimePoint now, Datagram&& datagram, const Draws& draws) {
  if (draws.damage) {
    datagram.bytes = damaged_copy(pool_, datagram.bytes, config_.corrupt_bits, *draws.damage);
    if (datagram.bytes.is_null()) {
      ++counted_.dropped_memory;
      return;
    }
    ++counted_.corrupted;
  }
  bottleneck_.push({std::move(datagram), now, draws.jitter, draws.skips_delay});
  advance(now);
}

void Pipeline::advance(TimePoint now) {
  while (auto departure = bottleneck_.poll(now)) {
    QueuedDatagram& item = departure->item;
    const Duration delay = item.skips_delay
                               ? Duration::zero()
                               : std::max(config_.delay + item.jitter, Duration::zero());
    if (delay_line_.insert(departure->end + delay, std::move(item.datagram))) {
      ++counted_.reordered;
    }
  }
}

TimePoint Pipeline::next_timeout() const {
  const TimePoint next_arrival = delay_line_.next_arrival();
  if (bottleneck_.empty()) return next_arrival;
  return std::min(next_arrival, bottleneck_.next_end() + delay_floor_);
}

std::optional<Datagram> Pipeline::poll(TimePoint now) {
  advance(now);
  if (delay_line_.next_arrival() > now) return std::nullopt;
  ++counted_.delivered;
  return delay_line_.take_next();
}

void Pipeline::apply(TimePoint now, const LinkConfig& config) {
  loss_.configure(now, config_, config);
  config_ = config;
  configure_models();
}

void Pipeline::configure_models() {
  HAWSER_ASSERT(config_.delay >= Duration::zero() && config_.corrupt_bits > 0);
  jitter_.configure(config_.jitter);
  jitter_of_copies_.configure(config_.jitter);
  bottleneck_.configure(config_);
  // What waits has drawn under an earlier configuration: no floor is sure then.
  const Duration lowest = jitter_.lowest();
  const bool may_be_zero =
      !bottleneck_.empty() || !config_.reorder.probability.is_zero() || -lowest >= config_.delay;
  delay_floor_ = may_be_zero ? Duration::zero() : config_.delay + lowest;
}

void Pipeline::report_to(LinkStats& stats, TimePoint now) const {
  const QueueDiscipline::Counters& queue = bottleneck_.counters();
  stats.delivered += counted_.delivered;
  stats.dropped_queue += counted_.dropped_queue + queue.dropped;
  stats.dropped_memory += counted_.dropped_memory;
  stats.duplicated += counted_.duplicated;
  stats.corrupted += counted_.corrupted;
  stats.reordered += counted_.reordered;
  stats.ecn_marked += counted_.ecn_marked + queue.marked;
  const Bottleneck::Figures figures = bottleneck_.figures(now);
  stats.queue_max = figures.wait_max;
  if (figures.waits > 0) stats.queue_mean = figures.wait_sum / figures.waits;
  // The link makes it a share of the time.
  stats.busy = figures.busy;
}

}  // namespace hawser::netsim
