#include "transport/uv/timerfd_timer.h"

#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "transport/uv/uv_error.h"

namespace hawser::rim {

TimerfdTimer::TimerfdTimer(int descriptor, std::function<void()> on_due)
    : descriptor_(descriptor), on_due_(std::move(on_due)) {}

TimerfdTimer::~TimerfdTimer() { ::close(descriptor_); }

Result<std::unique_ptr<TimerfdTimer>> TimerfdTimer::create(uv_loop_t* loop,
                                                           std::function<void()> on_due) {
  const int descriptor = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
  if (descriptor < 0) return uv_error(-errno);
  std::unique_ptr<TimerfdTimer> timer(new TimerfdTimer(descriptor, std::move(on_due)));
  if (const int error = uv_poll_init(loop, &timer->poll_, descriptor); error != 0) {
    return uv_error(error);
  }
  timer->poll_.data = timer.get();
  uv_unref(reinterpret_cast<uv_handle_t*>(&timer->poll_));
  uv_poll_start(&timer->poll_, UV_READABLE, [](uv_poll_t* poll, int, int) {
    static_cast<TimerfdTimer*>(poll->data)->on_readable();
  });
  return timer;
}

timespec TimerfdTimer::to_timespec(TimePoint deadline) {
  constexpr std::int64_t kNanosPerSecond = 1'000'000'000;
  const std::int64_t nanos = std::max<std::int64_t>(deadline.time_since_epoch().count(), 1);
  return {.tv_sec = nanos / kNanosPerSecond, .tv_nsec = nanos % kNanosPerSecond};
}

void TimerfdTimer::arm(TimePoint deadline) {
  const itimerspec setting{.it_interval = {}, .it_value = to_timespec(deadline)};
  timerfd_settime(descriptor_, TFD_TIMER_ABSTIME, &setting, nullptr);
}

void TimerfdTimer::on_readable() {
  std::uint64_t expirations = 0;
  // Nothing to read: the deadline moved on after the loop saw it ring.
  if (::read(descriptor_, &expirations, sizeof expirations) < 0) return;
  on_due_();
}

}  // namespace hawser::rim
