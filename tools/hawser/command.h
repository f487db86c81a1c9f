#pragma once
/// A subcommand of the tool.

#include <string_view>

namespace CLI {
class App;
}

namespace hawser::cli {

/// The tool's exit codes; a contract with scripts.
enum class ExitCode : int {
  ok = 0,
  promise_broken = 1,  ///< a message lost, duplicated, out of order, or corrupt beyond its mode
  wrong_usage = 2,
  no_connection = 3,  ///< could not connect, or timed out
  interrupted = 130
};

class Command {
 public:
  virtual ~Command() = default;
  virtual std::string_view name() const = 0;
  virtual std::string_view description() const = 0;
  /// The command that it is a subcommand of, made before it; empty: of the tool itself.
  virtual std::string_view parent() const { return {}; }
  /// Adds its options and the footer with an example. Both outlive the parsing.
  virtual void declare(CLI::App& app) = 0;
  /// Throws a `CLI::ParseError` of one line where options contradict each other. Called once.
  virtual ExitCode run() = 0;
};

}  // namespace hawser::cli
