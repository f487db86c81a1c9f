#include "tools/hawser/udp_relay.h"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace hawser::cli {
namespace {

using namespace std::chrono_literals;

const SocketAddress kAny = SocketAddress::ipv4({127, 0, 0, 1}, 0);

/// A server that answers every datagram with what it got and the port that it saw.
class UdpRelayTest : public testing::Test {
 protected:
  void start(UdpRelayConfig config) {
    auto server = UdpPort::open(loop_, kAny, [this](const UdpPort::Arrival& arrival) {
      seen_.push_back(arrival.from.port);
      server_->send(arrival.from, Buffer::copy_of(pool_, arrival.bytes));
    });
    ASSERT_TRUE(server.has_value()) << server.error().message();
    server_ = std::move(*server);
    config.listen = kAny;
    config.to = server_->address();
    auto relay = UdpRelay::create(loop_, config);
    ASSERT_TRUE(relay.has_value()) << relay.error().message();
    relay_ = std::move(*relay);
  }
  /// A client that notes the first byte of what it hears.
  void add_client() {
    const std::size_t number = clients_.size();
    heard_.emplace_back();
    auto client = UdpPort::open(loop_, kAny, [this, number](const UdpPort::Arrival& arrival) {
      heard_[number] += std::to_string(arrival.bytes[0]) + " ";
      ++answers_;
    });
    ASSERT_TRUE(client.has_value()) << client.error().message();
    clients_.push_back(std::move(*client));
  }
  void send(std::size_t client) {
    const std::vector<std::uint8_t> bytes(10, static_cast<std::uint8_t>(client));
    EXPECT_TRUE(clients_[client]->send(relay_->address(), Buffer::copy_of(pool_, bytes)));
  }
  /// Until so many answers have come; what never comes is the test's own timeout's business.
  void await(std::size_t answers) {
    loop_.run_until([&] { return answers_ >= answers; });
  }

  MemoryPool pool_;
  EventLoop loop_;
  std::unique_ptr<UdpPort> server_;
  std::unique_ptr<UdpRelay> relay_;
  std::vector<std::unique_ptr<UdpPort>> clients_;
  std::vector<std::string> heard_;
  std::vector<std::uint16_t> seen_;
  std::size_t answers_ = 0;
};

TEST_F(UdpRelayTest, ManyClientsEachGetTheirOwnAnswers) {
  UdpRelayConfig config;
  config.path.up.delay = config.path.down.delay = 2ms;
  start(config);
  constexpr std::size_t kClients = 200;
  for (std::size_t i = 0; i < kClients; ++i) add_client();
  for (std::size_t i = 0; i < kClients; ++i) {
    send(i);
    await(i / 20 * 20);  // no more at a time than any socket's buffer holds
  }
  await(kClients);
  for (std::size_t i = 0; i < kClients; ++i) {
    EXPECT_EQ(heard_[i], std::to_string(static_cast<std::uint8_t>(i)) + " ");
  }
  EXPECT_EQ(relay_->stats().clients, kClients);
  std::ranges::sort(seen_);
  EXPECT_EQ(std::unique(seen_.begin(), seen_.end()) - seen_.begin(), 200)
      << "each by a port of its own";
}

TEST_F(UdpRelayTest, WhatWaitedToBeReadWasLate) {
  UdpRelayConfig config;
  config.path.up.delay = 1ms;
  start(config);
  add_client();
  send(0);
  // A loop that is held up by something else.
  for (const TimePoint end = monotonic_now() + 50ms; monotonic_now() < end;) continue;
  await(1);
  EXPECT_GE(relay_->lateness().max(), 50ms);
}

TEST_F(UdpRelayTest, WhoComesWhileTheTableIsFullIsCounted) {
  UdpRelayConfig config;
  config.clients_max = 2;
  start(config);
  for (int i = 0; i < 3; ++i) add_client();
  send(0);
  send(1);
  await(2);
  send(2);
  loop_.run_until([this] { return relay_->stats().clients_refused > 0; });
  EXPECT_EQ(relay_->stats().clients, 2U);
  EXPECT_EQ(heard_[2], "");
}

}  // namespace
}  // namespace hawser::cli
