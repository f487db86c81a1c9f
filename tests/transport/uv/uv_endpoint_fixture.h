#pragma once
/// Endpoints on one loop, on real sockets, and everything that they told the application.

#include <algorithm>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "hawser/uv_endpoint.h"
#include "tests/transport/uv/loop_test.h"
#include "transport/uv/driver_parts.h"
#include "transport/uv/uv_endpoint_impl.h"

namespace hawser::rim {

/// One endpoint and its application, which keeps what it hears.
class Peer {
 public:
  Peer(uv_loop_t* loop, UvEndpointConfig config, const DriverParts& parts) {
    auto created = UvEndpoint::Impl::create(
        loop, std::move(config), [this](Event& event) { hear(event); }, parts);
    EXPECT_TRUE(created) << (created ? "" : created.error().message());
    if (created) endpoint = std::move(*created);
  }
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;

  ConnectionHandle connect(const SocketAddress& remote, const ConnectionConfig& config = {}) {
    const Calling calling(*this);
    const auto handle = endpoint->connect({.remote = remote, .config = config, .token = {}});
    EXPECT_TRUE(handle) << (handle ? "" : handle.error().message());
    return handle ? *handle : ConnectionHandle::none;
  }
  Result<MessageId> send(ConnectionHandle handle, std::span<const std::uint8_t> bytes,
                         const SendOptions& options = {}) {
    const Calling calling(*this);
    return endpoint->send(handle, bytes, options);
  }
  Result<MessageId> send(ConnectionHandle handle, std::string_view text,
                         const SendOptions& options = {}) {
    return send(handle, {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}, options);
  }
  void close() {
    const Calling calling(*this);
    endpoint->close([this] {
      EXPECT_FALSE(is_calling_);
      is_closed = true;
    });
  }
  std::size_t receipts(Outcome outcome) const {
    std::size_t count = 0;
    for (const ReceiptEvent& receipt : receipt_events) count += receipt.outcome == outcome ? 1 : 0;
    return count;
  }

  std::unique_ptr<UvEndpoint> endpoint;
  bool keeps_messages = true;
  /// Called with every event, before it is kept.
  std::function<void(Event&)> on_event;

  std::vector<ConnectionHandle> connected;
  std::vector<std::vector<std::uint8_t>> messages;
  std::vector<ReceiptEvent> receipt_events;
  std::vector<CloseReason> close_reasons;
  std::vector<bool> closed_by_peer;
  int writable_events = 0;
  bool is_closed = false;

 private:
  /// Marks the time of a call of the application, in which nothing may be called back.
  class Calling {
   public:
    explicit Calling(Peer& peer) : peer_(peer) { peer_.is_calling_ = true; }
    ~Calling() { peer_.is_calling_ = false; }
    Calling(const Calling&) = delete;
    Calling& operator=(const Calling&) = delete;

   private:
    Peer& peer_;
  };

  void hear(Event& event) {
    EXPECT_FALSE(is_calling_) << "a handler ran inside a call";
    const auto& what = event.what;
    if (std::holds_alternative<ConnectedEvent>(what)) connected.push_back(event.connection);
    if (const auto* message = std::get_if<MessageEvent>(&what); message && keeps_messages) {
      const auto bytes = message->bytes.bytes();
      messages.emplace_back(bytes.begin(), bytes.end());
    }
    if (const auto* receipt = std::get_if<ReceiptEvent>(&what)) receipt_events.push_back(*receipt);
    if (std::holds_alternative<WritableEvent>(what)) ++writable_events;
    if (const auto* closed = std::get_if<ClosedEvent>(&what)) {
      close_reasons.push_back(closed->reason);
      closed_by_peer.push_back(closed->by_peer);
    }
    // Last: it may end the endpoint.
    if (on_event) on_event(event);
  }
  bool is_calling_ = false;
};

class UvEndpointFixture : public LoopTest {
 protected:
  void TearDown() override {
    close_peers();
    LoopTest::TearDown();
  }
  /// Closes every endpoint; before what a test's callbacks refer to goes out of scope.
  void close_peers() {
    for (const auto& peer : peers_) {
      if (peer->endpoint && !peer->is_closed) peer->close();
    }
    EXPECT_TRUE(run_until([this] {
      return std::all_of(peers_.begin(), peers_.end(),
                         [](const auto& peer) { return !peer->endpoint || peer->is_closed; });
    }));
    peers_.clear();
  }
  /// `parts` as tests of the driver put them together.
  Peer& make(UvEndpointConfig config, const DriverParts& parts) {
    config.driver = parts.driver;
    peers_.push_back(std::make_unique<Peer>(loop(), std::move(config), parts));
    return *peers_.back();
  }
  static UvEndpointConfig serving(std::string_view bind) {
    UvEndpointConfig config;
    config.bind = address(bind);
    config.endpoint.accepts_connections = true;
    return config;
  }
  static UvEndpointConfig bound_to(std::string_view bind) {
    UvEndpointConfig config;
    config.bind = address(bind);
    return config;
  }
  static SocketAddress address(std::string_view text) { return *SocketAddress::parse(text); }
  /// Sends back whatever comes.
  static void make_echo(Peer& peer) {
    peer.on_event = [&peer](Event& event) {
      const auto* message = std::get_if<MessageEvent>(&event.what);
      if (message == nullptr) return;
      EXPECT_TRUE(
          peer.endpoint->send(event.connection, message->bytes,
                              {.channel = message->channel, .delivery = message->delivery}));
    };
  }
  /// Of the host `text` and the port of `peer`.
  static SocketAddress reach(const Peer& peer, std::string_view text) {
    SocketAddress remote = address(text);
    remote.port = peer.endpoint->local_address().port;
    return remote;
  }

 private:
  std::vector<std::unique_ptr<Peer>> peers_;
};

/// The conformance suite runs once for each driver.
class UvEndpointTest : public UvEndpointFixture, public ::testing::WithParamInterface<UvDriver> {
 protected:
  static DriverParts parts() { return *parts_of(GetParam()); }
  Peer& make_server(std::string_view bind = "127.0.0.1:0") { return make(serving(bind), parts()); }
  Peer& make_client(std::string_view bind = "127.0.0.1:0") { return make(bound_to(bind), parts()); }
};

inline std::string driver_name(const ::testing::TestParamInfo<UvDriver>& test) {
  return test.param == UvDriver::portable ? "Portable" : "Linux";
}

}  // namespace hawser::rim
