#pragma once
/// The one alarm of an endpoint's driver, at a time on the monotonic clock (`uv_hrtime`).
///
/// Owned by the driver; on the loop's thread only. Never keeps the loop alive.

#include <functional>
#include <memory>

#include <uv.h>

#include "hawser/result.h"
#include "hawser/time.h"
#include "transport/uv/close_barrier.h"

namespace hawser::rim {

class DeadlineTimer {
 public:
  virtual ~DeadlineTimer() = default;
  /// Rings once, at `deadline` or a little later; replaces an earlier deadline. A past one rings
  /// when the loop comes round.
  virtual void arm(TimePoint deadline) = 0;
  /// The object must live until `barrier` opens.
  virtual void close(CloseBarrier& barrier) = 0;
};

/// libuv's timer: whole milliseconds, rounded up.
class UvTimer final : public DeadlineTimer {
 public:
  UvTimer(uv_loop_t* loop, std::function<void()> on_due);
  void arm(TimePoint deadline) override;
  void close(CloseBarrier& barrier) override { barrier.close(timer_); }

 private:
  std::function<void()> on_due_;
  uv_timer_t timer_{};
};

}  // namespace hawser::rim
