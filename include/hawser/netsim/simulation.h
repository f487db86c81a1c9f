#pragma once
/// A network in virtual time with servers behind one path and clients before it: all that a test of
/// a service needs. Larger networks are made from `Network` and `topology.h`.
///
///     Simulation sim({.up = {.delay = 30ms}, .down = {.delay = 30ms}});
///     EndpointHost& server = sim.add_server();
///     EndpointHost& client = sim.add_client();
///     server.set_event_handler(...);
///     client.connect({.remote = server.address()});
///     sim.run_for(1h);

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "hawser/netsim/endpoint_host.h"
#include "hawser/netsim/event_queue.h"
#include "hawser/netsim/network.h"

namespace hawser::netsim {

/// A plain UDP socket of a simulated host, for protocols of one's own; what arrives goes to the
/// sink that it was made for. A cheap handle, valid as long as the simulation.
class DatagramSocket {
 public:
  DatagramSocket(Network& network, HostId id, const SocketAddress& address)
      : network_(&network), id_(id), address_(address) {}
  HostId id() const { return id_; }
  /// Where the others reach it at first (behind a NAT it may change).
  const SocketAddress& address() const { return address_; }
  /// Sends a copy of `bytes`, 65507 at most, now.
  void send(const SocketAddress& to, std::span<const std::uint8_t> bytes) const;

 private:
  Network* network_;
  HostId id_;
  SocketAddress address_;
};

/// Owns the clock, the network and the hosts. Not thread-safe; several may run in threads of their
/// own. What cannot be (a configuration that `validate` complains about) prints a line that says so
/// and aborts, in every build.
class Simulation {
 public:
  /// The same path, seed and calls give the same run on every platform. At the times that the path
  /// names, every client's public address changes.
  explicit Simulation(const PathConfig& path = {}, std::uint64_t seed = 1);
  ~Simulation();

  /// Hosts with an endpoint of that configuration, which live as long as the simulation. A server
  /// accepts connections, whatever `config` says of that. Addresses are 10.1.0.n:9000 and
  /// 10.0.0.n:40000.
  EndpointHost& add_server(const EndpointConfig& config = {}, const HostFaults& faults = {});
  EndpointHost& add_client(const EndpointConfig& config = {}, const HostFaults& faults = {});
  /// Hosts without an endpoint: whatever arrives goes to `sink`, which must be there as long as the
  /// simulation runs.
  DatagramSocket add_server(DatagramSink& sink);
  DatagramSocket add_client(DatagramSink& sink);

  /// Time since the start.
  Duration now() const { return events_.now() - EventQueue::kStart; }
  /// Calls `action` that long after the start.
  void at(Duration since_start, std::function<void()> action);
  /// Gives a client another public address, as a NAT that forgot it.
  void rebind(HostId client);
  void rebind(EndpointHost& client) { rebind(client.id()); }
  /// Runs for that long; `kForever`: until nothing is left to happen.
  RunOutcome run_for(Duration duration);
  /// Runs until `is_done` holds, asked after every event; false if it did not within `at_most`.
  bool run_until(const std::function<bool()>& is_done, Duration at_most);

  Network& network() { return network_; }
  EventQueue& events() { return events_; }
  /// The links that all share.
  const Path& path() const { return path_; }

 private:
  EndpointHost& add(EndpointHostConfig config);
  SocketAddress next_server_address() const;
  SocketAddress next_client_address() const;
  Route client_route() const;

  EventQueue events_;
  std::uint64_t seed_;
  Network network_;
  Path path_;
  std::vector<std::unique_ptr<EndpointHost>> hosts_;
  std::vector<HostId> servers_;
  std::vector<HostId> clients_;
  std::uint16_t rebinds_ = 0;
};

}  // namespace hawser::netsim
