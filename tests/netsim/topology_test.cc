#include "hawser/netsim/topology.h"

#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hawser::netsim {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;

SocketAddress address(std::uint8_t host) { return SocketAddress::ipv4({10, 0, 0, host}, 1000); }

/// Notes when something arrives.
class Watch final : public DatagramSink {
 public:
  void on_datagram(TimePoint now, Datagram&&) override {
    arrivals.push_back(now - EventQueue::kStart);
  }
  std::vector<Duration> arrivals;
};

/// Three hops that take 1, 2 and 4 ms up, ten times that down.
class TopologyTest : public ::testing::Test {
 protected:
  static std::vector<PathConfig> three_hops() {
    std::vector<PathConfig> hops(3);
    for (int i = 0; i < 3; ++i) {
      hops[static_cast<std::size_t>(i)].up.delay = 1ms * (1 << i);
      hops[static_cast<std::size_t>(i)].down.delay = 10ms * (1 << i);
    }
    return hops;
  }
  void send(HostId from, const SocketAddress& to) {
    network_.send(from, {.destination = to, .bytes = Buffer::allocate(network_.pool(), 10)});
    events_.run_until(kNever);
  }
  EventQueue events_;
  Network network_{events_, 1};
  Watch client_;
  Watch server_;
};

TEST_F(TopologyTest, ARowIsCrossedInOrderAndBackAgain) {
  const BottleneckRow row(network_, three_hops());
  ASSERT_EQ(row.size(), 3U);
  const Route route = row.across_all();
  EXPECT_THAT(route.up, ElementsAre(row.hop(0).up, row.hop(1).up, row.hop(2).up));
  EXPECT_THAT(route.down, ElementsAre(row.hop(2).down, row.hop(1).down, row.hop(0).down));
  const HostId server = network_.add_host(address(1), server_);
  const HostId client = network_.add_host(address(2), client_, route);
  send(client, address(1));
  EXPECT_THAT(server_.arrivals, ElementsAre(7ms));
  send(server, address(2));
  EXPECT_THAT(client_.arrivals, ElementsAre(77ms));
}

TEST_F(TopologyTest, AFlowMayCrossAPart) {
  const BottleneckRow row(network_, three_hops());
  network_.add_host(address(1), server_);
  send(network_.add_host(address(2), client_, row.across(1, 2)), address(1));
  EXPECT_THAT(server_.arrivals, ElementsAre(6ms));
}

TEST_F(TopologyTest, LinksAreNamedByTheirHop) {
  const BottleneckRow row(network_, three_hops());
  EXPECT_EQ(network_.name(row.hop(0).up), "up1");
  EXPECT_EQ(network_.name(row.hop(2).down), "down3");
  const BottleneckRow one(network_, {PathConfig{}});
  EXPECT_EQ(network_.name(one.hop(0).down), "down");
}

TEST_F(TopologyTest, AnAccessLinkLiesBetweenTheClientAndTheRest) {
  const BottleneckRow row(network_, {PathConfig{}});
  Route route = row.across_all();
  LinkConfig access;
  access.delay = 3ms;
  add_access(network_, route, "access1", access);
  EXPECT_EQ(network_.name(route.up.front()), "access1-up");
  EXPECT_EQ(network_.name(route.down.back()), "access1-down");
  EXPECT_EQ(route.up.back(), row.hop(0).up);
  network_.add_host(address(1), server_);
  send(network_.add_host(address(2), client_, route), address(1));
  EXPECT_THAT(server_.arrivals, ElementsAre(3ms));
}

using TopologyDeathTest = TopologyTest;

TEST_F(TopologyDeathTest, ARowHasHopsAndIsCrossedWithinThem) {
  EXPECT_DEATH(BottleneckRow(network_, {}), "hawser: BottleneckRow: it needs at least one hop");
  const BottleneckRow row(network_, three_hops());
  EXPECT_DEATH((void)row.across(1, 3),
               "hawser: BottleneckRow::across: last is 3; it must be 0 to 2");
  EXPECT_DEATH((void)row.across(2, 1),
               "hawser: BottleneckRow::across: first is 2; it must be 0 to 1");
}

}  // namespace
}  // namespace hawser::netsim
