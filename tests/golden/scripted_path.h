#pragma once
/// One sender with one controller on a path that does what a script says: a bottleneck of 12 Mbit/s
/// (a datagram each 0.8 ms) with a queue of 50 datagrams, a round-trip time of 40 ms, a receiver
/// that acknowledges every packet at once. The sender is the connection's own `Recovery`: its
/// losses, its timers, its pacing, without handshake and frames.

#include <cstdint>
#include <deque>

#include "transport/connection/recovery.h"

namespace hawser::golden {

inline constexpr Duration kRoundTrip = std::chrono::milliseconds(40);

/// What the application does.
enum class Demand : std::uint8_t {
  greedy,   ///< always has more
  trickle,  ///< ten datagrams per round trip
  silent
};

class ScriptedPath final : private PacketFates {
 public:
  explicit ScriptedPath(const CongestionControllerFactory& controller);

  void set_demand(Demand demand) { demand_ = demand; }
  /// The next so many packets get lost.
  void drop(int packets) { drops_left_ = packets; }
  /// The next so many packets arrive marked as having met congestion.
  void mark(int packets) { marks_left_ = packets; }
  /// The next so many packets are overtaken by two round trips' worth of others.
  void hold_up(int packets) { holds_left_ = packets; }
  /// The receiver is reached elsewhere from now on, over an equal path; what is under way is lost.
  void change_path();
  /// Whether all packets get lost.
  void set_blackout(bool is_dark) { is_dark_ = is_dark; }

  void run_round_trip();

  CongestionSnapshot snapshot() const;

 private:
  struct Acknowledgement {
    TimePoint arrival;
    PacketNumber number;
    Ecn mark;
  };

  void on_item_acked(const PacketItem&, bool) override {}
  void on_item_lost(const PacketItem&, PacketNumber) override { ++pending_; }
  void on_go_back() override {}

  TimePoint next_event() const;
  void handle_event();
  bool has_data() const { return demand_ == Demand::greedy || pending_ > 0; }
  void send_what_may();
  void send_packet();
  void pass_link(PacketNumber number, Ecn mark);

  MemoryPool pool_;
  ConnectionConfig config_;
  Recovery recovery_;
  TimePoint now_{std::chrono::seconds(1)};
  TimePoint round_end_ = now_;
  TimePoint link_free_ = now_;
  TimePoint next_trickle_ = now_;
  std::deque<Acknowledgement> acknowledgements_;  ///< by arrival
  EcnCounts arrived_;
  std::uint64_t pending_ = 0;  ///< datagrams that wait, lost ones among them
  Demand demand_ = Demand::greedy;
  int drops_left_ = 0;
  int marks_left_ = 0;
  int holds_left_ = 0;
  bool is_dark_ = false;
};

}  // namespace hawser::golden
