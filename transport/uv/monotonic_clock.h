#pragma once
/// The clock of real endpoints: libuv's monotonic one, which timerfds share on Linux. Thread-safe.

#include <uv.h>

#include "hawser/time.h"

namespace hawser::rim {

inline TimePoint monotonic_now() {
  return TimePoint(Duration(static_cast<std::int64_t>(uv_hrtime())));
}

}  // namespace hawser::rim
