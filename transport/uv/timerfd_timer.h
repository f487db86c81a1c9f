#pragma once
/// Nanosecond deadlines on Linux: a timerfd that the loop polls.

#include <ctime>

#include "transport/uv/deadline_timer.h"

namespace hawser::rim {

class TimerfdTimer final : public DeadlineTimer {
 public:
  /// Errors: the system's, such as too many open files.
  static Result<std::unique_ptr<TimerfdTimer>> create(uv_loop_t* loop,
                                                      std::function<void()> on_due);
  ~TimerfdTimer() override;
  TimerfdTimer(const TimerfdTimer&) = delete;
  TimerfdTimer& operator=(const TimerfdTimer&) = delete;

  void arm(TimePoint deadline) override;
  void close(CloseBarrier& barrier) override { barrier.close(poll_); }

  /// `deadline` as timerfd_settime(2) takes it; never zero, which would disarm.
  static timespec to_timespec(TimePoint deadline);

 private:
  TimerfdTimer(int descriptor, std::function<void()> on_due);
  void on_readable();

  int descriptor_;
  std::function<void()> on_due_;
  uv_poll_t poll_{};
};

}  // namespace hawser::rim
