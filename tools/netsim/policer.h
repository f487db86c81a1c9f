#pragma once
/// A token-bucket policer: what is faster than its rate is dropped, nothing waits. Owned by the
/// pipeline.

#include <cstdint>
#include <optional>

#include "hawser/netsim/queue_config.h"
#include "hawser/time.h"
#include "hawser/units.h"

namespace hawser::netsim {

/// Exact: tokens are counted in billionths of a bit. Not thread-safe.
class PolicerModel {
 public:
  /// Without `config` everything passes. A change fills the bucket to its initial level; the same
  /// settings again change nothing.
  void configure(TimePoint now, const std::optional<Policer>& config);
  /// Whether a datagram of this size passes at `now`; if so, its tokens are gone.
  bool passes(TimePoint now, ByteCount wire_size);

 private:
  void fill(TimePoint now);

  std::optional<Policer> config_;
  std::int64_t tokens_ = 0;
  TimePoint filled_at_{};
};

}  // namespace hawser::netsim
