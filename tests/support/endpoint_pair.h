#pragma once
/// Two endpoints back to back on a clock that only the test moves: what one sends the other
/// receives a fixed delay later, unless the test's script says otherwise.
///
/// Use it as a base of a fixture:
///
///   class ConnectionTest : public ::testing::Test, protected testing::EndpointPair {};
///   const auto handle = connect();
///   run_until_idle();
///   EXPECT_TRUE(client_host().last<ConnectedEvent>());
///
/// For impairments beyond a script use `hawser::netsim`.

#include <algorithm>
#include <deque>
#include <functional>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "hawser/endpoint.h"

namespace hawser::testing {

using Bytes = std::vector<std::uint8_t>;

inline std::span<const std::uint8_t> bytes_of(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
inline std::string_view text_of(std::span<const std::uint8_t> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// One datagram on its way. `path` is the receiver's view of it.
struct Flight {
  TimePoint arrival;
  NetworkPath path;
  Ecn ecn = Ecn::not_ect;
  Bytes bytes;
};

enum class Fate { deliver, drop, duplicate };

/// One side: its endpoint and everything that it said.
struct Host {
  SocketAddress address;
  EndpointConfig config;
  SeededRandom random{0};
  std::unique_ptr<Endpoint> endpoint;
  bool takes_events = true;   ///< the application polls
  std::vector<Event> events;  ///< all that were polled, in order; they die before the endpoint
  std::uint64_t datagrams_sent = 0;
  ByteCount bytes_sent{0};

  Host(SocketAddress host_address, EndpointConfig host_config, std::uint64_t seed)
      : address(host_address), config(std::move(host_config)) {
    start(seed);
  }
  ~Host() { stop(); }
  Host(const Host&) = delete;
  Host& operator=(const Host&) = delete;

  /// Makes a new endpoint in place of the old one, which loses all its state.
  void start(std::uint64_t seed) {
    stop();
    random = SeededRandom(seed);
    auto created = Endpoint::create(config, random);
    ASSERT_TRUE(created) << config.validate().value_or("");
    endpoint = std::move(*created);
  }
  void stop() {
    events.clear();
    endpoint.reset();
  }

  template <typename E>
  std::vector<const E*> all() const {
    std::vector<const E*> found;
    for (const Event& event : events) {
      if (const E* what = std::get_if<E>(&event.what)) found.push_back(what);
    }
    return found;
  }
  template <typename E>
  std::size_t count() const {
    return all<E>().size();
  }
  /// The latest event of this kind, or nullptr.
  template <typename E>
  const E* last() const {
    const auto found = all<E>();
    return found.empty() ? nullptr : found.back();
  }
  /// The connection of the latest ConnectedEvent.
  ConnectionHandle connected() const {
    ConnectionHandle handle = ConnectionHandle::none;
    for (const Event& event : events) {
      if (std::holds_alternative<ConnectedEvent>(event.what)) handle = event.connection;
    }
    return handle;
  }
};

class EndpointPair {
 public:
  /// No timer within this is worth waiting for: longer than any backoff, shorter than idleness.
  static constexpr Duration kQuiet = std::chrono::seconds(8);

  EndpointPair() : EndpointPair({}, accepting()) {}
  EndpointPair(EndpointConfig client, EndpointConfig server)
      : client_(SocketAddress::ipv4({192, 0, 2, 1}, 40000), std::move(client), 1),
        server_(SocketAddress::ipv4({192, 0, 2, 2}, 9000), std::move(server), 2) {}

  static EndpointConfig accepting() {
    EndpointConfig config;
    config.accepts_connections = true;
    return config;
  }

  Endpoint& client() { return *client_.endpoint; }
  Endpoint& server() { return *server_.endpoint; }
  Host& client_host() { return client_; }
  Host& server_host() { return server_; }
  TimePoint now() const { return now_; }

  // ---- The script ----------------------------------------------------------------------------
  Duration delay = std::chrono::milliseconds(10);  ///< one way
  std::size_t datagrams_max = 64;                  ///< asked of each `poll_transmit`
  /// Decides about each datagram as it leaves `from`; may change it. Absent: all arrive.
  std::function<Fate(Flight&, const Host& from)> script;

  // ---- Verbs ---------------------------------------------------------------------------------
  ConnectionHandle connect(const ConnectionConfig& config = {},
                           std::span<const std::uint8_t> token = {}) {
    const auto handle =
        client().connect({.remote = server_.address, .config = config, .token = token});
    EXPECT_TRUE(handle) << (handle ? "" : handle.error().message());
    return handle ? *handle : ConnectionHandle::none;
  }
  /// Connects and waits. Returns the two handles: the client's and the server's.
  std::pair<ConnectionHandle, ConnectionHandle> connect_both(const ConnectionConfig& config = {}) {
    const ConnectionHandle handle = connect(config);
    run_until_idle();
    EXPECT_EQ(client_.connected(), handle);
    return {handle, server_.connected()};
  }
  Result<MessageId> send(ConnectionHandle handle, std::string_view text,
                         const SendOptions& options = {}) {
    return client().send(handle, bytes_of(text), options);
  }
  /// A datagram from anywhere, now.
  void inject(Host& to, const SocketAddress& from, std::span<const std::uint8_t> bytes) {
    to.endpoint->receive(now_, {.bytes = bytes,
                                .segment_size = bytes.size(),
                                .path = {.local = to.address, .remote = from}});
  }
  /// Until both sides have nothing to say and nothing to wait for.
  void run_until_idle() {
    run_while([this] { return next_time() <= now_ + kQuiet; });
  }
  void run_for(Duration duration) {
    const TimePoint end = now_ + duration;
    run_while([this, end] { return next_time() <= end; });
    now_ = end;
  }
  /// False if it did not come true before both were idle.
  bool run_until(const std::function<bool()>& condition) {
    const auto is_true = [&] {
      flush();
      return condition();
    };
    run_while([&] { return !is_true() && next_time() <= now_ + kQuiet; });
    return is_true();
  }
  /// Takes what a host wants to say and puts it on its way.
  void flush(Host& host) {
    if (host.endpoint == nullptr) return;
    take_events(host);
    TransmitBuffer buffer{.bytes = space_, .datagrams_max = datagrams_max};
    while (const auto transmit = host.endpoint->poll_transmit(now_, buffer)) {
      const auto written = std::span(space_).first(transmit->bytes);
      for (std::size_t at = 0; at < written.size(); at += transmit->segment_size) {
        const auto bytes =
            written.subspan(at, std::min(transmit->segment_size, written.size() - at));
        launch(host, *transmit, bytes);
      }
    }
    take_events(host);  // sending may begin or end a connection
  }
  void flush() {
    flush(client_);
    flush(server_);
  }
  /// In order of arrival.
  const std::deque<Flight>& in_flight() const { return flights_; }

 private:
  static void take_events(Host& host) {
    while (host.takes_events) {
      auto event = host.endpoint->poll_event();
      if (!event) break;
      host.events.push_back(std::move(*event));
    }
  }
  void launch(Host& from, const Transmit& transmit, std::span<const std::uint8_t> bytes) {
    ++from.datagrams_sent;
    from.bytes_sent += ByteCount::of(bytes.size());
    Flight flight{.arrival = now_ + delay,
                  .path = {.local = transmit.path.remote, .remote = from.address},
                  .ecn = transmit.ecn,
                  .bytes = Bytes(bytes.begin(), bytes.end())};
    const Fate fate = script ? script(flight, from) : Fate::deliver;
    if (fate == Fate::drop) return;
    const auto place = std::ranges::upper_bound(flights_, flight.arrival, {}, &Flight::arrival);
    flights_.insert(place, fate == Fate::duplicate ? 2 : 1, flight);
  }
  /// When something happens next, everything said so far being on its way.
  TimePoint next_time() {
    flush();
    TimePoint next = kNever;
    if (!flights_.empty()) next = flights_.front().arrival;
    for (const Host* host : {&client_, &server_}) {
      if (host->endpoint) next = std::min(next, host->endpoint->next_timeout());
    }
    return next;
  }
  template <typename Condition>
  void run_while(Condition condition) {
    for (int steps = 0; condition(); ++steps) {
      ASSERT_LT(steps, 1'000'000) << "the endpoints do not come to rest";
      now_ = std::max(now_, next_time());
      deliver_due();
      for (Host* host : {&client_, &server_}) {
        if (host->endpoint && host->endpoint->next_timeout() <= now_) {
          host->endpoint->handle_timeout(now_);
        }
      }
    }
  }
  void deliver_due() {
    while (!flights_.empty() && flights_.front().arrival <= now_) {
      const Flight flight = std::move(flights_.front());
      flights_.pop_front();
      for (Host* host : {&client_, &server_}) {
        if (host->endpoint == nullptr || host->address != flight.path.local) continue;
        host->endpoint->receive(now_, {.bytes = flight.bytes,
                                       .segment_size = flight.bytes.size(),
                                       .path = flight.path,
                                       .ecn = flight.ecn});
      }
    }
  }

  TimePoint now_{std::chrono::seconds(1)};
  Bytes space_ = Bytes(1 << 17);
  Host client_;
  Host server_;
  std::deque<Flight> flights_;  // by arrival, then as they left
};

}  // namespace hawser::testing
