#pragma once
/// What waits before a simulated link. Plain structs, parts of `LinkConfig`.

#include <cstdint>

#include "hawser/time.h"
#include "hawser/units.h"

namespace hawser::netsim {

/// How much may wait for the link; what would go beyond is dropped (drop-tail). The datagram that
/// is being serialised does not wait. No effect on a link without a rate: nothing waits there.
struct QueueLimit {
  std::int64_t packets = INT64_MAX;
  ByteCount bytes = ByteCount::max();  ///< payload + 28 each
  Duration time = kForever;            ///< the longest wait before the own serialisation begins
  bool operator==(const QueueLimit&) const = default;
};

}  // namespace hawser::netsim
