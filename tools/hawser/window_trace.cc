#include "tools/hawser/window_trace.h"

#include <algorithm>

namespace hawser::cli {

void WindowTrace::on_event(TimePoint now, ConnectionHandle, const TraceEvent& event) {
  const auto* metrics = std::get_if<MetricsTrace>(&event);
  if (metrics == nullptr) return;
  if (!window_) start_ = now;
  area_ = area(now);
  window_ = metrics->congestion.congestion_window;
  window_since_ = now;
  min_ = std::min(min_.value_or(*window_), *window_);
  max_ = std::max(max_, *window_);
}

void WindowTrace::start_averages(TimePoint now) {
  area_ = 0;
  start_ = now;
  window_since_ = now;
  min_ = window_;
  max_ = window_.value_or(ByteCount(0));
}

ByteCount WindowTrace::mean(TimePoint now) const {
  if (!window_) return ByteCount(0);
  if (now <= start_) return *window_;
  return ByteCount(
      static_cast<std::int64_t>(area(now) / static_cast<double>((now - start_).count())));
}

double WindowTrace::area(TimePoint now) const {
  if (!window_) return 0;
  return area_ +
         static_cast<double>(window_->value()) * static_cast<double>((now - window_since_).count());
}

}  // namespace hawser::cli
