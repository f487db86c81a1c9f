#pragma once
/// Times that lie beyond all times.

#include "hawser/time.h"

namespace hawser::netsim {

/// `start` + `duration`, or `kNever` where that cannot be told any more: `kForever` after whatever
/// time is never. `start` is not negative.
constexpr TimePoint time_after(TimePoint start, Duration duration) {
  return duration >= kNever - start ? kNever : start + duration;
}

}  // namespace hawser::netsim
