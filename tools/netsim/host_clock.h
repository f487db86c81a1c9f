#pragma once
/// The clock of one simulated host, which may stand still, jump, or run too fast or too slow. Owned
/// by the host.

#include <vector>

#include "hawser/netsim/host_faults.h"
#include "hawser/time.h"

namespace hawser::netsim {

/// A fixed, never decreasing function of the virtual time. Not thread-safe, and immutable.
class HostClock {
 public:
  /// A clock that is right at `start`, from which the times in `faults` count.
  HostClock(const HostFaults& faults, TimePoint start);

  /// What it shows at the virtual time `now`.
  TimePoint read(TimePoint now) const;
  /// The first virtual time at which it shows `shown` or later; `kNever` for `kNever`.
  TimePoint time_of(TimePoint shown) const;

 private:
  // From `begin` on the clock shows `shown`, and goes on from there unless it is frozen.
  struct Stretch {
    TimePoint begin;
    TimePoint shown;
    bool is_frozen = false;
  };
  Duration elapsed_on_clock(Duration elapsed) const;
  Duration elapsed_until(Duration shown) const;

  std::int64_t drift_ppm_;
  std::vector<Stretch> stretches_;  // by `begin`; empty for a clock that is always right
};

}  // namespace hawser::netsim
