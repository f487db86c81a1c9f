#pragma once
/// One line on the terminal that says how far a transfer has come; silent where nobody watches.

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <string>

#include <uv.h>

class ProgressBar {
 public:
  /// `loop` gives the time; `total` is what `show` counts up to.
  ProgressBar(uv_loop_t* loop, std::uint64_t total)
      : loop_(loop), total_(total), start_(uv_now(loop)), is_terminal_(is_watched()) {}

  /// Draws at most ten times per second, and once more at the end.
  void show(std::uint64_t done) {
    const std::uint64_t now = uv_now(loop_);
    if (!is_terminal_ || (done < total_ && now - newest_ < 100)) return;
    newest_ = now;
    constexpr std::size_t kWidth = 40;
    const double part = total_ == 0 ? 1 : static_cast<double>(done) / static_cast<double>(total_);
    const auto filled = std::min(kWidth, static_cast<std::size_t>(part * kWidth));
    const std::string bar = std::string(filled, '=') + std::string(kWidth - filled, ' ');
    const double seconds = static_cast<double>(std::max<std::uint64_t>(now - start_, 1)) / 1000;
    const double megabytes = static_cast<double>(done) / 1e6;
    std::fprintf(stderr, "\r[%s] %3.0f %%  %.1f MB  %.1f MB/s ", bar.c_str(), part * 100, megabytes,
                 megabytes / seconds);
    if (done == total_) std::fputc('\n', stderr);
  }

 private:
  static bool is_watched() { return uv_guess_handle(fileno(stderr)) == UV_TTY; }

  uv_loop_t* loop_;
  std::uint64_t total_;
  std::uint64_t start_;
  std::uint64_t newest_ = 0;
  bool is_terminal_;
};
