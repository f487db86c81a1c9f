#pragma once
/// Time as the transport sees it: nanoseconds on a clock that cannot be read.
///
/// The core is sans-I/O: whoever drives it passes `now` in. `TransportClock` therefore has no
/// `now()`, and core code that wants the time does not compile. Thread-safe: plain values.

#include <chrono>
#include <cstdint>

namespace hawser {

/// The clock of every `TimePoint`. Its origin is the driver's choice (a monotonic clock in real
/// endpoints, 1 s at the start of a simulation); only differences carry meaning.
struct TransportClock {
  using rep = std::int64_t;
  using period = std::nano;
  using duration = std::chrono::duration<rep, period>;
  using time_point = std::chrono::time_point<TransportClock, duration>;
  static constexpr bool is_steady = true;
};

using Duration = TransportClock::duration;
using TimePoint = TransportClock::time_point;

/// A deadline that never comes.
inline constexpr TimePoint kNever = TimePoint::max();
/// Longer than any interval that a configuration accepts.
inline constexpr Duration kForever = Duration::max();

}  // namespace hawser
