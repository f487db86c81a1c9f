#include "tests/scenarios/two_hosts.h"

#include <utility>

namespace hawser::scenarios {

namespace {

const SocketAddress kClientAddress = SocketAddress::ipv4({10, 0, 0, 1}, 40000);
const SocketAddress kServerAddress = SocketAddress::ipv4({10, 0, 0, 2}, 4433);

// A new address and a new port for the client, another one each time.
SocketAddress rebound_address(std::size_t number) {
  return SocketAddress::ipv4({10, 9, 0, static_cast<std::uint8_t>(number + 1)},
                             static_cast<std::uint16_t>(50000 + number));
}

}  // namespace

netsim::PathConfig TwoHosts::clean_path(Duration rtt) {
  netsim::PathConfig path;
  path.up.delay = path.down.delay = rtt / 2;
  return path;
}

void TwoHosts::set_up(const netsim::PathConfig& path, const ConnectionConfig& config) {
  config_ = config;
  const netsim::Path links = network_.add_path(path);
  set_up_end(server_, {.endpoint = server_config(), .address = kServerAddress, .route = {}});
  netsim::EndpointHostConfig client;
  client.address = kClientAddress;
  client.route = {.up = {links.up}, .down = {links.down}};
  set_up_end(client_, client);
  for (std::size_t i = 0; i < path.rebinds.size(); ++i) {
    network_.at(path.rebinds[i],
                [this, i] { network_.rebind(client_.host->id(), rebound_address(i)); });
  }
}

EndpointConfig TwoHosts::server_config() const {
  EndpointConfig config;
  config.accepts_connections = true;
  config.accepted = config_;
  config.endpoint_secret.emplace().fill(7);
  return config;
}

void TwoHosts::set_up_end(End& end, netsim::EndpointHostConfig config) {
  config.faults = end.faults;
  auto host = netsim::EndpointHost::create(events_, network_, config);
  ASSERT_TRUE(host.has_value()) << host.error().message();
  end.host = std::move(*host);
  end.host->set_event_handler([&end](TimePoint now, Event& event) { record(end, now, event); });
  end.host->set_transmit_observer([&end](TimePoint now, const netsim::Datagram& datagram) {
    end.transmissions.push_back(now);
    end.datagram_sizes.push_back(datagram.bytes.size());
  });
}

void TwoHosts::record(End& end, TimePoint now, Event& event) {
  if (std::holds_alternative<ConnectedEvent>(event.what)) {
    end.connection = event.connection;
    end.is_connected = true;
  } else if (const auto* message = std::get_if<MessageEvent>(&event.what)) {
    const auto bytes = message->bytes.bytes();
    end.deliveries.push_back({now, {bytes.begin(), bytes.end()}});
    if (end.on_message) end.on_message();
  } else if (const auto* receipt = std::get_if<ReceiptEvent>(&event.what)) {
    end.receipts.push_back(*receipt);
    end.receipt_times.push_back(now);
  } else if (const auto* closed = std::get_if<ClosedEvent>(&event.what)) {
    end.close_reason = closed->reason;
    end.closed_at = now;
  }
}

void TwoHosts::start_connecting() {
  const auto connection =
      client_.host->endpoint().connect({.remote = kServerAddress, .config = config_, .token = {}});
  ASSERT_TRUE(connection.has_value()) << connection.error().message();
  client_.connection = *connection;
  client_.host->pump();
}

void TwoHosts::connect() {
  start_connecting();
  events_.run_until(kNever, [this] { return client_.is_connected && server_.is_connected; });
  ASSERT_TRUE(client_.is_connected && server_.is_connected);
}

void TwoHosts::send(End& from, std::size_t size, const SendOptions& options) {
  std::vector<std::uint8_t> message(size, static_cast<std::uint8_t>(sent_));
  const auto sent = from.host->endpoint().send(from.connection, message, options);
  ASSERT_TRUE(sent.has_value()) << sent.error().message();
  ++sent_;
  from.host->pump();
}

void TwoHosts::send_every(End& from, Duration interval, Duration until,
                          const SendOptions& options) {
  for (Duration at = now(); at < until; at += interval) {
    network_.at(at, [this, &from, options] { send(from, 200, options); });
  }
}

void TwoHosts::close(End& by) {
  EXPECT_FALSE(by.host->endpoint().close(by.connection));
  by.host->pump();
}

void TwoHosts::run_until(Duration since_start) {
  events_.run_until(netsim::EventQueue::kStart + since_start);
}

void TwoHosts::run_until_idle() { EXPECT_EQ(events_.run_until(kNever), netsim::RunOutcome::idle); }

void TwoHosts::expect_all_in_order(const End& at, std::size_t count) {
  ASSERT_EQ(at.deliveries.size(), count);
  for (std::size_t i = 0; i < count; ++i) {
    ASSERT_EQ(at.deliveries[i].bytes.front(), static_cast<std::uint8_t>(i)) << "message " << i;
  }
}

}  // namespace hawser::scenarios
