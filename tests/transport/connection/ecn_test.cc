// ECN marks through two endpoints back to back (RFC 9000 s13.4).

#include <gtest/gtest.h>

#include "tests/support/endpoint_pair.h"

namespace hawser {
namespace {

using namespace std::chrono_literals;
using testing::Fate;
using testing::Flight;
using testing::Host;

class EcnTest : public ::testing::Test, protected testing::EndpointPair {
 protected:
  void transfer(ConnectionHandle handle, int messages = 200) {
    for (int i = 0; i < messages; ++i) ASSERT_TRUE(send(handle, std::string(5000, 'x')));
    run_until_idle();
  }
  /// A first flight that outlasts the test of the path.
  static ConnectionConfig wide() {
    ConnectionConfig config;
    config.congestion_config.initial_window = ByteCount(100'000);
    return config;
  }
  ConnectionStats client_stats(ConnectionHandle handle) { return *client().stats(handle); }
};

TEST_F(EcnTest, PacketsLeaveMarkedAndTheHandshakeDoesNot) {
  std::vector<Ecn> of_client;
  script = [&](Flight& flight, const Host& from) {
    if (&from == &client_host()) of_client.push_back(flight.ecn);
    return Fate::deliver;
  };
  const auto [client_end, server_end] = connect_both();
  const std::size_t before = of_client.size();
  EXPECT_EQ(std::ranges::count(of_client, Ecn::ect0), 0) << "INITs and an acknowledgement";
  transfer(client_end);
  EXPECT_GT(of_client.size(), before + 100);
  EXPECT_EQ(client_stats(client_end).ecn_state, EcnState::capable);
  // Ten were sent before the first acknowledgement, and two more without a mark.
  const auto unmarked = std::ranges::count(of_client, Ecn::not_ect);
  EXPECT_LT(static_cast<std::size_t>(unmarked), before + 10);
  EXPECT_EQ(std::ranges::count(of_client, Ecn::ect1), 0);
}

TEST_F(EcnTest, AMarkIsAcknowledgedAtOnceAndAnsweredByTheSender) {
  const auto [client_end, server_end] = connect_both();
  transfer(client_end, 20);
  ASSERT_EQ(client_stats(client_end).ecn_state, EcnState::capable);
  const ByteCount before = client_stats(client_end).congestion.congestion_window;
  bool is_marked = false;
  script = [&](Flight& flight, const Host& from) {
    if (&from == &client_host() && !std::exchange(is_marked, true)) flight.ecn = Ecn::ce;
    return Fate::deliver;
  };
  transfer(client_end, 10);
  const ConnectionStats stats = client_stats(client_end);
  EXPECT_EQ(stats.ecn_ce_reported, 1U);
  EXPECT_EQ(stats.ecn_reductions, 1U);
  EXPECT_EQ(server().stats(server_end)->ecn_ce_received, 1U);
  EXPECT_LT(stats.congestion.congestion_window, before);
  EXPECT_EQ(stats.packets_lost, 0U);
  EXPECT_EQ(stats.retransmitted_bytes, ByteCount(0));
}

TEST_F(EcnTest, OffMeansUnmarked) {
  bool is_marked = false;
  script = [&](Flight& flight, const Host& from) {
    is_marked |= &from == &client_host() && flight.ecn != Ecn::not_ect;
    return Fate::deliver;
  };
  ConnectionConfig config;
  config.ecn = false;
  const auto [client_end, server_end] = connect_both(config);
  transfer(client_end);
  EXPECT_FALSE(is_marked);
  EXPECT_EQ(client_stats(client_end).ecn_state, EcnState::off);
}

// One send cannot bear two marks: the test of a path, which ends in the midst of a flight, goes one
// by one.
TEST_F(EcnTest, AllDatagramsOfOneTransmitBearOneMark) {
  const auto [client_end, server_end] = connect_both(wide());
  for (int i = 0; i < 500; ++i) ASSERT_TRUE(send(client_end, std::string(20'000, 'x')));
  std::vector<std::uint8_t> space(65'536);
  TransmitBuffer buffer{.bytes = space};
  std::size_t marked = 0;
  while (const auto transmit = client().poll_transmit(now(), buffer)) {
    if (transmit->ecn != Ecn::ect0) continue;
    ++marked;
    EXPECT_EQ(transmit->bytes, transmit->segment_size);
  }
  EXPECT_EQ(marked, 10U);
}

// What the wire carries is what was noted, whatever the buffer's capacity.
TEST_F(EcnTest, TheCapacityOfTheBufferDoesNotShowInTheMarks) {
  for (const std::size_t capacity : {1U, 2U, 64U}) {
    datagrams_max = capacity;
    const ConnectionHandle handle = connect(wide());
    run_until_idle();
    transfer(handle, 2000);
    EXPECT_EQ(client_stats(handle).ecn_state, EcnState::capable) << capacity;
  }
}

}  // namespace
}  // namespace hawser
