// A congestion controller of one's own (half_step.h has the first steps), tried on a connection
// over loopback.

#include <cstdio>

#include <uv.h>

#include "hawser/uv_endpoint.h"
#include "tools/examples/half_step.h"

int main() {
  constexpr int kMessages = 200;
  uv_loop_t* const loop = uv_default_loop();
  std::unique_ptr<hawser::UvEndpoint> server;
  std::unique_ptr<hawser::UvEndpoint> client;

  hawser::UvEndpointConfig listening;
  listening.endpoint.accepts_connections = true;
  listening.bind = *hawser::SocketAddress::parse("127.0.0.1:0");
  auto created_server = hawser::UvEndpoint::create(loop, listening, nullptr);
  if (!created_server) return 1;
  server = std::move(*created_server);

  // Step 4: name the factory in the connection's configuration.
  hawser::ConnectionConfig config;
  config.congestion = &kHalfStep;

  int delivered = 0;
  const auto end_both = [&] { client->close([&] { server->close(nullptr); }); };
  auto created_client = hawser::UvEndpoint::create(loop, {}, [&](hawser::Event& event) {
    if (std::holds_alternative<hawser::ClosedEvent>(event.what)) end_both();
    const auto* receipt = std::get_if<hawser::ReceiptEvent>(&event.what);
    if (receipt == nullptr || receipt->outcome != hawser::Outcome::delivered) return;
    if (++delivered < kMessages) return;
    // See what it did.
    const auto stats = client->stats(event.connection);
    std::printf("%s: %d messages delivered, window %jd bytes, %ju packets lost\n",
                stats->congestion.name.data(), delivered,
                static_cast<std::intmax_t>(stats->congestion.congestion_window.value()),
                static_cast<std::uintmax_t>(stats->packets_lost));
    client->close(event.connection);
  });
  if (!created_client) return 1;
  client = std::move(*created_client);

  const auto connection =
      client->connect({.remote = server->local_address(), .config = config, .token = {}});
  const std::vector<std::uint8_t> message(20'000, 42);
  for (int i = 0; i < kMessages; ++i) {
    if (!connection || !client->send(*connection, message)) return 1;
  }
  uv_run(loop, UV_RUN_DEFAULT);
  return delivered == kMessages ? 0 : 1;
}
