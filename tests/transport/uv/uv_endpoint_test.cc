// What every driver must do, on real sockets: connections, the life of an endpoint, its calls.

#include "hawser/uv_endpoint.h"

#include <algorithm>
#include <string>
#include <thread>
#include <tuple>

#include "tests/transport/uv/uv_endpoint_fixture.h"

namespace hawser::rim {

namespace {

INSTANTIATE_TEST_SUITE_P(Drivers, UvEndpointTest,
                         ::testing::Values(UvDriver::linux_batched, UvDriver::portable),
                         driver_name);

// ---- Connections ----------------------------------------------------------------------------

/// Where the server binds, where the client binds, and the host that it connects to.
struct AddressCase {
  const char* name;
  const char* server;
  const char* client;
  const char* host;
};

class UvEndpointFamilyTest
    : public UvEndpointFixture,
      public ::testing::WithParamInterface<std::tuple<UvDriver, AddressCase>> {};

TEST_P(UvEndpointFamilyTest, ConnectsAndEchoes) {
  const auto& [driver, addresses] = GetParam();
  Peer& server = make(serving(addresses.server), *parts_of(driver));
  Peer& client = make(bound_to(addresses.client), *parts_of(driver));
  make_echo(server);
  const auto handle = client.connect(reach(server, addresses.host));
  ASSERT_TRUE(client.send(handle, "over the rope"));
  ASSERT_TRUE(run_until([&] { return client.messages.size() == 1; }));
  EXPECT_EQ(client.messages, server.messages);
  EXPECT_EQ(client.connected, std::vector{handle});
}

INSTANTIATE_TEST_SUITE_P(
    Drivers, UvEndpointFamilyTest,
    ::testing::Combine(
        ::testing::Values(UvDriver::linux_batched, UvDriver::portable),
        ::testing::Values(AddressCase{"Ipv4", "127.0.0.1:0", "127.0.0.1:0", "127.0.0.1:1"},
                          AddressCase{"Ipv4Wildcard", "0.0.0.0:0", "0.0.0.0:0", "127.0.0.1:1"},
                          AddressCase{"Ipv6", "[::1]:0", "[::1]:0", "[::1]:1"},
                          AddressCase{"Ipv6Wildcard", "[::]:0", "[::]:0", "[::1]:1"},
                          AddressCase{"DualStack", "[::]:0", "[::]:0", "127.0.0.1:1"},
                          AddressCase{"Ipv4ToDualStack", "[::]:0", "127.0.0.1:0", "127.0.0.1:1"},
                          AddressCase{"DualStackToIpv4", "127.0.0.1:0", "[::]:0", "127.0.0.1:1"})),
    [](const auto& test) {
      const bool is_portable = std::get<0>(test.param) == UvDriver::portable;
      return std::string(is_portable ? "Portable" : "Linux") + std::get<1>(test.param).name;
    });

TEST_P(UvEndpointTest, UnboundClientReachesBothFamilies) {
  Peer& four = make_server("127.0.0.1:0");
  Peer& six = make_server("[::1]:0");
  Peer& client = make({}, parts());
  EXPECT_NE(client.endpoint->local_address().port, 0);
  client.connect(four.endpoint->local_address());
  client.connect(six.endpoint->local_address());
  EXPECT_TRUE(run_until([&] { return client.connected.size() == 2; }));
}

TEST_P(UvEndpointTest, GracefulCloseDeliversWhatIsQueued) {
  Peer& server = make_server();
  Peer& client = make_client();
  const auto handle = client.connect(server.endpoint->local_address());
  ASSERT_TRUE(run_until([&] { return !client.connected.empty(); }));
  const std::vector<std::uint8_t> bytes(2000, 7);
  for (int i = 0; i < 500; ++i) ASSERT_TRUE(client.send(handle, bytes));
  EXPECT_FALSE(client.endpoint->close(handle));
  EXPECT_EQ(client.send(handle, "late").error(), Errc::connection_closing);
  ASSERT_TRUE(run_until([&] { return !client.close_reasons.empty(); }));
  EXPECT_EQ(client.receipts(Outcome::delivered), 500U);
  EXPECT_EQ(client.close_reasons, std::vector{CloseReason::none});
  ASSERT_TRUE(run_until([&] { return !server.close_reasons.empty(); }));
  EXPECT_EQ(server.messages.size(), 500U);
  EXPECT_EQ(server.close_reasons, std::vector{CloseReason::none});
  EXPECT_EQ(server.closed_by_peer, std::vector{true});
}

TEST_P(UvEndpointTest, SilentHostEndsInAHandshakeTimeout) {
  Peer& silent = make_client();  // accepts nothing
  Peer& client = make_client();
  ConnectionConfig config;
  config.handshake_timeout = std::chrono::milliseconds(50);
  client.connect(silent.endpoint->local_address(), config);
  ASSERT_TRUE(run_until([&] { return !client.close_reasons.empty(); }));
  EXPECT_EQ(client.close_reasons, std::vector{CloseReason::handshake_timeout});
}

TEST_P(UvEndpointTest, AbortTellsThePeer) {
  Peer& server = make_server();
  Peer& client = make_client();
  const auto handle = client.connect(server.endpoint->local_address());
  ASSERT_TRUE(run_until([&] { return !server.connected.empty(); }));
  EXPECT_FALSE(client.endpoint->abort(handle, 7, "enough"));
  ASSERT_TRUE(run_until([&] { return !server.close_reasons.empty(); }));
  EXPECT_EQ(server.close_reasons, std::vector{CloseReason::aborted});
}

// ---- What is refused ------------------------------------------------------------------------

TEST_P(UvEndpointTest, PortInUseIsTheSystemsError) {
  Peer& first = make_server();
  UvEndpointConfig config = bound_to("127.0.0.1:0");
  config.bind = first.endpoint->local_address();
  config.driver = GetParam();
  const auto second = UvEndpoint::create(loop(), config, nullptr);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error(), std::errc::address_in_use);
}

TEST_P(UvEndpointTest, AddressOfNobodyHereIsTheSystemsError) {
  UvEndpointConfig config = bound_to("192.0.2.1:0");
  config.driver = GetParam();
  const auto endpoint = UvEndpoint::create(loop(), config, nullptr);
  ASSERT_FALSE(endpoint);
  EXPECT_EQ(endpoint.error(), std::errc::address_not_available);
}

TEST_P(UvEndpointTest, InvalidConfigurationIsRefused) {
  UvEndpointConfig config = bound_to("127.0.0.1:0");
  config.driver = GetParam();
  config.endpoint.connection_id_size = 3;
  const auto endpoint = UvEndpoint::create(loop(), config, nullptr);
  ASSERT_FALSE(endpoint);
  EXPECT_EQ(endpoint.error(), Errc::invalid_config);
}

TEST_P(UvEndpointTest, FamilyThatTheSocketCannotReachIsRefusedAtOnce) {
  Peer& client = make_client("127.0.0.1:0");
  const ConnectOptions options{.remote = address("[::1]:9"), .config = {}, .token = {}};
  EXPECT_EQ(client.endpoint->connect(options).error(), Errc::invalid_address);
}

// ---- The life of an endpoint ----------------------------------------------------------------
// Each of these ends with the fixture's check that no handle was left behind.

TEST_P(UvEndpointTest, ClosedRightAfterItsCreation) { make_client().close(); }

TEST_P(UvEndpointTest, DestroyedRightAfterItsCreation) { make_client().endpoint.reset(); }

TEST_P(UvEndpointTest, ClosedDuringTheHandshake) {
  Peer& server = make_server();
  for (int turns = 0; turns < 6; ++turns) {
    Peer& client = make_client();
    const auto handle = client.connect(server.endpoint->local_address());
    ASSERT_TRUE(client.send(handle, "never mind"));
    for (int i = 0; i < turns; ++i) turn_once();
    client.close();
    ASSERT_TRUE(run_until([&] { return client.is_closed; }));
    // The application hears the end of everything that it began.
    EXPECT_EQ(client.receipt_events.size(), 1U) << turns;
    EXPECT_EQ(client.close_reasons.size(), 1U) << turns;
  }
}

TEST_P(UvEndpointTest, DestroyedDuringTheHandshake) {
  Peer& server = make_server();
  for (int turns = 0; turns < 6; ++turns) {
    Peer& client = make_client();
    client.connect(server.endpoint->local_address());
    for (int i = 0; i < turns; ++i) turn_once();
    client.endpoint.reset();
    EXPECT_TRUE(client.close_reasons.empty()) << "nobody is there to be told";
  }
}

TEST_P(UvEndpointTest, ClosedFromWithinAnEventHandler) {
  Peer& server = make_server();
  Peer& client = make_client();
  client.on_event = [&](Event&) {
    client.on_event = nullptr;
    client.close();
  };
  client.connect(server.endpoint->local_address());
  ASSERT_TRUE(run_until([&] { return client.is_closed; }));
  EXPECT_EQ(client.close_reasons.size(), 1U);
  ASSERT_TRUE(run_until([&] { return !server.close_reasons.empty() || server.connected.empty(); }));
}

TEST_P(UvEndpointTest, DestroyedWithinItsHandler) {
  Peer& server = make_server();
  Peer& client = make_client();
  client.on_event = [&](Event&) { client.endpoint.reset(); };
  const auto handle = client.connect(server.endpoint->local_address());
  ASSERT_TRUE(client.send(handle, "never mind"));
  ASSERT_TRUE(run_until([&] { return client.endpoint == nullptr; }));
  EXPECT_EQ(client.connected.size() + client.receipt_events.size() + client.close_reasons.size(),
            1U);
}

TEST_P(UvEndpointTest, DestroyedWithinItsHandlerWhileClosing) {
  Peer& server = make_server();
  Peer& client = make_client();
  const auto handle = client.connect(server.endpoint->local_address());
  ASSERT_TRUE(client.send(handle, "never mind"));
  client.on_event = [&](Event&) { client.endpoint.reset(); };
  client.close();
  ASSERT_TRUE(run_until([&] { return client.endpoint == nullptr; }));
  EXPECT_FALSE(client.is_closed) << "nobody is there to be told";
}

TEST_P(UvEndpointTest, DestroyedWithinItsCloseCallback) {
  Peer& client = make_client();
  client.endpoint->close([&] { client.endpoint.reset(); });
  EXPECT_TRUE(run_until([&] { return client.endpoint == nullptr; }));
}

TEST_P(UvEndpointTest, ClosingTwiceRunsBothCallbacks) {
  Peer& client = make_client();
  int callbacks = 0;
  client.endpoint->close([&] { ++callbacks; });
  client.endpoint->close([&] { ++callbacks; });
  client.endpoint->close(nullptr);
  EXPECT_EQ(callbacks, 0) << "told from the loop only";
  EXPECT_TRUE(run_until([&] { return callbacks == 2; }));
  client.endpoint.reset();
}

TEST_P(UvEndpointTest, CloseTellsThePeersAndFreesThePort) {
  Peer& server = make_server();
  Peer& client = make_client();
  client.connect(server.endpoint->local_address());
  ASSERT_TRUE(run_until([&] { return !server.connected.empty(); }));
  const SocketAddress bound = client.endpoint->local_address();
  bool is_free = false;
  client.endpoint->close([&] {
    UvEndpointConfig config = bound_to("127.0.0.1:0");
    config.bind = bound;
    is_free = make(config, parts()).endpoint != nullptr;
  });
  ASSERT_TRUE(run_until([&] { return is_free && !server.close_reasons.empty(); }));
  EXPECT_EQ(server.close_reasons, std::vector{CloseReason::aborted});
  client.endpoint.reset();
}

TEST_P(UvEndpointTest, DestructionTellsThePeersToo) {
  Peer& server = make_server();
  Peer& client = make_client();
  client.connect(server.endpoint->local_address());
  ASSERT_TRUE(run_until([&] { return !server.connected.empty(); }));
  client.endpoint.reset();
  ASSERT_TRUE(run_until([&] { return !server.close_reasons.empty(); }));
  EXPECT_EQ(server.close_reasons, std::vector{CloseReason::aborted});
}

TEST_P(UvEndpointTest, CallsAfterCloseAreRefused) {
  Peer& server = make_server();
  Peer& client = make_client();
  const auto handle = client.connect(server.endpoint->local_address());
  ASSERT_TRUE(run_until([&] { return !client.connected.empty(); }));
  client.close();
  const ConnectOptions options{
      .remote = server.endpoint->local_address(), .config = {}, .token = {}};
  EXPECT_EQ(client.endpoint->connect(options).error(), Errc::connection_closing);
  EXPECT_EQ(client.send(handle, "late").error(), Errc::connection_closing);
  EXPECT_EQ(client.endpoint->close(handle), Errc::connection_closing);
  EXPECT_EQ(client.endpoint->abort(handle), Errc::connection_closing);
  EXPECT_FALSE(client.endpoint->post([] { FAIL(); }));
  ASSERT_TRUE(run_until([&] { return client.is_closed; }));
  EXPECT_TRUE(client.endpoint->local_address().port != 0) << "still answers";
  EXPECT_EQ(client.endpoint->stats().connections_accepted, 0U);
}

// ---- The loop -------------------------------------------------------------------------------

TEST_P(UvEndpointTest, IdleEndpointLetsTheLoopEnd) {
  UvEndpointConfig config = bound_to("127.0.0.1:0");
  config.unref_when_idle = true;
  Peer& client = make(config, parts());
  EXPECT_EQ(uv_run(loop(), UV_RUN_DEFAULT), 0) << "before its first connection";

  Peer& server = make_server();
  client.on_event = [&](Event& event) {
    if (std::holds_alternative<ConnectedEvent>(event.what)) {
      EXPECT_FALSE(client.endpoint->close(event.connection));
    }
    // The server is never idle: without it the loop runs only as long as the client needs it.
    if (std::holds_alternative<ClosedEvent>(event.what)) server.close();
  };
  client.connect(server.endpoint->local_address());
  EXPECT_EQ(uv_run(loop(), UV_RUN_DEFAULT), 0) << "after its last connection";
  EXPECT_EQ(client.close_reasons, std::vector{CloseReason::none});
}

TEST_P(UvEndpointTest, IdleServerKeepsTheLoopAlive) {
  make_server();
  EXPECT_NE(uv_run(loop(), UV_RUN_NOWAIT), 0);
}

TEST_P(UvEndpointTest, WhatWasCalledLeavesBeforeTheLoopSleeps) {
  // A prepare callback older than the endpoint's runs after it, right before the loop sleeps.
  struct Caller {
    uv_prepare_t prepare{};
    std::function<void()> call;
    int timeout = -1;
  } caller;
  uv_prepare_init(loop(), &caller.prepare);
  caller.prepare.data = &caller;
  uv_prepare_start(&caller.prepare, [](uv_prepare_t* prepare) {
    auto& called = *static_cast<Caller*>(prepare->data);
    if (!called.call) return;
    std::exchange(called.call, nullptr)();
    called.timeout = uv_backend_timeout(prepare->loop);
  });
  Peer& server = make_server();
  Peer& client = make_client();
  const auto handle = client.connect(server.endpoint->local_address());
  ASSERT_TRUE(run_until([&] { return !client.connected.empty(); }));
  caller.call = [&] { EXPECT_TRUE(client.send(handle, "now")); };
  EXPECT_TRUE(run_until([&] { return server.messages.size() == 1; }));
  EXPECT_EQ(caller.timeout, 0) << "the loop must not sleep on unsent work";
  uv_close(reinterpret_cast<uv_handle_t*>(&caller.prepare), nullptr);
  turn_once();
}

TEST_P(UvEndpointTest, ManyEndpointsShareALoop) {
  Peer& server = make_server();
  make_echo(server);
  std::vector<Peer*> clients;
  for (int i = 0; i < 8; ++i) {
    clients.push_back(&make_client());
    const auto handle = clients.back()->connect(server.endpoint->local_address());
    ASSERT_TRUE(clients.back()->send(handle, std::to_string(i)));
  }
  ASSERT_TRUE(run_until([&] {
    return std::all_of(clients.begin(), clients.end(),
                       [](const Peer* client) { return client->messages.size() == 1; });
  }));
  for (std::size_t i = 0; i < clients.size(); ++i) {
    EXPECT_EQ(clients[i]->messages[0],
              std::vector<std::uint8_t>{static_cast<std::uint8_t>('0' + i)});
  }
}

TEST_P(UvEndpointTest, TasksOfAnotherThreadRunOnTheLoop) {
  Peer& server = make_server();
  Peer& client = make_client();
  const auto handle = client.connect(server.endpoint->local_address());
  const auto loop_thread = std::this_thread::get_id();
  std::thread other([&] {
    for (int i = 0; i < 100; ++i) {
      EXPECT_TRUE(client.endpoint->post([&, i] {
        EXPECT_EQ(std::this_thread::get_id(), loop_thread);
        EXPECT_TRUE(client.send(handle, std::to_string(i)));
      }));
    }
  });
  EXPECT_TRUE(run_until([&] { return server.messages.size() == 100; }));
  other.join();
}

TEST_P(UvEndpointTest, TaskAcceptedBeforeCloseStillRuns) {
  Peer& client = make_client();
  bool has_run = false;
  EXPECT_TRUE(client.endpoint->post([&] { has_run = true; }));
  client.close();
  ASSERT_TRUE(run_until([&] { return client.is_closed; }));
  EXPECT_TRUE(has_run);
}

TEST_P(UvEndpointTest, TaskMayDestroyTheEndpoint) {
  Peer& client = make_client();
  EXPECT_TRUE(client.endpoint->post([&] { client.endpoint.reset(); }));
  EXPECT_TRUE(client.endpoint->post([] { FAIL() << "the endpoint is gone"; }));
  EXPECT_TRUE(run_until([&] { return client.endpoint == nullptr; }));
}

// ---- Names ----------------------------------------------------------------------------------

TEST_P(UvEndpointTest, ConnectsToANameAndToAnAddress) {
  Peer& server = make_server();
  Peer& client = make_client();
  const std::string port = std::to_string(server.endpoint->local_address().port);
  std::vector<ConnectionHandle> handles;
  for (const char* host : {"localhost:", "127.0.0.1:"}) {
    client.endpoint->connect_to(host + port, {}, [&](Result<ConnectionHandle> handle) {
      ASSERT_TRUE(handle) << handle.error().message();
      handles.push_back(*handle);
    });
    EXPECT_TRUE(handles.empty()) << "told from the loop only";
  }
  ASSERT_TRUE(run_until([&] { return client.connected.size() == 2; }));
  std::sort(handles.begin(), handles.end());
  std::sort(client.connected.begin(), client.connected.end());
  EXPECT_EQ(handles, client.connected);
}

TEST_P(UvEndpointTest, NamesThatLeadNowhereAreErrors) {
  Peer& client = make_client();
  std::vector<std::error_code> errors;
  for (const char* name : {"nothing", "[no such address]:1", "[::1]:1"}) {
    client.endpoint->connect_to(
        name, {}, [&](Result<ConnectionHandle> handle) { errors.push_back(handle.error()); });
    ASSERT_TRUE(run_until([&, count = errors.size()] { return errors.size() > count; })) << name;
  }
  EXPECT_EQ(errors[0], Errc::invalid_address);
  EXPECT_EQ(errors[1], std::errc::host_unreachable);
  EXPECT_EQ(errors[2], Errc::invalid_address) << "an IPv4 socket";
}

TEST_P(UvEndpointTest, NameLookUpKeepsAnIdleEndpointAlive) {
  Peer& server = make_server();
  UvEndpointConfig config = bound_to("127.0.0.1:0");
  config.unref_when_idle = true;
  Peer& client = make(config, parts());
  client.on_event = [&](Event&) { uv_stop(loop()); };
  const std::string port = std::to_string(server.endpoint->local_address().port);
  server.close();
  ASSERT_TRUE(run_until([&] { return server.is_closed; }));
  bool is_done = false;
  client.endpoint->connect_to("127.0.0.1:" + port, {}, [&](auto) { is_done = true; });
  uv_run(loop(), UV_RUN_ONCE);
  uv_run(loop(), UV_RUN_NOWAIT);
  EXPECT_TRUE(is_done);
}

TEST_P(UvEndpointTest, ClosingEndsNameLookUps) {
  Peer& client = make_client();
  std::vector<std::error_code> errors;
  const auto keep_error = [&](Result<ConnectionHandle> handle) {
    errors.push_back(handle.error());
  };
  client.endpoint->connect_to("localhost:9", {}, keep_error);
  client.endpoint->connect_to("127.0.0.1:9", {}, keep_error);
  client.close();
  ASSERT_TRUE(run_until([&] { return client.is_closed; }));
  EXPECT_EQ(errors, std::vector(2, make_error_code(Errc::connection_closing)));
}

TEST_P(UvEndpointTest, DestroyedDuringANameLookUp) {
  Peer& client = make_client();
  client.endpoint->connect_to("localhost:9", {}, [](auto) { FAIL() << "nobody is there"; });
  client.endpoint->connect_to("127.0.0.1:9", {}, [](auto) { FAIL() << "nobody is there"; });
  client.endpoint.reset();
}

}  // namespace

}  // namespace hawser::rim
