#include "tools/netsim/bottleneck.h"

#include <algorithm>
#include <utility>

#include "hawser/assert.h"
#include "tools/netsim/codel_queue.h"
#include "tools/netsim/fq_codel_queue.h"
#include "tools/netsim/red_queue.h"

namespace hawser::netsim {

Bottleneck::Bottleneck(const StreamSource& streams, TimePoint start)
    : streams_(streams), serializer_(start), queue_(make_queue(aqm_)) {}

std::unique_ptr<QueueDiscipline> Bottleneck::make_queue(const Aqm& aqm) const {
  if (const Red* red = std::get_if<Red>(&aqm)) {
    return std::make_unique<RedQueue>(*red, streams_.stream(Impairment::red));
  }
  if (const Codel* codel = std::get_if<Codel>(&aqm)) return std::make_unique<CodelQueue>(*codel);
  if (const FqCodel* fq_codel = std::get_if<FqCodel>(&aqm)) {
    return std::make_unique<FqCodelQueue>(*fq_codel, streams_.stream(Impairment::fq_codel_salt));
  }
  return std::make_unique<DropTailQueue>();
}

void Bottleneck::configure(TimePoint now, const LinkConfig& config) {
  serializer_.configure(now, config.rate, config.trace);
  limit_ = config.queue;
  ecn_mark_ = config.ecn_mark;
  if (config.aqm != aqm_) change_queue(config.aqm);
  queue_->set_rate(config.mean_rate());
}

void Bottleneck::change_queue(const Aqm& aqm) {
  std::unique_ptr<QueueDiscipline> next = make_queue(aqm);
  while (auto waiting = queue_->take()) next->push(*std::move(waiting));
  earlier_ = counters();
  aqm_ = aqm;
  queue_ = std::move(next);
}

Bottleneck::Verdict Bottleneck::admit(TimePoint now, const Datagram& datagram) {
  const Verdict verdict = queue_->admit(now, datagram);
  if (verdict == Verdict::dropped_early) return verdict;
  if (queue_->empty() && serializer_.next_start(now) == now) return verdict;
  const ByteCount size = datagram.wire_size();
  while (exceeds_limit(now, size)) {
    if (!queue_->make_room()) return Verdict::full;
  }
  const bool is_marked = queue_->tally().bytes + size > ecn_mark_ && can_be_marked(datagram.ecn);
  return is_marked ? Verdict::marked : verdict;
}

bool Bottleneck::exceeds_limit(TimePoint now, ByteCount wire_size) const {
  const QueueTally& waiting = queue_->tally();
  if (waiting.packets >= limit_.packets) return true;
  if (waiting.bytes + wire_size > limit_.bytes) return true;
  if (limit_.time == kForever) return false;
  return serializer_.would_wait_beyond(limit_.time, now, waiting.bytes);
}

void Bottleneck::push(QueuedDatagram&& queued) {
  if (queue_->empty()) waiting_since_ = queued.offered;
  queue_->push(std::move(queued));
}

std::optional<QueuedDatagram> Bottleneck::poll(TimePoint now) {
  if (queue_->empty()) return std::nullopt;
  const TimePoint start = next_start();
  if (start > now) return std::nullopt;
  std::optional<QueuedDatagram> item = queue_->pop(start);
  if (!item) return std::nullopt;
  item->sent = serializer_.send(start, item->wire_size());
  const Duration wait = start - item->offered;
  HAWSER_ASSERT(wait >= Duration::zero());
  figures_.wait_max = std::max(figures_.wait_max, wait);
  figures_.wait_sum += wait;
  ++figures_.waits;
  waits_.add(wait);
  return item;
}

TimePoint Bottleneck::next_end() const {
  if (queue_->empty()) return kNever;
  const TimePoint start = next_start();
  const std::optional<ByteCount> size = queue_->next_size();
  return size ? serializer_.end_of(start, *size) : start;
}

Bottleneck::Counters Bottleneck::counters() const {
  const QueueTally& tally = queue_->tally();
  return {.dropped = earlier_.dropped + tally.dropped,
          .overflowed = earlier_.overflowed + tally.overflowed,
          .marked = earlier_.marked + tally.marked};
}

void Bottleneck::start_averages(TimePoint now) {
  figures_.wait_sum = Duration::zero();
  figures_.waits = 0;
  waits_.clear();
  serializer_.start_averages(now);
}

Bottleneck::Figures Bottleneck::figures(TimePoint now) const {
  Figures figures = figures_;
  figures.wait_p50 = waits_.percentile(50);
  figures.wait_p99 = waits_.percentile(99);
  figures.busy = serializer_.busy(now);
  return figures;
}

}  // namespace hawser::netsim
