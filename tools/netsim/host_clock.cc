#include "tools/netsim/host_clock.h"

#include <algorithm>
#include <iterator>

#include "hawser/assert.h"
#include "tools/netsim/time_after.h"

namespace hawser::netsim {
namespace {

__extension__ using Wide = __int128;

constexpr std::int64_t kMillion = 1'000'000;

Duration at_most_for_ever(Wide nanos) {
  return nanos >= kForever.count() ? kForever : Duration(static_cast<std::int64_t>(nanos));
}

}  // namespace

HostClock::HostClock(const HostFaults& faults, TimePoint start)
    : drift_ppm_(faults.clock_drift_ppm) {
  if (faults.clock_freezes.empty() && faults.clock_jumps.empty() && drift_ppm_ == 0) return;

  std::vector<Duration> changes{Duration::zero()};
  for (const Period& freeze : faults.clock_freezes) {
    changes.push_back(freeze.from);
    changes.push_back(freeze.to);
  }
  for (const ClockJump& jump : faults.clock_jumps) {
    changes.push_back(jump.at);
  }
  std::ranges::sort(changes);
  changes.erase(std::unique(changes.begin(), changes.end()), changes.end());

  for (const Duration at : changes) {
    const bool is_frozen = std::ranges::any_of(faults.clock_freezes, [at](const Period& freeze) {
      return freeze.from <= at && at < freeze.to;
    });
    TimePoint shown = time_after(start, elapsed_on_clock(at));
    for (const ClockJump& jump : faults.clock_jumps) {
      if (jump.at <= at) shown = time_after(shown, jump.by);
    }
    // A freeze goes on with what the clock showed, whatever it ought to show.
    const bool was_frozen = !stretches_.empty() && stretches_.back().is_frozen;
    if (is_frozen && was_frozen) shown = stretches_.back().shown;
    stretches_.push_back({time_after(start, at), shown, is_frozen});
  }
}

TimePoint HostClock::read(TimePoint now) const {
  if (stretches_.empty()) return now;
  const auto after = std::ranges::upper_bound(stretches_, now, {}, &Stretch::begin);
  HAWSER_ASSERT(after != stretches_.begin());
  const Stretch& stretch = *std::prev(after);
  if (stretch.is_frozen) return stretch.shown;
  return time_after(stretch.shown, elapsed_on_clock(now - stretch.begin));
}

TimePoint HostClock::time_of(TimePoint shown) const {
  if (stretches_.empty() || shown == kNever) return shown;
  for (auto stretch = stretches_.begin(); stretch != stretches_.end(); ++stretch) {
    if (shown <= stretch->shown) return stretch->begin;
    if (stretch->is_frozen) continue;
    const TimePoint at = time_after(stretch->begin, elapsed_until(shown - stretch->shown));
    const auto next = std::next(stretch);
    if (next == stretches_.end() || at < next->begin) return at;
  }
  return kNever;  // frozen for ever
}

Duration HostClock::elapsed_on_clock(Duration elapsed) const {
  return at_most_for_ever(Wide(elapsed.count()) * (kMillion + drift_ppm_) / kMillion);
}

// Rounded up: at that time the clock shows it.
Duration HostClock::elapsed_until(Duration shown) const {
  const Wide speed = kMillion + drift_ppm_;
  return at_most_for_ever((Wide(shown.count()) * kMillion + speed - 1) / speed);
}

}  // namespace hawser::netsim
