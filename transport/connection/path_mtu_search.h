#pragma once
/// Which size of datagrams the path carries: probes upwards from what is known to pass, and notices
/// when that no longer does (DPLPMTUD, RFC 8899; RFC 9000 s14.3).
///
/// A probe is a packet of nothing but padding: its acknowledgement proves the size, its loss costs
/// nothing else. Believes no ICMP; what the own host refuses to send counts. Sizes are of UDP
/// payloads. Owned by one connection, for its current path.

#include <optional>

#include "hawser/stats.h"
#include "hawser/time.h"
#include "hawser/units.h"
#include "transport/wire/packet.h"

namespace hawser {

///   searching --nothing left to try--> complete --600 s--> searching, upwards again
///       ^                                  |
///       '--- what passed is lost for its size: back to the base size, and below what is lost
///
/// Without a search the size stays as configured, but for what the own host refuses.
class PathMtuSearch {
 public:
  /// Every path carries this much, or no connection (RFC 9000 s14; BASE_PLPMTU).
  static constexpr ByteCount kBaseSize = wire::kInitSizeMin;
  /// RFC 8899 s5.1.2: a size is given up after so many probes (MAX_PROBES).
  static constexpr int kProbesMax = 3;
  /// RFC 8899 s5.1.1: then the path is taken for what it is for so long (PMTU_RAISE_TIMER).
  static constexpr Duration kRaiseInterval = std::chrono::seconds(600);
  /// Less than this is not worth another probe.
  static constexpr ByteCount kStep{20};
  /// So many datagrams above the base size lost in a row over more than a round trip are lost for
  /// their size if the small companion of another one passed without it.
  static constexpr int kBlackHoleLosses = 3;
  /// Once nothing was acknowledged for so many probe timeouts a large datagram has a companion; and
  /// again after twice that time, and so on.
  static constexpr int kDoubtTimeouts = 2;

  struct Config {
    bool is_wanted = true;
    ByteCount start{1200};  ///< the size to begin with
    ByteCount max{1472};    ///< the largest to try; less than `start` counts as that
  };
  explicit PathMtuSearch(const Config& config);

  /// The largest datagram that may be sent now.
  ByteCount datagram_size() const { return size_; }
  /// The size that a probe should have now; nothing while one is under way or nothing is to be
  /// found out.
  std::optional<ByteCount> due_probe(TimePoint now);
  void on_probe_sent(TimePoint now, PacketNumber number, ByteCount size);
  struct Packet {
    PacketNumber number;
    ByteCount bytes{0};
    TimePoint sent_time;
  };
  /// The fate of every packet that was in flight, probes among them, the acknowledged ones of a
  /// batch before the lost.
  void on_acked(const Packet& packet);
  /// `round_trip`: of the path, smoothed.
  void on_lost(const Packet& packet, Duration round_trip);
  /// What is under way will tell nothing.
  void forget_flight();

  /// Datagrams of `size` and more do not leave the host.
  void on_refused(ByteCount size);
  /// The peer takes no larger ones. `size` is not below the base size.
  void limit(ByteCount size);
  /// The path is another one: start afresh.
  void restart();
  /// What is known where a datagram with message bytes leaves.
  struct Departure {
    PacketNumber number;
    ByteCount bytes{0};
    Duration waiting{0};  ///< of the oldest packet in flight
    Duration probe_timeout{0};
  };
  /// Whether a small packet, the companion, should follow it at once. Where large datagrams vanish
  /// those that are sent again vanish as well: what comes through alone shows why. In an outage
  /// both are lost.
  bool wants_companion(const Departure& large);
  void on_companion_sent(PacketNumber number);

  void add_to(ConnectionStats& stats) const;

 private:
  struct Probe {
    PacketNumber number;
    ByteCount size{0};
  };
  /// Packets lost one after the other with nothing of their size acknowledged in between.
  struct LostRow {
    int count = 0;
    PacketNumber first;
    ByteCount smallest{0};
    TimePoint first_sent;
    TimePoint last_sent;
    void add(const Packet& packet);
  };

  void forget_pair();
  bool is_complete() const { return refused_ - size_ <= kStep; }
  ByteCount next_size() const;
  void begin(ByteCount size);
  void refuse(ByteCount size);
  void note_passed(const Packet& packet);
  void note_vanished(const Packet& packet, Duration round_trip);

  Config config_;
  ByteCount size_;
  ByteCount refused_;           // the smallest that is known, or taken, not to pass
  bool has_passed_ = false;     // a probe of this search
  std::optional<Probe> probe_;  // under way
  int probes_lost_in_row_ = 0;  // of one size
  TimePoint last_probe_time_;
  Probe passed_;  // the newest of the largest above the base size that did
  LostRow vanished_;
  // The latest pair: a large packet, the companion once it has left, and whether that came through
  // and the large one did not.
  std::optional<PacketNumber> paired_;
  std::optional<PacketNumber> companion_;
  bool came_alone_ = false;
  int companions_ = 0;  // since the last acknowledgement
  // Counters.
  std::uint64_t probes_sent_ = 0;
  std::uint64_t probes_lost_ = 0;
  std::uint64_t black_holes_ = 0;
};

}  // namespace hawser
