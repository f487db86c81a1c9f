#pragma once
/// The transmitter of a link: one datagram after the other, each for as long as its bytes take at a
/// rate, or by the opportunities of a trace. Owned by the bottleneck.

#include <algorithm>
#include <cstdint>
#include <optional>

#include "hawser/netsim/rate_trace.h"
#include "hawser/time.h"
#include "hawser/units.h"

namespace hawser::netsim {

/// Knows when it will be free and how long things take; keeps no datagram. Not thread-safe.
class Serializer {
 public:
  /// A trace's times count from `start`.
  explicit Serializer(TimePoint start = {}) : start_(start), averages_since_(start) {}

  /// For what begins from `now` on: by the trace, or without one by `rate`, which is not zero
  /// (asserted).
  void configure(TimePoint now, Bandwidth rate, const std::optional<RateTrace>& trace);

  /// When something begins that is ready at `ready`, if nothing comes before it. Later than `ready`
  /// means: it waits.
  TimePoint next_start(TimePoint ready) const;
  /// When a datagram that begins at `start` will have left.
  TimePoint end_of(TimePoint start, ByteCount wire_size) const;
  /// Sends one at `start`, which `next_start` gave; returns when that will have left.
  TimePoint send(TimePoint start, ByteCount wire_size);
  /// Whether something that comes behind `waiting` bytes must wait longer than `limit` for its
  /// turn.
  bool would_wait_beyond(Duration limit, TimePoint now, ByteCount waiting) const;

  /// How long something that comes now, behind `waiting` bytes, waits for its turn.
  Duration wait_behind(TimePoint now, ByteCount waiting) const;

  /// Begins the count of busy time anew.
  void start_averages(TimePoint now);
  /// Time spent sending since `start_averages`. Under a trace, that share of the time that is the
  /// share of the opportunities' bytes that were used.
  Duration busy(TimePoint now) const;

 private:
  // Under a trace all bytes that could be carried since the start are numbered. Which is the first
  // one at or after this time?
  std::int64_t first_byte_at(TimePoint time) const;
  TimePoint time_of_byte(std::int64_t byte) const;
  Duration time_at_rate(ByteCount wire_size) const;
  // The first byte that something ready at `ready` can have.
  std::int64_t next_byte(TimePoint ready) const;
  std::int64_t bytes_booked_from(TimePoint now) const;
  Duration busy_by_trace(TimePoint now) const;
  Duration busy_ahead(TimePoint now) const {
    return std::max(rate_free_at_ - now, Duration::zero());
  }

  TimePoint start_;
  Bandwidth rate_ = Bandwidth::infinite();
  std::optional<RateTrace> trace_;
  // Most datagrams are as large as the one before, and the time is a division of 128 bits.
  mutable ByteCount last_size_{0};
  mutable Duration last_time_{0};
  TimePoint free_at_{};
  TimePoint rate_free_at_{};    // of what was sent at a rate
  std::int64_t free_byte_ = 0;  // the one behind all that were used, under this trace

  Duration busy_{0};  // but for what was carried by the trace in force, and with what lies ahead
  TimePoint averages_since_;
  std::int64_t carried_ = 0;  // bytes by the trace in force since then, and what lies ahead
};

}  // namespace hawser::netsim
