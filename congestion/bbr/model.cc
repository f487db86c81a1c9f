#include "congestion/bbr/model.h"

#include <algorithm>

namespace hawser::bbr {
namespace {

// Keeps products of byte counts and gains in 64 bits; a petabyte in flight is nobody's.
constexpr ByteCount kInflightMax{std::int64_t{1} << 50};

}  // namespace

Bandwidth Model::bandwidth() const {
  return std::min(max_bandwidth.value(), short_term.bandwidth());
}

ByteCount Model::bdp(Gain gain, Bandwidth rate) const {
  if (!min_rtt.has_sample()) return limits.initial;
  return gain * std::min(rate.bytes_in(min_rtt.value()), kInflightMax);
}

ByteCount Model::with_budget(ByteCount inflight) const {
  return std::max({inflight, offload_budget, limits.min});
}

ByteCount Model::inflight_with_headroom() const {
  if (!long_term.is_set()) return ByteCount::max();
  // What waits to be acknowledged in a heap, half of it on average, is in flight, but in nobody's
  // queue: others need no room there.
  const ByteCount with_headroom =
      long_term.with_headroom(limits.datagram_size) + excess_acked() / 2;
  return std::max(std::min(with_headroom, long_term.value()), limits.min);
}

ByteCount Model::target_inflight(const SenderState& sender) const {
  return std::min(bdp({100}), sender.window);
}

ByteCount Model::excess_acked() const {
  return aggregation.excess(rounds.count(), full_pipe.was_ever_full()
                                                ? AckAggregation::kRounds
                                                : AckAggregation::kStartupRounds);
}

bool Model::is_loss_too_high(ByteCount lost, ByteCount in_flight) const {
  return lost * 100 > in_flight * loss_percent;
}

}  // namespace hawser::bbr
