#pragma once
/// Tasks handed to the loop's thread from any other: a locked list and a `uv_async_t`.
///
/// Owned by the driver. `post` is thread-safe, all else belongs to the loop's thread. Does not keep
/// the loop alive.

#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <system_error>

#include <uv.h>

#include "transport/uv/close_barrier.h"

namespace hawser::rim {

class TaskQueue {
 public:
  using Task = std::function<void()>;

  /// `on_tasks` runs on the loop's thread soon after a `post`; it should `take` as many as there
  /// are then.
  explicit TaskQueue(std::function<void()> on_tasks) : on_tasks_(std::move(on_tasks)) {}
  TaskQueue(const TaskQueue&) = delete;
  TaskQueue& operator=(const TaskQueue&) = delete;

  /// Errors: the system's, such as too many open files; there is nothing to close then.
  std::error_code open(uv_loop_t* loop);
  /// False before `open` and after `refuse`; the task is then dropped.
  bool post(Task task);
  std::size_t size() const;
  /// The oldest task, or nothing.
  std::optional<Task> take();
  /// Takes no more from now on.
  void refuse();
  /// Takes no more, and drops what is left.
  void clear();
  /// As `clear`. The object must live until `barrier` opens.
  void close(CloseBarrier& barrier);

 private:
  std::function<void()> on_tasks_;
  uv_async_t async_{};
  bool has_async_ = false;
  mutable std::mutex
      mutex_;  // guards what follows, and the wake-up against the closing of `async_`
  bool is_open_ = false;
  std::deque<Task> tasks_;
};

}  // namespace hawser::rim
