#pragma once
/// A simulated host with a Hawser endpoint on it: what a driver does in a real process, in virtual
/// time.
///
/// Owned by whoever sets up the simulation; the queue and the network must outlive it. Not
/// thread-safe. A service is tested by giving its code two of these in place of two `UvEndpoint`s:
/// the verbs are the same, and handlers run from the event queue, never inside a verb. Other than
/// there the handler is set afterwards and is told the time, names are not resolved
/// (`connect_to`), a host cannot be closed as a whole, and `stats()` tells of the host
/// (`endpoint().stats()` of its endpoint).

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "hawser/endpoint.h"
#include "hawser/netsim/event_queue.h"
#include "hawser/netsim/host_faults.h"
#include "hawser/netsim/network.h"

namespace hawser::netsim {

class HostClock;
class HostSocket;

struct EndpointHostConfig {
  EndpointConfig endpoint;
  SocketAddress address;
  Route route;
  /// The endpoint draws its ids, keys and challenges from (seed, address): give all hosts of a run
  /// the same one.
  std::uint64_t seed = 1;
  /// Capacity of the transmit buffer in datagrams, 1..64. Does not change what is sent.
  std::size_t batch = 64;
  /// Up to this many datagrams that arrive at one instant are joined into one `receive`, 1..64, as
  /// a kernel with receive offload does. 1: each comes alone.
  std::size_t receive_batch = 1;
  HostFaults faults{};

  /// What is wrong with anything but `endpoint`, as one line; nothing if all is well.
  std::optional<std::string> validate() const;
};

/// What a host did to datagrams, from its making on.
struct HostStats {
  std::uint64_t too_large_refused = 0;   ///< sends that the datagram limit refused
  std::uint64_t sends_blocked = 0;       ///< times that the socket was found full; nothing is lost
  std::uint64_t sends_refused = 0;       ///< datagrams lost for want of buffers
  std::uint64_t receive_overflows = 0;   ///< arrivals dropped while the process was paused
  std::uint64_t crashes = 0;             ///< of `HostFaults::crashes`, those that came
  std::uint64_t dropped_while_down = 0;  ///< arrivals between a crash and the new start
  bool operator==(const HostStats&) const = default;
};

class EndpointHost final : public Actor, public DatagramSink {
 public:
  /// Called from `pump`, for every event in its order. May call the endpoint.
  using EventHandler = std::function<void(TimePoint now, Event& event)>;
  /// Sees each datagram as it leaves the socket. Must not call the host.
  using TransmitObserver = std::function<void(TimePoint now, const Datagram& datagram)>;
  /// Called when the process dies by `HostFaults::crashes`, while the dead one's endpoint can still
  /// be asked for its figures: let go of all that came from it.
  using CrashHandler = std::function<void(TimePoint now)>;

  /// Adds the host to the network. Errors: those of `Endpoint::create`. A configuration that
  /// `validate` complains about, and an address that is taken, abort with a line that says so.
  static Result<std::unique_ptr<EndpointHost>> create(EventQueue& events, Network& network,
                                                      const EndpointHostConfig& config);
  ~EndpointHost() override;

  void set_event_handler(EventHandler handler) { on_event_ = std::move(handler); }
  void set_transmit_observer(TransmitObserver observer) { on_transmit_ = std::move(observer); }
  void set_crash_handler(CrashHandler handler) { on_crash_ = std::move(handler); }

  // As in UvEndpoint, so that code written for one runs on the other. What they cause to be sent
  // leaves at this instant, behind what is scheduled for it already; during a pause or after a
  // crash, when the process runs again.
  [[nodiscard]] Result<ConnectionHandle> connect(const ConnectOptions& options);
  [[nodiscard]] Result<MessageId> send(ConnectionHandle connection, Buffer message,
                                       const SendOptions& options = {});
  [[nodiscard]] Result<MessageId> send(ConnectionHandle connection,
                                       std::span<const std::uint8_t> bytes,
                                       const SendOptions& options = {});
  std::error_code close(ConnectionHandle connection);
  std::error_code abort(ConnectionHandle connection, std::uint64_t code = 0,
                        std::string_view phrase = {});
  void stop_accepting() { endpoint_->stop_accepting(); }
  Result<ConnectionStats> stats(ConnectionHandle connection) const {
    return std::as_const(*endpoint_).stats(connection);
  }
  MemoryPool& pool() { return endpoint_->pool(); }
  /// Runs `task` at this instant or when the process runs again. Dropped if it dies before; refused
  /// (false) while it is down.
  bool post(std::function<void()> task);
  /// As the host sees itself, whatever a NAT makes of it.
  SocketAddress local_address() const { return config_.address; }

