// A user's program on libuv: opens an endpoint on a loop and leaves nothing behind.

#include <cstdio>
#include <memory>
#include <system_error>
#include <utility>

#include <uv.h>

#include "hawser/uv_endpoint.h"

int main() {
  uv_loop_t loop;
  if (uv_loop_init(&loop) != 0) return 1;
  hawser::UvEndpointConfig config;
  config.bind = hawser::SocketAddress::ipv4({127, 0, 0, 1}, 0);
  auto endpoint =
      hawser::UvEndpoint::create(&loop, std::move(config), [](hawser::Event& /*event*/) {});
  if (!endpoint) return std::puts(endpoint.error().message().c_str()), 1;
  (*endpoint)->close([] {});
  uv_run(&loop, UV_RUN_DEFAULT);
  std::printf("uv_consumer: closing the loop gives %d\n", uv_loop_close(&loop));
}
