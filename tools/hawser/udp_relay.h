#pragma once
/// A UDP relay in real time that does to datagrams what a simulated path does.
///
/// Runs the simulator's own links on the monotonic clock. Every client gets a socket of its own
/// towards the server, as a NAT gives it, so one relay serves many. On the loop's thread only.

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "hawser/memory_pool.h"
#include "hawser/netsim/link.h"
#include "hawser/netsim/link_config.h"
#include "hawser/result.h"
#include "tools/hawser/event_loop.h"
#include "tools/hawser/latency_stats.h"
#include "tools/hawser/udp_port.h"

namespace hawser::cli {

struct UdpRelayConfig {
  SocketAddress listen;
  SocketAddress to;
  netsim::PathConfig path;
  /// Scripted drops count the datagrams that carry message bytes: as Hawser writes them, or all.
  bool carries_hawser = true;
  std::uint64_t seed = 1;
  /// Each takes a socket, so the system has a limit, too. At most 2^20 - 1 (asserted).
  std::size_t clients_max = 1000;
};

struct UdpRelayStats {
  netsim::LinkStats up;
  netsim::LinkStats down;
  std::size_t clients = 0;            ///< now
  std::uint64_t clients_refused = 0;  ///< datagrams of new clients while the table was full
  std::uint64_t sent = 0;             ///< datagrams passed on
  std::uint64_t send_failures = 0;    ///< the system refused them, or its buffer was full
  std::uint64_t unroutable = 0;       ///< from the server to a port that a client has left
  std::uint64_t rebind_failures = 0;  ///< the system gave no other port: the client kept its own
};

class UdpRelay {
 public:
  /// Binds and starts. Errors: the system's (`address_in_use`, ...).
  static Result<std::unique_ptr<UdpRelay>> create(EventLoop& loop, const UdpRelayConfig& config);
  UdpRelay(const UdpRelay&) = delete;
  UdpRelay& operator=(const UdpRelay&) = delete;

  /// Where clients send to.
  SocketAddress address() const;
  UdpRelayStats stats() const;
  /// Holds no datagram.
  bool is_empty() const { return up_.next_timeout() == kNever && down_.next_timeout() == kNever; }
  /// The relay's own error: how much later than scheduled datagrams left, and on top how long each
  /// had waited to be read.
  const LatencyStats& lateness() const { return lateness_; }

 private:
  // A client, and the socket by which the server knows it.
  struct Client {
    SocketAddress address;
    std::uint32_t generation = 0;  // tells successive users of one slot apart
    TimePoint last_heard{};
    std::uint64_t port_number = 0;  // of `port`
    std::unique_ptr<UdpPort> port;
    std::unique_ptr<UdpPort> left_port;  // the one before, which only counts what comes
  };

  UdpRelay(EventLoop& loop, const UdpRelayConfig& config);
  std::error_code start();
  Result<std::unique_ptr<UdpPort>> open_client_port(std::size_t slot);
  void on_client_datagram(const UdpPort::Arrival& arrival);
  void on_server_datagram(std::size_t slot, std::uint64_t port, const UdpPort::Arrival& arrival);
  void offer(netsim::Link& link, std::size_t slot, const UdpPort::Arrival& arrival);
  std::optional<std::size_t> slot_of(const SocketAddress& client);
  std::optional<std::size_t> free_slot() const;
  void on_alarm();
  void apply_changes();
  void rebind_clients();
  void release(netsim::Link& link);
  void pass_on(const netsim::Link& link, netsim::Datagram&& datagram);
  void rearm();

  EventLoop* loop_;
  UdpRelayConfig config_;
  MemoryPool pool_;
  TimePoint start_;
  TimePoint now_;  // links want a time that never goes back
  netsim::Link up_;
  netsim::Link down_;
  netsim::LossPatternPosition pattern_position_;
  std::size_t next_change_ = 0;
  std::size_t next_rebind_ = 0;
  std::unique_ptr<UdpPort> listening_;
  std::vector<Client> clients_;                 // at most `clients_max`
  std::map<SocketAddress, std::size_t> slots_;  // of those in use
  std::uint64_t clients_refused_ = 0;
  std::uint64_t sent_ = 0;
  std::uint64_t send_failures_ = 0;
  std::uint64_t unroutable_ = 0;
  std::uint64_t rebind_failures_ = 0;
  std::uint64_t ports_opened_ = 0;
  LatencyStats lateness_;
  Alarm alarm_;
};

}  // namespace hawser::cli
