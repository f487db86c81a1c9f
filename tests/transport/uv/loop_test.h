#pragma once
/// A libuv loop for one test, which must end without a handle left behind.

#include <gtest/gtest.h>
#include <uv.h>

namespace hawser::rim {

class LoopTest : public ::testing::Test {
 protected:
  LoopTest() { uv_loop_init(&loop_); }
  ~LoopTest() override = default;
  LoopTest(const LoopTest&) = delete;
  LoopTest& operator=(const LoopTest&) = delete;

  void TearDown() override {
    if (alive_.data != nullptr) uv_close(reinterpret_cast<uv_handle_t*>(&alive_), nullptr);
    uv_run(&loop_, UV_RUN_DEFAULT);  // what was closed last
    EXPECT_EQ(uv_loop_close(&loop_), 0) << "a handle was left behind";
  }
  uv_loop_t* loop() { return &loop_; }
  void turn_once() { uv_run(&loop_, UV_RUN_NOWAIT); }
  /// For what does not keep the loop alive by itself; until the end of the test.
  void keep_alive() {
    uv_timer_init(&loop_, &alive_);
    alive_.data = this;
    uv_timer_start(
        &alive_, [](uv_timer_t*) {}, 3'600'000, 0);
  }
  /// Turns the loop until `is_done()`. False if the loop has nothing to wait for any more, or after
  /// half a minute, which no test needs.
  template <typename Condition>
  [[nodiscard]] bool run_until(Condition is_done) {
    // A turn sleeps even if what it did before was enough: this one wakes it up to see that.
    constexpr int kTicksMax = 30'000;
    int ticks = 0;
    uv_timer_t ticker;
    uv_timer_init(&loop_, &ticker);
    uv_unref(reinterpret_cast<uv_handle_t*>(&ticker));
    ticker.data = &ticks;
    uv_timer_start(
        &ticker, [](uv_timer_t* timer) { ++*static_cast<int*>(timer->data); }, 1, 1);
    bool is_alive = true;
    while (!is_done() && is_alive && ticks < kTicksMax) {
      is_alive = uv_run(&loop_, UV_RUN_ONCE) != 0;
    }
    bool is_closed = false;
    ticker.data = &is_closed;
    uv_close(reinterpret_cast<uv_handle_t*>(&ticker),
             [](uv_handle_t* handle) { *static_cast<bool*>(handle->data) = true; });
    while (!is_closed) uv_run(&loop_, UV_RUN_NOWAIT);
    return is_done();
  }

 private:
  uv_loop_t loop_{};
  uv_timer_t alive_{};
};

}  // namespace hawser::rim
