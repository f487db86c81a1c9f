#pragma once
/// The last gate of a link, which now and then is shut: what arrives meanwhile comes out when it
/// opens. Owned by the link.

#include <algorithm>
#include <vector>

#include "hawser/netsim/delay_config.h"
#include "tools/netsim/draws.h"

namespace hawser::netsim {

/// Its periods depend on time alone, not on what passes. Not thread-safe.
class ClogGate {
 public:
  /// `start`: where the times of clogs count from.
  ClogGate(SeededRandom periods, TimePoint start) : periods_(periods), start_(start) {}

  /// Random periods that differ from before begin anew, with a free one.
  void configure(TimePoint now, const std::vector<Clog>& clogs, const RandomClogs& random);
  /// When what arrives then gets out. To be asked in the order of arrivals.
  TimePoint exit_time(TimePoint arrival);
  /// A time not later than that, which draws nothing.
  TimePoint earliest_exit(TimePoint arrival) const { return std::max(arrival, last_exit_); }

 private:
  TimePoint next_opening(TimePoint time);

  SeededRandom periods_;
  TimePoint start_;
  std::vector<Clog> clogs_;
  RandomClogs random_{};
  bool is_shut_ = false;  // by chance, until the end of the period
  TimePoint period_end_ = kNever;
  TimePoint last_exit_{};
};

}  // namespace hawser::netsim
