#pragma once
/// The demonstration: both ends of a connection and the impairment relay in one process on real UDP
/// sockets, and the same load as bare UDP through a like relay beside it. On the loop's thread
/// only.

#include <memory>
#include <optional>
#include <string>

#include "hawser/netsim/link_config.h"
#include "hawser/uv_endpoint.h"
#include "tools/hawser/event_loop.h"
#include "tools/hawser/flow.h"
#include "tools/hawser/flow_report.h"
#include "tools/hawser/link_report.h"
#include "tools/hawser/raw_udp_load.h"
#include "tools/hawser/udp_relay.h"
#include "tools/hawser/window_trace.h"

namespace hawser::cli {

struct DemoPlan {
  netsim::PathConfig path;
  ConnectionConfig connection;
  /// From the client, on a connection of its own as `connection` says.
  FlowSpec flow = parse_flow("mode=messages,size=200,interval=3ms,count=10000");
  bool has_raw_udp = true;  ///< the same messages as bare UDP beside it; not for `bulk`
  std::uint64_t seed = 1;
};

struct RawUdpReport {
  std::uint64_t sent = 0;
  std::uint64_t received = 0;
  DeliveryCounts counts;
  LatencyStats latency;
};

struct DemoReport {
  FlowReport flow;
  RawUdpReport raw_udp;
  std::vector<LinkReport> links;  ///< of Hawser's relay
  LatencyStats relay_lateness;
  std::uint64_t unroutable = 0;  ///< see `UdpRelayStats`, of Hawser's relay
  Duration wall{0};
};

class DemoRun {
 public:
  /// Opens all sockets and connects. Errors: the system's.
  static Result<std::unique_ptr<DemoRun>> create(EventLoop& loop, const DemoPlan& plan);
  DemoRun(const DemoRun&) = delete;
  DemoRun& operator=(const DemoRun&) = delete;

  /// Both loads are through, or the connection is over.
  bool is_done() const;
  DemoReport report() const;
  std::uint64_t messages_delivered() const { return delivered_; }

 private:
  DemoRun(EventLoop& loop, const DemoPlan& plan);
  std::error_code start();
  std::error_code open_server();
  std::error_code open_relays();
  std::error_code connect();
  void on_server_event(Event& event);
  void on_client_event(Event& event);
  void send_due();
  void close_if_done();
  void take_stats();

  EventLoop* loop_;
  DemoPlan plan_;
  TimePoint begin_;
  WindowTrace window_;
  Flow flow_;
  std::unique_ptr<UdpRelay> relay_;
  std::unique_ptr<UdpRelay> raw_relay_;
  std::unique_ptr<RawUdpLoad> raw_load_;  // if there is one, as its relay
  std::unique_ptr<UvEndpoint> server_;
  std::unique_ptr<UvEndpoint> client_;
  ConnectionHandle connection_ = ConnectionHandle::none;
  std::optional<Duration> handshake_;
  std::optional<CloseReason> close_reason_;
  ConnectionStats stats_;
  std::uint64_t delivered_ = 0;
  bool is_closing_ = false;
  Alarm alarm_;
};

}  // namespace hawser::cli
