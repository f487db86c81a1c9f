#include "hawser/netsim/link.h"

#include <utility>

#include "tools/netsim/misuse.h"
#include "tools/netsim/pipeline.h"

namespace hawser::netsim {
namespace {

const LinkConfig& checked(const LinkConfig& config) {
  refuse_if("LinkConfig", config.validate());
  return config;
}

}  // namespace

class Link::State {
 public:
  State(const LinkIdentity& which, const LinkConfig& config, MemoryPool& pool)
      : identity(which), pipeline(which, checked(config), pool), averages_start(which.start) {}

  // Counts what does not pass.
  void note_drop(Outcome outcome);
  // Tells the observer of those that were dropped since the last time without having been an offer.
  void show_later_drops(TimePoint now);

  const LinkIdentity identity;
  Pipeline pipeline;
  LinkObserver* observer = nullptr;
  LinkStats stats;  // of offers
  TimePoint averages_start;
  ByteCount fullest_message_bytes{0};
  ByteCount fullest_wire_size{0};
  std::uint64_t later_drops_shown = 0;
};

void Link::State::show_later_drops(TimePoint now) {
  if (observer == nullptr) return;
  const std::uint64_t dropped = pipeline.dropped_later();
  if (dropped == later_drops_shown) return;
  observer->on_dropped_later(now - identity.start, identity.number, dropped - later_drops_shown);
  later_drops_shown = dropped;
}

void Link::State::note_drop(Outcome outcome) {
  switch (outcome) {
    case Outcome::too_big:
      ++stats.dropped_mtu;
      return;
    case Outcome::blackout:
      ++stats.dropped_blackout;
      return;
    case Outcome::lost:
      ++stats.dropped_loss;
      return;
    case Outcome::queue_full:
      ++stats.dropped_queue;
      return;
    case Outcome::policed:
      ++stats.dropped_policer;
      return;
    case Outcome::dropped_early:
      ++stats.dropped_aqm;
      return;
    case Outcome::passed:
      return;
  }
}

Link::Link(const LinkIdentity& identity, const LinkConfig& config, MemoryPool& pool)
    : state_(std::make_unique<State>(identity, config, pool)) {}
Link::~Link() = default;
Link::Link(Link&&) noexcept = default;
Link& Link::operator=(Link&&) noexcept = default;

void Link::offer(TimePoint now, Datagram&& datagram) {
  State& state = *state_;
  state.pipeline.advance(now);
  ++state.stats.packets;
  state.stats.bytes += datagram.wire_size();
  const Fate fate = state.pipeline.judge(now, datagram);
  if (state.observer != nullptr) {
    const Duration since_start = now - state.identity.start;
    state.observer->on_offered({since_start, state.identity.number, fate, datagram});
  }
  if (fate.outcome == Outcome::passed) {
    state.pipeline.enqueue(now, std::move(datagram));
  } else {
    state.note_drop(fate.outcome);
  }
  state.pipeline.replay(now);
  state.show_later_drops(now);
}

TimePoint Link::next_timeout() const { return state_->pipeline.next_timeout(); }
std::optional<Datagram> Link::poll(TimePoint now) {
  std::optional<Datagram> next = state_->pipeline.poll(now);
  state_->show_later_drops(now);
  return next;
}

void Link::apply(TimePoint now, const LinkConfig& config) {
  state_->pipeline.advance(now);
  state_->pipeline.apply(now, checked(config));
}

const LinkConfig& Link::config() const { return state_->pipeline.config(); }
Duration Link::queue_delay(TimePoint now) const {
  state_->pipeline.advance(now);
  return state_->pipeline.queue_delay(now);
}
void Link::set_classifier(Classifier classifier) {
  state_->pipeline.set_classifier(std::move(classifier));
}
void Link::set_observer(LinkObserver* observer) {
  state_->observer = observer;
  state_->later_drops_shown = state_->pipeline.dropped_later();
}
void Link::share_pattern_position(LossPatternPosition& position) {
  state_->pipeline.share_pattern_position(position);
}

void Link::note_message_bytes(ByteCount message_bytes, ByteCount datagram) {
  if (message_bytes <= state_->fullest_message_bytes) return;
  state_->fullest_message_bytes = message_bytes;
  state_->fullest_wire_size = datagram + kUdpIpOverhead;
}

void Link::start_averages(TimePoint now) {
  state_->pipeline.advance(now);
  state_->pipeline.start_averages(now);
  state_->averages_start = now;
}

LinkStats Link::stats(TimePoint now) const {
  state_->pipeline.advance(now);  // the figures must not depend on who asked for what before
  LinkStats stats = state_->stats;
  state_->pipeline.report_to(stats, now);
  const Duration span = now - state_->averages_start;
  if (span > Duration::zero()) {
    stats.utilisation = static_cast<double>(stats.busy.count()) / static_cast<double>(span.count());
  }
  const Bandwidth rate = config().mean_rate();
  if (!rate.is_infinite() && state_->fullest_message_bytes > ByteCount(0)) {
    stats.payload_ceiling =
        rate.scaled(state_->fullest_message_bytes.value(), state_->fullest_wire_size.value());
  }
  return stats;
}

}  // namespace hawser::netsim
