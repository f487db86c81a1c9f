#pragma once
/// `hawser sim --plan`: many runs instead of one.

#include <optional>
#include <string>

#include "tools/hawser/command.h"

namespace hawser::plan {
class Batch;
}

namespace hawser::cli {

/// Not thread-safe.
class PlanMode {
 public:
  /// The app must not outlive this object, nor this object's uses the app.
  void add_to(CLI::App& app);
  /// Whether a plan is to be run. Throws a `CLI::ParseError` where what was given for a plan and
  /// for a single run stand together.
  bool is_asked() const;
  /// Once, if asked. Throws a `CLI::ParseError` of one line about what is wrong with the plan.
  ExitCode run(bool is_json);

 private:
  const CLI::App* app_ = nullptr;
  std::string file_;
  std::optional<std::string> csv_;
  std::optional<std::string> html_;
  std::optional<std::uint64_t> jobs_;
};

}  // namespace hawser::cli
