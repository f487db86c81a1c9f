#include "hawser/netsim/link.h"

#include <algorithm>
#include <utility>

#include "hawser/assert.h"
#include "tools/netsim/bottleneck.h"
#include "tools/netsim/corruption.h"
#include "tools/netsim/delay_line.h"
#include "tools/netsim/delay_model.h"
#include "tools/netsim/loss_model.h"

namespace hawser::netsim {
namespace {

bool can_be_marked(Ecn ecn) { return ecn == Ecn::ect0 || ecn == Ecn::ect1; }

// What chance has in store for a datagram or its copy, if it gets so far.
struct Draws {
  Duration jitter{0};
  bool skips_delay = false;
  std::optional<Damage> damage;
};

struct AllDraws {
  bool is_lost = false;
  bool is_duplicated = false;
  Draws original;
  Draws copy;
};

}  // namespace

class Link::State {
 public:
  State(const LinkIdentity& identity, const LinkConfig& config, MemoryPool& pool);

  AllDraws draw(TimePoint now, const Datagram& datagram);
  Fate judge(TimePoint now, const Datagram& datagram, const AllDraws& draws) const;
  void enqueue(TimePoint now, Datagram&& datagram, const Draws& draws);
  // Moves what has begun to be serialised by `now` on to the delay line.
  void let_leave(TimePoint now);
  // Hands the present configuration to the models that keep a part of it.
  void configure_models();

  const LinkIdentity identity;
  LinkConfig config;
  MemoryPool& pool;
  Classifier classifier;
  LinkObserver* observer = nullptr;

  LossModel loss;
  SeededRandom duplicate;
  CorruptionModel corruption;
  CorruptionModel corruption_of_copies;
  JitterModel jitter;
  JitterModel jitter_of_copies;
  ReorderModel reorder;
  Bottleneck bottleneck;
  DelayLine delay_line;
  Duration delay_floor{0};  // nothing that waits will be delayed less

  LinkStats stats;
  TimePoint averages_start;
  ByteCount fullest_message_bytes{0};
  ByteCount fullest_wire_size{0};

