#pragma once
/// What a window may be larger for acknowledgements that tell of many packets at once. Bytes count
/// as in flight until they are acknowledged, so such acknowledgements stop an even sender each time
/// and then let it catch up: the burst stands in the queue, which is all that a delay-based
/// controller sees. BBR allows for it by extra_acked (draft-ietf-ccwg-bbr s5.5.9).
///
/// It is the most that one event has acknowledged in this round trip and the last, beyond two
/// datagrams, but no more than half of the window. Owned by a controller; a plain value.

#include <algorithm>

#include "congestion/congestion_window.h"

namespace hawser {

class StretchAllowance {
 public:
  void on_ack(const AckEvent& event, bool is_round_over) {
    if (is_round_over) {
      last_round_ = this_round_;
      this_round_ = ByteCount(0);
    }
    this_round_ = std::max(this_round_, event.acked_bytes);
  }
  /// The window and the allowance, up to its maximum.
  ByteCount window_with(const CongestionWindow& window) const {
    const ByteCount stretch =
        std::max(this_round_, last_round_) - window.limits().datagram_size * 2;
    const ByteCount allowance = std::clamp(stretch, ByteCount(0), window.size() / 2);
    return window.size() + std::min(allowance, window.limits().max - window.size());
  }

 private:
  ByteCount this_round_{0};
  ByteCount last_round_{0};
};

}  // namespace hawser
