// The hard ways in which an endpoint ends, for every driver: each leaves neither a handle nor a
// descriptor, and the application and its peers hear of the end of all that they heard of.

#include <sys/resource.h>

#include <atomic>
#include <cerrno>
#include <filesystem>
#include <iterator>
#include <string>
#include <thread>

#include "hawser/buffer.h"
#include "tests/transport/uv/scripted_kernel.h"
#include "tests/transport/uv/socket_decorator.h"
#include "tests/transport/uv/uv_endpoint_fixture.h"

namespace hawser::rim {

namespace {

class UvEndpointClosingTest : public UvEndpointTest {
 protected:
  static std::ptrdiff_t open_descriptors() {
    const std::filesystem::directory_iterator all("/proc/self/fd");
    return std::distance(begin(all), end(all));
  }
  /// A check callback started after an endpoint's runs before it: between the arrival of datagrams
  /// and the endpoint's own work.
  void before_the_next_pump(std::function<void()> call) {
    call_ = std::move(call);
    uv_check_init(loop(), &check_);
    check_.data = this;
    uv_check_start(&check_, [](uv_check_t* check) {
      static_cast<UvEndpointClosingTest*>(check->data)->call_();
    });
  }
  void no_longer_before_the_next_pump() {
    uv_close(reinterpret_cast<uv_handle_t*>(&check_), nullptr);
    turn_once();
  }

 private:
  std::function<void()> call_;
  uv_check_t check_{};
};

INSTANTIATE_TEST_SUITE_P(Drivers, UvEndpointClosingTest,
                         ::testing::Values(UvDriver::linux_batched, UvDriver::portable),
                         driver_name);

/// No descriptor from `count` on can be opened.
class DescriptorLimit {
 public:
  explicit DescriptorLimit(rlim_t count) {
    getrlimit(RLIMIT_NOFILE, &before_);
    const rlimit limit{.rlim_cur = count, .rlim_max = before_.rlim_max};
    setrlimit(RLIMIT_NOFILE, &limit);
  }
  ~DescriptorLimit() { setrlimit(RLIMIT_NOFILE, &before_); }
  DescriptorLimit(const DescriptorLimit&) = delete;
  DescriptorLimit& operator=(const DescriptorLimit&) = delete;

