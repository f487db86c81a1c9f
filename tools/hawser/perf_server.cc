#include "tools/hawser/perf_server.h"

#include <utility>

#include <nlohmann/json.hpp>

#include "tools/hawser/flow_report.h"

namespace hawser::cli {
namespace {

// For what is not yet whole, of many connections at once: a limit, not a reservation.
constexpr ByteCount kMemory{std::int64_t{1} << 30};

}  // namespace

Result<std::unique_ptr<PerfServer>> PerfServer::create(EventLoop& loop, const Options& options) {
  std::unique_ptr<PerfServer> server(new PerfServer);
  UvEndpointConfig config;
  config.endpoint.accepts_connections = true;
  config.endpoint.accepted = options.connection;
  config.endpoint.connections_max = 1 << 20;
  config.endpoint.memory_budget = kMemory;
  config.bind = options.bind;
  config.driver = options.driver;
  auto endpoint = UvEndpoint::create(loop.get(), std::move(config),
                                     [raw = server.get()](Event& event) { raw->on_event(event); });
  if (!endpoint) return endpoint.error();
  server->endpoint_ = std::move(*endpoint);
  return server;
}

void PerfServer::on_event(Event& event) {
  if (std::holds_alternative<ConnectedEvent>(event.what)) {
    ++connections_;
    has_served_ = true;
  } else if (auto* message = std::get_if<MessageEvent>(&event.what)) {
    if (message->channel == kPerfControlChannel) return on_control(event.connection, *message);
    on_data(event.connection, *message);
  } else if (std::holds_alternative<ClosedEvent>(event.what)) {
    --connections_;
    end_session(event.connection);
  }
}

void PerfServer::on_control(ConnectionHandle connection, const MessageEvent& message) {
  if (const auto plan = parse_perf_plan(message.bytes.bytes())) {
    end_session(connection);
    start_session(connection, *plan);
    report(connection, sessions_.at(connection), 0);
  } else if (const auto finish = parse_perf_finish(message.bytes.bytes())) {
    const auto session = sessions_.find(connection);
    if (session != sessions_.end()) report(connection, session->second, finish->messages_sent);
  }
}

void PerfServer::on_data(ConnectionHandle connection, MessageEvent& message) {
  const auto found = sessions_.find(connection);
  if (found == sessions_.end()) return;  // no plan, no interest
  ++messages_;
  Session& session = found->second;
  const TimePoint now = monotonic_now();
  const DeliveryCheck::Verdict verdict = session.check.check(message.bytes.bytes());
  Run& run = *session.run;
  run.last_delivery = now;
  if (verdict.is_new && verdict.due && session.shares_clock) run.latency.add(now - *verdict.due);
  if (!session.plan.is_echoed) return;
  // The one question under way always finds room for its answer.
  (void)endpoint_->send(connection, std::move(message.bytes),
                        {.channel = kPerfDataChannel, .delivery = session.plan.delivery});
}

void PerfServer::start_session(ConnectionHandle connection, const PerfPlan& plan) {
  const auto [run, is_new] = runs_.try_emplace(plan.run);
  if (is_new) {
    run->second.start = run->second.last_delivery = monotonic_now();
    run->second.cpu_at_start = cpu_seconds();
  }
  ++run->second.sessions;
  sessions_.emplace(connection, Session{.plan = plan,
                                        .check = DeliveryCheck({.flow_key = plan.flow_key,
                                                                .message_size = plan.message_size,
                                                                .delivery = plan.delivery}),
                                        .run = &run->second,
                                        .shares_clock = plan.machine == machine_});
}

void PerfServer::end_session(ConnectionHandle connection) {
  const auto session = sessions_.find(connection);
  if (session == sessions_.end()) return;
  if (--session->second.run->sessions == 0) runs_.erase(session->second.plan.run);
  sessions_.erase(session);
}

void PerfServer::report(ConnectionHandle connection, const Session& session,
                        std::uint64_t messages_sent) {
  const Run& run = *session.run;
  const std::string text = encode(PerfReport{.counts = session.check.counts(messages_sent),
                                             .elapsed = run.last_delivery - run.start,
                                             .cpu_s = cpu_seconds() - run.cpu_at_start,
                                             .rss_kb = resident_kb(),
                                             .latency_json = to_json(run.latency).dump()});
  // A client that has gone in the meantime needs no report.
  (void)endpoint_->send(connection, bytes_of(text), {.channel = kPerfControlChannel});
}

}  // namespace hawser::cli
