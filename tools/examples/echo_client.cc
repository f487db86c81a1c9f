// Sends a text and prints its echo. Usage: echo_client HOST:PORT TEXT
#include <cstdio>

#include <uv.h>

#include "hawser/uv_endpoint.h"

int main(int argc, char** argv) {
  if (argc != 3) return std::puts("usage: echo_client HOST:PORT TEXT"), 2;
  std::unique_ptr<hawser::UvEndpoint> client;
  std::string echo, text = argv[2];
  client = std::move(*hawser::UvEndpoint::create(uv_default_loop(), {}, [&](hawser::Event& event) {
    const auto* message = std::get_if<hawser::MessageEvent>(&event.what);
    if (message) echo.assign(message->bytes.bytes().begin(), message->bytes.bytes().end());
    if (message) client->close(event.connection);
    if (std::holds_alternative<hawser::ClosedEvent>(event.what)) client.reset();
  }));
  client->connect_to(argv[1], {}, [&](hawser::Result<hawser::ConnectionHandle> connection) {
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(text.data());
    if (!connection || !client->send(*connection, std::span(bytes, text.size()))) client.reset();
  });
  uv_run(uv_default_loop(), UV_RUN_DEFAULT);
  return std::puts(echo.empty() ? "no echo" : echo.c_str()), echo.empty() ? 1 : 0;
}
