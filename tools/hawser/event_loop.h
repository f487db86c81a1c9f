#pragma once
/// A libuv loop with its life cycle, and what the real-time commands need around it.

#include <functional>
#include <memory>

#include <uv.h>

#include "hawser/time.h"
#include "transport/uv/close_barrier.h"
#include "transport/uv/deadline_timer.h"
#include "transport/uv/monotonic_clock.h"

namespace hawser::cli {

/// The clock on which endpoints and timers of the rim run.
using rim::monotonic_now;

/// Owns a loop. What runs on it must be closed before it goes.
class EventLoop {
 public:
  EventLoop();
  /// Lets handles that are closing finish. One that was left open is a defect (asserted).
  ~EventLoop();
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  uv_loop_t* get() { return &loop_; }
  /// Runs until `is_done()` holds; it is asked after each round. With `is_busy` the loop spins
  /// instead of sleeping.
  void run_until(const std::function<bool()>& is_done, bool is_busy = false);

 private:
  uv_loop_t loop_{};
};

/// An alarm at a time on the monotonic clock, to the accuracy that the system offers. Closes
/// itself.
class Alarm {
 public:
  Alarm(EventLoop& loop, std::function<void()> on_due);
  ~Alarm();
  Alarm(const Alarm&) = delete;
  Alarm& operator=(const Alarm&) = delete;
  /// Replaces an earlier time; `kNever` takes it back.
  void arm(TimePoint at);

 private:
  std::unique_ptr<rim::DeadlineTimer> timer_;
  TimePoint armed_ = kNever;  // as the system knows it
};

/// Counts SIGINT and SIGTERM. Closes itself.
class InterruptWatch {
 public:
  explicit InterruptWatch(EventLoop& loop);
  ~InterruptWatch();
  InterruptWatch(const InterruptWatch&) = delete;
  InterruptWatch& operator=(const InterruptWatch&) = delete;
  bool is_interrupted() const { return count() > 0; }
  /// Who asks twice does not want to wait for an orderly end.
  int count() const;

 private:
  struct Handles;
  Handles* handles_;  // frees itself once both are closed
};

}  // namespace hawser::cli
