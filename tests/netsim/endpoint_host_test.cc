#include "hawser/netsim/endpoint_host.h"

#include <optional>
#include <vector>

#include <gtest/gtest.h>

#include "hawser/netsim/simulation.h"

namespace hawser::netsim {
namespace {

using namespace std::chrono_literals;

PathConfig short_path() {
  PathConfig path;
  path.up.delay = path.down.delay = 10ms;
  return path;
}

EndpointConfig with_secret() {
  EndpointConfig config;
  config.accepts_connections = true;
  config.endpoint_secret.emplace().fill(7);
  return config;
}

/// A client that sends to a server, and what both hear.
class EndpointHostLifeTest : public ::testing::Test {
 protected:
  void set_up(const HostFaults& client_faults = {}, const HostFaults& server_faults = {}) {
    server_ = &simulation_.add_server(with_secret(), server_faults);
    client_ = &simulation_.add_client({}, client_faults);
    server_->set_event_handler([this](TimePoint, Event& event) {
      if (std::holds_alternative<MessageEvent>(event.what)) {
        ++messages_;
        if (on_message_) on_message_(event);
      }
    });
    client_->set_event_handler([this](TimePoint, Event& event) {
      EXPECT_FALSE(is_calling_) << "a handler ran inside a call of the application";
      if (std::holds_alternative<ConnectedEvent>(event.what)) ++connects_;
      if (const auto* closed = std::get_if<ClosedEvent>(&event.what)) reason_ = closed->reason;
    });
    connect();
  }
  void connect() {
    const auto connection = client_->connect({.remote = server_->address()});
    ASSERT_TRUE(connection.has_value());
    connection_ = *connection;
  }
  bool send() { return client_->send(connection_, std::vector<std::uint8_t>(100, 1)).has_value(); }

