#pragma once
/// Flows as the command line describes them: `--flow KEY=VALUE,...`.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "hawser/config.h"
#include "hawser/message.h"
#include "hawser/netsim/queue_config.h"
#include "hawser/time.h"
#include "hawser/units.h"
#include "tools/hawser/cross_options.h"
#include "tools/hawser/traffic.h"

namespace hawser::cli {

/// An interval of the run, [from, to).
struct TimeSpan {
  Duration from{0};
  Duration to{0};
};

/// One flow of a simulation. Absent values are the connection's or the mode's own defaults.
struct FlowSpec {
  // The messages.
  TrafficMode mode = TrafficMode::bulk;
  ByteCount size{0};
  Duration interval{0};
  std::uint64_t burst = 1;
  std::uint64_t count = TrafficPlan::kUnbounded;  ///< `bytes=` divided by `size=`, too
  std::optional<ByteCount> reply_size;            ///< pingpong; `size` if absent
  Delivery delivery = Delivery::ordered;
  bool is_from_server = false;
  Duration start{0};
  std::optional<TimeSpan> reader_stop;
  // The connection. Flows of one name share it; the first of them decides what follows.
  std::string connection;  ///< empty: its own
  std::string cc = "cubic";
  /// A controller that is not built in, in the place of `cc`; must outlive the run.
  const CongestionControllerFactory* own_controller = nullptr;
  std::optional<std::uint64_t> window_packets;
  std::optional<std::uint64_t> aimd_increase_percent;
  std::optional<std::uint64_t> aimd_decrease_percent;
  std::optional<Duration> ledbat_target;
  std::optional<std::uint64_t> copa_delta_percent;
  std::optional<ByteCount> cwnd_initial;
  std::optional<ByteCount> cwnd_min;
  std::optional<ByteCount> cwnd_max;
  std::optional<bool> fast_convergence;
  std::optional<bool> spurious_undo;
  std::optional<bool> hystart;
  std::optional<bool> prr;
  std::optional<std::int64_t> loss_threshold_percent;
  std::optional<bool> ecn;
  std::optional<bool> connects_on_accept;
  std::optional<bool> resumed;  ///< has a token of an earlier connection, which saves a round trip
  Arq arq = Arq::selective_repeat;
  std::optional<std::uint64_t> send_window;
  std::optional<ByteCount> receive_window;
  // Where the connection lies in the network: the hops that it crosses, all if absent, and an
  // access link of its own.
  std::optional<HopRange> hops;
  std::optional<Duration> access_delay;
  std::optional<Bandwidth> access_rate;
  std::optional<netsim::QueueLimit> access_queue;  ///< before that rate; no limit if absent
  // The flow is there so often, each time on a connection of its own whose access link has that
  // much more delay than the one before.
  std::uint64_t copies = 1;
  Duration delay_step{0};

  bool is_finite() const { return count != TrafficPlan::kUnbounded; }
};

/// Reads the value of one `--flow`. Throws a `CLI::ValidationError` of one line that names the key,
/// its value and what is accepted. Keys that this version does not know are refused.
FlowSpec parse_flow(std::string_view text);

/// The flow itself and its copies.
std::vector<FlowSpec> copies_of(const FlowSpec& flow);

/// The keys with what each accepts, a line each, for the help.
std::string flow_help();

}  // namespace hawser::cli
