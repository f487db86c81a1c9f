#pragma once
/// A client and a server on a simulated path, for scenarios that need to see more than a report.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include <gtest/gtest.h>

#include "hawser/netsim/endpoint_host.h"
#include "hawser/netsim/event_queue.h"
#include "hawser/netsim/network.h"

namespace hawser::scenarios {

/// One end, with all that happened to it.
struct End {
  struct Delivery {
    TimePoint at;
    std::vector<std::uint8_t> bytes;
  };
  std::unique_ptr<netsim::EndpointHost> host;
  ConnectionHandle connection = ConnectionHandle::none;
  bool is_connected = false;
  std::vector<Delivery> deliveries;
  std::vector<ReceiptEvent> receipts;
  std::vector<TimePoint> receipt_times;
  std::vector<TimePoint> transmissions;
  std::vector<std::size_t> datagram_sizes;
  std::function<void()> on_message;  // called with each delivery
  std::optional<CloseReason> close_reason;
  TimePoint closed_at{};
  netsim::HostFaults faults;  // set before `set_up`
};

/// The fixture. Times are since the start of the run.
class TwoHosts : public testing::Test {
 protected:
  static constexpr std::uint64_t kSeed = 1;

  /// Sets up both hosts; before everything else. The path's rebindings are scheduled.
  void set_up(const netsim::PathConfig& path, const ConnectionConfig& config);
  /// A path of that round-trip time and nothing else.
  static netsim::PathConfig clean_path(Duration rtt);

  /// Begins the client's handshake.
  void start_connecting();
  /// Connects the client and runs until both ends know it.
  void connect();
  /// Sends a message of `size` bytes, whose first says its number.
  void send(End& from, std::size_t size, const SendOptions& options = {});
  /// Sends such a message every `interval`, from now on until the run's time `until`.
  void send_every(End& from, Duration interval, Duration until, const SendOptions& options = {});
  void close(End& by);
  void run_until(Duration since_start);
  void run_until_idle();

  Duration now() const { return events_.now() - netsim::EventQueue::kStart; }
  static Duration since_start(TimePoint time) { return time - netsim::EventQueue::kStart; }
  /// Each message came once and in order.
  static void expect_all_in_order(const End& at, std::size_t count);
  /// What a server is restarted with.
  EndpointConfig server_config() const;

  netsim::EventQueue events_;
  netsim::Network network_{events_, kSeed};
  End client_;
  End server_;
  std::size_t sent_ = 0;

 private:
  void set_up_end(End& end, netsim::EndpointHostConfig config);
  static void record(End& end, TimePoint now, Event& event);

  ConnectionConfig config_;
};

}  // namespace hawser::scenarios
