#include "congestion/bbr/short_term_bounds.h"

#include "congestion/bbr/gain.h"

namespace hawser::bbr {
namespace {

constexpr Gain kBeta{70};

}  // namespace

void ShortTermBounds::lower(const DeliverySignals& round, Bandwidth max_bandwidth,
                            ByteCount window) {
  if (bandwidth_.is_infinite()) bandwidth_ = max_bandwidth;
  if (inflight_ == ByteCount::max()) inflight_ = window;
  bandwidth_ = std::max(round.bandwidth(), kBeta * bandwidth_);
  inflight_ = std::max(round.inflight(), kBeta * inflight_);
}

void ShortTermBounds::raise_to(const ShortTermBounds& earlier) {
  bandwidth_ = std::max(bandwidth_, earlier.bandwidth_);
  inflight_ = std::max(inflight_, earlier.inflight_);
}

}  // namespace hawser::bbr
