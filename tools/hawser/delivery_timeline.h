#pragma once
/// How many bytes of a flow arrived when, for questions about how a rate came about.

#include <cstdint>
#include <optional>
#include <vector>

#include "hawser/time.h"
#include "hawser/units.h"

namespace hawser::cli {

/// Keeps a sum for each tenth of a second since `from`; grows with the time, by 80 bytes a second.
/// Not thread-safe.
class DeliveryTimeline {
 public:
  static constexpr Duration kStep = std::chrono::milliseconds(100);

  /// What arrived before `from` does not count.
  explicit DeliveryTimeline(Duration from) : from_(from) {}
  void add(Duration now, ByteCount bytes);

  /// How long after `from` the first `span` begins over which at least `rate` arrived; nothing if
  /// there was none. Both are found to a step.
  std::optional<Duration> reached(Bandwidth rate, Duration span) const;

 private:
  Duration from_;
  std::vector<std::int64_t> bytes_;
};

}  // namespace hawser::cli
