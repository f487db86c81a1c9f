#include "hawser/netsim/simulation.h"

#include <array>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace hawser::netsim {
namespace {

using namespace std::chrono_literals;

PathConfig path_of(Duration rtt) {
  PathConfig path;
  path.up.delay = path.down.delay = rtt / 2;
  return path;
}

/// Writes down what a host hears.
void write_down(EndpointHost& host, std::vector<std::string>& words) {
  host.set_event_handler([&words](TimePoint, Event& event) {
    if (std::holds_alternative<ConnectedEvent>(event.what)) words.emplace_back("connected");
    if (const auto* message = std::get_if<MessageEvent>(&event.what)) {
      words.emplace_back(message->bytes.bytes().begin(), message->bytes.bytes().end());
    }
    if (std::holds_alternative<ClosedEvent>(event.what)) words.emplace_back("closed");
  });
}

TEST(NetsimSimulationTest, ClientsReachServersByTheirOwnVerbs) {
  Simulation simulation(path_of(20ms));
  EndpointHost& server = simulation.add_server();
  EndpointHost& client = simulation.add_client();
  EXPECT_EQ(server.address().to_string(), "10.1.0.1:9000");
  EXPECT_EQ(simulation.add_client().address().to_string(), "10.0.0.2:40000");
  std::vector<std::string> heard;
  write_down(server, heard);
  const auto connection = client.connect({.remote = server.address()});
  ASSERT_TRUE(connection.has_value());
  const std::vector<std::uint8_t> word{'a', 'h', 'o', 'y'};
  EXPECT_TRUE(client.send(*connection, word).has_value());
  EXPECT_EQ(simulation.run_for(1s), RunOutcome::deadline);
  EXPECT_EQ(simulation.now(), 1s);
  EXPECT_FALSE(client.close(*connection));
  EXPECT_TRUE(simulation.run_until([&heard] { return heard.size() == 3; }, 1s));
  EXPECT_EQ(heard, (std::vector<std::string>{"connected", "ahoy", "closed"}));
  EXPECT_TRUE(client.abort(*connection)) << "it is gone: an error";
}

TEST(NetsimSimulationTest, WhatDoesNotComeIsNotAwaitedForEver) {
  Simulation simulation;
  EXPECT_FALSE(simulation.run_until([] { return false; }, 5s));
  EXPECT_EQ(simulation.now(), 5s);
}

TEST(NetsimSimulationTest, ThePathsRebindingsBefallEveryClient) {
  PathConfig path = path_of(20ms);
  path.rebinds = {3s};
  Simulation simulation(path);
  EndpointHost& first = simulation.add_client();
  EndpointHost& second = simulation.add_client();
  simulation.run_for(2999ms);
  EXPECT_EQ(simulation.network().public_address(first.id()), first.address());
  simulation.run_for(1ms);
  EXPECT_NE(simulation.network().public_address(first.id()), first.address());
  EXPECT_NE(simulation.network().public_address(first.id()),
            simulation.network().public_address(second.id()));
}

TEST(NetsimSimulationTest, FaultsAreTheHosts) {
  Simulation simulation(path_of(20ms));
  EndpointHost& server = simulation.add_server({}, {.pauses = {{0s, 2s}}});
  EndpointHost& client = simulation.add_client();
  std::vector<std::string> heard;
  write_down(client, heard);
  ASSERT_TRUE(client.connect({.remote = server.address()}).has_value());
  EXPECT_FALSE(simulation.run_until([&heard] { return !heard.empty(); }, 2s));
  EXPECT_TRUE(simulation.run_until([&heard] { return !heard.empty(); }, 2s));
}

TEST(NetsimSimulationTest, ARunForEverEndsWhenNothingIsLeftToHappen) {
  Simulation simulation;
  bool has_happened = false;
  simulation.at(5s, [&has_happened] { has_happened = true; });
  simulation.at(kForever, [] { FAIL() << "never"; });
  EXPECT_EQ(simulation.run_for(kForever), RunOutcome::idle);
  EXPECT_TRUE(has_happened);
  EXPECT_EQ(simulation.now(), 5s);
}

/// A protocol of one's own on plain sockets: a server that sends back what it gets.
class EchoServer final : public DatagramSink {
 public:
  explicit EchoServer(Simulation& simulation) : socket_(simulation.add_server(*this)) {}
  const SocketAddress& address() const { return socket_.address(); }

 private:
  void on_datagram(TimePoint, Datagram&& datagram) override {
    socket_.send(datagram.source, datagram.bytes.bytes());
  }
  DatagramSocket socket_;
};

/// Its client, which asks again each second until it is answered.
class EchoClient final : public DatagramSink {
 public:
  EchoClient(Simulation& simulation, const SocketAddress& server)
      : simulation_(simulation), server_(server), socket_(simulation.add_client(*this)) {}
  void ask() {
    if (is_answered) return;
    ++asked;
    socket_.send(server_, std::array<std::uint8_t, 4>{'a', 'h', 'o', 'y'});
    simulation_.at(simulation_.now() + 1s, [this] { ask(); });
  }
  int asked = 0;
  bool is_answered = false;

 private:
  void on_datagram(TimePoint, Datagram&& datagram) override {
    is_answered = datagram.bytes.size() == 4;
  }
  Simulation& simulation_;
  SocketAddress server_;
  DatagramSocket socket_;
};

TEST(NetsimSimulationTest, ProtocolsOfOnesOwnRunOnPlainSockets) {
  PathConfig path = path_of(20ms);
  path.up.blackouts = {{0s, 1500ms}};
  path.rebinds = {1900ms};
  Simulation simulation(path);
  EchoServer server(simulation);
  EchoClient client(simulation, server.address());
  client.ask();
  EXPECT_TRUE(simulation.run_until([&client] { return client.is_answered; }, 10s));
  EXPECT_EQ(client.asked, 3) << "two into the blackout, and the third from another address";
  EXPECT_EQ(simulation.now(), 2020ms);
}

TEST(NetsimSimulationDeathTest, WhatCannotBeIsNamed) {
  PathConfig path;
  path.changes = {{.at = 5s, .up = {.delay = -1ms}}};
  EXPECT_DEATH(Simulation{path}, "hawser: PathConfig: changes.up: delay is -1 ms");
  Simulation simulation;
  EndpointConfig config;
  config.connections_max = 0;
  EXPECT_DEATH(simulation.add_server(config),
               "hawser: Simulation: EndpointConfig: connections_max is 0; it must be 1 to");
  EXPECT_DEATH(simulation.add_client({}, {.pauses = {{2s, 1s}}}),
               "hawser: EndpointHostConfig: faults.pauses is 1 s; it must be no earlier than");
}

}  // namespace
}  // namespace hawser::netsim
