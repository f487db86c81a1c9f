#include "tools/netsim/bottleneck.h"

#include <utility>

#include "hawser/assert.h"

namespace hawser::netsim {

void Bottleneck::configure(const LinkConfig& config) {
  HAWSER_ASSERT(!config.rate.is_zero());
  rate_ = config.rate;
  limit_ = config.queue;
  ecn_mark_ = config.ecn_mark;
}

Bottleneck::Verdict Bottleneck::judge(TimePoint now, ByteCount wire_size) const {
  const bool must_wait = !waiting_.empty() || busy_until_ > now;
  if (!must_wait) return Verdict::accepted;
  if (exceeds(now, wire_size)) return Verdict::full;
  return waiting_bytes_ + wire_size > ecn_mark_ ? Verdict::marked : Verdict::accepted;
}

bool Bottleneck::exceeds(TimePoint now, ByteCount wire_size) const {
  if (static_cast<std::int64_t>(waiting_.size()) >= limit_.packets) return true;
  if (waiting_bytes_ + wire_size > limit_.bytes) return true;
  if (limit_.time == kForever) return false;
  // Written so that it cannot overflow: waiting_time + busy_ahead > limit.
  return rate_.transfer_time(waiting_bytes_) > limit_.time - busy_ahead(now);
}

void Bottleneck::push(Item&& item) {
  waiting_bytes_ += item.datagram.wire_size();
  waiting_.push_back(std::move(item));
}

std::optional<Bottleneck::Departure> Bottleneck::poll(TimePoint now) {
  if (waiting_.empty()) return std::nullopt;
  const TimePoint start = next_start();
  if (start > now) return std::nullopt;
  Departure departure{waiting_.take_front(), start};
  const ByteCount size = departure.item.datagram.wire_size();
  const Duration serialisation = rate_.transfer_time(size);
  waiting_bytes_ -= size;
  departure.end = busy_until_ = start + serialisation;

  const Duration wait = start - departure.item.offered;
  figures_.wait_max = std::max(figures_.wait_max, wait);
  figures_.wait_sum += wait;
  ++figures_.waits;
  figures_.busy += serialisation;
  return departure;
}

TimePoint Bottleneck::next_end() const {
  if (waiting_.empty()) return kNever;
  return next_start() + rate_.transfer_time(waiting_.front().datagram.wire_size());
}

void Bottleneck::start_averages(TimePoint now) {
  figures_.wait_sum = Duration::zero();
  figures_.waits = 0;
  figures_.busy = busy_ahead(now);
}

Bottleneck::Figures Bottleneck::figures(TimePoint now) const {
  Figures figures = figures_;
  figures.busy -= busy_ahead(now);
  return figures;
}

}  // namespace hawser::netsim
