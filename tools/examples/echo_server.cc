// Sends every message back as it came. Usage: echo_server [ADDRESS:PORT]
#include <cstdio>

#include <uv.h>

#include "hawser/uv_endpoint.h"

int main(int argc, char** argv) {
  const auto bind = hawser::SocketAddress::parse(argc > 1 ? argv[1] : "[::]:9000");
  if (!bind) return std::puts(bind.error().message().c_str()), 2;
  hawser::UvEndpointConfig config;
  config.endpoint.accepts_connections = true;
  config.bind = *bind;
  std::unique_ptr<hawser::UvEndpoint> server;
  auto created = hawser::UvEndpoint::create(uv_default_loop(), config, [&](hawser::Event& event) {
    const auto* message = std::get_if<hawser::MessageEvent>(&event.what);
    if (!message || server->send(event.connection, message->bytes, {message->channel})) return;
    server->abort(event.connection, 1, "the client reads too slowly");
  });
  if (!created) return std::puts(created.error().message().c_str()), 1;
  server = std::move(*created);
  std::printf("listening on %s\n", server->local_address().to_string().c_str());
  std::fflush(stdout);
  return uv_run(uv_default_loop(), UV_RUN_DEFAULT);
}
