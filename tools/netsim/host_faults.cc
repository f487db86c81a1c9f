#include "hawser/netsim/host_faults.h"

#include "tools/netsim/misuse.h"

namespace hawser::netsim {

std::optional<std::string> HostFaults::validate() const {
  FieldCheck check;
  check.duration("blocked_for", blocked_for, Duration(1))
      .at_least("receive_buffer", std::uint64_t{receive_buffer}, std::uint64_t{1})
      .duration("read_interval", read_interval)
      .in("clock_drift_ppm", clock_drift_ppm, std::int64_t{-500'000}, std::int64_t{1'000'000});
  for (const Period& pause : pauses) check.period("pauses", pause.from, pause.to);
  for (const Period& crash : crashes) check.period("crashes", crash.from, crash.to);
  for (const Period& freeze : clock_freezes) {
    check.period("clock_freezes", freeze.from, freeze.to);
  }
  for (const ClockJump& jump : clock_jumps) {
    check.duration("clock_jumps.at", jump.at).duration("clock_jumps.by", jump.by);
  }
  return std::move(check).complaint();
}

}  // namespace hawser::netsim
