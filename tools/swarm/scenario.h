#pragma once
/// One run of the swarm, written down: who talks to whom over what, what goes wrong, what the
/// applications do. Plain data, drawn from a seed; the same seed gives the same scenario
/// everywhere.
///
/// A scenario has two phases. Until `calm_at` its faults are in force; from then on the network is
/// as good as its base configuration; a few connections open, each end that lives sends a farewell,
/// and everything must finish within `liveness_bound`. All times count from the start of the run.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "hawser/config.h"
#include "hawser/congestion_controller.h"
#include "hawser/message.h"
#include "hawser/netsim/host_faults.h"
#include "hawser/netsim/link_config.h"
#include "hawser/time.h"

namespace hawser::swarm {

/// An end of a connection. The values index arrays.
enum class Side : std::uint8_t { client, server };
constexpr Side opposite(Side side) { return side == Side::client ? Side::server : Side::client; }
constexpr const char* to_string(Side side) { return side == Side::client ? "client" : "server"; }

/// What a scenario is about, faults apart.
enum class Kind : std::uint8_t {
  mixed,   ///< any configuration, little to say: most of them
  bulk,    ///< megabytes through a bottleneck whose queue overflows
  credit,  ///< a sender with much to say and a receiver that allows little
  lasting  ///< minutes with long silences
};

/// [from, to).
struct Interval {
  Duration from{0};
  Duration to{0};
};

/// From `at` on the host's socket refuses datagrams above `size`.
struct DatagramLimit {
  Duration at{0};
  ByteCount size{0};
};

/// The `nth` allocation from `at` on is refused, counted from 1.
struct RefusedAllocation {
  Duration at{0};
  std::uint64_t nth = 1;
};

/// A machine with one endpoint, and what befalls it.
struct HostPlan {
  EndpointConfig endpoint;
  std::size_t batch = 64;
  std::size_t receive_batch = 1;
  std::vector<Interval> reader_stops;  ///< disjoint, ascending
  std::vector<Duration> restarts;
  std::vector<Duration> rebinds;  ///< clients only
  std::optional<DatagramLimit> datagram_limit;
  std::vector<RefusedAllocation> refused_allocations;
  netsim::HostFaults faults;  ///< of socket, process and clock
  std::size_t first_hop = 0;  ///< clients only: where they enter the row of bottlenecks ...
  std::size_t last_hop = 0;   ///< ... and behind which of them their server stands
};

/// How an application ends a connection of its own accord.
struct EndPlan {
  Duration at{0};
  Side by = Side::client;
  bool is_abort = false;
};

struct ConnectionPlan {
  std::size_t client = 0;  ///< index of the host that opens it
  Duration open_at{0};
  ConnectionConfig config;  ///< the client's; the server's is its endpoint's `accepted`
  std::optional<EndPlan> end;
  bool is_refused = false;   ///< the server's admission says no
  bool shows_token = false;  ///< of an earlier connection of its client, if there was one
};

/// One `send`. Where the connection does not stand yet at the server, the message waits for it.
struct MessagePlan {
  Duration at{0};
  std::size_t connection = 0;
  Side from = Side::client;
  ChannelId channel{0};
  Delivery delivery = Delivery::ordered;
  ByteCount size{0};
  bool is_farewell = false;  ///< sent in the calm: it must arrive wherever a connection lives
};

/// At a time, one more thing happens to both directions of the shared path.
struct PathEdit {
  Duration at{0};
  std::function<void(netsim::LinkConfig& up, netsim::LinkConfig& down)> apply;
};

/// Both directions of a path, as the clients see them.
struct TwoWay {
  netsim::LinkConfig up{};
  netsim::LinkConfig down{};
};

/// What others send through the faulty path.
struct CrossPlan {
  Interval on;
  Bandwidth rate;
  Duration mean_burst{0};  ///< and as long in between; zero: without a pause
  bool is_from_server = false;
};

struct Scenario {
  std::uint64_t seed = 0;
  Kind kind = Kind::mixed;
  TwoWay base;                    ///< the bottleneck that all share, once calm
  TwoWay faulty;                  ///< the same with its faults, until `calm_at`
  std::vector<PathEdit> edits;    ///< of `faulty`, by time
  std::vector<TwoWay> calm_hops;  ///< bottlenecks in a row with the faulty one ...
  std::size_t faulty_hop = 0;     ///< ... which has this place among them
  std::vector<CrossPlan> cross_traffic;
  std::vector<netsim::LinkConfig> access;  ///< of each client, both directions, always calm
  HostPlan server;
  std::vector<HostPlan> clients;
  std::vector<ConnectionPlan> connections;
  std::vector<MessagePlan> messages;                         ///< by time
  std::vector<std::string_view> faults;                      ///< names of those in force
  std::span<const CongestionControllerFactory> controllers;  ///< each connection has one of them
  bool never_idle = false;  ///< no connection has an idle timeout: PINGs find out
  Duration calm_at{0};

