// Steady state calls no allocator: counted, not claimed.

#include <cstdlib>
#include <new>

#include <gtest/gtest.h>

#include "hawser/endpoint.h"

namespace {
std::uint64_t news = 0;
}  // namespace

// Every form of new ends here; the pool's own calls of malloc are counted by its statistics.
void* operator new(std::size_t size) {
  ++news;
  if (void* memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  ++news;
  return std::malloc(size);
}
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpragmas"
#pragma GCC diagnostic ignored "-Wunknown-warning-option"
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"  // the operator above is ours
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
#pragma GCC diagnostic pop

namespace hawser {
namespace {

using namespace std::chrono_literals;

/// Two endpoints joined by a wire without delay; nothing in it allocates.
class AllocationTest : public ::testing::Test {
 protected:
  AllocationTest() {
    EndpointConfig accepting;
    accepting.accepts_connections = true;
    client_ = *Endpoint::create({}, client_random_);
    server_ = *Endpoint::create(accepting, server_random_);
    handle_ = *client_->connect({.remote = server_address_});
  }
  void exchange() {
    for (bool is_busy = true; is_busy;) {
      is_busy = pump(*client_, *server_, client_address_);
      is_busy = pump(*server_, *client_, server_address_) || is_busy;
    }
    now_ += 1ms;
    for (Endpoint* endpoint : {client_.get(), server_.get()}) {
      if (endpoint->next_timeout() <= now_) endpoint->handle_timeout(now_);
    }
  }
  bool pump(Endpoint& from, Endpoint& to, const SocketAddress& source) {
    bool is_busy = false;
    while (auto event = from.poll_event()) {
      is_busy = true;
      if (const auto* message = std::get_if<MessageEvent>(&event->what)) {
        received_ += message->bytes.size() == 200 ? 1 : 0;
      }
    }
    TransmitBuffer buffer{.bytes = space_};
    while (const auto transmit = from.poll_transmit(now_, buffer)) {
      is_busy = true;
      to.receive(now_, {.bytes = std::span(space_).first(transmit->bytes),
                        .segment_size = transmit->segment_size,
                        .path = {.local = transmit->path.remote, .remote = source}});
    }
    return is_busy;
  }
  void send_and_deliver(int messages) {
    for (int i = 0; i < messages; ++i) {
      ASSERT_TRUE(client_->send(handle_, message_));
      if (i % 16 == 15) exchange();
    }
    exchange();
  }

  SocketAddress client_address_ = SocketAddress::ipv4({192, 0, 2, 1}, 40000);
  SocketAddress server_address_ = SocketAddress::ipv4({192, 0, 2, 2}, 9000);
  SeededRandom client_random_{1};
  SeededRandom server_random_{2};
  TimePoint now_{1s};
  std::array<std::uint8_t, 200> message_{};
  std::array<std::uint8_t, 1 << 16> space_{};
  int received_ = 0;
  std::unique_ptr<Endpoint> client_;
  std::unique_ptr<Endpoint> server_;
  ConnectionHandle handle_ = ConnectionHandle::none;
};

TEST_F(AllocationTest, SteadySendingAndReceivingCallsNoAllocator) {
  send_and_deliver(2000);
  const std::uint64_t news_before = news;
  const auto client_before = client_->stats().memory;
  const auto server_before = server_->stats().memory;
  send_and_deliver(20'000);
  EXPECT_EQ(received_, 22'000);
  EXPECT_EQ(news - news_before, 0U);
  EXPECT_EQ(client_->stats().memory.system_allocations, client_before.system_allocations);
  EXPECT_EQ(server_->stats().memory.system_allocations, server_before.system_allocations);
  EXPECT_EQ(client_->stats().memory.reserved, client_before.reserved);
  EXPECT_EQ(server_->stats().memory.reserved, server_before.reserved);
}

}  // namespace
}  // namespace hawser
