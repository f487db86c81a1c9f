#include "transport/uv/task_queue.h"

#include <utility>

#include "transport/uv/uv_error.h"

namespace hawser::rim {

std::error_code TaskQueue::open(uv_loop_t* loop) {
  const int error = uv_async_init(
      loop, &async_, [](uv_async_t* async) { static_cast<TaskQueue*>(async->data)->on_tasks_(); });
  if (error != 0) return uv_error(error);
  async_.data = this;
  uv_unref(reinterpret_cast<uv_handle_t*>(&async_));
  has_async_ = true;
  const std::lock_guard lock(mutex_);
  is_open_ = true;
  return {};
}

bool TaskQueue::post(Task task) {
  const std::lock_guard lock(mutex_);
  if (!is_open_) return false;
  tasks_.push_back(std::move(task));
  // Under the lock: the handle must not close in between.
  uv_async_send(&async_);
  return true;
}

std::size_t TaskQueue::size() const {
  const std::lock_guard lock(mutex_);
  return tasks_.size();
}

std::optional<TaskQueue::Task> TaskQueue::take() {
  const std::lock_guard lock(mutex_);
  if (tasks_.empty()) return std::nullopt;
  std::optional<Task> task = std::move(tasks_.front());
  tasks_.pop_front();
  return task;
}

void TaskQueue::refuse() {
  const std::lock_guard lock(mutex_);
  is_open_ = false;
}

void TaskQueue::clear() {
  refuse();
  while (take()) continue;
}

void TaskQueue::close(CloseBarrier& barrier) {
  clear();
  if (has_async_) barrier.close(async_);
}

}  // namespace hawser::rim
