#include "tools/hawser/udp_port.h"

#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hawser::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// A socket whose kernel has room or not, and which takes a blocked datagram with it or not.
class FakeSocket final : public rim::UdpSocket {
 public:
  struct Wire {
    rim::SendResult answer;
    std::vector<std::string> sent;
    Listener* listener = nullptr;
  };
  explicit FakeSocket(Wire& wire) : wire_(&wire) {}
  std::error_code start(Listener& listener) override {
    wire_->listener = &listener;
    return {};
  }
  rim::SendResult send(const Transmit& transmit, std::span<const std::uint8_t> bytes) override {
    EXPECT_EQ(transmit.bytes, bytes.size());
    rim::SendResult result = wire_->answer;
    if (result.status == rim::SendStatus::sent) result.bytes_taken = bytes.size();
    if (result.bytes_taken > 0) wire_->sent.emplace_back(bytes.begin(), bytes.end());
    return result;
  }
  SocketAddress local_address() const override { return {}; }
  const SocketStats& counters() const override { return counters_; }
  void set_referenced(bool) override {}
  void close(rim::CloseBarrier&) override {}

 private:
  Wire* wire_;
  SocketStats counters_;
};

class UdpPortTest : public testing::Test {
 protected:
  UdpPortTest() : port_(std::move(*UdpPort::over(std::make_unique<FakeSocket>(wire_), {}))) {}
  bool send(const std::string& text) {
    const std::vector<std::uint8_t> bytes(text.begin(), text.end());
    return port_->send(SocketAddress::ipv4({127, 0, 0, 1}, 9), Buffer::copy_of(pool_, bytes));
  }
  MemoryPool pool_;
  FakeSocket::Wire wire_;
  std::unique_ptr<UdpPort> port_;
};

TEST_F(UdpPortTest, WhatFindsNoRoomLeavesOnceThereIsSome) {
  wire_.answer = {.status = rim::SendStatus::blocked};
  EXPECT_TRUE(send("first"));
  EXPECT_FALSE(send("second")) << "one waits at a time";
  EXPECT_THAT(wire_.sent, IsEmpty());
  wire_.listener->on_writable();
  EXPECT_THAT(wire_.sent, IsEmpty()) << "blocked once more";
  wire_.answer = {};
  wire_.listener->on_writable();
  wire_.listener->on_writable();
  EXPECT_TRUE(send("third"));
  EXPECT_THAT(wire_.sent, ElementsAre("first", "third"));
}

TEST_F(UdpPortTest, WhatTheSocketTookIsNotSentTwice) {
  wire_.answer = {.status = rim::SendStatus::blocked, .bytes_taken = 5};
  EXPECT_TRUE(send("first"));
  wire_.answer = {};
  wire_.listener->on_writable();
  EXPECT_TRUE(send("second"));
  EXPECT_THAT(wire_.sent, ElementsAre("first", "second"));
}

TEST_F(UdpPortTest, RefusedAndEmptyDatagramsAreLost) {
  EXPECT_FALSE(send(""));
  wire_.answer = {.status = rim::SendStatus::refused};
  EXPECT_FALSE(send("refused"));
  wire_.answer = {};
  EXPECT_TRUE(send("sent"));
  EXPECT_THAT(wire_.sent, ElementsAre("sent"));
}

}  // namespace
}  // namespace hawser::cli
