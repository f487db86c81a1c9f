#pragma once
/// The asking side of `hawser perf`: drives load over one or many connections and gathers what both
/// sides measured. On the loop's thread only.

#include <algorithm>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "hawser/uv_endpoint.h"
#include "tools/hawser/event_loop.h"
#include "tools/hawser/latency_stats.h"
#include "tools/hawser/perf_protocol.h"
#include "tools/hawser/perf_report.h"
#include "tools/hawser/traffic.h"

namespace hawser::cli {

class PerfClient {
 public:
  /// Opens the socket and begins to connect. Errors: the system's.
  static Result<std::unique_ptr<PerfClient>> create(EventLoop& loop, const PerfOptions& options);
  PerfClient(const PerfClient&) = delete;
  PerfClient& operator=(const PerfClient&) = delete;

  /// All is over, well or not.
  bool is_done() const { return failure_.has_value() || closed_ == wanted_; }
  /// Ends the sending early and gives up what is not yet connected; the rest takes its course.
  void stop();
  /// Why it went wrong, if it did, as one line.
  const std::optional<std::string>& failure() const { return failure_; }
  PerfResult result() const;
  /// Messages sent so far, for the progress line.
  std::uint64_t messages_sent() const;
  UvDriver driver() const { return endpoint_->driver(); }

 private:
  // Each connection goes through these, in this order.
  enum class Phase : std::uint8_t { connecting, planning, loading, reporting, closing, closed };
  struct PerfConnection {
    Phase phase = Phase::connecting;
    std::uint64_t flow_key = 0;
    std::unique_ptr<MessageSender> sender;   // absent in idle mode
    TimePoint due = kNever;                  // as in `due_`
    bool is_starved = false;                 // is in `starved_`
    std::unique_ptr<DeliveryCheck> answers;  // pingpong
    PerfReport report;
    ConnectionStats stats;
  };

  PerfClient(EventLoop& loop, const PerfOptions& options);
  void connect_first();
  void connect_more();
  void add_connection(ConnectionHandle handle);
  void fail(std::string line) {
    if (!failure_) failure_ = std::move(line);
  }

  void on_event(Event& event);
  void on_connected(ConnectionHandle handle, PerfConnection& connection,
                    const ConnectedEvent& event);
  void on_message(ConnectionHandle handle, PerfConnection& connection, const MessageEvent& message);
  void on_report(ConnectionHandle handle, PerfConnection& connection, const PerfReport& report);
  void on_closed(ConnectionHandle handle, PerfConnection& connection, const ClosedEvent& event);
  void begin_load(ConnectionHandle handle, PerfConnection& connection);
  void begin_holding(ConnectionHandle handle, PerfConnection& connection);
  void advance(ConnectionHandle handle, PerfConnection& connection, TimePoint now);
  void send_control(ConnectionHandle handle, const std::string& text);
  void finish_idle(ConnectionHandle handle, PerfConnection& connection);
  void on_alarm();
  void end_load(TimePoint now);
  void feed_starved(TimePoint now);
  void note_due(ConnectionHandle handle, PerfConnection& connection);
  void rearm() { alarm_.arm(std::min(deadline_.value_or(kNever), next_due())); }
  TimePoint next_due() const { return due_.empty() ? kNever : due_.begin()->first; }

  PerfOptions options_;
  std::uint64_t run_;
  TimePoint begin_;  // of connecting
  double cpu_at_start_ = 0;
  double cpu_s_ = 0;
  std::map<ConnectionHandle, PerfConnection> connections_;
  std::set<std::pair<TimePoint, ConnectionHandle>> due_;  // those with something to send later
  std::deque<ConnectionHandle> starved_;                  // those that wait for memory, each once
  std::uint64_t under_way_ = 0;                           // messages, of all connections
  std::size_t wanted_;                                    // connections, before the end
  std::size_t connecting_ = 0;
  std::size_t connected_ = 0;
  std::size_t timed_connects_ = 0;  // since `begin_`
  std::size_t closed_ = 0;
  SocketAddress server_;
  TimePoint last_connected_{};
  std::optional<TimePoint> deadline_;  // when the sending, or the holding, ends
  bool is_over_ = false;               // it has ended: who is ready only now sends nothing
  std::uint64_t server_rss_before_kb_ = 0;
  LatencyStats round_trip_;
  std::optional<std::string> failure_;
  std::unique_ptr<UvEndpoint> endpoint_;
  Alarm alarm_;
};

}  // namespace hawser::cli
