#pragma once
/// How long to wait before probing for bandwidth again: 2 to 3 s, or 62 to 63 round trips where
/// that is sooner, or as many round trips as the product has datagrams, so that Reno and CUBIC
/// flows beside it have the time to grow that they need. draft-ietf-ccwg-bbr s5.3.3.5.
///
/// The draft draws the two by chance, so that flows do not probe in step. The core draws nothing:
/// a generator (SplitMix64) is stirred with what the flow sees when it chooses, its time in
/// nanoseconds and the bytes delivered. The same run waits the same; two flows do not, as no two
/// acknowledgements leave a bottleneck at the same nanosecond. A plain value.

#include "congestion/bbr/rate_sample.h"

namespace hawser::bbr {

class ProbeWait {
 public:
  static constexpr std::int64_t kRoundsMax = 63;

  /// The time to wait, and the round trips that count as waited already: 0 or 1.
  struct Choice {
    Duration time{0};
    std::int64_t rounds_waited = 0;
  };
  Choice choose(const SenderState& sender);

 private:
  std::uint64_t state_ = 0;
};

}  // namespace hawser::bbr
