#pragma once
/// Tasks handed to the loop's thread from any other: a locked list and a `uv_async_t`.
///
/// Owned by the driver. `post` is thread-safe, all else belongs to the loop's thread. Does not keep
/// the loop alive.

#include <functional>
#include <mutex>
#include <system_error>
#include <vector>

#include <uv.h>

#include "transport/uv/close_barrier.h"

namespace hawser::rim {

class TaskQueue {
 public:
  using Task = std::function<void()>;

  /// `on_tasks` runs on the loop's thread soon after a `post`; it should `take` them.
  explicit TaskQueue(std::function<void()> on_tasks) : on_tasks_(std::move(on_tasks)) {}
  TaskQueue(const TaskQueue&) = delete;
  TaskQueue& operator=(const TaskQueue&) = delete;

  /// Errors: the system's, such as too many open files; there is nothing to close then.
  std::error_code open(uv_loop_t* loop);
  /// False before `open` and after `refuse`; the task is then dropped.
  bool post(Task task);
  /// What was posted so far, oldest first.
  std::vector<Task> take();
  /// Takes no more from now on.
  void refuse();
  /// The object must live until `barrier` opens.
  void close(CloseBarrier& barrier);

 private:
  std::function<void()> on_tasks_;
  uv_async_t async_{};
  bool has_async_ = false;
  std::mutex mutex_;  // guards what follows, and the wake-up against the closing of `async_`
  bool is_open_ = false;
  std::vector<Task> tasks_;
};

}  // namespace hawser::rim
