#include "hawser/netsim/simulation.h"

#include <utility>

#include "tools/netsim/misuse.h"
#include "tools/netsim/time_after.h"

namespace hawser::netsim {
namespace {

constexpr std::uint16_t kServerPort = 9000;
constexpr std::uint16_t kClientPort = 40000;

// 10.<network>.x.y, the number in the last two bytes.
SocketAddress address_of(std::uint8_t network, std::size_t number, std::uint16_t port) {
  if (number > UINT16_MAX) refuse_misuse("Simulation", "65535 hosts of a kind are the most");
  return SocketAddress::ipv4(
      {10, network, static_cast<std::uint8_t>(number >> 8), static_cast<std::uint8_t>(number)},
      port);
}

}  // namespace

Simulation::Simulation(const PathConfig& path, std::uint64_t seed)
    : seed_(seed), network_(events_, seed), path_(network_.add_path(path)) {
  for (const Duration at : path.rebinds) {
    network_.at(at, [this] {
      for (const HostId client : clients_) rebind(client);
    });
  }
}

Simulation::~Simulation() = default;

// ---- Hosts --------------------------------------------------------------------------------------

SocketAddress Simulation::next_server_address() const {
  return address_of(1, servers_.size() + 1, kServerPort);
}
SocketAddress Simulation::next_client_address() const {
  return address_of(0, clients_.size() + 1, kClientPort);
}
Route Simulation::client_route() const { return {.up = {path_.up}, .down = {path_.down}}; }

EndpointHost& Simulation::add(EndpointHostConfig config) {
  config.seed = seed_;
  refuse_if("Simulation: EndpointConfig", config.endpoint.validate());
  auto host = EndpointHost::create(events_, network_, config);
  if (!host) refuse_misuse("Simulation: a host", host.error().message());
  return *hosts_.emplace_back(std::move(*host));
}

EndpointHost& Simulation::add_server(const EndpointConfig& config, const HostFaults& faults) {
  EndpointHostConfig host;
  host.endpoint = config;
  host.endpoint.accepts_connections = true;
  host.address = next_server_address();
  host.faults = faults;
  EndpointHost& added = add(std::move(host));
  servers_.push_back(added.id());
  return added;
}

EndpointHost& Simulation::add_client(const EndpointConfig& config, const HostFaults& faults) {
  EndpointHostConfig host;
  host.endpoint = config;
  host.endpoint.accepts_connections = false;
  host.address = next_client_address();
  host.route = client_route();
  host.faults = faults;
  EndpointHost& added = add(std::move(host));
  clients_.push_back(added.id());
  return added;
}

DatagramSocket Simulation::add_server(DatagramSink& sink) {
  const SocketAddress address = next_server_address();
  servers_.push_back(network_.add_host(address, sink));
  return {network_, servers_.back(), address};
}

DatagramSocket Simulation::add_client(DatagramSink& sink) {
  const SocketAddress address = next_client_address();
  clients_.push_back(network_.add_host(address, sink, client_route()));
  return {network_, clients_.back(), address};
}

void DatagramSocket::send(const SocketAddress& to, std::span<const std::uint8_t> bytes) const {
  network_->send(id_, {.destination = to, .bytes = Buffer::copy_of(network_->pool(), bytes)});
}

// ---- Time ---------------------------------------------------------------------------------------

void Simulation::at(Duration since_start, std::function<void()> action) {
  network_.at(since_start, std::move(action));
}

// Another port each time, in a network of its own.
void Simulation::rebind(HostId client) {
  ++rebinds_;
  network_.rebind(client, address_of(2, rebinds_, kClientPort));
}

RunOutcome Simulation::run_for(Duration duration) {
  return events_.run_until(time_after(events_.now(), duration));
}

bool Simulation::run_until(const std::function<bool()>& is_done, Duration at_most) {
  return events_.run_until(time_after(events_.now(), at_most), is_done) == RunOutcome::satisfied;
}

}  // namespace hawser::netsim
