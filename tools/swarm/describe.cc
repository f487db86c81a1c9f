#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "tools/hawser/value_text.h"
#include "tools/swarm/scenario.h"

namespace hawser::swarm {
namespace {

using cli::format_duration;

const char* to_string(Kind kind) {
  constexpr const char* kNames[] = {"mixed", "bulk", "credit", "lasting"};
  return kNames[static_cast<std::size_t>(kind)];
}

const char* to_string(Arq arq) {
  switch (arq) {
    case Arq::selective_repeat:
      return "selective repeat";
    case Arq::go_back_n:
      return "go-back-N";
    case Arq::stop_and_wait:
      return "stop-and-wait";
  }
  return "unknown";
}

std::string describe(const ConnectionConfig& config) {
  const auto or_never = [](Duration duration) {
    return duration == Duration(0) ? "never" : format_duration(duration);
  };
  return fmt::format(
      "{}, {}, datagrams of {} ({}), ECN {}, windows {} and {} segments, {} bytes, send buffer {} "
      "bytes, idle "
      "{}, keepalive {}, handshake {}",
      to_string(config.arq), config.congestion->name, config.datagram_size.value(),
      config.path_mtu_search ? fmt::format("up to {}", config.datagram_size_max.value()) : "fixed",
      config.ecn ? "on" : "off", config.send_window, config.receive_window_segments,
      config.receive_window.value(), config.send_buffer.value(), or_never(config.idle_timeout),
      or_never(config.keepalive), format_duration(config.handshake_timeout));
}

// What befalls its socket, its process and its clock.
std::string describe(const netsim::HostFaults& faults) {
  std::string text;
  if (!faults.send_blocked.is_zero()) {
    text += fmt::format(", socket full {:.1f} % for {}", 100 * faults.send_blocked.value(),
                        format_duration(faults.blocked_for));
  }
  if (!faults.send_refused.is_zero()) {
    text += fmt::format(", socket refuses {:.1f} %", 100 * faults.send_refused.value());
  }
  for (const netsim::Period& pause : faults.pauses) {
    text += fmt::format(", stands still {} to {}", format_duration(pause.from),
                        format_duration(pause.to));
  }
  if (!faults.pauses.empty()) text += fmt::format(" (room for {})", faults.receive_buffer);
  if (faults.read_interval > Duration(0)) {
    text += ", an event each " + format_duration(faults.read_interval);
  }
  for (const netsim::Period& freeze : faults.clock_freezes) {
    text += fmt::format(", clock stands still {} to {}", format_duration(freeze.from),
                        format_duration(freeze.to));
  }
  for (const netsim::ClockJump& jump : faults.clock_jumps) {
    text += fmt::format(", clock jumps by {} at {}", format_duration(jump.by),
                        format_duration(jump.at));
  }
  if (faults.clock_drift_ppm != 0) {
    text += fmt::format(", clock drifts by {} ppm", faults.clock_drift_ppm);
  }
  return text;
}

std::string describe(const HostPlan& host) {
  std::string text = fmt::format("batches of {} out, {} in", host.batch, host.receive_batch);
  if (host.endpoint.memory_budget < EndpointConfig().memory_budget) {
    text += fmt::format(", {} bytes of memory", host.endpoint.memory_budget.value());
  }
  for (const Interval& stop : host.reader_stops) {
    text += fmt::format(", reads nothing {} to {}", format_duration(stop.from),
                        format_duration(stop.to));
  }
  for (const Duration at : host.restarts) text += ", restarts at " + format_duration(at);
  for (const Duration at : host.rebinds) text += ", another address at " + format_duration(at);
  if (host.datagram_limit) {
    text += fmt::format(", no datagrams above {} from {} on", host.datagram_limit->size.value(),
                        format_duration(host.datagram_limit->at));
  }
  for (const RefusedAllocation& refused : host.refused_allocations) {
    text += fmt::format(", no memory for allocation {} from {} on", refused.nth,
                        format_duration(refused.at));
  }
  return text + describe(host.faults);
}

std::string describe(const ConnectionPlan& connection) {
  std::string text =
      fmt::format("from client {} at {}", connection.client, format_duration(connection.open_at));
  if (connection.is_refused) text += ", refused";
  if (connection.end) {
    text += fmt::format(", {} by the {} at {}", connection.end->is_abort ? "aborted" : "closed",
                        to_string(connection.end->by), format_duration(connection.end->at));
  }
  return text + ": " + describe(connection.config);
}

std::string describe(const MessagePlan& message) {
  return fmt::format("{:>12}  connection {} from the {}, channel {}, {}, {} bytes",
                     format_duration(message.at), message.connection, to_string(message.from),
                     static_cast<unsigned>(message.channel), to_string(message.delivery),
                     message.size.value());
}

}  // namespace

std::string describe(const Scenario& scenario) {
  std::string text =
      fmt::format("seed {}: calm at {}, over by {} after the last opening ({})\n", scenario.seed,
                  format_duration(scenario.calm_at), format_duration(liveness_bound(scenario)),
                  to_string(scenario.kind));
  text += fmt::format("faults: {}\n", scenario.faults.empty()
                                          ? "none"
                                          : fmt::format("{}", fmt::join(scenario.faults, ", ")));
  const auto rate = scenario.base.up.rate;
  text += fmt::format("path: {} up, {} down, {}\n", format_duration(scenario.base.up.delay),
                      format_duration(scenario.base.down.delay),
                      rate.is_infinite() ? "any rate" : cli::format_rate(rate));
  for (const CrossPlan& cross : scenario.cross_traffic) {
    text += fmt::format("others send {} {} from {} to {}\n", cross.is_from_server ? "down" : "up",
                        cli::format_rate(cross.rate), format_duration(cross.on.from),
                        format_duration(cross.on.to));
  }
  text += "server: " + describe(scenario.server) + "\n  " +
          describe(scenario.server.endpoint.accepted) + "\n";
  for (std::size_t i = 0; i < scenario.clients.size(); ++i) {
    text += fmt::format("client {}: {} away, {}", i, format_duration(scenario.access[i].delay),
                        describe(scenario.clients[i]));
    if (!scenario.calm_hops.empty()) {
      text += fmt::format(", hops {} to {} of {}, hop {} is faulty", scenario.clients[i].first_hop,
                          scenario.clients[i].last_hop, scenario.calm_hops.size() + 1,
                          scenario.faulty_hop);
    }
    text += "\n";
  }
  for (std::size_t i = 0; i < scenario.connections.size(); ++i) {
    text += fmt::format("connection {}: {}\n", i, describe(scenario.connections[i]));
  }
  constexpr std::size_t kMessagesTold = 40;
  text += fmt::format("{} messages\n", scenario.messages.size());
  for (std::size_t i = 0; i < std::min(scenario.messages.size(), kMessagesTold); ++i) {
    text += describe(scenario.messages[i]) + "\n";
  }
  return text;
}

}  // namespace hawser::swarm