 private:
  rlimit before_{};
};

TEST_P(UvEndpointClosingTest, CreationThatFailsHalfwayLeavesNothing) {
  UvEndpointConfig config = bound_to("127.0.0.1:0");
  config.driver = GetParam();
  make_client().endpoint.reset();  // what libuv opens once for a loop
  turn_once();
  const std::ptrdiff_t before = open_descriptors();
  int failures = 0;
  for (rlim_t count = 0; count < 64; ++count) {
    // Looked at without the limit: sanitizers need descriptors of their own.
    const auto endpoint = [&] {
      const DescriptorLimit limit(count);
      return UvEndpoint::create(loop(), config, nullptr);
    }();
    if (endpoint) break;
    ++failures;
    EXPECT_EQ(endpoint.error(), std::errc::too_many_files_open) << endpoint.error().message();
  }
  EXPECT_GT(failures, 0);
  EXPECT_LT(failures, 64);
  turn_once();
  turn_once();
  EXPECT_EQ(open_descriptors(), before);
}

TEST_P(UvEndpointClosingTest, ConnectionNobodyHasHeardOfIsAborted) {
  for (const bool is_destroyed : {false, true}) {
    SocketDecorator* socket = nullptr;
    Peer& server = make(serving("127.0.0.1:0"), decorated(parts(), socket));
    Peer& client = make_client();
    client.connect(server.endpoint->local_address());
    bool has_ended = false;
    before_the_next_pump([&] {
      // INIT, INIT with the cookie, and the client's answer to ACCEPT, which establishes.
      if (has_ended || socket->counters().datagrams_received < 3) return;
      has_ended = true;
      EXPECT_TRUE(server.connected.empty());
      is_destroyed ? server.endpoint.reset() : server.close();
    });
    ASSERT_TRUE(run_until([&] { return !client.close_reasons.empty(); }));
    EXPECT_EQ(client.close_reasons, std::vector{CloseReason::aborted});
    EXPECT_EQ(server.connected.size(), is_destroyed ? 0U : 1U);
    EXPECT_EQ(server.close_reasons.size(), server.connected.size());
    no_longer_before_the_next_pump();
    close_peers();
  }
}

TEST_P(UvEndpointClosingTest, ClosesWithDatagramsThatTheSocketHasNotTaken) {
  for (const bool is_destroyed : {false, true}) {
    Peer& server = make_server();
    Peer& client = make_client();
    const auto handle = client.connect(server.endpoint->local_address());
    ASSERT_TRUE(run_until([&] { return !client.connected.empty(); }));
    // The socket is full when the endpoint ends, and stays so.
    const ScriptedKernel kernel{EAGAIN, EAGAIN, EAGAIN, EAGAIN};
    ASSERT_TRUE(client.send(handle, std::vector<std::uint8_t>(50'000, 1)));
    turn_once();
    is_destroyed ? client.endpoint.reset() : client.close();
    ASSERT_TRUE(run_until([&] { return is_destroyed || client.is_closed; }));
    EXPECT_EQ(client.receipts(Outcome::connection_lost), is_destroyed ? 0U : 1U);
    close_peers();
  }
}

/// Shouts when it is called after its end.
class LentSink final : public TraceSink {
 public:
  void on_event(TimePoint, ConnectionHandle, const TraceEvent&) override { ++events; }
  std::size_t events = 0;
};

TEST_P(UvEndpointClosingTest, HandlerMayDestroyTheEndpointAndWhatItLent) {
  Peer& server = make_server();
  auto sink = std::make_unique<LentSink>();
  UvEndpointConfig config = bound_to("127.0.0.1:0");
  config.endpoint.trace = sink.get();
  Peer& client = make(config, parts());
  client.connect(server.endpoint->local_address());
  client.on_event = [&](Event&) {
    const std::size_t before = sink->events;
    client.endpoint.reset();
    EXPECT_GT(sink->events, before) << "it ends within the call";
    sink.reset();
  };
  ASSERT_TRUE(run_until([&] { return client.endpoint == nullptr; }));
  ASSERT_TRUE(run_until([&] { return !server.close_reasons.empty(); }));
  EXPECT_EQ(server.close_reasons, std::vector{CloseReason::aborted});
}

TEST_P(UvEndpointClosingTest, WhatWaitsIsDroppedBeforeThePoolThatItsBytesAreFrom) {
  for (const bool is_closing : {false, true}) {
    Peer& client = make_client();
    EXPECT_TRUE(client.endpoint->post([&client] { client.endpoint.reset(); }));
    {
      const Buffer bytes = Buffer::allocate(client.endpoint->pool(), 5000);
      EXPECT_TRUE(client.endpoint->post([bytes] { FAIL() << bytes.size(); }));
      EXPECT_TRUE(client.endpoint->connect_to("localhost:9", {}, [bytes](auto) {}));
    }
    if (is_closing) client.close();
    ASSERT_TRUE(run_until([&] { return client.endpoint == nullptr; }));
  }
}

TEST_P(UvEndpointClosingTest, ConnectingByNameIsRefusedOnceClosing) {
  Peer& client = make_client();
  int ends = 0;
  // It tries again when it fails, as applications do.
  client.endpoint->connect_to("localhost:9", {}, [&](Result<ConnectionHandle> handle) {
    ++ends;
    EXPECT_EQ(handle.error(), Errc::connection_closing);
    EXPECT_FALSE(client.endpoint->connect_to("localhost:9", {}, [](auto) { FAIL(); }));
  });
  client.close();
  EXPECT_FALSE(client.endpoint->connect_to("127.0.0.1:9", {}, [](auto) { FAIL(); }));
  ASSERT_TRUE(run_until([&] { return client.is_closed; }));
  EXPECT_EQ(ends, 1);
  EXPECT_FALSE(client.endpoint->connect_to("localhost:9", {}, [](auto) { FAIL(); }));
}

TEST_P(UvEndpointClosingTest, EveryTaskThatPostAcceptedRunsHoweverCloseFalls) {
  for (int round = 0; round < 20; ++round) {
    Peer& client = make_client();
    std::atomic<bool> has_begun = false;
    int accepted = 0;
    int ran = 0;
    std::thread other([&] {
      while (client.endpoint->post([&ran] { ++ran; })) {
        ++accepted;
        has_begun = true;
      }
    });
    while (!has_begun) std::this_thread::yield();
    client.close();
    EXPECT_TRUE(run_until([&] { return client.is_closed; }));
    other.join();
    EXPECT_EQ(ran, accepted);
  }
}

TEST_P(UvEndpointClosingTest, TaskThatPostsItselfDoesNotHoldUpTheLoop) {
  Peer& client = make_client();
  int runs = 0;
  std::function<void()> again = [&] {
    if (++runs < 1'000'000) client.endpoint->post(again);
  };
  EXPECT_TRUE(client.endpoint->post(again));
  turn_once();
  EXPECT_LE(runs, 2);
  close_peers();
}

TEST_P(UvEndpointClosingTest, ClosingOnceMoreWhenClosedDoesNothing) {
  Peer& client = make_client();
  client.close();
  ASSERT_TRUE(run_until([&] { return client.is_closed; }));
  client.endpoint->close([] { FAIL(); });
}

// Its ACCEPT leaves while it closes, and with it the application hears of the connection.
TEST_P(UvEndpointClosingTest, EndsAConnectionThatBeginsAsItCloses) {
  Peer* server = nullptr;
  UvEndpointConfig config = serving("127.0.0.1:0");
  config.endpoint.accepted.connects_on_accept = true;
  config.endpoint.admission = [&server](const IncomingConnection&) {
    server->close();
    return Admission{};
  };
  server = &make(config, parts());
  Peer& client = make_client();
  client.connect(server->endpoint->local_address());
  ASSERT_TRUE(run_until([&] { return server->is_closed && !client.close_reasons.empty(); }));
  EXPECT_EQ(server->connected.size(), 1U);
  EXPECT_EQ(server->close_reasons, std::vector{CloseReason::aborted});
  EXPECT_EQ(client.close_reasons, std::vector{CloseReason::aborted});
}

}  // namespace

}  // namespace hawser::rim