  Simulation simulation_{short_path()};
  EndpointHost* server_ = nullptr;
  EndpointHost* client_ = nullptr;
  ConnectionHandle connection_ = ConnectionHandle::none;
  std::function<void(Event&)> on_message_;
  int messages_ = 0;
  int connects_ = 0;
  bool is_calling_ = false;
  std::optional<CloseReason> reason_;
};

// ---- The verbs of UvEndpoint --------------------------------------------------------------------

TEST_F(EndpointHostLifeTest, NoHandlerRunsInsideAVerb) {
  set_up();
  simulation_.run_for(1s);
  is_calling_ = true;
  EXPECT_FALSE(client_->abort(connection_));
  is_calling_ = false;
  EXPECT_FALSE(reason_.has_value());
  simulation_.run_for(0s);
  EXPECT_EQ(reason_, CloseReason::aborted) << "at the same instant";
}

TEST_F(EndpointHostLifeTest, AnswersAsAUvEndpointDoes) {
  set_up();
  EXPECT_EQ(client_->local_address(), client_->address());
  EXPECT_EQ(&client_->pool(), &client_->endpoint().pool());
  simulation_.run_for(1s);
  EXPECT_TRUE(client_->stats(connection_).has_value());
  EXPECT_EQ(client_->stats(ConnectionHandle::none).error(),
            make_error_code(Errc::unknown_connection));
  server_->stop_accepting();
  const auto refused = client_->connect({.remote = server_->address()});
  ASSERT_TRUE(refused.has_value());
  simulation_.run_for(1s);
  EXPECT_EQ(reason_, CloseReason::refused);
}

TEST_F(EndpointHostLifeTest, WhatIsPostedRunsAtTheSameInstantButNotInside) {
  set_up({.pauses = {{2s, 3s}}});
  std::vector<Duration> ran;
  const auto note = [this, &ran] { ran.push_back(simulation_.now()); };
  EXPECT_TRUE(client_->post([this, note] {
    note();
    EXPECT_TRUE(client_->post(note));
  }));
  EXPECT_TRUE(ran.empty());
  simulation_.run_for(2s);
  EXPECT_TRUE(client_->post(note));
  simulation_.run_for(2s);
  EXPECT_EQ(ran, (std::vector<Duration>{0s, 0s, 3s})) << "and not during a pause";
}

// ---- Restart ------------------------------------------------------------------------------------

TEST_F(EndpointHostLifeTest, RestartsWithinAHandlerOnceThatReturns) {
  set_up();
  simulation_.run_for(1s);
  on_message_ = [this](Event& event) {
    const Endpoint* before = &server_->endpoint();
    EXPECT_FALSE(server_->restart(with_secret()));
    EXPECT_EQ(&server_->endpoint(), before);
    EXPECT_EQ(std::get<MessageEvent>(event.what).bytes.size(), 100U) << "its bytes still stand";
  };
  EXPECT_TRUE(send() && send());
  simulation_.run_for(1s);
  EXPECT_EQ(messages_, 1) << "the second died with the process";
  EXPECT_EQ(server_->endpoint().stats().connections, 0U);
  EXPECT_EQ(reason_, CloseReason::stateless_reset);
  on_message_ = {};
  connect();
  EXPECT_TRUE(send());
  simulation_.run_for(1s);
  EXPECT_EQ(messages_, 2);
}

TEST_F(EndpointHostLifeTest, ARefusedRestartChangesNothing) {
  set_up();
  simulation_.run_for(1s);
  EndpointConfig impossible;
  impossible.connections_max = 0;
  EXPECT_EQ(server_->restart(impossible), make_error_code(Errc::invalid_config));
  EXPECT_TRUE(send());
  simulation_.run_for(1s);
  EXPECT_EQ(messages_, 1);
}

TEST_F(EndpointHostLifeTest, ANewProcessKnowsNothingOfWhatTheOldOneHeld) {
  set_up({}, {.pauses = {{1s, 2s}}, .read_interval = 1h});
  simulation_.run_for(1s);
  server_->set_reading(false);
  EXPECT_TRUE(server_->post([] { FAIL() << "posted to the process that died"; }));
  EXPECT_TRUE(send());
  EXPECT_FALSE(client_->abort(connection_));  // and says nothing more
  simulation_.run_for(500ms);                 // both lie in the socket of a paused process
  EXPECT_FALSE(server_->restart(with_secret()));
  simulation_.run_for(600ms);
  EXPECT_EQ(server_->endpoint().stats().resets_sent, 0U) << "what lay there is gone";
  connect();
  simulation_.run_for(1s);
  EXPECT_EQ(connects_, 2);
  EXPECT_EQ(messages_, 0);
  EXPECT_TRUE(send());
  simulation_.run_for(1h);
  EXPECT_EQ(messages_, 1) << "it reads";
}

// ---- Crashes ------------------------------------------------------------------------------------

TEST_F(EndpointHostLifeTest, ACrashedServerHearsNothingAndComesBackWithoutConnections) {
  set_up({}, {.crashes = {{2s, 4s}}});
  std::optional<Duration> crashed_at;
  server_->set_crash_handler([this, &crashed_at](TimePoint) {
    crashed_at = simulation_.now();
    EXPECT_EQ(server_->endpoint().stats().connections, 1U) << "its figures can still be had";
  });
  simulation_.run_for(3s);
  EXPECT_EQ(crashed_at, 2s);
  EXPECT_TRUE(server_->is_down());
  EXPECT_FALSE(server_->post([] {}));
  EXPECT_TRUE(send());
  simulation_.run_for(1s - 1ns);
  EXPECT_EQ(messages_, 0);
  EXPECT_FALSE(reason_.has_value()) << "nobody told the client";
  EXPECT_GT(server_->stats().dropped_while_down, 0U);
  EXPECT_EQ(server_->stats().crashes, 1U);
  simulation_.run_for(7s);
  EXPECT_FALSE(server_->is_down());
  EXPECT_EQ(reason_, CloseReason::stateless_reset) << "the new process kept the secret";
  connect();
  EXPECT_TRUE(send());
  simulation_.run_for(1s);
  EXPECT_EQ(messages_, 1);
}

TEST_F(EndpointHostLifeTest, ACrashedClientConnectsAgainOnlyIfItIsTold) {
  set_up({.crashes = {{2s, 3s}}});
  simulation_.at(1s, [this] { EXPECT_TRUE(send()); });
  simulation_.run_for(10s);
  EXPECT_EQ(messages_, 1);
  EXPECT_EQ(connects_, 1);
  EXPECT_FALSE(reason_.has_value()) << "a dead process learns nothing";
  connect();
  EXPECT_TRUE(send());
  simulation_.run_for(1s);
  EXPECT_EQ(messages_, 2);
}

TEST_F(EndpointHostLifeTest, ACrashMayBeForEver) {
  set_up({}, {.crashes = {{1s, kForever}}});
  simulation_.run_for(2s);
  EXPECT_TRUE(send());
  EXPECT_EQ(simulation_.run_for(kForever), RunOutcome::idle);
  EXPECT_EQ(messages_, 0);
  EXPECT_GT(server_->stats().dropped_while_down, 0U);
  EXPECT_EQ(reason_, CloseReason::idle_timeout);
}

TEST_F(EndpointHostLifeTest, WhatIsDownCannotCrashAgain) {
  set_up({}, {.crashes = {{1s, 5s}, {2s, 6s}}});
  simulation_.run_for(5500ms);
  EXPECT_TRUE(server_->is_down());
  simulation_.run_for(1s);
  EXPECT_FALSE(server_->is_down());
  EXPECT_EQ(server_->stats().crashes, 1U);
}

TEST_F(EndpointHostLifeTest, ATaskThatRestartsIsTheLastOne) {
  set_up({});
  int tasks = 0;
  EXPECT_TRUE(server_->post([&] {
    ++tasks;
    EXPECT_FALSE(server_->restart(with_secret()));
  }));
  EXPECT_TRUE(server_->post([&] { ++tasks; }));
  simulation_.run_for(1s);
  EXPECT_EQ(tasks, 1);
}

TEST_F(EndpointHostLifeTest, APauseMayBeForEver) {
  set_up({}, {.pauses = {{1s, kForever}}});
  simulation_.run_for(2s);
  EXPECT_TRUE(send());
  EXPECT_EQ(simulation_.run_for(kForever), RunOutcome::idle);
  EXPECT_EQ(messages_, 0);
  EXPECT_EQ(reason_, CloseReason::idle_timeout);
}

// ---- Misuse -------------------------------------------------------------------------------------

TEST_F(EndpointHostLifeTest, FaultsThatCannotBeAreNamed) {
  EXPECT_EQ(HostFaults{.blocked_for = 0s}.validate(),
            "blocked_for is 0 ns; it must be 1 ns to 100000 h");
  EXPECT_EQ(HostFaults{.receive_buffer = 0}.validate(),
            "receive_buffer is 0; it must be 1 or more");
  EXPECT_EQ(HostFaults{.clock_drift_ppm = 2'000'000}.validate(),
            "clock_drift_ppm is 2000000; it must be -500000 to 1000000");
  EXPECT_EQ((HostFaults{.clock_jumps = {{1s, -1s}}}.validate()),
            "clock_jumps.by is -1 s; it must be 0 ns to 100000 h");
  EXPECT_EQ((HostFaults{.crashes = {{2s, 1s}}}.validate()),
            "crashes is 1 s; it must be no earlier than its beginning, 2 s");
  EndpointHostConfig config;
  config.batch = 65;
  EXPECT_EQ(config.validate(), "batch is 65; it must be 1 to 64");
}

}  // namespace
}  // namespace hawser::netsim
