#include "hawser/netsim/network.h"

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hawser::netsim {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::Pair;

constexpr TimePoint kStart = EventQueue::kStart;

SocketAddress address(std::uint8_t host, std::uint16_t port = 1000) {
  SocketAddress address;
  address.family = SocketAddress::Family::ipv4;
  address.ip = {10, 0, 0, host};
  address.port = port;
  return address;
}

/// Notes what arrives; answers if told to.
class Inbox final : public DatagramSink {
 public:
  struct Arrival {
    Duration at;
    std::string text;
    SocketAddress source;
    SocketAddress destination;
  };
  void on_datagram(TimePoint now, Datagram&& datagram) override {
    const auto bytes = datagram.bytes.bytes();
    arrivals.push_back({now - kStart, std::string(bytes.begin(), bytes.end()), datagram.source,
                        datagram.destination});
    if (answer) answer(datagram);
  }
  std::vector<std::pair<std::string, Duration>> log() const {
    std::vector<std::pair<std::string, Duration>> log;
    for (const Arrival& arrival : arrivals) log.emplace_back(arrival.text, arrival.at);
    return log;
  }
  std::vector<Arrival> arrivals;
  std::function<void(const Datagram&)> answer;
};

class NetworkTest : public ::testing::Test {
 protected:
  static PathConfig delays(Duration up, Duration down) {
    PathConfig config;
    config.up.delay = up;
    config.down.delay = down;
    return config;
  }
  /// One client and one server on a path.
  void connect(const PathConfig& config) {
    path_ = network_.add_path(config);
    server_id_ = network_.add_host(address(1), server_);
    client_id_ = network_.add_host(address(2), client_, {{path_.up}, {path_.down}});
  }
  void send(HostId from, const SocketAddress& to, const std::string& text) {
    const std::vector<std::uint8_t> bytes(text.begin(), text.end());
    network_.send(from, {.destination = to, .bytes = Buffer::copy_of(network_.pool(), bytes)});
  }
  void send_at(Duration at, HostId from, const SocketAddress& to, const std::string& text) {
    network_.at(at, [this, from, to, text] { send(from, to, text); });
  }
  RunOutcome run() { return events_.run_until(kNever); }

  EventQueue events_{1000};
  Network network_{events_, 5};
  Inbox server_;
  Inbox client_;
  Path path_;
  HostId server_id_{};
  HostId client_id_{};
};

TEST_F(NetworkTest, CarriesDatagramsBothWays) {
  connect(delays(10ms, 20ms));
  server_.answer = [this](const Datagram& datagram) { send(server_id_, datagram.source, "pong"); };
  send(client_id_, address(1), "ping");
  EXPECT_EQ(run(), RunOutcome::idle);
  EXPECT_THAT(server_.log(), ElementsAre(Pair("ping", 10ms)));
  EXPECT_THAT(client_.log(), ElementsAre(Pair("pong", 30ms)));
  EXPECT_EQ(client_.arrivals[0].source, address(1));
  EXPECT_EQ(network_.stats().offered, 2U);
  EXPECT_EQ(network_.stats().delivered, 2U);
  EXPECT_EQ(network_.name(path_.up), "up");
  EXPECT_EQ(network_.name(path_.down), "down");
  EXPECT_EQ(network_.link(path_.down).stats(events_.now()).packets, 1U);
}

TEST_F(NetworkTest, AnAccessLinkComesBeforeTheBottleneck) {
  path_ = network_.add_path(delays(10ms, 10ms));
  LinkConfig access;
  access.delay = 3ms;
  const LinkId access_up = network_.add_link("access up", access);
  const LinkId access_down = network_.add_link("access down", access);
  server_id_ = network_.add_host(address(1), server_);
  client_id_ =
      network_.add_host(address(2), client_, {{access_up, path_.up}, {path_.down, access_down}});
  Inbox near;
  const HostId near_id = network_.add_host(address(3), near, {{path_.up}, {path_.down}});
  send(client_id_, address(1), "far");
  send(near_id, address(1), "near");
  send(server_id_, address(2), "back");
  run();
  EXPECT_THAT(server_.log(), ElementsAre(Pair("near", 10ms), Pair("far", 13ms)));
  EXPECT_THAT(client_.log(), ElementsAre(Pair("back", 13ms)));
}

TEST_F(NetworkTest, ClientsReachEachOtherThroughBothTheirLinks) {
  connect(delays(10ms, 20ms));
  Inbox other;
  network_.add_host(address(3), other, {{path_.up}, {path_.down}});
  send(client_id_, address(3), "hello");
  run();
  EXPECT_THAT(other.log(), ElementsAre(Pair("hello", 30ms)));
}

TEST_F(NetworkTest, RebindingLosesOnlyWhatIsSentToTheOldAddressLater) {
  connect(delays(10ms, 10ms));
  send_at(0ms, server_id_, address(2), "under way");
  send_at(0ms, client_id_, address(1), "before");
  network_.at(5ms, [this] { network_.rebind(client_id_, address(9, 9)); });
  send_at(6ms, server_id_, address(2), "to the old one");
  send_at(7ms, server_id_, address(9, 9), "to the new one");
  send_at(8ms, client_id_, address(1), "after");
  run();
  EXPECT_THAT(client_.log(), ElementsAre(Pair("under way", 10ms), Pair("to the new one", 17ms)));
  EXPECT_EQ(network_.stats().unroutable, 1U);
  EXPECT_EQ(network_.public_address(client_id_), address(9, 9));
  EXPECT_THAT(server_.log(), ElementsAre(Pair("before", 10ms), Pair("after", 18ms)));
  EXPECT_EQ(server_.arrivals[0].source, address(2));
  EXPECT_EQ(server_.arrivals[1].source, address(9, 9));
  // The client itself does not see that its address changed.
  EXPECT_EQ(client_.arrivals[1].destination, address(2));
}

TEST_F(NetworkTest, AnAddressMayComeBack) {
  connect(delays(1ms, 1ms));
  network_.rebind(client_id_, address(9));
  network_.rebind(client_id_, address(2));
  send(server_id_, address(2), "home");
  run();
  EXPECT_THAT(client_.log(), ElementsAre(Pair("home", 1ms)));
}

TEST_F(NetworkTest, CountsWhatCannotBeSent) {
  connect(delays(1ms, 1ms));
  send(client_id_, address(77), "nobody");
  Inbox neighbour;
  network_.add_host(address(3), neighbour);
  send(server_id_, address(3), "no link between");
  network_.send(client_id_, {.destination = address(1)});
  run();
  EXPECT_EQ(network_.stats().unroutable, 2U);
  EXPECT_EQ(network_.stats().no_memory, 1U);
  EXPECT_EQ(network_.stats().offered, 0U);
}

TEST_F(NetworkTest, APathChangesAtItsTimes) {
  PathConfig config = delays(10ms, 10ms);
  config.changes = {{.at = 5ms, .up = delays(1ms, 0ms).up, .down = config.down},
                    {.at = 20ms, .up = config.up, .down = delays(0ms, 2ms).down}};
  connect(config);
  for (const Duration at : {0ms, 6ms, 21ms}) {
    send_at(at, client_id_, address(1), "up");
    send_at(at, server_id_, address(2), "down");
  }
  run();
  EXPECT_THAT(server_.log(), ElementsAre(Pair("up", 7ms), Pair("up", 10ms), Pair("up", 31ms)));
  EXPECT_THAT(client_.log(),
              ElementsAre(Pair("down", 10ms), Pair("down", 16ms), Pair("down", 23ms)));
}

TEST_F(NetworkTest, AChangeMayBringADeliveryForward) {
  PathConfig config = delays(1s, 1s);
  config.up.rate = Bandwidth::bits_per_second(8 * 30 * 1000);  // 1 ms for each of these
  connect(config);
  send(client_id_, address(1), "is");
  send(client_id_, address(1), "it");
  network_.at(500us, [&] {
    LinkConfig near = config.up;
    near.delay = 0ms;
    network_.change(path_.up, near);
  });
  run();
  EXPECT_THAT(server_.log(), ElementsAre(Pair("it", 2ms), Pair("is", 1001ms)));
}

TEST_F(NetworkTest, BothDirectionsShareAPatternThatSpansThem) {
  PathConfig config = delays(1ms, 1ms);
  config.up.loss_pattern = config.down.loss_pattern = {"001", true};
  connect(config);
  for (int i = 0; i < 6; ++i) {
    send_at(i * 10ms, client_id_, address(1), "up" + std::to_string(i));
    send_at(i * 10ms + 1ms, server_id_, address(2), "down" + std::to_string(i));
  }
  run();
  // In the order of sending: up0 down0 UP1 down1 up2 DOWN2 up3 down3 UP4 down4 up5 DOWN5.
  EXPECT_THAT(server_.log(), ElementsAre(Pair("up0", 1ms), Pair("up2", 21ms), Pair("up3", 31ms),
                                         Pair("up5", 51ms)));
  EXPECT_THAT(client_.log(), ElementsAre(Pair("down0", 2ms), Pair("down1", 12ms),
                                         Pair("down3", 32ms), Pair("down4", 42ms)));
}

TEST_F(NetworkTest, TimesCountFromTheStartOfTheNetwork) {
  events_.run_until(kStart + 7s);
  Network later(events_, 1);
  PathConfig config = delays(1ms, 1ms);
  config.up.blackouts = {{10ms, 20ms}};
  const Path path = later.add_path(config);
  later.add_host(address(1), server_);
  const HostId client = later.add_host(address(2), client_, {{path.up}, {path.down}});
  for (const Duration at : {9ms, 10ms, 20ms}) {
    later.at(at, [&] {
      later.send(client, {.destination = address(1), .bytes = Buffer::allocate(later.pool(), 0)});
    });
  }
  run();
  ASSERT_EQ(server_.arrivals.size(), 2U);
  EXPECT_EQ(server_.arrivals[0].at, 7s + 10ms);
  EXPECT_EQ(server_.arrivals[1].at, 7s + 21ms);
}

TEST_F(NetworkTest, AnEndlessExchangeWithoutDelayIsAnEventStorm) {
  connect(delays(0ms, 0ms));
  const auto echo = [this](HostId from, Inbox& inbox) {
    inbox.answer = [this, from](const Datagram& datagram) { send(from, datagram.source, "x"); };
  };
  echo(server_id_, server_);
  echo(client_id_, client_);
  send(client_id_, address(1), "x");
  EXPECT_EQ(run(), RunOutcome::event_storm);
}

// One link in both directions: its own deliveries make it deliver.
TEST_F(NetworkTest, AnEndlessExchangeOverOneLinkIsAnEventStormToo) {
  EventQueue events(10);
  Network network(events, 1);
  const LinkId link = network.add_link("only", {});
  const HostId server = network.add_host(address(1), server_);
  const HostId client = network.add_host(address(2), client_, {{link}, {link}});
  const auto echo = [&](HostId from, Inbox& inbox) {
    inbox.answer = [&network, from](const Datagram& datagram) {
      network.send(from, {.destination = datagram.source, .bytes = datagram.bytes});
    };
  };
  echo(server, server_);
  echo(client, client_);
  network.send(client, {.destination = address(1), .bytes = Buffer::allocate(network.pool(), 1)});
  EXPECT_EQ(events.run_until(kNever), RunOutcome::event_storm);
  EXPECT_LT(network.stats().delivered, 2000U) << "one wake-up's worth: each delivery counts";
}

// A little exchange through a bad path: the client sends one datagram each millisecond, the server
// answers each.
struct Trace {
  std::uint64_t hash = 0;
  std::vector<std::pair<std::string, Duration>> at_client;
};

Trace exchange(const PathConfig& config, std::uint64_t seed) {
  EventQueue events;
  Network network(events, seed);
  Inbox server;
  Inbox client;
  const Path path = network.add_path(config);
  const HostId server_id = network.add_host(address(1), server);
  const HostId client_id = network.add_host(address(2), client, {{path.up}, {path.down}});
  server.answer = [&](const Datagram& datagram) {
    network.send(server_id, {.destination = datagram.source, .bytes = datagram.bytes});
  };
  Timeline timeline(events);
  for (std::uint8_t i = 0; i < 200; ++i) {
    timeline.at(kStart + i * 1ms, [&, i] {
      const std::vector<std::uint8_t> bytes(std::size_t{5} + i, i);
      network.send(client_id,
                   {.destination = address(1), .bytes = Buffer::copy_of(network.pool(), bytes)});
    });
  }
  events.run_until(kNever);
  return {network.trace_hash(), client.log()};
}

PathConfig bad_path() {
  PathConfig config;
  for (LinkConfig* link : {&config.up, &config.down}) {
    link->delay = 30ms;
    link->jitter = {.spread = 2ms,
                    .distribution = JitterDistribution::normal,
                    .correlation = Probability::percent(30)};
    link->loss = Probability::percent(10);
    link->loss_ge_time = TimedGilbertElliott{.mean_bad = 3ms, .mean_good = 50ms};
    link->duplicate = Probability::percent(5);
    link->damage.corrupt = Probability::percent(5);
    link->reorder.probability = Probability::percent(5);
    link->rate = Bandwidth::bits_per_second(3'000'000);
  }
  return config;
}

TEST(TraceTest, TheSameSeedGivesTheSameBytes) {
  const Trace first = exchange(bad_path(), 1);
  EXPECT_EQ(first.hash, exchange(bad_path(), 1).hash);
  EXPECT_NE(first.hash, exchange(bad_path(), 2).hash);
}

// Pinned: every compiler, optimisation and platform must give this value.
TEST(TraceTest, KnownValue) { EXPECT_EQ(exchange(bad_path(), 1).hash, 13540702703011409331U); }

TEST(TraceTest, ImpairingOneDirectionDoesNotShiftTheDrawsOfTheOther) {
  PathConfig one_way;
  one_way.up.delay = one_way.down.delay = 10ms;
  one_way.down.loss = Probability::percent(20);
  one_way.down.jitter.spread = 3ms;
  const Trace before = exchange(one_way, 3);
  PathConfig both = one_way;
  both.up.jitter.correlation = Probability::percent(50);  // without a spread: no effect
  both.up.ecn_mark = ByteCount(1);                        // without a rate: no effect
  both.up.damage.corrupt = Probability::percent(10);
  const Trace after = exchange(both, 3);
  ASSERT_EQ(before.at_client.size(), after.at_client.size());
  for (std::size_t i = 0; i < before.at_client.size(); ++i) {
    EXPECT_EQ(before.at_client[i].second, after.at_client[i].second) << i;
  }
  EXPECT_NE(before.hash, after.hash);
}

using NetworkDeathTest = NetworkTest;

TEST_F(NetworkDeathTest, AHostNeedsAnAddressOfItsOwnAndLinksThatExist) {
  connect({});
  Inbox other;
  EXPECT_DEATH(network_.add_host(address(1), other),
               "hawser: Network::add_host: another host has the address 10.0.0.1:1000");
  EXPECT_DEATH(network_.add_host(address(3), other, {{static_cast<LinkId>(7)}, {}}),
               "hawser: Network::add_host: a route names a link that this network does not have");
  EXPECT_DEATH(network_.rebind(client_id_, address(1)),
               "hawser: Network::rebind: another host has the address 10.0.0.1:1000");
}

}  // namespace
}  // namespace hawser::netsim
