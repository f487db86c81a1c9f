#pragma once
/// An endpoint has one trace sink; this one hands on to several.

#include <vector>

#include "hawser/trace.h"

namespace hawser::seeing {

/// The sinks must outlive it; they hear of each event in the order of `add`. Not thread-safe.
class TraceTee final : public TraceSink {
 public:
  /// `nullptr` is no sink and is left out.
  void add(TraceSink* sink) {
    if (sink != nullptr) sinks_.push_back(sink);
  }
  void on_event(TimePoint now, ConnectionHandle connection, const TraceEvent& event) override {
    for (TraceSink* sink : sinks_) sink->on_event(now, connection, event);
  }

 private:
  std::vector<TraceSink*> sinks_;
};

}  // namespace hawser::seeing
