#pragma once
/// How many bytes the peer may send ahead of the application's taking them.
///
/// Four times what the application takes in a round trip, and never less than before: one product
/// of bandwidth and delay is under way, another waits for a segment to be sent again, a third for
/// that one to be sent once more, and the rest is room to grow into. So the window follows a sender
/// that doubles its rate, and a slow reader does not make it grow. A plain value; not thread-safe.
/// After the receive buffers of Fisk and Feng, Dynamic Right-Sizing, 2001.

#include <optional>

#include "hawser/time.h"
#include "hawser/units.h"

namespace hawser {

class CreditWindow {
 public:
  static constexpr std::int64_t kProducts = 4;

  /// Begins with `initial`, or `max` if that is less, and grows up to `max`.
  CreditWindow(ByteCount initial, ByteCount max);

  /// `taken`: bytes since the start. `round_trip`: as known now; zero: not yet. Call it often:
  /// intervals of more than one round trip are averaged. Whether the window grew.
  bool on_taken(TimePoint now, ByteCount taken, Duration round_trip);

  ByteCount size() const { return size_; }

 private:
  struct Interval {
    TimePoint start;
    ByteCount taken_before;
  };

  ByteCount size_;
  ByteCount max_;
  std::optional<Interval> interval_;
};

}  // namespace hawser
