#pragma once
/// Averages what a congestion controller did over a run.

#include <optional>

#include "hawser/trace.h"

namespace hawser::cli {

/// Watches one connection of one endpoint (its `EndpointConfig::trace`). Not thread-safe.
class WindowTrace final : public TraceSink {
 public:
  void on_event(TimePoint now, ConnectionHandle connection, const TraceEvent& event) override;
  /// Forgets what came before: it was warm-up. The window as it stands goes on.
  void start_averages(TimePoint now);

  /// Of the congestion window since `start_averages`, weighted by time; 0 if nothing was seen.
  ByteCount mean(TimePoint now) const;
  /// The smallest and the largest since then; 0 if nothing was seen.
  ByteCount min() const { return min_.value_or(ByteCount(0)); }
  ByteCount max() const { return max_; }

 private:
  double area(TimePoint now) const;

  std::optional<ByteCount> window_;  // absent until the controller first spoke
  TimePoint window_since_{};
  TimePoint start_{};
  double area_ = 0;  // bytes x nanoseconds until `window_since_`
  std::optional<ByteCount> min_;
  ByteCount max_{0};
};

}  // namespace hawser::cli
