#include "tools/hawser/perf_client.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "tools/hawser/value_text.h"

namespace hawser::cli {
namespace {

// Handshakes under way at a time: more would only fill the server's socket buffer.
constexpr std::size_t kConnectingMax = 256;

// What all connections together may queue, as long as that leaves each of them one of the least
// size or of the ordinary one.
constexpr ByteCount kSendBuffersMax{256 << 20};
constexpr ByteCount kSendBufferMin{256 << 10};
// A limit, not a reservation.
constexpr ByteCount kMemoryMin{256 << 20};
constexpr ByteCount kMemoryMax{std::int64_t{8} << 30};

TrafficMode traffic_mode(PerfMode mode) {
  switch (mode) {
    case PerfMode::messages:
      return TrafficMode::messages;
    case PerfMode::pingpong:
      return TrafficMode::pingpong;
    case PerfMode::bulk:
    case PerfMode::flood:
    case PerfMode::idle:
      break;
  }
  return TrafficMode::bulk;
}

// What a user can do about a connection that did not come about.
const char* advice_on(CloseReason reason) {
  switch (reason) {
    case CloseReason::handshake_timeout:
      return "is `hawser perf server` running there?";
    case CloseReason::version_mismatch:
      return "run the same version of hawser at both ends";
    case CloseReason::server_full:
      return "give fewer --connections";
    default:
      return "what runs there?";
  }
}

ByteCount send_buffer_of_each(const PerfOptions& options) {
  const auto share = kSendBuffersMax.value() /
                     static_cast<std::int64_t>(std::max<std::size_t>(options.connections, 1));
  return std::clamp(ByteCount(share), kSendBufferMin, options.connection.send_buffer);
}

// Room for what the send buffers hold, in blocks a quarter larger at worst, and as much again for
// the rest. One message is accepted whatever the send buffer.
ByteCount memory_budget(const PerfOptions& options) {
  const ByteCount queued =
      std::max(options.connection.send_buffer, ByteCount::of(options.message_size));
  const auto connections = static_cast<std::int64_t>(options.connections);
  return std::clamp(queued * (2 * connections), kMemoryMin, kMemoryMax);
}

void add(ConnectionStats& sum, const ConnectionStats& stats) {
  sum.packets_sent += stats.packets_sent;
  sum.packets_lost += stats.packets_lost;
  sum.spurious_losses += stats.spurious_losses;
  sum.probes_sent += stats.probes_sent;
  sum.retransmitted_bytes += stats.retransmitted_bytes;
}

}  // namespace

// ---- Connecting ---------------------------------------------------------------------------------

Result<std::unique_ptr<PerfClient>> PerfClient::create(EventLoop& loop,
                                                       const PerfOptions& options) {
  std::unique_ptr<PerfClient> client(new PerfClient(loop, options));
  UvEndpointConfig config;
  config.endpoint.connections_max = 1 << 20;
  config.endpoint.memory_budget = memory_budget(client->options_);
  config.bind.family = SocketAddress::Family::ipv6;
  config.driver = options.driver;
  const auto on_event = [raw = client.get()](Event& event) { raw->on_event(event); };
  auto endpoint = UvEndpoint::create(loop.get(), config, on_event);
  if (!endpoint) {
    config.bind.family = SocketAddress::Family::ipv4;  // a host without IPv6
    endpoint = UvEndpoint::create(loop.get(), config, on_event);
  }
  if (!endpoint) return endpoint.error();
  client->endpoint_ = std::move(*endpoint);
  client->connect_first();
  return client;
}

PerfClient::PerfClient(EventLoop& loop, const PerfOptions& options)
    : options_(options),
      run_(SystemRandom().next()),
      begin_(monotonic_now()),
      wanted_(options.connections),
      alarm_(loop, [this] { on_alarm(); }) {
  options_.connection.send_buffer = send_buffer_of_each(options);
}

void PerfClient::connect_first() {
  ++connecting_;
  endpoint_->connect_to(
      options_.target, options_.connection, [this](Result<ConnectionHandle> handle) {
        if (handle) return add_connection(*handle);
        fail(fmt::format("cannot reach {}: {}", options_.target, handle.error().message()));
      });
}

void PerfClient::connect_more() {
  while (connections_.size() < wanted_ && connecting_ < kConnectingMax) {
    const auto handle =
        endpoint_->connect({.remote = server_, .config = options_.connection, .token = {}});
    if (!handle) return fail("cannot connect: " + handle.error().message());
    ++connecting_;
    add_connection(*handle);
  }
}

void PerfClient::add_connection(ConnectionHandle handle) {
  PerfConnection connection;
  connection.flow_key = connections_.size();
  connections_.emplace(handle, std::move(connection));
}

// ---- Events -------------------------------------------------------------------------------------

void PerfClient::on_event(Event& event) {
  const auto found = connections_.find(event.connection);
  if (found == connections_.end()) return;
  const ConnectionHandle handle = event.connection;
  PerfConnection& connection = found->second;
  const TimePoint now = monotonic_now();
  if (const auto* connected = std::get_if<ConnectedEvent>(&event.what)) {
    on_connected(handle, connection, *connected);
  } else if (const auto* message = std::get_if<MessageEvent>(&event.what)) {
    on_message(handle, connection, *message);
  } else if (const auto* receipt = std::get_if<ReceiptEvent>(&event.what)) {
    const bool is_ours = connection.sender && connection.sender->owns_tag(receipt->tag);
    if (is_ours) connection.sender->on_receipt(*receipt);
    feed_starved(now);  // before the one whose message it was
  } else if (std::holds_alternative<WritableEvent>(event.what)) {
    if (connection.sender) connection.sender->on_writable();
  } else if (const auto* closed = std::get_if<ClosedEvent>(&event.what)) {
    on_closed(handle, connection, *closed);
  }
  advance(handle, connection, now);
  rearm();
}

void PerfClient::on_connected(ConnectionHandle handle, PerfConnection& connection,
                              const ConnectedEvent& event) {
  if (connection.phase != Phase::connecting) return;  // given up
  --connecting_;
  server_ = event.remote;
  const bool is_first = connected_++ == 0;
  ++timed_connects_;
  last_connected_ = monotonic_now();
  connection.phase = Phase::planning;
  const bool is_idle = options_.mode == PerfMode::idle;
  if (is_first || !is_idle) {
    send_control(handle, encode(PerfPlan{.run = run_,
                                         .flow_key = connection.flow_key,
                                         .message_size = options_.message_size,
                                         .delivery = options_.delivery,
                                         .is_echoed = options_.mode == PerfMode::pingpong,
                                         .machine = machine_name()}));
  } else {
    connection.phase = Phase::loading;
  }
  // What idle connections cost is measured from the first one's report on.
  if (!is_idle || !is_first) connect_more();
  const bool is_holding = is_idle && connected_ == options_.connections && !deadline_;
  if (is_holding) deadline_ = monotonic_now() + options_.time.value_or(Duration::zero());
}

void PerfClient::on_message(ConnectionHandle handle, PerfConnection& connection,
                            const MessageEvent& message) {
  if (message.channel == kPerfControlChannel) {
    if (const auto report = parse_perf_report(message.bytes.bytes())) {
      on_report(handle, connection, *report);
    }
    return;
  }
  if (!connection.answers || !connection.sender) return;
  if (!connection.answers->check(message.bytes.bytes()).is_new) return;
  const TimePoint now = monotonic_now();
  const auto due = connection.sender->due_of(connection.sender->sent() - 1);
  if (due) round_trip_.add(now - *due);
  connection.sender->on_answer(now);
}

void PerfClient::on_report(ConnectionHandle handle, PerfConnection& connection,
                           const PerfReport& report) {
  if (connection.phase == Phase::planning) {
    server_rss_before_kb_ = report.rss_kb;
    begin_load(handle, connection);
  } else if (connection.phase == Phase::reporting) {
    connection.report = report;
    cpu_s_ = cpu_seconds() - cpu_at_start_;
    connection.phase = Phase::closing;
    // An error means that it is closed already, of which an event tells.
    (void)endpoint_->close(handle);
    if (options_.mode != PerfMode::idle) return;
    for (auto& [other_handle, other] : connections_) {
      if (other.phase != Phase::loading) continue;
      other.phase = Phase::closing;
      (void)endpoint_->close(other_handle);
    }
  }
}

void PerfClient::begin_load(ConnectionHandle handle, PerfConnection& connection) {
  connection.phase = Phase::loading;
  if (cpu_at_start_ == 0) cpu_at_start_ = cpu_seconds();
  if (options_.mode == PerfMode::idle) return begin_holding(handle, connection);
  const TrafficPlan plan{.mode = traffic_mode(options_.mode),
                         .flow_key = connection.flow_key,
                         .message_size = options_.message_size,
                         .interval = options_.interval,
                         .count = options_.count,
                         .channel = kPerfDataChannel,
                         .delivery = options_.delivery};
  const auto send = [this, handle](Buffer message, const SendOptions& options) {
    return endpoint_->send(handle, std::move(message), options);
  };
  connection.sender = std::make_unique<MessageSender>(plan, 0, endpoint_->pool(), send);
  connection.answers =
      std::make_unique<DeliveryCheck>(DeliveryCheck::Expectation{.flow_key = connection.flow_key,
                                                                 .message_size = plan.message_size,
                                                                 .delivery = plan.delivery});
  const TimePoint now = monotonic_now();
  connection.sender->share_endpoint(under_way_);
  connection.sender->start(now);
  if (is_over_) return connection.sender->stop();
  if (!deadline_ && options_.time) deadline_ = now + *options_.time;
}

void PerfClient::begin_holding(ConnectionHandle handle, PerfConnection& connection) {
  if (is_over_) return finish_idle(handle, connection);
  if (options_.connections == 1) {
    deadline_ = monotonic_now() + options_.time.value_or(Duration::zero());
    return;
  }
  // The first connection was alone, and waited for its report.
  begin_ = monotonic_now();
  timed_connects_ = 0;
  connect_more();
}

void PerfClient::on_closed(ConnectionHandle handle, PerfConnection& connection,
                           const ClosedEvent& event) {
  if (connection.phase == Phase::closed) return;  // given up before
  const bool is_expected = connection.phase == Phase::closing;
  if (connection.phase == Phase::connecting) {
    fail(fmt::format(
        "cannot connect to {}: {} after {}: {}", options_.target, to_string(event.reason),
        format_duration(std::chrono::round<std::chrono::milliseconds>(monotonic_now() - begin_)),
        advice_on(event.reason)));
  } else if (!is_expected) {
    fail(
        fmt::format("the connection to {} was lost: {}", options_.target, to_string(event.reason)));
  }
  connection.phase = Phase::closed;
  if (connection.sender) {
    connection.sender->stop();
    note_due(handle, connection);
  }
  ++closed_;
}

// ---- Load ---------------------------------------------------------------------------------------

// Sends what is due; asks for the report once everything has its receipt.
void PerfClient::advance(ConnectionHandle handle, PerfConnection& connection, TimePoint now) {
  if (connection.phase != Phase::loading || !connection.sender) return;
  connection.sender->send_due(now);
  note_due(handle, connection);
  if (connection.sender->is_starved() && !connection.is_starved) {
    connection.is_starved = true;
    starved_.push_back(handle);
  }
  if (connection.sender->error()) {
    return fail("send: " + connection.sender->error().message());
  }
  if (!connection.sender->is_resolved()) return;
  if (const auto stats = endpoint_->stats(handle)) connection.stats = *stats;
  connection.phase = Phase::reporting;
  send_control(handle, encode(PerfFinish{.messages_sent = connection.sender->sent()}));
}

// Control messages have tags that no load uses.
void PerfClient::send_control(ConnectionHandle handle, const std::string& text) {
  const auto sent =
      endpoint_->send(handle, bytes_of(text), {.channel = kPerfControlChannel, .tag = UINT64_MAX});
  if (!sent) fail("cannot speak to the server: " + sent.error().message());
}

void PerfClient::stop() {
  wanted_ = connections_.size();
  for (auto& [handle, connection] : connections_) {
    if (connection.phase != Phase::connecting) continue;
    connection.phase = Phase::closed;
    ++closed_;
    // An error means that it is closed already.
    (void)endpoint_->abort(handle);
  }
  end_load(monotonic_now());
  rearm();
}

void PerfClient::on_alarm() {
  const TimePoint now = monotonic_now();
  if (deadline_ && *deadline_ <= now) end_load(now);
  while (next_due() <= now) {
    const ConnectionHandle handle = due_.begin()->second;
    advance(handle, connections_.at(handle), now);
  }
  rearm();
}

void PerfClient::end_load(TimePoint now) {
  is_over_ = true;
  deadline_ = kNever;
  for (auto& [handle, connection] : connections_) {
    if (connection.sender) connection.sender->stop();
    advance(handle, connection, now);
    const bool is_reporter = options_.mode == PerfMode::idle && connection.flow_key == 0;
    if (is_reporter && connection.phase == Phase::loading) finish_idle(handle, connection);
  }
}

void PerfClient::finish_idle(ConnectionHandle handle, PerfConnection& connection) {
  connection.phase = Phase::reporting;
  send_control(handle, encode(PerfFinish{}));
}

// The memory of one message is for the one that has waited longest.
void PerfClient::feed_starved(TimePoint now) {
  if (starved_.empty()) return;
  const ConnectionHandle handle = starved_.front();
  starved_.pop_front();
  PerfConnection& connection = connections_.at(handle);
  connection.is_starved = false;
  connection.sender->on_memory();
  advance(handle, connection, now);
}

// Keeps `due_` in step with the sender, which has just sent all that was due and accepted.
void PerfClient::note_due(ConnectionHandle handle, PerfConnection& connection) {
  const TimePoint due = connection.sender->next_due();
  if (due == connection.due) return;
  if (connection.due != kNever) due_.erase({connection.due, handle});
  if (due != kNever) due_.emplace(due, handle);
  connection.due = due;
}

// ---- Result -------------------------------------------------------------------------------------

std::uint64_t PerfClient::messages_sent() const {
  std::uint64_t sum = 0;
  for (const auto& [handle, connection] : connections_) {
    if (connection.sender) sum += connection.sender->sent();
  }
  return sum;
}

PerfResult PerfClient::result() const {
  PerfResult result;
  for (const auto& [handle, connection] : connections_) {
    const DeliveryCounts& counts = connection.report.counts;
    result.counts.delivered += counts.delivered;
    result.counts.duplicates += counts.duplicates;
    result.counts.out_of_order += counts.out_of_order;
    result.counts.corrupt += counts.corrupt;
    result.counts.bytes += counts.bytes;
    const bool is_cut_short =
        connection.phase == Phase::loading || connection.phase == Phase::reporting;
    const auto latest = endpoint_->stats(handle);
    add(result.stats, is_cut_short && latest ? *latest : connection.stats);
    // What the peer acknowledged has arrived, whatever else has.
    if (is_cut_short && connection.sender)
      result.counts.delivered += connection.sender->receipts().delivered;
    const bool is_later = connection.report.elapsed >= result.server.elapsed;
    if (is_later && connection.report.rss_kb > 0) result.server = connection.report;
    if (!connection.sender) continue;
    result.messages_sent += connection.sender->sent();
    result.receipts.delivered += connection.sender->receipts().delivered;
    result.receipts.lost += connection.sender->receipts().lost;
    result.receipts.connection_lost += connection.sender->receipts().connection_lost;
    result.receipts.repeated += connection.sender->receipts().repeated;
    const DeliveryCounts answers = connection.answers->counts(connection.sender->sent());
    result.counts.duplicates += answers.duplicates;
    result.counts.out_of_order += answers.out_of_order;
    result.counts.corrupt += answers.corrupt;
  }
  result.connects = timed_connects_;
  if (timed_connects_ > 0) result.connecting = last_connected_ - begin_;
  result.round_trip = round_trip_;
  result.cpu_s = cpu_s_;
  result.rss_kb = resident_kb();
  result.server_rss_before_kb = server_rss_before_kb_;
  return result;
}

}  // namespace hawser::cli
