#pragma once
/// The command line of `hawser sim` as a specification of a run. Scenario tests describe their runs
/// in the same words, so that each failure can be replayed by pasting them.

#include <string>
#include <string_view>
#include <vector>

#include "tools/hawser/endpoint_options.h"
#include "tools/hawser/host_options.h"
#include "tools/hawser/path_options.h"
#include "tools/hawser/simulation.h"

namespace hawser::cli {

/// Not thread-safe.
class SimOptions {
 public:
  /// The app must not outlive this object.
  void add_to(CLI::App& app);
  /// To be asked after parsing. Throws a `CLI::ParseError` of one line where what was given cannot
  /// be run.
  SimulationSpec resolve() const;

 private:
  PathOptions path_;
  HostOptions hosts_;
  EndpointOptions endpoint_;
  std::vector<std::string> flows_;
  std::vector<std::string> cross_;
  std::uint64_t hops_ = 1;
  std::vector<DatagramLimit> datagram_limits_;
  std::optional<ByteCount> datagram_size_;
  std::optional<ByteCount> datagram_size_max_;
  std::optional<Duration> duration_;
  Duration warmup_{0};
  std::uint64_t batch_ = 64;
  std::uint64_t receive_batch_ = 1;
  std::uint64_t seed_ = 1;
};

/// Reads what would stand behind `hawser sim`. Throws as above.
SimulationSpec parse_simulation(std::vector<std::string> words);
/// The same, split at spaces.
SimulationSpec parse_simulation(std::string_view arguments);

}  // namespace hawser::cli
