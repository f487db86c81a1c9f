#pragma once
/// A host of a scenario: its endpoint, what befalls it, and what its endpoint told of each
/// connection. Owned by one run. Not thread-safe.

#include <algorithm>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "hawser/netsim/endpoint_host.h"
#include "hawser/trace.h"
#include "tools/netsim/host_clock.h"
#include "tools/swarm/invariants.h"
#include "tools/swarm/scenario.h"

namespace hawser::swarm {

/// Listens to an endpoint: which connections something happened to, and the facts that the
/// invariants need.
class EndpointWatch final : public TraceSink {
 public:
  struct Seen {
    SentSince sent;
    std::optional<TimePoint> handshake_began;
    std::optional<TimePoint> last_heard;
    std::uint64_t declared_lost = 0;  ///< packets, because later ones had arrived
    bool is_ending = false;
    bool is_dirty = false;
  };
  void on_event(TimePoint now, ConnectionHandle connection, const TraceEvent& event) override;

  /// Of several samples in one turn a MetricsTrace tells the last; the probe timeout keeps a longer
  /// one, which was at least a third of it if it was the first (PTO = R + 4 R/2).
  void on_probe_timeout(Duration timeout) {
    longest_round_trip_ = std::max(longest_round_trip_, timeout / 3);
  }
  /// The longest that any connection of any process measured, as far as that was told.
  Duration longest_round_trip() const { return longest_round_trip_; }
  const Seen& of(ConnectionHandle connection) { return seen_[connection]; }
  bool has_dirty() const { return !dirty_.empty(); }
  /// Calls `look(connection, sent)` for each connection that something happened to, and forgets.
  template <typename Look>
  void take_dirty(Look look) {
    for (const ConnectionHandle connection : dirty_) {
      Seen& seen = seen_[connection];
      seen.is_dirty = false;
      look(connection, std::exchange(seen.sent, {}));
    }
    dirty_.clear();
  }
  /// The endpoint is another one now.
  void forget_all();

 private:
  std::map<ConnectionHandle, Seen> seen_;
  std::vector<ConnectionHandle> dirty_;
  Duration longest_round_trip_{0};
};

class SwarmHost {
 public:
  struct Setup {
    netsim::EventQueue& events;
    netsim::Network& network;
    const HostPlan& plan;
    SocketAddress address;
    netsim::Route route;
    std::uint64_t seed = 0;
    std::function<Admission(const IncomingConnection&)> admission;
  };
  explicit SwarmHost(const Setup& setup);

  netsim::EndpointHost& host() { return *host_; }
  Endpoint& endpoint() { return host_->endpoint(); }
  EndpointWatch& watch() { return watch_; }
  const HostPlan& plan() const { return *plan_; }
  /// The process dies and starts again: all connections are gone without a word.
  void restart();
  bool was_restarted() const { return restarts_ > 0; }
  /// The `nth` allocation from now on is refused; 0: none.
  void refuse_allocation(std::uint64_t nth) { endpoint().pool().refuse_nth(nth); }
  /// Whether its pool, or one of a process before, ever refused.
  bool was_refused_memory();
  /// The network is calm: only what was planned for the clock goes on.
  void calm();
  TimePoint now() const { return events_->now(); }
  /// What its clock shows at that time of the run.
  TimePoint shown_at(TimePoint now) const { return clock_.read(now); }
  bool is_paused(Duration now) const;
  /// How many datagrams its socket refused since the last call.
  std::uint64_t take_refusals();
  /// What it holds beyond what it held when it was new: a leak, if it has no connection.
  ByteCount memory_kept();

  /// Of its latest connection; may be empty.
  std::vector<std::uint8_t> token;
  /// Which connection of the scenario a handle names.
  std::map<ConnectionHandle, std::size_t> connections;

 private:
  const netsim::EventQueue* events_;
  const HostPlan* plan_;
  EndpointWatch watch_;
  EndpointConfig config_;
  std::unique_ptr<netsim::EndpointHost> host_;
  ByteCount baseline_{0};
  netsim::HostClock clock_;
  bool was_refused_before_ = false;  // by the pool of an earlier process
  int restarts_ = 0;
  std::uint64_t refusals_taken_ = 0;
};

}  // namespace hawser::swarm
