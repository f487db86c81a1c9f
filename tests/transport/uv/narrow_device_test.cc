// The way out carries less from one moment to the next, by the kernel's own word (EMSGSIZE): for
// every driver and family one refusal suffices, nothing is lost and no datagram is cut up.

#include <algorithm>
#include <iostream>
#include <string>
#include <tuple>

#include "tests/transport/uv/private_network.h"
#include "tests/transport/uv/socket_decorator.h"
#include "tests/transport/uv/uv_endpoint_fixture.h"
#include "transport/connection/path_mtu_search.h"
#include "transport/uv/path_mtu.h"

namespace hawser::rim {

namespace {

struct NarrowCase {
  const char* name;
  const char* client;
  const char* server;
  std::size_t wide;    // UDP payload of 1500 bytes of IP
  std::size_t narrow;  // and of 1300
};

class NarrowDeviceTest : public UvEndpointFixture,
                         public ::testing::WithParamInterface<std::tuple<UvDriver, NarrowCase>> {
 protected:
  static constexpr int kWideMtu = 1500;
  static constexpr int kNarrowMtu = 1300;
  static constexpr std::size_t kMessages = 400;

  /// Whether there is a device to make narrower.
  bool enter_private_network() {
    network_ = PrivateNetwork::enter();
    if (network_) return network_->set_mtu(kWideMtu);
    std::cerr << "nothing tested: no right to a network of its own; run as root\n";
    return false;
  }
  void send_all(Peer& client, ConnectionHandle handle) {
    const std::vector<std::uint8_t> bytes(20'000, 7);
    for (; sent_ < kMessages; ++sent_) {
      if (!client.send(handle, bytes)) return;
    }
  }
  std::unique_ptr<PrivateNetwork> network_;
  std::size_t sent_ = 0;
};

TEST_P(NarrowDeviceTest, OneRefusalTellsTheSize) {
  if (!enter_private_network()) return;
  const UvDriver driver = std::get<0>(GetParam());
  const NarrowCase& path = std::get<1>(GetParam());
  SocketDecorator* socket = nullptr;
  Peer& server = make(serving(path.server), *parts_of(driver));
  Peer& client = make(bound_to(path.client), decorated(*parts_of(driver), socket));
  bool is_narrow = false;
  std::size_t largest_before = 0;
  std::size_t largest_after = 0;
  socket->on_sent = [&](const Transmit& transmit, std::size_t) {
    auto& largest = is_narrow ? largest_after : largest_before;
    largest = std::max(largest, transmit.segment_size);
    if (is_narrow || client.receipt_events.size() < kMessages / 4) return;
    is_narrow = network_->set_mtu(kNarrowMtu);
    EXPECT_TRUE(is_narrow);
    EXPECT_EQ(datagram_size_limit(server.endpoint->local_address()), ByteCount::of(path.narrow));
  };
  ConnectionConfig config;
  config.datagram_size = config.datagram_size_max = ByteCount::of(path.wide);
  const auto handle = client.connect(server.endpoint->local_address(), config);
  client.on_event = [&](Event&) { send_all(client, handle); };

  ASSERT_TRUE(run_until([&] { return client.receipt_events.size() == kMessages; }));
  EXPECT_EQ(client.receipts(Outcome::delivered), kMessages);
  EXPECT_EQ(largest_before, path.wide);
  EXPECT_EQ(largest_after, path.narrow);
  EXPECT_EQ(socket->counters().sends_too_large, 1U);
  EXPECT_EQ(socket->counters().sends_refused, 0U);
  EXPECT_EQ(socket->counters().offload_refusals, 0U);
  close_peers();
}

// A probe that the host refuses takes no other datagram along, and the refusal tells the size.
TEST_P(NarrowDeviceTest, ASearchThatMeetsARefusalEndsAtItsLimit) {
  if (!enter_private_network()) return;
  const UvDriver driver = std::get<0>(GetParam());
  const NarrowCase& path = std::get<1>(GetParam());
  Peer& server = make(serving(path.server), *parts_of(driver));
  Peer& client = make(bound_to(path.client), *parts_of(driver));
  ConnectionConfig config;
  config.datagram_size_max = ByteCount(9000);
  const auto handle = client.connect(server.endpoint->local_address(), config);
  client.on_event = [&](Event&) { send_all(client, handle); };
  ASSERT_TRUE(run_until([&] { return client.receipt_events.size() == kMessages; }));
  const ConnectionStats stats = *client.endpoint->stats(handle);
  EXPECT_LE(stats.datagram_size, ByteCount::of(path.wide));
  EXPECT_GT(stats.datagram_size + PathMtuSearch::kStep, ByteCount::of(path.wide));
  EXPECT_EQ(stats.packets_lost, 0U);
  const SocketStats socket = client.endpoint->socket_stats();
  EXPECT_EQ(socket.sends_too_large, 1U);
  EXPECT_EQ(socket.datagrams_dropped, 1U);
  close_peers();
}

INSTANTIATE_TEST_SUITE_P(
    Drivers, NarrowDeviceTest,
    ::testing::Combine(
        ::testing::Values(UvDriver::linux_batched, UvDriver::portable),
        ::testing::Values(NarrowCase{"Ipv4", "127.0.0.1:0", "127.0.0.1:0", 1472, 1272},
                          NarrowCase{"Ipv6", "[::1]:0", "[::1]:0", 1452, 1252},
                          NarrowCase{"DualStackToIpv4", "[::]:0", "127.0.0.1:0", 1472, 1272})),
    [](const auto& test) {
      const bool is_portable = std::get<0>(test.param) == UvDriver::portable;
      return std::string(is_portable ? "Portable" : "Linux") + std::get<1>(test.param).name;
    });

}  // namespace

}  // namespace hawser::rim
