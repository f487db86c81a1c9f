// Sends a text and prints its echo. Usage: echo_client HOST:PORT TEXT
#include <cstdio>

#include <uv.h>

#include "hawser/uv_endpoint.h"

int main(int argc, char** argv) {
  if (argc != 3) return std::puts("usage: echo_client HOST:PORT TEXT"), 2;
  std::optional<std::string> echo, text = argv[2];
  hawser::Result<std::unique_ptr<hawser::UvEndpoint>> client =
      hawser::UvEndpoint::create(uv_default_loop(), {}, [&](hawser::Event& event) {
        const auto* message = std::get_if<hawser::MessageEvent>(&event.what);
        if (message) echo.emplace(message->bytes.bytes().begin(), message->bytes.bytes().end());
        if (message) (*client)->close(event.connection);
        if (std::holds_alternative<hawser::ClosedEvent>(event.what)) client->reset();
      });
  if (!client) return std::puts(client.error().message().c_str()), 1;
  (*client)->connect_to(argv[1], {}, [&](hawser::Result<hawser::ConnectionHandle> connection) {
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(text->data());
    if (!connection || !(*client)->send(*connection, {bytes, text->size()})) client->reset();
  });
  uv_run(uv_default_loop(), UV_RUN_DEFAULT);
  return std::puts(echo ? echo->c_str() : "no echo"), echo ? 0 : 1;
}
