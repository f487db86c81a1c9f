#include "hawser/netsim/simulation.h"

#include <utility>

#include "hawser/assert.h"

namespace hawser::netsim {
namespace {

constexpr std::uint16_t kServerPort = 9000;
constexpr std::uint16_t kClientPort = 40000;

// 10.<network>.x.y, the number in the last two bytes.
SocketAddress address_of(std::uint8_t network, std::size_t number, std::uint16_t port) {
  HAWSER_ASSERT(number <= UINT16_MAX);
  return SocketAddress::ipv4(
      {10, network, static_cast<std::uint8_t>(number >> 8), static_cast<std::uint8_t>(number)},
      port);
}

}  // namespace

Simulation::Simulation(const PathConfig& path, std::uint64_t seed)
    : seed_(seed), network_(events_, seed), path_(network_.add_path(path)) {
  for (const Duration at : path.rebinds) {
    network_.at(at, [this] {
      for (const auto& client : clients_) rebind(*client);
    });
  }
}

Simulation::~Simulation() = default;

EndpointHost& Simulation::add(EndpointHostConfig config) {
  config.seed = seed_;
  const bool is_server = config.endpoint.accepts_connections;
  auto host = EndpointHost::create(events_, network_, config);
  HAWSER_ASSERT(host.has_value());
  auto& hosts = is_server ? servers_ : clients_;
  return *hosts.emplace_back(std::move(*host));
}

EndpointHost& Simulation::add_server(const EndpointConfig& config, const HostFaults& faults) {
  EndpointHostConfig host;
  host.endpoint = config;
  host.endpoint.accepts_connections = true;
  host.address = address_of(1, servers_.size() + 1, kServerPort);
  host.faults = faults;
  return add(std::move(host));
}

EndpointHost& Simulation::add_client(const EndpointConfig& config, const HostFaults& faults) {
  EndpointHostConfig host;
  host.endpoint = config;
  host.endpoint.accepts_connections = false;
  host.address = address_of(0, clients_.size() + 1, kClientPort);
  host.route = {.up = {path_.up}, .down = {path_.down}};
  host.faults = faults;
  return add(std::move(host));
}

void Simulation::at(Duration since_start, std::function<void()> action) {
  network_.at(since_start, std::move(action));
}

// Another port each time, in a network of its own.
void Simulation::rebind(EndpointHost& client) {
  ++rebinds_;
  network_.rebind(client.id(), address_of(2, rebinds_, kClientPort));
}

RunOutcome Simulation::run_for(Duration duration) {
  return events_.run_until(events_.now() + duration);
}

bool Simulation::run_until(const std::function<bool()>& is_done, Duration at_most) {
  return events_.run_until(events_.now() + at_most, is_done) == RunOutcome::satisfied;
}

}  // namespace hawser::netsim
