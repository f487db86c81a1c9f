#pragma once
/// A whole simulated run: what is asked, and what came out. The same specification gives the same
/// report everywhere, but for the time it took.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "hawser/config.h"
#include "hawser/netsim/cross_traffic.h"
#include "hawser/netsim/event_queue.h"
#include "hawser/netsim/host_faults.h"
#include "hawser/netsim/link_config.h"
#include "tools/hawser/cross_options.h"
#include "tools/hawser/flow_options.h"
#include "tools/hawser/flow_report.h"
#include "tools/hawser/host_report.h"
#include "tools/hawser/link_report.h"

namespace hawser::seeing {
class RunView;
}

namespace hawser::cli {

/// From `at` on, hosts cannot send datagrams above `size` (UDP payload).
struct DatagramLimit {
  Duration at{0};
  ByteCount size{0};
};

/// The most bottlenecks in a row.
inline constexpr std::size_t kHopsMax = 16;

struct SimulationSpec {
  netsim::PathConfig path;
  std::size_t hops = 1;  ///< in a row, each as `path` says
  std::vector<FlowSpec> flows;
  std::vector<CrossSpec> cross;
  netsim::HostFaults client_faults;
  netsim::HostFaults server_faults;
  ConnectionConfig connection;  ///< what the flows do not decide
  std::vector<DatagramLimit> datagram_limits;
  std::optional<Duration> duration;
  Duration warmup{0};
  std::size_t batch = 64;
  std::size_t receive_batch = 1;
  std::uint64_t seed = 1;
};

struct SimulationReport {
  std::uint64_t seed = 1;
  std::uint64_t trace_hash = 0;
  Duration duration{0};
  std::uint64_t packets_simulated = 0;
  netsim::RunOutcome outcome = netsim::RunOutcome::satisfied;
  std::vector<FlowReport> flows;
  std::vector<LinkReport> links;
  std::vector<HostReport> hosts;  ///< those that a fault befell
  std::vector<netsim::CrossTraffic::Stats> cross;
  std::uint64_t unroutable = 0;  ///< datagrams to an address that the client no longer has
};

/// What is wrong with a specification, as one line; nothing if it can be run.
std::optional<std::string> complaint_about(const SimulationSpec& spec);

/// Told of each message when it first arrives: whose it is, as the specification counts its flows,
/// when since the start of the run, and its size.
using DeliveryWatch = std::function<void(std::size_t flow, Duration since_start, ByteCount size)>;

/// Runs it in virtual time. `complaint_about` must have had none (asserted). As soon as
/// `is_cancelled` says so the run ends; the report tells how far it came.
/// It is asked after each event, with the virtual time since the start. `view` watches the run,
/// which begins at `EventQueue::kStart`, and changes nothing about it; the caller finishes it.
/// `on_delivery` changes nothing either.
SimulationReport simulate(
    const SimulationSpec& spec,
    const std::function<bool(Duration)>& is_cancelled = [](Duration) { return false; },
    seeing::RunView* view = nullptr, const DeliveryWatch& on_delivery = {});

}  // namespace hawser::cli
