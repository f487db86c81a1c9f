#pragma once
/// One connection of a scenario, both ends: what its applications do, and whether what they are
/// told is true. Owned by one run. Not thread-safe.

#include <array>
#include <deque>
#include <set>

#include "tools/swarm/message_ledger.h"
#include "tools/swarm/swarm_host.h"

namespace hawser::swarm {

/// Keeps the first violation of a run, with its time.
class Findings {
 public:
  struct First {
    Duration at{0};
    Violation violation;
  };
  void note(Duration at, Finding finding) {
    if (finding && !first_) first_ = First{at, *std::move(finding)};
  }
  const std::optional<First>& first() const { return first_; }

 private:
  std::optional<First> first_;
};

class ConnectionScript {
 public:
  struct Setup {
    const Scenario& scenario;
    std::size_t number = 0;  ///< within the scenario
    SwarmHost& client;
    SwarmHost& server;
    Findings& findings;
  };
  explicit ConnectionScript(const Setup& setup);

  // ---- What the applications do ----
  void open();
  /// Message `number` of the scenario is due.
  void send(std::size_t number);
  void end();
  /// Once all is calm and said: the client closes.
  void close_if_settled();
  /// All faults have ended; what waits in the queues then needs so long to leave them.
  void on_calm(Duration backlog) { backlog_ = backlog; }
  /// The process of that side was restarted.
  void on_restart(Side side);

  // ---- What they are told ----
  /// An event of `side`'s end. A server's first one is how it learns of the connection.
  void on_event(Side side, TimePoint now, ConnectionHandle handle, const Event& event);
  /// A connection's last look inside, before it goes.
  void on_inspected(Side side, TimePoint now, const ConnectionInspection& seen);

  /// Both ends are gone, or one never came.
  bool is_over() const;
  /// What must hold when the run is over.
  void check_end(Duration now);
  std::string describe_open() const;
  std::uint64_t accepted() const;
  std::uint64_t delivered() const;

 private:
  enum class State : std::uint8_t {
    unborn,
    opening,  ///< client: the handshake is under way
    open,
    closed,
    failed,   ///< `connect` was refused
    vanished  ///< its process was restarted
  };
  struct End {
    State state = State::unborn;
    ConnectionHandle handle = ConnectionHandle::none;
    std::deque<std::size_t> waiting;  // due, and not accepted yet
    bool is_blocked = false;
    bool has_evicted = false;
    std::optional<ConnectionInspection> seen;  // at its last look inside
  };
  static bool is_alive(const End& end) {
    return end.state == State::opening || end.state == State::open;
  }
  static bool is_gone(const End& end) { return end.state >= State::closed; }

  End& end_of(Side side) { return ends_[static_cast<std::size_t>(side)]; }
  const End& end_of(Side side) const { return ends_[static_cast<std::size_t>(side)]; }
  SwarmHost& host_of(Side side) { return side == Side::client ? *client_ : *server_; }
  MessageLedger& sent_by(Side side) { return ledgers_[static_cast<std::size_t>(side)]; }
  const MessageLedger& sent_by(Side side) const { return ledgers_[static_cast<std::size_t>(side)]; }
  const ConnectionPlan& plan() const { return scenario_->connections[number_]; }
  void note(TimePoint now, Finding finding);
  void flush(Side side);
  bool try_send(Side side, std::size_t number);
  bool is_settled(Side side) const;
  const ConnectionConfig& config_of(Side side) const;
  ByteCount granted_window_of(Side side) const;
  EndLimits limits_of(Side side) const;
  void check_refusal_of(Side side, std::error_code error, const MessagePlan* message = nullptr);
  bool is_hindered() const;
  bool has_left_work(Side side) const;
  bool has_work_to_go_on() const;
  Duration idle_timeout() const;
  void on_connected(Side side, TimePoint now, ConnectionHandle handle, const Buffer& token);
  void on_closed(Side side, TimePoint now, const ClosedEvent& closed);
  void on_ghost_event(TimePoint now, ConnectionHandle handle, const Event& event);

  const Scenario* scenario_;
  std::size_t number_;
  SwarmHost* client_;
  SwarmHost* server_;
  Findings* findings_;
  std::array<End, 2> ends_;
  /// Of the server, made by old INITs that the network repeated: no client has their ACCEPT.
  std::set<ConnectionHandle> ghosts_;
  std::array<MessageLedger, 2> ledgers_;  // by sender
  std::size_t due_later_ = 0;             // messages whose time has not come
  ByteCount largest_message_{0};
  Duration backlog_{0};      // of the queues when the calm began
  bool keeps_datagrams_;     // the scenario
  bool was_closed_ = false;  // by any application
  bool was_aborted_ = false;
};

}  // namespace hawser::swarm
