#pragma once
/// When a delay-based controller looks at its path without a queue. The base round-trip time may
/// have grown, and a flow that always keeps some datagrams in the queue would never know: now and
/// then it must rest, so that the queue drains, and take what it measures then for the base. BBR
/// has a state of that name (draft-ietf-ccwg-bbr).
///
/// ```
///   idle ──> rest ──────────> measure ──────> idle
///     |  10 s and 64          one round trip   one round trip: of packets sent during the rest
///     |  round trips
///     └─ without an empty queue, or at once when asked for
/// ```
///
/// How small the window is during the rest is the controller's matter; it leaves the window alone
/// for both round trips. Owned by a controller; a plain value.

#include <algorithm>
#include <cstdint>
#include <optional>

#include "hawser/time.h"

namespace hawser {

class RttProbe {
 public:
  /// The queue was seen empty: the base is known.
  void on_empty_queue(TimePoint now) {
    last_empty_ = now;
    rounds_ = 0;
  }
  void on_sample(Duration rtt) { smallest_ = std::min(smallest_, rtt); }
  /// Once per round trip. The base round-trip time, once a probe has measured it.
  std::optional<Duration> on_round_trip(TimePoint now, bool is_wanted);
  /// What was begun and counted is of no use any more: another path, or slow start.
  void restart(TimePoint now);

  bool is_idle() const { return phase_ == Phase::idle; }
  /// The window must be small enough for the queue to drain.
  bool is_resting() const { return phase_ == Phase::rest; }

 private:
  enum class Phase : std::uint8_t { idle, rest, measure };

  Phase phase_ = Phase::idle;
  std::optional<TimePoint> last_empty_;
  int rounds_ = 0;  ///< since then
  Duration smallest_ = kForever;
};

}  // namespace hawser
