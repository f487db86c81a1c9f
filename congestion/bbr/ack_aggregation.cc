#include "congestion/bbr/ack_aggregation.h"

#include <algorithm>

namespace hawser::bbr {

void AckAggregation::on_ack(const SenderState& sender, ByteCount newly_acked,
                            const Expectation& expected) {
  ByteCount expected_bytes = expected.bandwidth.bytes_in(sender.now - start_);
  // No faster than expected: the heap, if there was one, has been worked off.
  if (delivered_ <= expected_bytes) {
    delivered_ = ByteCount(0);
    start_ = sender.now;
    expected_bytes = ByteCount(0);
  }
  delivered_ += newly_acked;
  Entry& entry = entries_[static_cast<std::size_t>(expected.round % kRounds)];
  if (entry.round != expected.round) entry = {.round = expected.round, .excess = ByteCount(0)};
  entry.excess = std::max(entry.excess, std::min(delivered_ - expected_bytes, sender.window));
}

ByteCount AckAggregation::excess(std::int64_t round, std::int64_t rounds) const {
  ByteCount largest{0};
  for (const Entry& entry : entries_) {
    if (round - entry.round < rounds) largest = std::max(largest, entry.excess);
  }
  return largest;
}

}  // namespace hawser::bbr
