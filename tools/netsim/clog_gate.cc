#include "tools/netsim/clog_gate.h"

#include "tools/netsim/time_after.h"

namespace hawser::netsim {

void ClogGate::configure(TimePoint now, const std::vector<Clog>& clogs, const RandomClogs& random) {
  if (clogs == clogs_ && random == random_) return;
  clogs_ = clogs;
  last_exit_ = TimePoint{};
  if (random == random_) return;
  random_ = random;
  is_shut_ = false;
  period_end_ = random.are_on() ? now + draw_exponential(periods_, random.mean_free) : kNever;
}

TimePoint ClogGate::exit_time(TimePoint arrival) {
  // From one arrival to its exit the gate is shut: what arrives later does not leave earlier.
  TimePoint exit = earliest_exit(arrival);
  // One clog may end within another.
  for (TimePoint before = TimePoint::min(); exit != before;) {
    before = exit;
    exit = next_opening(before);
  }
  last_exit_ = exit;
  return exit;
}

// `time` itself if nothing known to clog the way does so then.
TimePoint ClogGate::next_opening(TimePoint time) {
  if (time == kNever) return kNever;
  while (period_end_ <= time) {
    is_shut_ = !is_shut_;
    period_end_ += draw_exponential(periods_, is_shut_ ? random_.mean_clogged : random_.mean_free);
  }
  if (is_shut_) return period_end_;
  for (const Clog& clog : clogs_) {
    const TimePoint to = time_after(start_, clog.to);
    if (time_after(start_, clog.from) <= time && time < to) return to;
  }
  return time;
}

}  // namespace hawser::netsim
