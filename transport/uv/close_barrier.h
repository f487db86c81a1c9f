#pragma once
/// Counts libuv handles and requests that are on their way out, and says when the last one is gone.
///
/// libuv closes asynchronously: a handle's memory must stay until its close callback ran. One
/// barrier per endpoint stands for all of its handles. On the loop's thread only.

#include <cstddef>
#include <functional>
#include <utility>

#include <uv.h>

namespace hawser::rim {

class CloseBarrier {
 public:
  explicit CloseBarrier(std::function<void()> on_open) : on_open_(std::move(on_open)) {}
  CloseBarrier(const CloseBarrier&) = delete;
  CloseBarrier& operator=(const CloseBarrier&) = delete;

  /// Closes `handle`, whose `data` the barrier takes over.
  template <typename Handle>
  void close(Handle& handle) {
    ++awaited_;
    handle.data = this;
    uv_close(reinterpret_cast<uv_handle_t*>(&handle),
             [](uv_handle_t* closed) { static_cast<CloseBarrier*>(closed->data)->leave(); });
  }
  /// Something else to wait for, such as a request; each `enter` needs one `leave`.
  void enter() { ++awaited_; }
  /// May destroy the barrier's owner: the caller must not touch it afterwards.
  void leave() {
    if (--awaited_ == 0 && on_open_) std::exchange(on_open_, nullptr)();
  }

 private:
  std::function<void()> on_open_;
  std::size_t awaited_ = 0;
};

}  // namespace hawser::rim
