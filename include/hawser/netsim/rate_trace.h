#pragma once
/// A recorded rate, as mahimahi's traces: the times at which a cellular link could deliver.

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "hawser/time.h"
#include "hawser/units.h"

namespace hawser::netsim {

/// A list of delivery opportunities, repeated for ever; its last time is its period. Each one
/// carries `kOpportunity` bytes (payload + 28 each): several small datagrams share one, a large one
/// takes several and arrives with its last. What nobody used is lost. A cheap value: copies share
/// one immutable list. Thread-safe.
class RateTrace {
 public:
  static constexpr ByteCount kOpportunity{1504};
  static constexpr std::size_t kOpportunitiesMax = 100'000'000;

  /// `times` must ascend (equal ones are so many opportunities at one instant), none negative, the
  /// last one above zero; at least one, at most `kOpportunitiesMax`. Else there is no trace.
  static std::optional<RateTrace> from(std::vector<Duration> times);

  /// Of one repetition.
  std::span<const Duration> times() const { return *times_; }
  Duration period() const { return times_->back(); }
  /// What a sender that is never idle gets on average.
  Bandwidth mean_rate() const;
  /// The longest time without an opportunity.
  Duration longest_gap() const;

  /// When opportunity `index` comes, over all repetitions; the first is 0.
  Duration time_of(std::int64_t index) const;
  /// How many come before `time`, over all repetitions.
  std::int64_t count_before(Duration time) const;

  bool operator==(const RateTrace& other) const {
    return times_ == other.times_ || *times_ == *other.times_;
  }

 private:
  explicit RateTrace(std::vector<Duration> times)
      : times_(std::make_shared<const std::vector<Duration>>(std::move(times))) {}
  std::shared_ptr<const std::vector<Duration>> times_;
};

}  // namespace hawser::netsim
