#pragma once
/// One line on standard error that is renewed twice a second, if that is a terminal.

#include <functional>
#include <string>

#include "tools/hawser/event_loop.h"

namespace hawser::cli {

/// On the loop's thread only.
class Progress {
 public:
  /// `describe` gives the line, without an end.
  Progress(EventLoop& loop, std::function<std::string()> describe);
  /// Takes the line away, before something else is printed.
  void clear();

 private:
  void show();

  std::function<std::string()> describe_;
  bool is_terminal_;
  bool is_shown_ = false;
  Alarm alarm_;
};

}  // namespace hawser::cli
