#include <algorithm>

#include <gtest/gtest.h>

#include "hawser/netsim/simulation.h"
#include "tools/examples/lookup_service.h"

using namespace std::chrono_literals;
using namespace hawser::netsim;

TEST(LookupServiceTest, AnswersThroughLossABlackoutAndARebinding) {
  PathConfig path;
  path.up.delay = path.down.delay = 30ms;
  path.up.loss = path.down.loss = Probability::percent(5);
  path.up.blackouts = path.down.blackouts = {{20min, 20min + 2s}};
  path.rebinds = {40min};
  Simulation simulation(path, /*seed=*/7);
  EndpointHost& server_host = simulation.add_server();
  EndpointHost& client_host = simulation.add_client();
  LookupServer server(server_host, {{"rope", "hawser"}});
  LookupClient client(client_host, server_host.address());
  server_host.set_event_handler([&](auto, hawser::Event& event) { server.on_event(event); });
  client_host.set_event_handler([&](auto, hawser::Event& event) { client.on_event(event); });

  int answers = 0;
  hawser::Duration slowest{0};
  for (hawser::Duration at = 10s; at < 1h; at += 500ms) {
    simulation.at(at, [&, at] {
      client.ask("rope", [&, at](const std::string& value) {
        EXPECT_EQ(value, "hawser");
        slowest = std::max(slowest, simulation.now() - at);
        ++answers;
      });
    });
  }
  simulation.run_for(1h + 1min);
  EXPECT_EQ(answers, 7180);
  EXPECT_LT(slowest, 5s) << "the blackout, and a few lost probes after it";
}
