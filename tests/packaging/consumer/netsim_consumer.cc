// A user's test on the simulator: how long a handshake takes where a datagram takes 30 ms.

#include <hawser/netsim/endpoint_host.h>

#include <chrono>
#include <cstdio>

using namespace std::chrono_literals;

int main() {
  hawser::netsim::EventQueue events;
  hawser::netsim::Network network(events, 1);
  hawser::netsim::PathConfig path;
  path.up.delay = path.down.delay = 30ms;
  const auto links = network.add_path(path);

  hawser::netsim::EndpointHostConfig config;
  config.endpoint.accepts_connections = true;
  config.address = hawser::SocketAddress::ipv4({10, 0, 0, 2}, 9000);
  const auto server = hawser::netsim::EndpointHost::create(events, network, config);
  hawser::netsim::EndpointHostConfig client_config;
  client_config.address = hawser::SocketAddress::ipv4({10, 0, 0, 1}, 40000);
  client_config.route = {.up = {links.up}, .down = {links.down}};
  const auto client = hawser::netsim::EndpointHost::create(events, network, client_config);
  if (!server || !client) return 1;

  const hawser::TimePoint start = events.now();
  (*client)->set_event_handler([&](hawser::TimePoint now, hawser::Event& event) {
    if (!std::holds_alternative<hawser::ConnectedEvent>(event.what)) return;
    const auto taken = std::chrono::duration_cast<std::chrono::milliseconds>(now - start);
    std::printf("netsim_consumer: connected after %d ms\n", static_cast<int>(taken.count()));
  });
  if (!(*client)->endpoint().connect({.remote = config.address, .config = {}, .token = {}})) {
    return 1;
  }
  (*client)->pump();
  events.run_until(start + 1s);
}
