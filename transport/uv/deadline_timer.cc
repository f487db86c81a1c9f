#include "transport/uv/deadline_timer.h"

#include <utility>

namespace hawser::rim {

UvTimer::UvTimer(uv_loop_t* loop, std::function<void()> on_due) : on_due_(std::move(on_due)) {
  uv_timer_init(loop, &timer_);
  uv_unref(reinterpret_cast<uv_handle_t*>(&timer_));
  timer_.data = this;
}

void UvTimer::arm(TimePoint deadline) {
  // The loop's clock is the monotonic clock cut to milliseconds: counted on it, a deadline that is
  // rounded up never rings early, however old the loop's idea of now is.
  const std::int64_t nanos = deadline.time_since_epoch().count();
  const auto due = static_cast<std::uint64_t>(nanos / 1'000'000 + (nanos % 1'000'000 > 0 ? 1 : 0));
  const std::uint64_t now = uv_now(timer_.loop);
  uv_timer_start(
      &timer_, [](uv_timer_t* timer) { static_cast<UvTimer*>(timer->data)->on_due_(); },
      due > now ? due - now : 0, 0);
}

}  // namespace hawser::rim
