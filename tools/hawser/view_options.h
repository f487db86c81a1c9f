#pragma once
/// The options that let one look at a simulated run: a report, qlog, a capture.

#include <optional>
#include <string>

#include "tools/seeing/run_view.h"

namespace CLI {
class App;
}

namespace hawser::cli {

/// Not thread-safe.
class ViewOptions {
 public:
  /// The app must not outlive this object, nor this object's uses the app.
  void add_to(CLI::App& app);
  const seeing::ViewPaths& paths() const { return paths_; }
  /// What cannot be, as one line: two views of one name.
  std::optional<std::string> complaint() const;
  /// `name` and the options that were given, as one would type them, but for those that only look.
  std::string command_line(const std::string& name) const;

 private:
  const CLI::App* app_ = nullptr;
  seeing::ViewPaths paths_;
};

}  // namespace hawser::cli
