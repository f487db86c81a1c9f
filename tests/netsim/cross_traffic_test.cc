#include "hawser/netsim/cross_traffic.h"

#include <gtest/gtest.h>

namespace hawser::netsim {
namespace {

using namespace std::chrono_literals;

/// A path without delay; 972 bytes of payload at 8 Mbit/s are one datagram each millisecond.
class CrossTrafficTest : public ::testing::Test {
 protected:
  CrossTrafficTest() {
    config_.client = SocketAddress::ipv4({10, 0, 0, 1}, 1);
    config_.server = SocketAddress::ipv4({10, 0, 0, 2}, 2);
    const Path path = network_.add_path({});
    config_.route = {{path.up}, {path.down}};
    config_.rate = Bandwidth::bits_per_second(8'000'000);
    config_.payload = ByteCount(972);
  }
  EventQueue events_;
  Network network_{events_, 1};
  CrossTrafficConfig config_;
};

TEST_F(CrossTrafficTest, AConstantRateIsKeptFromStartToStop) {
  config_.start = 100ms;
  config_.stop = 200ms;
  const CrossTraffic traffic(events_, network_, config_);
  events_.run_until(EventQueue::kStart + 150ms - 1ns);
  EXPECT_EQ(traffic.stats().sent, 50U);
  EXPECT_EQ(events_.run_until(kNever), RunOutcome::idle) << "it ends";
  EXPECT_EQ(traffic.stats().sent, 100U);
  EXPECT_EQ(traffic.stats().received, 100U);
  EXPECT_EQ(traffic.stats().bytes_received, ByteCount(100'000));
}

TEST_F(CrossTrafficTest, ItMayComeFromTheServer) {
  config_.is_from_server = true;
  config_.stop = 10ms;
  const CrossTraffic traffic(events_, network_, config_);
  events_.run_until(kNever);
  EXPECT_EQ(traffic.stats().received, 10U);
  EXPECT_EQ(network_.link(config_.route.down.front()).stats(events_.now()).packets, 10U);
}

// A quarter of the time is on; a thousand periods have a standard error of 3 % of the share.
TEST_F(CrossTrafficTest, BurstsTakeTheirShareOfTheTime) {
  config_.mean_on = 50ms;
  config_.mean_off = 150ms;
  config_.stop = 200s;
  const CrossTraffic traffic(events_, network_, config_);
  events_.run_until(kNever);
  // Each burst sends one datagram more than its length has intervals, half of one on average.
  EXPECT_NEAR(static_cast<double>(traffic.stats().sent), 50'500, 6'700);
}

TEST_F(CrossTrafficTest, TheSameSeedSendsTheSame) {
  config_.mean_on = config_.mean_off = 10ms;
  config_.stop = 1s;
  const auto sent_with = [this](std::uint64_t seed) {
    EventQueue events;
    Network network(events, 1);
    const Path path = network.add_path({});
    config_.route = {{path.up}, {path.down}};
    config_.seed = seed;
    const CrossTraffic traffic(events, network, config_);
    events.run_until(kNever);
    return network.trace_hash();
  };
  EXPECT_EQ(sent_with(1), sent_with(1));
  EXPECT_NE(sent_with(1), sent_with(2));
}

}  // namespace
}  // namespace hawser::netsim
