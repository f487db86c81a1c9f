#include "hawser/netsim/rate_trace.h"

#include <algorithm>

#include "hawser/assert.h"

namespace hawser::netsim {

std::optional<RateTrace> RateTrace::from(std::vector<Duration> times) {
  if (times.empty() || times.size() > kOpportunitiesMax) return std::nullopt;
  if (times.front() < Duration::zero() || times.back() <= Duration::zero()) return std::nullopt;
  if (!std::ranges::is_sorted(times)) return std::nullopt;
  return RateTrace(std::move(times));
}

Bandwidth RateTrace::mean_rate() const {
  return Bandwidth::from(kOpportunity * std::ssize(*times_), period());
}

Duration RateTrace::longest_gap() const {
  // Before the first one lies the end of the repetition before, or the start.
  Duration longest = times_->front();
  for (std::size_t i = 1; i < times_->size(); ++i) {
    longest = std::max(longest, (*times_)[i] - (*times_)[i - 1]);
  }
  return longest;
}

Duration RateTrace::time_of(std::int64_t index) const {
  HAWSER_ASSERT(index >= 0);
  const std::int64_t count = std::ssize(*times_);
  return period() * (index / count) + (*times_)[static_cast<std::size_t>(index % count)];
}

std::int64_t RateTrace::count_before(Duration time) const {
  if (time <= Duration::zero()) return 0;
  // A repetition's last opportunities coincide with its end: those of earlier ones are all before
  // `time` only where it lies beyond that end.
  const std::int64_t repetitions = (time - Duration(1)) / period();
  const auto next = std::ranges::lower_bound(*times_, time - period() * repetitions);
  return repetitions * std::ssize(*times_) + (next - times_->begin());
}

}  // namespace hawser::netsim
