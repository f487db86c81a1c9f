#include "tools/netsim/bottleneck.h"

#include <algorithm>
#include <utility>

namespace hawser::netsim {

Bottleneck::Bottleneck() : queue_(std::make_unique<DropTail>()) {}

void Bottleneck::configure(const LinkConfig& config) {
  serializer_.configure(config.rate);
  limit_ = config.queue;
  ecn_mark_ = config.ecn_mark;
}

Bottleneck::Verdict Bottleneck::admit(TimePoint now, const Datagram& datagram) {
  const ByteCount size = datagram.wire_size();
  const bool must_wait = !queue_->empty() || !serializer_.is_free(now);
  if (must_wait && exceeds_limit(now, size)) return Verdict::full;
  const Verdict verdict = queue_->admit(now, datagram);
  if (verdict != Verdict::accepted) return verdict;
  const bool is_marked =
      must_wait && queue_->bytes() + size > ecn_mark_ && can_be_marked(datagram.ecn);
  return is_marked ? Verdict::marked : Verdict::accepted;
}

bool Bottleneck::exceeds_limit(TimePoint now, ByteCount wire_size) const {
  if (queue_->packets() >= limit_.packets) return true;
  if (queue_->bytes() + wire_size > limit_.bytes) return true;
  if (limit_.time == kForever) return false;
  return serializer_.would_wait_beyond(limit_.time, now, queue_->bytes());
}

void Bottleneck::push(QueuedDatagram&& queued) {
  if (queue_->empty()) waiting_since_ = queued.offered;
  queue_->push(std::move(queued));
}

std::optional<Bottleneck::Departure> Bottleneck::poll(TimePoint now) {
  if (queue_->empty() || next_start() > now) return std::nullopt;
  const TimePoint start = next_start();
  std::optional<QueuedDatagram> item = queue_->pop(start);
  if (!item) return std::nullopt;
  const TimePoint end = serializer_.send(start, item->datagram.wire_size());
  const Duration wait = start - item->offered;
  figures_.wait_max = std::max(figures_.wait_max, wait);
  figures_.wait_sum += wait;
  ++figures_.waits;
  figures_.busy += end - start;
  return Departure{*std::move(item), end};
}

TimePoint Bottleneck::next_end() const {
  if (queue_->empty()) return kNever;
  const std::optional<ByteCount> size = queue_->next_size();
  return size ? serializer_.end_of(next_start(), *size) : next_start();
}

void Bottleneck::start_averages(TimePoint now) {
  figures_.wait_sum = Duration::zero();
  figures_.waits = 0;
  figures_.busy = serializer_.busy_ahead(now);
}

Bottleneck::Figures Bottleneck::figures(TimePoint now) const {
  Figures figures = figures_;
  figures.busy -= serializer_.busy_ahead(now);
  return figures;
}

}  // namespace hawser::netsim
