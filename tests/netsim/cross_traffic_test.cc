#include "hawser/netsim/cross_traffic.h"

#include <chrono>
#include <cmath>

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

/// The time that an alternating renewal process of these means is on within `span`: expectation and
/// standard deviation, sqrt(2 on^2 off^2 span / (on + off)^3) (Cox, Renewal Theory, s7).
struct OnTime {
  double seconds = 0;
  double deviation = 0;
};
OnTime on_time(std::chrono::duration<double> on, std::chrono::duration<double> off, double span) {
  const double a = on.count();
  const double b = off.count();
  return {span * a / (a + b), a * b * std::sqrt(2 * span / std::pow(a + b, 3))};
}

TEST_F(CrossTrafficTest, BurstsKeepTheMeanHoweverShortTheyAre) {
  constexpr double kSpan = 200;
  config_.stop = 200s;
  struct Case {
    std::int64_t rate;
    Duration on;
    Duration off;
  };
  // Intervals of 1, 8 and 4 ms: far below, about, and twice the length of a burst.
  for (const Case& each :
       {Case{8'000'000, 50ms, 150ms}, {1'000'000, 10ms, 10ms}, {2'000'000, 2ms, 18ms}}) {
    SCOPED_TRACE(each.rate);
    config_.rate = Bandwidth::bits_per_second(each.rate);
    config_.mean_on = each.on;
    config_.mean_off = each.off;
    EventQueue events;
    Network network(events, 1);
    const Path path = network.add_path({});
    config_.route = {{path.up}, {path.down}};
    const CrossTraffic traffic(events, network, config_);
    events.run_until(kNever);
    const OnTime expected = on_time(each.on, each.off, kSpan);
    const double per_second = static_cast<double>(each.rate) / 8'000;
    EXPECT_NEAR(static_cast<double>(traffic.stats().sent), expected.seconds * per_second,
                4 * expected.deviation * per_second + 1);
  }
}

TEST_F(CrossTrafficTest, ABurstGoesOnWhereTheLastOneEnded) {
  config_.mean_on = config_.mean_off = 100us;  // a tenth of the interval
  config_.stop = 1s;
  const CrossTraffic traffic(events_, network_, config_);
  events_.run_until(EventQueue::kStart);
  EXPECT_EQ(traffic.stats().sent, 1U) << "it begins with a burst, and that with a datagram";
  events_.run_until(EventQueue::kStart + 1ms);
  EXPECT_EQ(traffic.stats().sent, 1U) << "half of the interval is not over yet";
  EXPECT_EQ(events_.run_until(kNever), RunOutcome::idle) << "it ends";
}

using CrossTrafficDeathTest = CrossTrafficTest;

TEST_F(CrossTrafficDeathTest, WhatItCannotSendIsNamed) {
  config_.rate = Bandwidth::bits_per_second(0);
  EXPECT_DEATH(CrossTraffic(events_, network_, config_),
               "hawser: CrossTrafficConfig: rate is 0 bit/s; it must be 1 bit/s or more");
  config_.rate = Bandwidth::bits_per_second(8'000);
  config_.mean_on = 1s;
  EXPECT_EQ(config_.validate(),
            "mean_off is 0 ns; it must be zero if mean_on is, and above zero otherwise");
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
