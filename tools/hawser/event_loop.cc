#include "tools/hawser/event_loop.h"

#include <csignal>
#include <utility>

#include "hawser/assert.h"
#include "transport/uv/driver_parts.h"

namespace hawser::cli {

// ---- EventLoop ----------------------------------------------------------------------------------

EventLoop::EventLoop() {
  const int status = uv_loop_init(&loop_);
  HAWSER_ASSERT(status == 0);
}

EventLoop::~EventLoop() {
  uv_run(&loop_, UV_RUN_DEFAULT);
  const int status = uv_loop_close(&loop_);
  HAWSER_ASSERT(status == 0);
}

void EventLoop::run_until(const std::function<bool()>& is_done, bool is_busy) {
  while (!is_done()) {
    const int is_alive = uv_run(&loop_, is_busy ? UV_RUN_NOWAIT : UV_RUN_ONCE);
    if (is_alive == 0) return;  // nothing is left that could change the answer
  }
}

// ---- Alarm --------------------------------------------------------------------------------------

Alarm::Alarm(EventLoop& loop, std::function<void()> on_due) {
  auto parts = rim::parts_of(UvDriver::automatic);
  HAWSER_ASSERT(parts.has_value());
  const auto ring = [this, on_due = std::move(on_due)] {
    armed_ = kNever;
    on_due();
  };
  auto timer = parts->make_timer(loop.get(), ring);
  if (timer) {
    timer_ = std::move(*timer);
  } else {
    timer_ = std::make_unique<rim::UvTimer>(loop.get(), ring);
  }
}

void Alarm::arm(TimePoint at) {
  if (at == armed_) return;  // most callers ask after every event
  armed_ = at;
  timer_->arm(at);
}

Alarm::~Alarm() {
  // The timer must outlive its closing: a package of both goes when it is done.
  struct Farewell {
    std::unique_ptr<rim::DeadlineTimer> timer;
    rim::CloseBarrier barrier{[this] { delete this; }};
  };
  auto* farewell = new Farewell{.timer = std::move(timer_)};
  farewell->timer->close(farewell->barrier);
}

// ---- InterruptWatch -----------------------------------------------------------------------------

struct InterruptWatch::Handles {
  uv_signal_t interrupt{};
  uv_signal_t terminate{};
  int count = 0;
  rim::CloseBarrier barrier{[this] { delete this; }};
};

InterruptWatch::InterruptWatch(EventLoop& loop) : handles_(new Handles) {
  const auto watch = [this, &loop](uv_signal_t& handle, int signal) {
    uv_signal_init(loop.get(), &handle);
    handle.data = handles_;
    uv_signal_start(
        &handle, [](uv_signal_t* raised, int) { ++static_cast<Handles*>(raised->data)->count; },
        signal);
    uv_unref(reinterpret_cast<uv_handle_t*>(&handle));
  };
  watch(handles_->interrupt, SIGINT);
  watch(handles_->terminate, SIGTERM);
}

InterruptWatch::~InterruptWatch() {
  handles_->barrier.close(handles_->interrupt);
  handles_->barrier.close(handles_->terminate);
}

int InterruptWatch::count() const { return handles_->count; }

}  // namespace hawser::cli