 private:
  State(const StreamSource& streams, const LinkIdentity& identity, const LinkConfig& config,
        MemoryPool& pool);
  bool is_blacked_out(TimePoint now) const;
};

Link::State::State(const LinkIdentity& which, const LinkConfig& settings, MemoryPool& memory)
    : State(StreamSource{which.seed, which.number}, which, settings, memory) {}

Link::State::State(const StreamSource& streams, const LinkIdentity& which,
                   const LinkConfig& settings, MemoryPool& memory)
    : identity(which),
      config(settings),
      pool(memory),
      loss(streams, which.start, settings),
      duplicate(streams.stream(Impairment::duplicate)),
      corruption(streams.stream(Impairment::corrupt)),
      corruption_of_copies(streams.stream(Impairment::corrupt_copy)),
      jitter(streams.stream(Impairment::jitter)),
      jitter_of_copies(streams.stream(Impairment::jitter_copy)),
      reorder(streams.stream(Impairment::reorder)),
      averages_start(which.start) {
  configure_models();
}

// Everybody draws for every datagram: what becomes of it must not shift the draws of the next one.
AllDraws Link::State::draw(TimePoint now, const Datagram& datagram) {
  AllDraws draws;
  const bool carries_message_bytes =
      !loss.wants_classification() || !classifier || classifier(datagram.bytes.bytes());
  draws.is_lost = loss.draw(now, config, carries_message_bytes);
  if (!config.reorder.probability.is_zero()) {
    draws.original.skips_delay = reorder.draw(config.reorder);
  }
  draws.original.jitter = jitter.draw();
  if (!config.corrupt.is_zero()) draws.original.damage = corruption.draw(config.corrupt);
  if (!config.duplicate.is_zero()) {
    draws.is_duplicated = config.duplicate.draw(duplicate);
    draws.copy.jitter = jitter_of_copies.draw();
    if (!config.corrupt.is_zero()) draws.copy.damage = corruption_of_copies.draw(config.corrupt);
  }
  if (datagram.bytes.size() == 0) draws.original.damage = draws.copy.damage = std::nullopt;
  return draws;
}

Fate Link::State::judge(TimePoint now, const Datagram& datagram, const AllDraws& draws) const {
  if (datagram.wire_size() > config.mtu) return {.outcome = Outcome::too_big};
  if (is_blacked_out(now)) return {.outcome = Outcome::blackout};
  if (draws.is_lost) return {.outcome = Outcome::lost};
  const Bottleneck::Verdict verdict = bottleneck.judge(now, datagram.wire_size());
  if (verdict == Bottleneck::Verdict::full) return {.outcome = Outcome::queue_full};
  return {.outcome = Outcome::passed,
          .is_duplicated = draws.is_duplicated,
          .is_corrupted = draws.original.damage.has_value(),
          .is_marked = verdict == Bottleneck::Verdict::marked && can_be_marked(datagram.ecn),
          .is_early = draws.original.skips_delay};
}

bool Link::State::is_blacked_out(TimePoint now) const {
  const Duration since_start = now - identity.start;
  return std::any_of(config.blackouts.begin(), config.blackouts.end(), [&](const Blackout& dark) {
    return dark.from <= since_start && since_start < dark.to;
  });
}

// A copy meets the queue that its original left behind: each is judged on its own.
void Link::State::enqueue(TimePoint now, Datagram&& datagram, const Draws& draws) {
  const Bottleneck::Verdict verdict = bottleneck.judge(now, datagram.wire_size());
  if (verdict == Bottleneck::Verdict::full) {
    ++stats.dropped_queue;
    return;
  }
  if (verdict == Bottleneck::Verdict::marked && can_be_marked(datagram.ecn)) {
    datagram.ecn = Ecn::ce;
    ++stats.ecn_marked;
  }
  if (draws.damage) {
    datagram.bytes = damaged_copy(pool, datagram.bytes, config.corrupt_bits, *draws.damage);
    if (datagram.bytes.is_null()) {
      ++stats.dropped_memory;
      return;
    }
    ++stats.corrupted;
  }
  bottleneck.push({std::move(datagram), now, draws.jitter, draws.skips_delay});
  let_leave(now);
}

void Link::State::let_leave(TimePoint now) {
  while (auto departure = bottleneck.poll(now)) {
    Bottleneck::Item& item = departure->item;
    const Duration delay = item.skips_delay
                               ? Duration::zero()
                               : std::max(config.delay + item.jitter, Duration::zero());
    if (delay_line.insert(departure->end + delay, std::move(item.datagram))) ++stats.reordered;
  }
}

void Link::State::configure_models() {
  HAWSER_ASSERT(config.delay >= Duration::zero() && config.corrupt_bits > 0);
  jitter.configure(config.jitter);
  jitter_of_copies.configure(config.jitter);
  bottleneck.configure(config);
  // What waits has drawn under an earlier configuration: no floor is sure then.
  const Duration lowest = jitter.lowest();
  const bool may_be_zero =
      !bottleneck.empty() || !config.reorder.probability.is_zero() || -lowest >= config.delay;
  delay_floor = may_be_zero ? Duration::zero() : config.delay + lowest;
}

Link::Link(const LinkIdentity& identity, const LinkConfig& config, MemoryPool& pool)
    : state_(std::make_unique<State>(identity, config, pool)) {}
Link::~Link() = default;
Link::Link(Link&&) noexcept = default;
Link& Link::operator=(Link&&) noexcept = default;

void Link::offer(TimePoint now, Datagram&& datagram) {
  State& state = *state_;
  state.let_leave(now);
  ++state.stats.packets;
  state.stats.bytes += datagram.wire_size();
  const AllDraws draws = state.draw(now, datagram);
  const Fate fate = state.judge(now, datagram, draws);
  if (state.observer != nullptr) {
    const Duration since_start = now - state.identity.start;
    state.observer->on_offered({since_start, state.identity.number, fate, datagram});
  }
  switch (fate.outcome) {
    case Outcome::too_big:
      ++state.stats.dropped_mtu;
      return;
    case Outcome::blackout:
      ++state.stats.dropped_blackout;
      return;
    case Outcome::lost:
      ++state.stats.dropped_loss;
      return;
    case Outcome::queue_full:
      ++state.stats.dropped_queue;
      return;
    case Outcome::passed:
      break;
  }
  std::optional<Datagram> copy;
  if (fate.is_duplicated) copy = datagram;
  state.enqueue(now, std::move(datagram), draws.original);
  if (!copy) return;
  ++state.stats.duplicated;
  state.enqueue(now, *std::move(copy), draws.copy);
}

TimePoint Link::next_timeout() const {
  const TimePoint next_arrival = state_->delay_line.next_arrival();
  if (state_->bottleneck.empty()) return next_arrival;
  return std::min(next_arrival, state_->bottleneck.next_end() + state_->delay_floor);
}

std::optional<Datagram> Link::poll(TimePoint now) {
  state_->let_leave(now);
  if (state_->delay_line.next_arrival() > now) return std::nullopt;
  ++state_->stats.delivered;
  return state_->delay_line.take_next();
}

void Link::apply(TimePoint now, const LinkConfig& config) {
  state_->let_leave(now);
  state_->loss.configure(now, state_->config, config);
  state_->config = config;
  state_->configure_models();
}

const LinkConfig& Link::config() const { return state_->config; }
void Link::set_classifier(Classifier classifier) { state_->classifier = std::move(classifier); }
void Link::set_observer(LinkObserver* observer) { state_->observer = observer; }
void Link::share_pattern_position(LossPatternPosition& position) {
  state_->loss.share_pattern_position(position);
}

void Link::note_message_bytes(ByteCount message_bytes, ByteCount datagram) {
  if (message_bytes <= state_->fullest_message_bytes) return;
  state_->fullest_message_bytes = message_bytes;
  state_->fullest_wire_size = datagram + kUdpIpOverhead;
}

void Link::start_averages(TimePoint now) {
  state_->let_leave(now);
  state_->bottleneck.start_averages(now);
  state_->averages_start = now;
}

LinkStats Link::stats(TimePoint now) const {
  state_->let_leave(now);  // the figures must not depend on who asked for what before
  LinkStats stats = state_->stats;
  const Bottleneck::Figures figures = state_->bottleneck.figures(now);
  const Duration span = now - state_->averages_start;
  stats.queue_max = figures.wait_max;
  if (figures.waits > 0) stats.queue_mean = figures.wait_sum / figures.waits;
  if (span > Duration::zero()) {
    stats.utilisation =
        static_cast<double>(figures.busy.count()) / static_cast<double>(span.count());
  }
  const Bandwidth rate = state_->config.rate;
  if (!rate.is_infinite() && state_->fullest_message_bytes > ByteCount(0)) {
    stats.payload_ceiling =
        rate.scaled(state_->fullest_message_bytes.value(), state_->fullest_wire_size.value());
  }
  return stats;
}

}  // namespace hawser::netsim
