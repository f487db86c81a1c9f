#pragma once
/// Runs the tool as a user does, and looks at what comes out.

#include <string>

#include <nlohmann/json.hpp>

namespace hawser::cli {

struct CommandResult {
  int exit_code = -1;
  std::string output;  ///< standard output
  std::string errors;  ///< standard error

  /// Standard output as one JSON object; null if it is anything else.
  nlohmann::json json() const;
};

/// `hawser <arguments>`, as a shell would split them.
CommandResult run_tool(const std::string& arguments);
/// A shell script in which $HAWSER is the tool and $DIR a fresh folder.
CommandResult run_script(const std::string& script);

}  // namespace hawser::cli
