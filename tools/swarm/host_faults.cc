#include <array>

#include "tools/swarm/fault_draws.h"

namespace hawser::swarm {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

HostPlan& any_host(Dice& dice, Scenario& scenario) {
  const std::uint64_t which = dice.between(0, scenario.clients.size());
  return which == 0 ? scenario.server : scenario.clients[which - 1];
}

HostPlan& any_client(Dice& dice, Scenario& scenario) {
  return scenario.clients[dice.between(0, scenario.clients.size() - 1)];
}

// Who has no idle timeout would PING an address that a restarted client left, for ever: by design.
void add_rebind(Dice& dice, Scenario& scenario) {
  if (scenario.never_idle) return;
  HostPlan& client = any_client(dice, scenario);
  for (std::uint64_t i = dice.scaled(1, 4); i > 0; --i) {
    client.rebinds.push_back(dice.between(Duration(0), scenario.calm_at));
  }
  std::ranges::sort(client.rebinds);
}

// The socket refuses large datagrams (EMSGSIZE): the connection lives with it to its end.
void add_small_datagrams(Dice& dice, Scenario& scenario) {
  any_host(dice, scenario).datagram_limit = {
      .at = dice.between(Duration(0), scenario.calm_at),
      .size = ByteCount(static_cast<std::int64_t>(dice.between(1200, 1500)))};
}

void add_slow_reader(Dice& dice, Scenario& scenario) {
  HostPlan& host = any_host(dice, scenario);
  Duration at{0};
  for (std::uint64_t i = dice.between(1, 3); i > 0; --i) {
    const Duration from = dice.between(at, scenario.calm_at);
    at = dice.between(from, scenario.calm_at);
    host.reader_stops.push_back({from, at});
  }
}

void add_restart(Dice& dice, Scenario& scenario) {
  HostPlan& host = any_host(dice, scenario);
  host.restarts.push_back(dice.between(Duration(0), scenario.calm_at));
  for (std::uint64_t i = dice.scaled(1, 4); i > 1; --i) {
    host.restarts.push_back(dice.between(Duration(0), scenario.calm_at));
  }
  std::ranges::sort(host.restarts);
}

// Too little for all that is asked of it, but room for any one message: one larger than half of a
// pool is refused (ARCHITECTURE.md, Memory).
// What the connections themselves take is never given back to messages.
void add_little_memory(Dice& dice, Scenario& scenario) {
  constexpr ByteCount kPerConnection{16 << 10};
  ByteCount largest{0};
  for (const MessagePlan& message : scenario.messages) largest = std::max(largest, message.size);
  any_host(dice, scenario).endpoint.memory_budget =
      largest * 4 + kPerConnection * static_cast<std::int64_t>(scenario.connections.size()) +
      dice.scaled(ByteCount(16 << 10), ByteCount(2 << 20));
}

void add_full_server(Dice& dice, Scenario& scenario) {
  const auto most = static_cast<std::uint32_t>(dice.between(1, 3));
  const bool counts_half_open = dice.once_in(4);
  EndpointConfig& endpoint = scenario.server.endpoint;
  (counts_half_open ? endpoint.half_open_max : endpoint.connections_max) = most;
}

// What leaves waits in the socket, up to 64 datagrams, and then in the endpoint.
void add_full_socket(Dice& dice, Scenario& scenario) {
  netsim::HostFaults& faults = any_host(dice, scenario).faults;
  faults.send_blocked = dice.permille(1, 500);
  faults.blocked_for = dice.scaled(microseconds(10), milliseconds(100));
}

void add_refusing_socket(Dice& dice, Scenario& scenario) {
  any_host(dice, scenario).faults.send_refused = dice.permille(1, 500);
}

// The process does not run; what arrives meanwhile finds little room.
void add_pauses(Dice& dice, Scenario& scenario) {
  netsim::HostFaults& faults = any_host(dice, scenario).faults;
  faults.receive_buffer = dice.scaled(1, 256);
  for (std::uint64_t i = dice.scaled(1, 4); i > 0; --i) {
    const Interval pause = draw_interval(dice, scenario);
    faults.pauses.push_back({pause.from, pause.to});
  }
}

void add_slow_steps(Dice& dice, Scenario& scenario) {
  any_host(dice, scenario).faults.read_interval = dice.scaled(microseconds(1), milliseconds(100));
}

void add_clock_freezes(Dice& dice, Scenario& scenario) {
  netsim::HostFaults& faults = any_host(dice, scenario).faults;
  for (std::uint64_t i = dice.scaled(1, 4); i > 0; --i) {
    const Interval freeze = draw_interval(dice, scenario);
    faults.clock_freezes.push_back({freeze.from, freeze.to});
  }
}

void add_clock_jumps(Dice& dice, Scenario& scenario) {
  netsim::HostFaults& faults = any_host(dice, scenario).faults;
  for (std::uint64_t i = dice.scaled(1, 4); i > 0; --i) {
    const Duration at = dice.between(Duration(0), scenario.calm_at);
    faults.clock_jumps.push_back({at, dice.scaled(microseconds(1), seconds(5))});
  }
}

// For the whole run: a connection lives with a clock that is as wrong as this one.
void add_clock_drift(Dice& dice, Scenario& scenario) {
  const auto drift = static_cast<std::int64_t>(dice.scaled(1, 500'000));
  any_host(dice, scenario).faults.clock_drift_ppm = dice.once_in(2) ? drift : -drift;
}

// One allocation each, early in the life of a connection or late.
void add_refused_memory(Dice& dice, Scenario& scenario) {
  HostPlan& host = any_host(dice, scenario);
  for (std::uint64_t i = dice.scaled(1, 4); i > 0; --i) {
    const Duration at = dice.between(Duration(0), scenario.calm_at);
    host.refused_allocations.push_back({dice.once_in(3) ? Duration(0) : at, dice.scaled(1, 200)});
  }
}

constexpr auto kFaults = std::to_array<FaultClass>({
    {"rebind", 15, add_rebind},
    {"small-datagrams", 16, add_small_datagrams},
    {"slow-reader", 17, add_slow_reader, true},
    {"restart", 18, add_restart},
    {"little-memory", 19, add_little_memory},
    {"full-server", 20, add_full_server, true},
    {"full-socket", 35, add_full_socket, true},
    {"refusing-socket", 36, add_refusing_socket},
    {"pauses", 37, add_pauses},
    {"slow-steps", 38, add_slow_steps, true},
    {"clock-freezes", 39, add_clock_freezes},
    {"clock-jumps", 40, add_clock_jumps},
    {"clock-drift", 41, add_clock_drift, true},
    {"refused-memory", 42, add_refused_memory},
});

}  // namespace

std::span<const FaultClass> host_faults() { return kFaults; }

}  // namespace hawser::swarm
