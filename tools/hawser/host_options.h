#pragma once
/// What goes wrong on the simulated hosts themselves: `--pause`, `--crash`, `--clock-jump` and so
/// on for both, each with `--client-` or `--server-` for one.

#include <array>
#include <string>
#include <string_view>

#include "hawser/netsim/host_faults.h"

namespace CLI {
class App;
}

namespace hawser::cli {

/// Not thread-safe.
class HostOptions {
 public:
  /// Registers the options. A wrong value makes `app.parse` throw a `CLI::ValidationError` of one
  /// line. The app must not outlive this object.
  void add_to(CLI::App& app);
  const netsim::HostFaults& client() const { return faults_[0]; }
  const netsim::HostFaults& server() const { return faults_[1]; }

 private:
  std::array<netsim::HostFaults, 2> faults_;
};

}  // namespace hawser::cli
