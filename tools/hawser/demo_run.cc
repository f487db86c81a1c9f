#include "tools/hawser/demo_run.h"

#include <algorithm>
#include <utility>

namespace hawser::cli {
namespace {

SocketAddress loopback() { return SocketAddress::ipv4({127, 0, 0, 1}, 0); }

}  // namespace

// ---- Beginning ----------------------------------------------------------------------------------

Result<std::unique_ptr<DemoRun>> DemoRun::create(EventLoop& loop, const DemoPlan& plan) {
  std::unique_ptr<DemoRun> run(new DemoRun(loop, plan));
  if (const std::error_code error = run->start()) return error;
  return run;
}

DemoRun::DemoRun(EventLoop& loop, const DemoPlan& plan)
    : loop_(&loop), plan_(plan), begin_(monotonic_now()), flow_(plan.flow, 0), alarm_(loop, [this] {
        send_due();
      }) {}

std::error_code DemoRun::start() {
  if (const std::error_code error = open_server()) return error;
  if (const std::error_code error = open_relays()) return error;
  return connect();
}

std::error_code DemoRun::open_server() {
  UvEndpointConfig config;
  config.endpoint.accepts_connections = true;
  config.endpoint.accepted = plan_.connection;
  config.bind = loopback();
  auto server = UvEndpoint::create(loop_->get(), std::move(config),
                                   [this](Event& event) { on_server_event(event); });
  if (!server) return server.error();
  server_ = std::move(*server);
  return {};
}

std::error_code DemoRun::open_relays() {
  UdpRelayConfig config{
      .listen = loopback(), .to = server_->local_address(), .path = plan_.path, .seed = plan_.seed};
  auto relay = UdpRelay::create(*loop_, config);
  if (!relay) return relay.error();
  relay_ = std::move(*relay);
  if (!plan_.has_raw_udp) return {};

  auto load = RawUdpLoad::create(*loop_, {.message_size = plan_.flow.size.size(),
                                          .interval = plan_.flow.interval,
                                          .count = plan_.flow.count});
  if (!load) return load.error();
  raw_load_ = std::move(*load);
  config.to = raw_load_->sink_address();
  config.carries_hawser = false;
  auto raw_relay = UdpRelay::create(*loop_, config);
  if (!raw_relay) return raw_relay.error();
  raw_relay_ = std::move(*raw_relay);
  return {};
}

std::error_code DemoRun::connect() {
  UvEndpointConfig config;
  config.endpoint.trace = &window_;
  config.bind = loopback();
  auto client = UvEndpoint::create(loop_->get(), std::move(config),
                                   [this](Event& event) { on_client_event(event); });
  if (!client) return client.error();
  client_ = std::move(*client);
  const auto connection =
      client_->connect({.remote = relay_->address(), .config = plan_.connection, .token = {}});
  if (!connection) return connection.error();
  connection_ = *connection;
  return {};
}

// ---- Middle -------------------------------------------------------------------------------------

void DemoRun::on_server_event(Event& event) {
  const auto* message = std::get_if<MessageEvent>(&event.what);
  if (message == nullptr) return;
  ++delivered_;
  const auto no_answer = [](Buffer, const SendOptions&) -> Result<MessageId> {
    return Errc::connection_closing;
  };
  flow_.on_message(monotonic_now(), *message, {server_->pool(), no_answer});
}

void DemoRun::on_client_event(Event& event) {
  const TimePoint now = monotonic_now();
  if (std::holds_alternative<ConnectedEvent>(event.what)) {
    handshake_ = now - begin_;
    const auto send = [this](Buffer message, const SendOptions& options) {
      return client_->send(connection_, std::move(message), options);
    };
    flow_.start(now, {client_->pool(), send});
    if (raw_load_) raw_load_->start(raw_relay_->address());
  } else if (const auto* receipt = std::get_if<ReceiptEvent>(&event.what)) {
    flow_.on_receipt(now, *receipt);
  } else if (std::holds_alternative<WritableEvent>(event.what)) {
    flow_.on_writable();
  } else if (const auto* closed = std::get_if<ClosedEvent>(&event.what)) {
    close_reason_ = closed->reason;
    take_stats();
    flow_.on_closed();
  }
  send_due();
  close_if_done();
}

void DemoRun::send_due() {
  flow_.send_due(monotonic_now());
  alarm_.arm(flow_.next_due());
}

void DemoRun::close_if_done() {
  if (is_closing_ || close_reason_ || !flow_.is_resolved()) return;
  is_closing_ = true;
  take_stats();
  // An error means that it is closed already, of which an event tells.
  (void)client_->close(connection_);
}

// While they can be had: a connection takes its figures with it soon after its last event.
void DemoRun::take_stats() {
  if (const auto stats = client_->stats(connection_)) stats_ = *stats;
}

// ---- End ----------------------------------------------------------------------------------------

bool DemoRun::is_done() const {
  const bool is_raw_over = !raw_load_ || raw_load_->is_done() || !handshake_;
  return close_reason_.has_value() && is_raw_over;
}

DemoReport DemoRun::report() const {
  const TimePoint now = monotonic_now();
  DemoReport report;
  FlowReport& flow = report.flow;
  flow.cc = "cubic";
  flow_.report_to(flow, begin_, now);
  flow.stats = stats_;
  if (const auto stats = client_->stats(connection_)) flow.stats = *stats;
  flow.set_windows(window_, now);
  flow.handshake = handshake_;
  flow.state = close_reason_ ? "closed" : handshake_ ? "established" : "connecting";
  flow.close_reason = close_reason_.value_or(CloseReason::none);
  if (raw_load_) {
    report.raw_udp = {.sent = raw_load_->sent(),
                      .received = raw_load_->received(),
                      .counts = raw_load_->counts(),
                      .latency = raw_load_->latency()};
  }
  const UdpRelayStats relay = relay_->stats();
  report.links = {{"up", relay.up}, {"down", relay.down}};
  report.unroutable = relay.unroutable;
  report.relay_lateness = relay_->lateness();
  report.wall = now - begin_;
  return report;
}

}  // namespace hawser::cli
