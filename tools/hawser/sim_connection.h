#pragma once
/// One connection of a simulation: two hosts, the flows that share it, and what is noted about it.

#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "hawser/netsim/endpoint_host.h"
#include "hawser/netsim/network.h"
#include "hawser/netsim/topology.h"
#include "tools/hawser/flow.h"
#include "tools/hawser/flow_report.h"
#include "tools/hawser/host_report.h"
#include "tools/hawser/simulation.h"
#include "tools/hawser/window_trace.h"
#include "tools/seeing/run_view.h"

namespace hawser::cli {

/// Owned by the simulation, together with the queue and the network, which outlive it. Wakes when a
/// flow has something to send. Not thread-safe.
class SimConnection final : public netsim::Actor {
 public:
  struct Setup {
    netsim::EventQueue& events;
    netsim::Network& network;
    const SimulationSpec& spec;
    const netsim::BottleneckRow& row;
    std::uint32_t number = 0;    ///< of the connection within the run
    const FlowSpec& first_flow;  ///< decides how the connection is made; one of `spec`
    seeing::RunView* view = nullptr;
  };

  explicit SimConnection(const Setup& setup);

  /// Adds a flow; returns its ordinal. All flows come before the run.
  std::size_t add_flow(const FlowSpec& spec, Flow::DeliveryObserver observer = {});
  /// Schedules everything that happens at set times.
  void schedule_all();
  /// What was measured so far was warm-up.
  void start_averages(TimePoint now);

  /// Nothing that matters to the flows can happen any more: they are resolved and one end is closed
  /// (the other may have missed that) without a crash, or both ends are closed, or there never were
  /// two ends.
  bool is_over() const;
  FlowReport report(std::size_t flow) const;
  /// Of both hosts, if a fault befell them.
  void report_hosts(std::vector<HostReport>& reports) const;

  void on_wake(TimePoint now) override;

 private:
  enum SideName : std::size_t { kClient, kServer };
  struct Side {
    std::unique_ptr<netsim::EndpointHost> host;
    WindowTrace window;
    seeing::TraceTee traces;
    ConnectionHandle connection = ConnectionHandle::none;
    bool is_connected = false;
    bool is_closed = false;
    bool has_crashed = false;
    CloseReason close_reason = CloseReason::none;
    ConnectionStats stats;              // as last seen
    std::vector<netsim::LinkId> links;  // that its datagrams travel
    ByteCount fullest{0};               // the most message bytes seen in one of them
    ByteCount largest_seen{0};
    int looks = 0;
    int reader_stops = 0;  // in force: flows may ask for overlapping ones
  };

  static SideName sender_of(const FlowSpec& spec) {
    return spec.is_from_server ? kServer : kClient;
  }
  static SideName receiver_of(const FlowSpec& spec) {
    return spec.is_from_server ? kClient : kServer;
  }
  static FlowEnd end_of(Side& side);
  void add_side(SideName name, const netsim::Route& route);
  TraceSink* watch(SideName name, const FlowSpec& first_flow) const;
  netsim::Route make_route(const FlowSpec& first_flow);
  void connect(TimePoint now);
  void close_if_done(SideName by);
  void rebind();
  void hold_reader(SideName name);
  void release_reader(SideName name);

  void on_event(SideName name, TimePoint now, Event& event);
  void on_connected(SideName name, TimePoint now, ConnectionHandle connection, bool is_client);
  void on_message(SideName name, TimePoint now, const MessageEvent& message);
  void on_receipt(SideName name, TimePoint now, const ReceiptEvent& receipt);
  void on_closed(SideName name, const ClosedEvent& closed);
  void on_crash(SideName name);
  void on_transmit(SideName name, const netsim::Datagram& datagram);
  void start_flows(SideName name, TimePoint now);
  void send_due(SideName name, TimePoint now);
  void take_stats(Side& side) const;
  bool is_resolved() const;
  bool is_one_dead() const { return sides_[kClient].has_crashed || sides_[kServer].has_crashed; }
  void rearm();
  const char* state_of(const Side& side) const;
  const Side& witness_of(const FlowSpec& spec) const;

  netsim::EventQueue* events_;
  netsim::Network* network_;
  const SimulationSpec* spec_;
  seeing::RunView* view_;
  const netsim::BottleneckRow* row_;
  std::uint32_t number_;
  ConnectionConfig config_;
  std::string cc_;
  bool is_resumed_;
  TimePoint start_;
  std::array<Side, 2> sides_;
  std::vector<Flow> flows_;
  std::optional<TimePoint> connect_time_;
  std::optional<Duration> handshake_;
  std::uint16_t rebinds_ = 0;
  bool is_closing_ = false;
};

/// Addresses of a run: 10.<network>.<number>. Connections have 0 and 1, rebound clients 2 to 201.
SocketAddress address_of(std::uint8_t network, std::uint32_t number, std::uint16_t port);
inline constexpr std::uint8_t kCrossClients = 210;
inline constexpr std::uint8_t kCrossServers = 211;
inline constexpr std::uint16_t kCrossPort = 9;

/// The configuration of the connection that `first` and the flows of its name share.
ConnectionConfig connection_config(const SimulationSpec& spec, const FlowSpec& first);

}  // namespace hawser::cli