  /// For everything else; call `pump` afterwards.
  Endpoint& endpoint() { return *endpoint_; }
  HostId id() const { return id_; }
  /// Where the others reach this host at first (behind a NAT it may change).
  const SocketAddress& address() const { return config_.address; }

  /// Takes the endpoint's events, sends what it has to say, sets the alarm; at once, so that the
  /// event handler runs within. Call it after every use of `endpoint()` from outside an event
  /// handler.
  void pump();
  /// Whether events are taken. While they are not, what arrives stays in the endpoint and uses up
  /// its receive window, as with an application that has stopped reading. Pumps.
  void set_reading(bool is_reading);
  /// From now on datagrams above `size` cannot leave: the endpoint is told so, as by a socket that
  /// answers EMSGSIZE and names its limit. `ByteCount::max()`: no limit.
  void set_datagram_limit(ByteCount size) { datagram_limit_ = size; }
  /// From now on the socket takes all, and the application reads as fast as it can. Pauses, crashes
  /// and the clock keep to their plan.
  void end_faults();
  HostStats stats() const;
  /// Replaces the endpoint by a new one, as a process that crashed and was started again: nothing
  /// is sent, all its connections are gone, what lay in its socket and what was posted too, and the
  /// new one reads. What it keeps stands in `config` (its secret). Errors: those of
  /// `Endpoint::create`; then the old one runs on.
  /// The old one's pool dies with it, so every `Buffer` that came from it must be gone: at the
  /// call, or, within an event handler or a posted task, when that returns: then the old one is
  /// replaced.
  std::error_code restart(const EndpointConfig& config);
  /// Whether it crashed and does not run yet.
  bool is_down() const { return events_->now() < down_until_; }

  void on_wake(TimePoint now) override;
  void on_datagram(TimePoint now, Datagram&& datagram) override;

 private:
  EndpointHost(EventQueue& events, Network& network, const EndpointHostConfig& config);
  void wake_soon();
  void run_posted();
  void crash(TimePoint until);
  void take_over();
  bool take_events(TimePoint now);
  // Returns whether the endpoint learned something by it that may make more to send.
  bool transmit(TimePoint now);
  void fill_socket(TimePoint now, const Transmit& transmit);
  void empty_socket(TimePoint now);
  void send_out(TimePoint now, Datagram&& datagram);
  void receive_arrived(TimePoint now);
  std::size_t end_of_batch(std::size_t first) const;
  std::span<const std::uint8_t> join(std::size_t first, std::size_t end);
  TimePoint end_of_pause(TimePoint now) const;
  TimePoint next_wake(TimePoint now) const;

  EventQueue* events_;
  Network* network_;
  EndpointHostConfig config_;
  SeededRandom random_;
  TimePoint start_;
  std::unique_ptr<HostClock> clock_;
  std::unique_ptr<HostSocket> socket_;
  HostId id_{};
  std::unique_ptr<Endpoint> endpoint_;
  std::unique_ptr<Endpoint> successor_;  // of a restart within a handler
  EventHandler on_event_;
  TransmitObserver on_transmit_;
  CrashHandler on_crash_;
  Timeline crashes_;
  std::vector<std::function<void()>> posted_;
  std::vector<std::uint8_t> transmit_space_;
  std::vector<Datagram> arrived_;     // of this instant, or of a pause: at most `receive_buffer`
  std::vector<std::uint8_t> joined_;  // at most 65507 bytes
  ByteCount datagram_limit_ = ByteCount::max();
  HostStats stats_;
  TimePoint next_read_{};   // of an application that reads slowly
  TimePoint down_until_{};  // after a crash
  bool is_reading_ = true;
  bool is_pumping_ = false;
};

}  // namespace hawser::netsim
