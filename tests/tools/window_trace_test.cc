#include "tools/hawser/window_trace.h"

#include <gtest/gtest.h>

namespace hawser::cli {
namespace {

using namespace std::chrono_literals;

constexpr TimePoint kStart{1s};

TraceEvent window_of(std::int64_t bytes) {
  MetricsTrace metrics;
  metrics.congestion.congestion_window = ByteCount(bytes);
  return metrics;
}

TEST(WindowTraceTest, TheMeanIsWeightedByTime) {
  WindowTrace trace;
  EXPECT_EQ(trace.mean(kStart), ByteCount(0));
  EXPECT_EQ(trace.min(), ByteCount(0));
  trace.on_event(kStart, ConnectionHandle::none, window_of(1000));
  trace.on_event(kStart + 3s, ConnectionHandle::none, window_of(5000));
  EXPECT_EQ(trace.mean(kStart + 4s), ByteCount(2000));
  EXPECT_EQ(trace.min(), ByteCount(1000));
  EXPECT_EQ(trace.max(), ByteCount(5000));
}

TEST(WindowTraceTest, WarmUpIsForgottenButTheWindowGoesOn) {
  WindowTrace trace;
  trace.on_event(kStart, ConnectionHandle::none, window_of(9000));
  trace.on_event(kStart, ConnectionHandle::none, window_of(500));
  trace.on_event(kStart + 1s, ConnectionHandle::none, window_of(1000));
  trace.start_averages(kStart + 2s);
  EXPECT_EQ(trace.mean(kStart + 5s), ByteCount(1000));
  EXPECT_EQ(trace.min(), ByteCount(1000));
  EXPECT_EQ(trace.max(), ByteCount(1000));
}

TEST(WindowTraceTest, OtherEventsChangeNothing) {
  WindowTrace trace;
  trace.on_event(kStart, ConnectionHandle::none, window_of(1000));
  trace.on_event(kStart + 1s, ConnectionHandle::none, PacketSentTrace{});
  EXPECT_EQ(trace.mean(kStart + 2s), ByteCount(1000));
}

}  // namespace
}  // namespace hawser::cli
