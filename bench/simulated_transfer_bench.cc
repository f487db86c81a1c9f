// A bulk transfer between two endpoints on the simulator: the whole core and the simulator, without
// the kernel. `packets` counts datagrams per second of processor time. The scenario is that of the
// command in README.md.

#include <chrono>
#include <memory>
#include <vector>

#include <benchmark/benchmark.h>

#include "hawser/netsim/endpoint_host.h"

namespace hawser::netsim {
namespace {

constexpr std::size_t kMessageSize = 64 << 10;
constexpr std::int64_t kMessages = 4096;  // 256 MiB: what the first round trips cost does not show

const SocketAddress kClientAddress = SocketAddress::ipv4({10, 0, 0, 1}, 40000);
const SocketAddress kServerAddress = SocketAddress::ipv4({10, 0, 0, 2}, 4433);

/// Moves all messages once; returns the datagrams that took, 0 if they did not arrive.
std::uint64_t transfer(const PathConfig& path) {
  EventQueue events;
  Network network(events, 1);
  const Path links = network.add_path(path);
  EndpointHostConfig config;
  config.address = kServerAddress;
  config.endpoint.accepts_connections = true;
  const auto server = EndpointHost::create(events, network, config);
  config.address = kClientAddress;
  config.endpoint.accepts_connections = false;
  config.route = {{links.up}, {links.down}};
  const auto client = EndpointHost::create(events, network, config);
  if (!server || !client) return 0;

  std::int64_t delivered = 0;
  (*server)->set_event_handler([&](TimePoint, Event& event) {
    if (std::holds_alternative<MessageEvent>(event.what)) ++delivered;
  });
  const std::vector<std::uint8_t> message(kMessageSize, 7);
  std::int64_t sent = 0;
  (*client)->set_event_handler([&](TimePoint, Event& event) {
    // The send buffer takes several; a receipt or the connection makes room for more.
    while (sent < kMessages &&
           (*client)->endpoint().send(event.connection, message, SendOptions{})) {
      ++sent;
    }
  });
  if (!(*client)->endpoint().connect({.remote = kServerAddress, .config = {}, .token = {}})) {
    return 0;
  }
  (*client)->pump();
  events.run_until(events.now() + std::chrono::hours(1),
                   [&delivered] { return delivered == kMessages; });
  return delivered == kMessages ? network.stats().offered : 0;
}

void SimulatedTransfer(benchmark::State& state) {
  PathConfig path;
  path.up.delay = path.down.delay = std::chrono::milliseconds(5);
  path.up.rate = path.down.rate = Bandwidth::bits_per_second(1'000'000'000);
  path.up.queue.bytes = path.down.queue.bytes = ByteCount(1'250'000);  // what the path holds
  path.up.loss = path.down.loss = Probability::percent(static_cast<std::uint64_t>(state.range(0)));
  std::uint64_t packets = 0;
  for (auto _ : state) {
    const std::uint64_t moved = transfer(path);
    if (moved == 0) state.SkipWithError("the messages did not arrive");
    packets += moved;
  }
  state.counters["packets"] =
      benchmark::Counter(static_cast<double>(packets), benchmark::Counter::kIsRate);
  state.SetBytesProcessed(state.iterations() * kMessages * static_cast<std::int64_t>(kMessageSize));
}
BENCHMARK(SimulatedTransfer)
    ->ArgName("loss_percent")
    ->Arg(0)
    ->Arg(1)
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace hawser::netsim
