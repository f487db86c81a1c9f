#pragma once
/// How fast and how much is safe until the next probe, after losses since the last one:
/// bw_shortterm and inflight_shortterm. Each congested round they come down to what the path
/// delivered in it, but not below 0.7 of what they were. The next probe lifts them.
/// draft-ietf-ccwg-bbr s5.5.10.3. A plain value. Not thread-safe.

#include <algorithm>

#include "congestion/bbr/delivery_signals.h"

namespace hawser::bbr {

class ShortTermBounds {
 public:
  /// A congested round has ended. `max_bandwidth` and `window` are where the bounds start from
  /// when there are none yet.
  void lower(const DeliverySignals& round, Bandwidth max_bandwidth, ByteCount window);
  /// No loss has been seen.
  void lift() { *this = ShortTermBounds(); }
  /// Bounds no stricter than `earlier` were: the losses since then were none.
  void raise_to(const ShortTermBounds& earlier);

  /// Infinite and `ByteCount::max()`: no bound.
  Bandwidth bandwidth() const { return bandwidth_; }
  ByteCount inflight() const { return inflight_; }

 private:
  Bandwidth bandwidth_ = Bandwidth::infinite();
  ByteCount inflight_ = ByteCount::max();
};

}  // namespace hawser::bbr
