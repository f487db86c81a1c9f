#include "tools/hawser/relay_monitor.h"

#include <gtest/gtest.h>

namespace hawser::cli {
namespace {

using namespace std::chrono_literals;

TEST(RelayMonitorTest, SaysRatesOfTheIntervalAndCountsOfAll) {
  UdpRelayStats before;
  before.up.packets = 100;
  before.up.bytes = ByteCount(100'000);
  before.up.dropped_loss = 7;
  UdpRelayStats after = before;
  after.clients = 3;
  after.up.packets += 1000;
  after.up.bytes += ByteCount(1'250'000);
  after.up.dropped_loss += 5;
  after.up.dropped_blackout = 1;
  after.down.dropped_queue = 9;
  after.down.dropped_policer = 18'000;
  after.down.dropped_aqm = 40;
  after.down.dropped_mtu = 2;
  EXPECT_EQ(describe_interval(before, after, 2s),
            "3 clients; up 500/s 5.00 Mbit/s, 13 dropped; "
            "down 0/s 0.00 Mbit/s, 18051 dropped");
}

}  // namespace
}  // namespace hawser::cli
