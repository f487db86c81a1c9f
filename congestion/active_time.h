#pragma once
/// The time during which the sender used its whole window. CUBIC's clock runs on it: growing by the
/// wall clock over an idle hour would end in a burst (RFC 9438 s4.2 and s5.8). Owned by a
/// controller; a plain value.

#include <optional>

#include "hawser/congestion_controller.h"

namespace hawser {

class ActiveTime {
 public:
  /// The first packet after an idle time: what lies between it and the last event does not count.
  void on_sent(const SentEvent& event) {
    if (event.context.bytes_in_flight == event.bytes) last_event_ = event.context.now;
  }
  /// Counts the time since the last event, unless the application was the limit during it.
  void on_ack(const CongestionContext& context) {
    if (last_event_ && !context.is_app_limited) total_ += context.now - *last_event_;
    last_event_ = context.now;
  }
  /// The sum since construction. Only differences carry meaning.
  Duration total() const { return total_; }

 private:
  std::optional<TimePoint> last_event_;
  Duration total_{0};
};

}  // namespace hawser
