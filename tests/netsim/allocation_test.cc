// In a program of its own: it replaces the global operator new.

#include <cstdlib>
#include <new>
#include <vector>

#include <gtest/gtest.h>

#include "hawser/netsim/network.h"

namespace {

std::size_t allocations = 0;

void* count_and_allocate(std::size_t size) {
  ++allocations;
  void* memory = std::malloc(size == 0 ? 1 : size);
  if (memory == nullptr) std::abort();
  return memory;
}

}  // namespace

void* operator new(std::size_t size) { return count_and_allocate(size); }
void* operator new[](std::size_t size) { return count_and_allocate(size); }
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }

namespace hawser::netsim {
namespace {

using namespace std::chrono_literals;

SocketAddress address(std::uint8_t host) {
  SocketAddress address;
  address.family = SocketAddress::Family::ipv4;
  address.ip = {10, 0, 0, host};
  return address;
}

/// Sends every datagram back as a fresh one.
class Echo final : public DatagramSink {
 public:
  void on_datagram(TimePoint, Datagram&& datagram) override {
    network->send(id, {.destination = datagram.source,
                       .bytes = Buffer::copy_of(network->pool(), datagram.bytes.bytes())});
  }
  Network* network = nullptr;
  HostId id{};
};

TEST(AllocationTest, AWarmNetworkAllocatesNothing) {
  EventQueue events;
  Network network(events, 1);
  PathConfig config;
  for (LinkConfig* link : {&config.up, &config.down}) {
    link->delay = 10ms;
    link->jitter.spread = 3ms;
    link->damage.corrupt = Probability::percent(10);
    link->reorder.probability = Probability::percent(10);
    link->rate = Bandwidth::bits_per_second(1'000'000'000);
  }
  Echo server;
  Echo client;
  server.network = client.network = &network;
  const Path path = network.add_path(config);
  server.id = network.add_host(address(1), server);
  client.id = network.add_host(address(2), client, {{path.up}, {path.down}});
  const std::vector<std::uint8_t> bytes(1200, 1);
  for (int i = 0; i < 100; ++i) {
    network.send(client.id,
                 {.destination = address(1), .bytes = Buffer::copy_of(network.pool(), bytes)});
  }
  events.run_until(EventQueue::kStart + 1s);

  const std::size_t allocations_before = allocations;
  const std::uint64_t blocks_before = network.pool().stats().system_allocations;
  const std::uint64_t offered_before = network.stats().offered;
  events.run_until(EventQueue::kStart + 10s);
  EXPECT_EQ(allocations, allocations_before);
  EXPECT_EQ(network.pool().stats().system_allocations, blocks_before);
  EXPECT_GT(network.stats().offered, offered_before + 80'000);
}

}  // namespace
}  // namespace hawser::netsim
