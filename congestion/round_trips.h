#pragma once
/// Tells round trips apart by packets, not by time: one is over when a packet is acknowledged that
/// was sent after it began, so that the effect of what was done at its beginning is seen by its
/// end. The first begins with the first acknowledgement. Owned by a controller; a plain value.
/// What leaves in the very instant of an acknowledgement is of the round that it ends.

#include <optional>

#include "hawser/congestion_controller.h"

namespace hawser {

class RoundTrips {
 public:
  /// Whether these acknowledgements end a round trip; the next begins with them.
  bool on_ack(const AckEvent& event) {
    const bool is_over = start_ && event.largest_acked_sent_time > *start_;
    if (is_over || !start_) start_ = event.context.now;
    return is_over;
  }
  /// Begins anew at `now`, whatever is under way.
  void restart(TimePoint now) { start_ = now; }

 private:
  std::optional<TimePoint> start_;
};

}  // namespace hawser
