#pragma once
/// The answering side of `hawser perf`: counts what arrives, by content, and says so at the end.
/// On the loop's thread only.

#include <map>
#include <memory>
#include <string>

#include "hawser/uv_endpoint.h"
#include "tools/hawser/delivery_check.h"
#include "tools/hawser/event_loop.h"
#include "tools/hawser/latency_stats.h"
#include "tools/hawser/perf_protocol.h"

namespace hawser::cli {

class PerfServer {
 public:
  struct Options {
    SocketAddress bind;
    ConnectionConfig connection;
    UvDriver driver = UvDriver::automatic;
  };
  /// Errors: the system's (`address_in_use`, ...).
  static Result<std::unique_ptr<PerfServer>> create(EventLoop& loop, const Options& options);
  PerfServer(const PerfServer&) = delete;
  PerfServer& operator=(const PerfServer&) = delete;

  SocketAddress address() const { return endpoint_->local_address(); }
  /// Some client was here, and none is any more.
  bool was_used() const { return connections_ == 0 && has_served_; }
  std::uint64_t messages_received() const { return messages_; }

 private:
  // What the connections of one client have in common.
  struct Run {
    LatencyStats latency;
    TimePoint start{};  // its first plan came
    TimePoint last_delivery{};
    double cpu_at_start = 0;
    std::size_t sessions = 0;
  };
  struct Session {
    PerfPlan plan;
    DeliveryCheck check;
    Run* run;
    bool shares_clock = false;
  };

  PerfServer() = default;
  void on_event(Event& event);
  void on_control(ConnectionHandle connection, const MessageEvent& message);
  void on_data(ConnectionHandle connection, MessageEvent& message);
  void start_session(ConnectionHandle connection, const PerfPlan& plan);
  void end_session(ConnectionHandle connection);
  void report(ConnectionHandle connection, const Session& session, std::uint64_t messages_sent);

  std::string machine_ = machine_name();
  std::map<std::uint64_t, Run> runs_;             // each has a session
  std::map<ConnectionHandle, Session> sessions_;  // at most one per connection
  std::size_t connections_ = 0;
  std::uint64_t messages_ = 0;
  bool has_served_ = false;
  std::unique_ptr<UvEndpoint> endpoint_;
};

}  // namespace hawser::cli
