#pragma once
/// The transmitter of a link: one datagram after the other, each for as long as its bytes take.
/// Owned by the bottleneck.

#include <algorithm>

#include "hawser/time.h"
#include "hawser/units.h"

namespace hawser::netsim {

/// Knows when it will be free and how long things take; keeps no datagram. Not thread-safe.
class Serializer {
 public:
  /// For what begins from now on. `rate` is not zero (asserted).
  void configure(Bandwidth rate);

  /// When it is free again; what begins then or later does not wait.
  TimePoint free_at() const { return free_at_; }
  bool is_free(TimePoint now) const { return free_at_ <= now; }
  /// When a datagram that begins at `start` will have left.
  TimePoint end_of(TimePoint start, ByteCount wire_size) const {
    return start + rate_.transfer_time(wire_size);
  }
  /// Sends one from `start` on, when it must be free; returns when that will have left.
  TimePoint send(TimePoint start, ByteCount wire_size);
  /// What of the time that was booked still lies ahead.
  Duration busy_ahead(TimePoint now) const { return std::max(free_at_ - now, Duration::zero()); }
  /// Whether something that comes behind `waiting` bytes must wait longer than `limit` for its
  /// turn.
  bool would_wait_beyond(Duration limit, TimePoint now, ByteCount waiting) const {
    // Written so that it cannot overflow: waiting time + busy_ahead > limit.
    return rate_.transfer_time(waiting) > limit - busy_ahead(now);
  }

 private:
  Bandwidth rate_ = Bandwidth::infinite();
  TimePoint free_at_{};
};

}  // namespace hawser::netsim
