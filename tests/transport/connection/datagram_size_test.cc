// The search for larger datagrams through two endpoints back to back (RFC 8899).

#include <gtest/gtest.h>

#include "tests/support/endpoint_pair.h"

namespace hawser {
namespace {

using namespace std::chrono_literals;
using testing::Fate;
using testing::Flight;
using testing::Host;

class DatagramSizeTest : public ::testing::Test, protected testing::EndpointPair {
 protected:
  /// From now on the path carries so much of what the client sends.
  void carry(std::size_t size) {
    script = [this, size](Flight& flight, const Host& from) {
      if (&from == &client_host()) largest_ = std::max(largest_, flight.bytes.size());
      return flight.bytes.size() > size ? Fate::drop : Fate::deliver;
    };
  }
  void transfer(ConnectionHandle handle, std::size_t size, int messages = 100) {
    for (int i = 0; i < messages; ++i) ASSERT_TRUE(send(handle, std::string(size, 'x')));
    run_until_idle();
  }
  /// A window that leaves a search the round trips that it takes.
  static ConnectionConfig narrow() {
    ConnectionConfig config;
    config.congestion_config.window_max = ByteCount(64 << 10);
    return config;
  }
  ConnectionStats stats(ConnectionHandle handle) { return *client().stats(handle); }

  std::size_t largest_ = 0;
};

TEST_F(DatagramSizeTest, GrowsToWhatThePathCarries) {
  carry(1472);
  const auto [client_end, server_end] = connect_both();
  transfer(client_end, 20'000);
  EXPECT_EQ(stats(client_end).datagram_size, ByteCount(1472));
  EXPECT_EQ(stats(client_end).mtu_probes_sent, 1U);
  EXPECT_EQ(stats(client_end).packets_lost, 0U);
  EXPECT_EQ(server().stats(server_end)->datagram_size, ByteCount(1200)) << "it sent nothing large";
}

TEST_F(DatagramSizeTest, MessagesThatFitADatagramNeedNoSearch) {
  const auto [client_end, server_end] = connect_both();
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(send(client_end, std::string(1000, 'x')));
    run_for(5ms);
  }
  run_until_idle();
  EXPECT_EQ(stats(client_end).mtu_probes_sent, 0U);
}

TEST_F(DatagramSizeTest, StaysWhereItIsWithoutTheSearch) {
  ConnectionConfig config;
  config.path_mtu_search = false;
  carry(1472);
  const auto [client_end, server_end] = connect_both(config);
  transfer(client_end, 20'000);
  EXPECT_EQ(largest_, 1200U);
}

// The first window has better use for its ten datagrams.
TEST_F(DatagramSizeTest, NoProbeLeavesBeforeSomethingIsAcknowledged) {
  const auto [client_end, server_end] = connect_both();
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(send(client_end, std::string(20'000, 'x')));
  std::vector<std::uint8_t> space(65'536);
  TransmitBuffer buffer{.bytes = space};
  while (client().poll_transmit(now(), buffer)) continue;
  EXPECT_EQ(stats(client_end).mtu_probes_sent, 0U);
}

// A probe never shares a batch: it is of another size, and may be refused.
TEST_F(DatagramSizeTest, AProbeLeavesByItself) {
  const auto [client_end, server_end] = connect_both();
  transfer(client_end, 10, 1);
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(send(client_end, std::string(20'000, 'x')));
  std::vector<std::uint8_t> space(65'536);
  TransmitBuffer buffer{.bytes = space};
  int probes = 0;
  while (const auto transmit = client().poll_transmit(now(), buffer)) {
    if (!transmit->is_mtu_probe) continue;
    ++probes;
    EXPECT_EQ(transmit->bytes, 1472U);
    EXPECT_EQ(transmit->segment_size, 1472U);
  }
  EXPECT_EQ(probes, 1);
}

// A driver that holds no larger ones gets the usual datagrams.
TEST_F(DatagramSizeTest, AProbeThatDoesNotFitTheBufferDoesNotStandInTheWay) {
  const auto [client_end, server_end] = connect_both();
  transfer(client_end, 10, 1);
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(send(client_end, std::string(20'000, 'x')));
  std::vector<std::uint8_t> space(1200);
  TransmitBuffer buffer{.bytes = space};
  int datagrams = 0;
  while (client().poll_transmit(now(), buffer)) ++datagrams;
  EXPECT_GT(datagrams, 5);
  EXPECT_EQ(stats(client_end).mtu_probes_sent, 0U);
}

// RFC 8899 s4.3: the segments that no longer fit leave again in smaller ones, and no window shrinks
// for what was too large.
TEST_F(DatagramSizeTest, ABlackHoleIsLeftBehind) {
  const auto [client_end, server_end] = connect_both(narrow());
  transfer(client_end, 20'000, 20);
  ASSERT_EQ(stats(client_end).datagram_size, ByteCount(1472));
  const ByteCount window = stats(client_end).congestion.congestion_window;
  carry(1252);
  transfer(client_end, 20'000, 200);
  EXPECT_EQ(stats(client_end).messages_delivered, 220U);
  EXPECT_EQ(stats(client_end).mtu_black_holes, 1U);
  EXPECT_EQ(stats(client_end).datagram_size, ByteCount(1252));
  EXPECT_GT(stats(client_end).segments_abandoned, 0U);
  EXPECT_GE(stats(client_end).congestion.congestion_window, window);
}

TEST_F(DatagramSizeTest, JumboFramesAreFoundWhereTheyAreAllowed) {
  carry(65'507);
  ConnectionConfig config;
  config.datagram_size_max = ByteCount(9000);
  const auto [client_end, server_end] = connect_both(config);
  transfer(client_end, 200'000, 50);
  EXPECT_EQ(stats(client_end).datagram_size, ByteCount(9000));
  EXPECT_EQ(largest_, 9000U);
}

TEST_F(DatagramSizeTest, AnotherHostOfThePeerIsAnotherPath) {
  server_host().config.accepted = narrow();
  server_host().start(2);
  const auto [client_end, server_end] = connect_both();
  for (int i = 0; i < 200; ++i) {
    ASSERT_TRUE(server().send(server_end, testing::bytes_of(std::string(20'000, 'x'))));
  }
  run_for(100ms);
  ASSERT_EQ(server().stats(server_end)->datagram_size, ByteCount(1472));
  client_host().address = SocketAddress::ipv4({198, 51, 100, 9}, 5555);
  script = [](Flight& flight, const Host&) {
    return flight.bytes.size() > 1252 ? Fate::drop : Fate::deliver;
  };
  ASSERT_TRUE(send(client_end, "here I am"));
  run_until_idle();
  EXPECT_EQ(client_host().count<MessageEvent>(), 200U);
  EXPECT_EQ(server().stats(server_end)->datagram_size, ByteCount(1252));
  EXPECT_EQ(server().stats(server_end)->mtu_black_holes, 0U);
}

}  // namespace
}  // namespace hawser
