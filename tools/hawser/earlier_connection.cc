#include "tools/hawser/earlier_connection.h"

#include <array>
#include <memory>
#include <utility>

namespace hawser::cli {

namespace {

/// An endpoint by itself, whose randomness nobody else shares.
struct End {
  SeededRandom random{0};
  std::unique_ptr<Endpoint> endpoint;

  explicit End(EndpointConfig config) {
    auto created = Endpoint::create(std::move(config), random);
    HAWSER_ASSERT(created.has_value());
    endpoint = std::move(*created);
  }
};

/// Carries all that `from` says now to `to`; whether that was anything.
bool carry(Endpoint& from, Endpoint& to, const NetworkPath& path_at_receiver, TimePoint now) {
  std::array<std::uint8_t, 2048> space;
  TransmitBuffer buffer{.bytes = space, .datagrams_max = 1};
  bool has_carried = false;
  while (const auto transmit = from.poll_transmit(now, buffer)) {
    const std::span<const std::uint8_t> bytes(space.data(), transmit->bytes);
    to.receive(now, {.bytes = bytes, .segment_size = bytes.size(), .path = path_at_receiver});
    has_carried = true;
  }
  return has_carried;
}

}  // namespace

std::vector<std::uint8_t> token_of_earlier_connection(
    const std::array<std::uint8_t, 32>& server_secret, const SocketAddress& client,
    const SocketAddress& server, TimePoint now) {
  EndpointConfig config;
  config.accepts_connections = true;
  config.endpoint_secret = server_secret;
  const End server_end(config);
  const End client_end{EndpointConfig()};
  const NetworkPath at_client{.local = client, .remote = server};
  const NetworkPath at_server{.local = server, .remote = client};
  (void)client_end.endpoint->connect({.remote = server, .config = {}, .token = {}});
  while (carry(*client_end.endpoint, *server_end.endpoint, at_server, now) ||
         carry(*server_end.endpoint, *client_end.endpoint, at_client, now)) {
  }
  while (const auto event = client_end.endpoint->poll_event()) {
    if (const auto* connected = std::get_if<ConnectedEvent>(&event->what)) {
      const auto token = connected->token.bytes();
      return {token.begin(), token.end()};
    }
  }
  HAWSER_ASSERT(false);  // a handshake without loss succeeds
  return {};
}

}  // namespace hawser::cli
