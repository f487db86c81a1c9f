// A user's program without an event loop: drives the core to its first datagram.

#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <memory>

#include "hawser/endpoint.h"
#include "hawser/random.h"

int main() {
  hawser::SeededRandom random(1);  // a real program has no business with a predictable one
  auto endpoint = hawser::Endpoint::create({}, random);
  if (!endpoint) return 1;
  const hawser::ConnectOptions options{.remote = hawser::SocketAddress::ipv4({127, 0, 0, 1}, 9000)};
  if (!(*endpoint)->connect(options)) return 1;

  std::array<std::uint8_t, 1500> bytes{};
  hawser::TransmitBuffer buffer{bytes};
  const hawser::TimePoint now{std::chrono::seconds(1)};
  const auto transmit = (*endpoint)->poll_transmit(now, buffer);
  if (!transmit) return 1;
  std::printf("consumer: the first datagram has %zu bytes\n", transmit->bytes);
}
