#pragma once
/// Test messages as bare UDP datagrams: what an application gets that does nothing about losses.
/// On the loop's thread only.

#include <cstdint>
#include <memory>

#include "hawser/memory_pool.h"
#include "hawser/result.h"
#include "tools/hawser/delivery_check.h"
#include "tools/hawser/event_loop.h"
#include "tools/hawser/latency_stats.h"
#include "tools/hawser/udp_port.h"

namespace hawser::cli {

class RawUdpLoad {
 public:
  struct Plan {
    std::size_t message_size = 200;
    Duration interval{0};
    std::uint64_t count = 0;
    /// How long to wait for stragglers after the last one was sent.
    Duration patience = std::chrono::milliseconds(500);
    bool is_echoed = false;  ///< the receiver sends back all that arrives
  };

  /// Opens both sockets on the loopback interface. Errors: the system's.
  static Result<std::unique_ptr<RawUdpLoad>> create(EventLoop& loop, const Plan& plan);
  RawUdpLoad(const RawUdpLoad&) = delete;
  RawUdpLoad& operator=(const RawUdpLoad&) = delete;

  /// Where the datagrams must arrive in the end.
  SocketAddress sink_address() const { return sink_->address(); }
  /// Begins to send, to `first_hop`.
  void start(const SocketAddress& first_hop);
  /// Waits for stragglers once more.
  void wait_again();
  /// All were sent, and no more is waited for.
  bool is_done() const { return is_done_; }

  std::uint64_t sent() const { return sent_; }
  /// Datagrams that arrived, whatever their state.
  std::uint64_t received() const { return received_; }
  /// The same of those that came back.
  std::uint64_t echoes_received() const { return echoes_received_; }
  /// From the first to the last that arrived.
  Duration arrival_span() const { return last_arrival_ - first_arrival_; }
  /// From due to back, of those that came back; the first time.
  const LatencyStats& round_trip() const { return round_trip_; }
  DeliveryCounts counts() const { return check_.counts(sent_); }
  const LatencyStats& latency() const { return latency_; }

 private:
  RawUdpLoad(EventLoop& loop, const Plan& plan);
  TimePoint due_of(std::uint64_t index) const;
  void on_alarm();
  void on_arrival(const UdpPort::Arrival& arrival);
  void on_echo(const UdpPort::Arrival& echo);

  Plan plan_;
  MemoryPool pool_;
  DeliveryCheck check_;
  DeliveryCheck check_of_echoes_;
  LatencyStats latency_;
  LatencyStats round_trip_;
  std::unique_ptr<UdpPort> source_;
  std::unique_ptr<UdpPort> sink_;
  SocketAddress first_hop_;
  TimePoint start_{};
  std::uint64_t sent_ = 0;
  std::uint64_t received_ = 0;
  std::uint64_t echoes_received_ = 0;
  TimePoint first_arrival_{};
  TimePoint last_arrival_{};
  bool is_done_ = false;
  Alarm alarm_;
};

}  // namespace hawser::cli
