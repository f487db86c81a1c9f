#include "tools/hawser/sim_connection.h"

#include <algorithm>
#include <type_traits>
#include <utility>

#include <fmt/format.h>

#include "hawser/netsim/message_bytes.h"
#include "tools/hawser/earlier_connection.h"

namespace hawser::cli {

using netsim::EndpointHost;
using netsim::LinkConfig;
using netsim::LinkId;

namespace {

constexpr ByteCount kEndpointMemory{std::int64_t{1} << 30};
constexpr std::uint16_t kServerPort = 4433;
constexpr std::uint16_t kClientPort = 40000;
constexpr int kLooksMax = 1000;
constexpr std::uint8_t kSecret = 0x5A;  // of a simulation: nobody is to be kept from guessing it

void set_congestion(CongestionConfig& config, const FlowSpec& first) {
  const auto set = [](auto& target, const auto& value) {
    if (value) target = static_cast<std::remove_reference_t<decltype(target)>>(*value);
  };
  set(config.fixed_window_packets, first.window_packets);
  set(config.aimd_increase_percent, first.aimd_increase_percent);
  set(config.aimd_decrease_percent, first.aimd_decrease_percent);
  set(config.ledbat_target, first.ledbat_target);
  set(config.copa_delta_percent, first.copa_delta_percent);
  set(config.initial_window, first.cwnd_initial);
  set(config.window_min, first.cwnd_min);
  set(config.window_max, first.cwnd_max);
  set(config.loss_threshold_percent, first.loss_threshold_percent);
  set(config.spurious_undo, first.spurious_undo);
  set(config.fast_convergence, first.fast_convergence);
  set(config.hystart, first.hystart);
  set(config.prr, first.prr);
}

std::array<std::uint8_t, 32> server_secret() {
  std::array<std::uint8_t, 32> secret;
  secret.fill(kSecret);
  return secret;
}

}  // namespace

SocketAddress address_of(std::uint8_t network, std::uint32_t number, std::uint16_t port) {
  return SocketAddress::ipv4(
      {10, network, static_cast<std::uint8_t>(number >> 8), static_cast<std::uint8_t>(number)},
      port);
}

ConnectionConfig connection_config(const SimulationSpec& spec, const FlowSpec& first) {
  ConnectionConfig config = spec.connection;
  config.congestion =
      first.own_controller != nullptr ? first.own_controller : find_congestion_controller(first.cc);
  config.arq = first.arq;
  if (first.connects_on_accept) config.connects_on_accept = *first.connects_on_accept;
  set_congestion(config.congestion_config, first);
  if (first.ecn) config.ecn = *first.ecn;
  if (first.send_window) config.send_window = *first.send_window;
  if (first.receive_window) config.receive_window = *first.receive_window;
  return config;
}

SimConnection::SimConnection(const Setup& setup)
    : events_(&setup.events),
      network_(&setup.network),
      spec_(&setup.spec),
      view_(setup.view),
      row_(&setup.row),
      number_(setup.number),
      config_(connection_config(setup.spec, setup.first_flow)),
      cc_(setup.first_flow.cc),
      is_resumed_(setup.first_flow.resumed.value_or(false)),
      start_(setup.events.now()) {
  for (const SideName name : {kClient, kServer}) {
    sides_[name].traces.add(&sides_[name].window);
    sides_[name].traces.add(watch(name, setup.first_flow));
  }
  add_side(kServer, {});
  add_side(kClient, make_route(setup.first_flow));
}

// The bottlenecks, behind an access link of the client's own if it has one.
netsim::Route SimConnection::make_route(const FlowSpec& first_flow) {
  const HopRange hops = first_flow.hops.value_or(HopRange{1, row_->size()});
  netsim::Route route = row_->across(hops.first - 1, hops.last - 1);
  if (first_flow.access_delay || first_flow.access_rate) {
    LinkConfig access;
    access.delay = first_flow.access_delay.value_or(Duration::zero());
    access.rate = first_flow.access_rate.value_or(Bandwidth::infinite());
    access.queue = first_flow.access_queue.value_or(netsim::QueueLimit());
    netsim::add_access(*network_, route, fmt::format("access{}", number_ + 1), access);
  }
  sides_[kClient].links = route.up;
  sides_[kServer].links = route.down;
  return route;
}

void SimConnection::add_side(SideName name, const netsim::Route& route) {
  Side& side = sides_[name];
  const bool is_server = name == kServer;
  netsim::EndpointHostConfig config;
  config.endpoint.accepts_connections = is_server;
  config.endpoint.accepted = config_;
  config.endpoint.memory_budget = kEndpointMemory;
  config.endpoint.trace = &side.traces;
  config.address =
      is_server ? address_of(1, number_, kServerPort) : address_of(0, number_, kClientPort);
  config.route = route;
  config.seed = spec_->seed;
  config.batch = spec_->batch;
  config.faults = is_server ? spec_->server_faults : spec_->client_faults;
  config.receive_batch = spec_->receive_batch;
  // Kept over a crash, so that the peer learns of it from the new process; and the token of an
  // earlier connection is made with it.
  const bool keeps_secret = !config.faults.crashes.empty() || is_resumed_;
  if (keeps_secret) config.endpoint.endpoint_secret = server_secret();
  auto host = EndpointHost::create(*events_, *network_, config);
  HAWSER_ASSERT(host.has_value());  // the configuration was validated before
  side.host = std::move(*host);
  side.host->set_event_handler(
      [this, name](TimePoint now, Event& event) { on_event(name, now, event); });
  side.host->set_crash_handler([this, name](TimePoint) { on_crash(name); });
  side.host->set_transmit_observer([this, name](TimePoint now, const netsim::Datagram& datagram) {
    if (view_ != nullptr) view_->on_transmit(now, datagram);
    on_transmit(name, datagram);
  });
}

// Who sees what that side does, beside ourselves.
TraceSink* SimConnection::watch(SideName name, const FlowSpec& first_flow) const {
  if (view_ == nullptr) return nullptr;
  const auto sends = [&](const FlowSpec& flow) {
    const bool is_ours = &flow == &first_flow ||
                         (!flow.connection.empty() && flow.connection == first_flow.connection);
    return is_ours && sender_of(flow) == name;
  };
  const std::string connection = fmt::format("connection-{}", number_ + 1);
  const auto flow_number = &first_flow - spec_->flows.data() + 1;
  const std::string title =
      first_flow.connection.empty() ? fmt::format("flow {}", flow_number) : first_flow.connection;
  return view_->watch({.connection = connection,
                       .title = name == kClient ? title : title + ", from server",
                       .is_client = name == kClient,
                       .is_sender = std::ranges::any_of(spec_->flows, sends)});
}

std::size_t SimConnection::add_flow(const FlowSpec& spec, Flow::DeliveryObserver observer) {
  flows_.emplace_back(spec, static_cast<std::uint32_t>(flows_.size()));
  flows_.back().set_delivery_observer(std::move(observer));
  return flows_.size() - 1;
}

void SimConnection::schedule_all() {
  for (const Flow& flow : flows_) {
    if (!flow.spec().reader_stop) continue;
    const SideName reader = receiver_of(flow.spec());
    network_->at(flow.spec().reader_stop->from, [this, reader] { hold_reader(reader); });
    network_->at(flow.spec().reader_stop->to, [this, reader] { release_reader(reader); });
  }
  for (const DatagramLimit& limit : spec_->datagram_limits) {
    network_->at(limit.at, [this, size = limit.size] {
      for (Side& side : sides_) side.host->set_datagram_limit(size);
    });
  }
  for (const Duration at : spec_->path.rebinds) network_->at(at, [this] { rebind(); });
  rearm();
}

void SimConnection::hold_reader(SideName name) {
  if (++sides_[name].reader_stops == 1) sides_[name].host->set_reading(false);
}

void SimConnection::release_reader(SideName name) {
  if (--sides_[name].reader_stops == 0) sides_[name].host->set_reading(true);
}

// Another port each time, and mostly another network.
void SimConnection::rebind() {
  ++rebinds_;
  const auto network = static_cast<std::uint8_t>(2 + rebinds_ % 200);
  network_->rebind(
      sides_[kClient].host->id(),
      address_of(network, number_, static_cast<std::uint16_t>(kClientPort + rebinds_)));
}

// ---- Time ---------------------------------------------------------------------------------------

void SimConnection::on_wake(TimePoint now) {
  if (!connect_time_) return connect(now);
  for (const SideName name : {kClient, kServer}) {
    start_flows(name, now);
    send_due(name, now);
    sides_[name].host->pump();
    close_if_done(name);  // what was refused for good leaves nothing to wait for
  }
  rearm();
}

void SimConnection::connect(TimePoint now) {
  connect_time_ = now;
  Side& client = sides_[kClient];
  const SocketAddress& server = sides_[kServer].host->address();
  std::vector<std::uint8_t> token;
  if (is_resumed_) {
    token = token_of_earlier_connection(server_secret(), client.host->address(), server, now);
  }
  const auto connection =
      client.host->endpoint().connect({.remote = server, .config = config_, .token = token});
  HAWSER_ASSERT(connection.has_value());  // a fresh endpoint with a valid configuration
  client.connection = *connection;
  client.host->pump();
}

// Wakes at the next flow's due time. What waits for an event needs no alarm.
void SimConnection::rearm() {
  TimePoint next = kNever;
  for (const Flow& flow : flows_) {
    const TimePoint begin = start_ + flow.spec().start;
    const bool awaits_begin = !flow.is_started() && begin > events_->now();
    if (awaits_begin || !connect_time_) next = std::min(next, begin);
    next = std::min(next, flow.next_due());
  }
  events_->schedule(*this, next);
}

FlowEnd SimConnection::end_of(Side& side) {
  Endpoint& endpoint = side.host->endpoint();
  const auto send = [&endpoint, connection = side.connection](Buffer message,
                                                              const SendOptions& options) {
    return endpoint.send(connection, std::move(message), options);
  };
  return {endpoint.pool(), send};
}

void SimConnection::start_flows(SideName name, TimePoint now) {
  Side& side = sides_[name];
  if (!side.is_connected || side.is_closed) return;
  for (Flow& flow : flows_) {
    const bool is_due = !flow.is_started() && start_ + flow.spec().start <= now;
    if (is_due && sender_of(flow.spec()) == name) flow.start(now, end_of(side));
  }
}

void SimConnection::send_due(SideName name, TimePoint now) {
  for (Flow& flow : flows_) {
    if (sender_of(flow.spec()) == name) flow.send_due(now);
  }
}

void SimConnection::start_averages(TimePoint now) {
  for (Side& side : sides_) side.window.start_averages(now);
  for (Flow& flow : flows_) flow.start_averages(now);
}

// ---- Events -------------------------------------------------------------------------------------

void SimConnection::on_event(SideName name, TimePoint now, Event& event) {
  if (const auto* connected = std::get_if<ConnectedEvent>(&event.what)) {
    on_connected(name, now, event.connection, connected->is_client);
  } else if (const auto* message = std::get_if<MessageEvent>(&event.what)) {
    on_message(name, now, *message);
  } else if (const auto* receipt = std::get_if<ReceiptEvent>(&event.what)) {
    on_receipt(name, now, *receipt);
  } else if (std::holds_alternative<WritableEvent>(event.what)) {
    for (Flow& flow : flows_) {
      if (sender_of(flow.spec()) == name) flow.on_writable();
    }
  } else if (const auto* closed = std::get_if<ClosedEvent>(&event.what)) {
    on_closed(name, *closed);
  }
  send_due(name, now);
  close_if_done(name);
  rearm();
}

void SimConnection::on_connected(SideName name, TimePoint now, ConnectionHandle connection,
                                 bool is_client) {
  Side& side = sides_[name];
  side.connection = connection;
  side.is_connected = true;
  if (is_client) handshake_ = now - *connect_time_;
  start_flows(name, now);
}

void SimConnection::on_message(SideName name, TimePoint now, const MessageEvent& message) {
  const auto ordinal = static_cast<std::size_t>(message.channel);
  if (ordinal >= flows_.size()) return;  // we send on no other channel
  Flow& flow = flows_[ordinal];
  if (sender_of(flow.spec()) == name) return flow.on_answer(now, message);
  flow.on_message(now, message, end_of(sides_[name]));
}

void SimConnection::on_receipt(SideName name, TimePoint now, const ReceiptEvent& receipt) {
  for (Flow& flow : flows_) {
    if (sender_of(flow.spec()) == name && flow.owns_receipt(receipt.tag)) {
      flow.on_receipt(now, receipt);
    }
  }
}

void SimConnection::on_closed(SideName name, const ClosedEvent& closed) {
  Side& side = sides_[name];
  side.is_closed = true;
  side.close_reason = closed.reason;
  take_stats(side);  // while they can still be had
  for (Flow& flow : flows_) {
    if (sender_of(flow.spec()) == name) flow.on_closed();
  }
}

// Neither end of a crash tries again: the dead process forgot, and its peer takes it for the end.
void SimConnection::on_crash(SideName name) {
  Side& side = sides_[name];
  const bool has_begun = name == kClient ? connect_time_.has_value() : side.is_connected;
  if (!has_begun || side.is_closed) return;
  take_stats(side);
  side.is_closed = true;
  side.has_crashed = !is_resolved();
  side.connection = ConnectionHandle::none;
  for (Flow& flow : flows_) {
    if (sender_of(flow.spec()) == name) flow.on_crash();
  }
}

// Whoever learns that everything is done closes. What a crash ended is known to us alone.
void SimConnection::close_if_done(SideName by) {
  if (is_closing_ || is_one_dead() || sides_[by].is_closed || !is_resolved()) return;
  is_closing_ = true;
  for (Side& side : sides_) take_stats(side);
  // An error means that it is closed already, of which an event tells.
  (void)sides_[by].host->endpoint().close(sides_[by].connection);
}

// Keeps the fullest datagram of each direction, for the links' payload ceilings. After so many
// looks without a fuller one only larger datagrams are worth another.
void SimConnection::on_transmit(SideName name, const netsim::Datagram& datagram) {
  Side& side = sides_[name];
  const ByteCount size = ByteCount::of(datagram.bytes.size());
  if (size <= side.largest_seen && side.looks >= kLooksMax) return;
  ++side.looks;
  side.largest_seen = std::max(side.largest_seen, size);
  const auto message_bytes = netsim::message_bytes_of(datagram.bytes.bytes());
  if (!message_bytes || *message_bytes <= side.fullest) return;
  side.fullest = *message_bytes;
  for (const LinkId link : side.links) {
    network_->link(link).note_message_bytes(*message_bytes, size);
  }
}

// ---- Report -------------------------------------------------------------------------------------

void SimConnection::take_stats(Side& side) const {
  if (const auto stats = side.host->endpoint().stats(side.connection)) side.stats = *stats;
}

bool SimConnection::is_resolved() const {
  return std::ranges::all_of(flows_, [](const Flow& flow) { return flow.is_resolved(); });
}

bool SimConnection::is_over() const {
  const Side& client = sides_[kClient];
  const Side& server = sides_[kServer];
  // They have yet to take what arrived.
  if (client.reader_stops > 0 || server.reader_stops > 0) return false;
  // Whom a crash left alone has yet to find out, and may hear what was under way.
  if (!is_one_dead() && is_resolved() && (client.is_closed || server.is_closed)) return true;
  return client.is_closed && (server.is_closed || !server.is_connected);
}

const char* SimConnection::state_of(const Side& side) const {
  if (!connect_time_) return "waiting";
  if (side.is_closed) return "closed";
  if (is_closing_) return "closing";
  return side.is_connected ? "established" : "connecting";
}

// The side that can tell how the connection ended: the sender, unless it never came to know the
// connection or its peer, having everything, closed before it.
const SimConnection::Side& SimConnection::witness_of(const FlowSpec& spec) const {
  const SideName sender = sender_of(spec);
  const Side& own = sides_[sender];
  const Side& other = sides_[sender == kClient ? kServer : kClient];
  if (!own.is_connected) return sides_[kClient];
  return !own.is_closed && other.is_closed && is_resolved() ? other : own;
}

FlowReport SimConnection::report(std::size_t flow) const {
  const TimePoint now = events_->now();
  const FlowSpec& spec = flows_[flow].spec();
  const Side& side = sides_[sender_of(spec)];
  FlowReport report;
  report.cc = cc_;
  flows_[flow].report_to(report, start_ + spec.start, now);
  report.stats = side.stats;
  if (const auto stats = side.host->endpoint().stats(side.connection)) report.stats = *stats;
  report.set_windows(side.window, now);
  report.handshake = handshake_;
  const Side& witness = witness_of(spec);
  report.state = state_of(witness);
  report.is_reader_stopped = sides_[receiver_of(spec)].reader_stops > 0;
  report.is_receiver_dead = sides_[receiver_of(spec)].has_crashed;
  report.close_reason = witness.close_reason;
  report.has_crashed = witness.has_crashed;
  return report;
}

void SimConnection::report_hosts(std::vector<HostReport>& reports) const {
  for (const SideName name : {kClient, kServer}) {
    const netsim::HostStats stats = sides_[name].host->stats();
    if (stats == netsim::HostStats{}) continue;
    const char* role = name == kClient ? "client" : "server";
    reports.push_back({fmt::format("{}{}", role, number_ + 1), stats});
  }
}

}  // namespace hawser::cli