  /// A fault of that name is in force.
  bool has_fault(std::string_view name) const;
  /// Nothing in it loses, damages, repeats, overtakes or holds back a datagram, nor forgets one.
  bool keeps_datagrams() const;
  /// Whether senders that never yield may keep a queue full for ever: then nothing is promised to
  /// others, whose datagrams may all be lost.
  bool is_flooded() const;
  /// From here on nothing is in the way of what is left to do.
  Duration settles_from() const;
};

/// Which scenario: a seed, and what the shrinker took away from it. Two choices with the same seed
/// agree in everything that neither of them takes away.
struct Choice {
  std::uint64_t seed = 0;
  std::vector<std::string> without{};  ///< names of fault classes switched off
  std::optional<Duration> until{};     ///< calm at this time at the latest; nothing is sent later
  std::optional<std::size_t> messages{};     ///< at most so many, the first ones; farewells apart
  std::optional<std::size_t> connections{};  ///< at most so many, the first ones
  std::optional<std::size_t> batch{};  ///< of all hosts in place of their own; shows in no trace
  /// Connections draw from so many of `congestion_controllers()`, the first ones: a seed means what
  /// it meant when there were no more. All of them if absent.
  std::optional<std::size_t> controllers{};
};

Scenario draw_scenario(const Choice& choice);

/// Without congestion control.
bool uses_fixed_window(const ConnectionConfig& config);

/// The longest one, by the delays of the calm network alone.
Duration calm_round_trip(const Scenario& scenario);

/// How many bytes of messages an end lets its peer be ahead: half of its endpoint's memory at most.
ByteCount granted_window(const ConnectionConfig& config, ByteCount memory_budget);

/// How long after `settles_from` everything must be over: every message has its receipt, every
/// connection is closed at both ends, all memory is given back. The sum of
/// - the longest handshake and idle timeouts (an end whose peer is gone waits that long);
/// - 30 s, five times the cap of the probe timer's backoff: probes, handshakes, challenges and the
///   closing period that were backed off when the calm began;
/// - the slow round trips that its messages need: 20, and for each direction of a connection the
///   doublings of a window and one round trip for each 16 segments, or for as many as its own
///   windows and buffers let fly where that is fewer (a window of one segment moves one per round
///   trip; twice with its timeout);
/// - four times the time that all bytes take on the slowest link;
/// - nine times `longest_round_trip`, the longest that any endpoint measured: closing periods, and
///   idle timeouts, last three probe timeouts at least, each SRTT + 4 RTTVAR, which a first sample
///   makes three times itself;
/// all of it as the slowest clock of a host shows it.
Duration liveness_bound(const Scenario& scenario, Duration longest_round_trip = Duration(0));

/// More events than any run of it that lasts `duration` takes:
/// - 20,000, and 60 for each segment (its losses, its acknowledgements, every link on the way);
/// - 40 for each keepalive and each second of each connection (timers that back off);
/// - 60 for each round trip of a connection without congestion control that a policer or a short
///   queue stands in the way of: what they take leaves again;
/// - 20 for each kilobyte of cross traffic.
std::uint64_t events_max(const Scenario& scenario, Duration duration);

/// The scenario in words, several lines.
std::string describe(const Scenario& scenario);

}  // namespace hawser::swarm
