#include "tools/hawser/progress.h"

#include <utility>

#include <fmt/format.h>

namespace hawser::cli {
namespace {

constexpr Duration kPeriod = std::chrono::milliseconds(500);
constexpr int kStandardError = 2;

}  // namespace

Progress::Progress(EventLoop& loop, std::function<std::string()> describe)
    : describe_(std::move(describe)),
      is_terminal_(uv_guess_handle(kStandardError) == UV_TTY),
      alarm_(loop, [this] { show(); }) {
  if (is_terminal_) alarm_.arm(monotonic_now() + kPeriod);
}

void Progress::show() {
  fmt::print(stderr, "\r\033[K{}", describe_());
  is_shown_ = true;
  alarm_.arm(monotonic_now() + kPeriod);
}

void Progress::clear() {
  if (is_shown_) fmt::print(stderr, "\r\033[K");
  is_shown_ = false;
  alarm_.arm(kNever);
}

}  // namespace hawser::cli
