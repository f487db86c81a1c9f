#pragma once
/// Options of the connections themselves, the same for `sim`, `perf` and `demo`.

#include <optional>
#include <string>

#include "hawser/config.h"

namespace CLI {
class App;
}

namespace hawser::cli {

/// Reads `--idle-timeout`, `--handshake-timeout` and `--keepalive`. Not thread-safe.
class EndpointOptions {
 public:
  /// The app must not outlive this object.
  void add_to(CLI::App& app);
  /// Overrides what was given in `config`.
  void apply_to(ConnectionConfig& config) const;

 private:
  std::optional<Duration> idle_timeout_;
  std::optional<Duration> handshake_timeout_;
  std::optional<Duration> keepalive_;
};

/// What is wrong with a configuration, as one line in the words of the command line; nothing if all
/// is well.
std::optional<std::string> complaint_about(const ConnectionConfig& config);

}  // namespace hawser::cli
