#pragma once
/// Decides which outstanding packets are lost, from what was acknowledged after them.
///
/// A packet is lost when enough later ones were acknowledged, or when one was and it left long
/// enough ago (RFC 9002 s6.1); how much is enough, the path teaches (`reordering_window.h`). Holds
/// no packets itself. One per packet number space, beside its log. Not thread-safe.

#include <optional>
#include <span>

#include "arq/reordering_window.h"
#include "arq/rtt_estimator.h"
#include "arq/sent_packet_log.h"

namespace hawser {

class LossDetector {
 public:
  /// RFC 9002 s7.6.1.
  static constexpr int kPersistentCongestionThreshold = 3;

  explicit LossDetector(MemoryPool& pool) : lost_numbers_(pool), lost_packets_(pool) {}

  struct Outcome {
    std::size_t lost_count = 0;
    bool is_persistent_congestion = false;
    TimePoint largest_lost_sent_time;  ///< of the newest in `lost_packets()`
  };
  /// Learns how far the path reorders from what `log` has settled since `largest_acked_before` was
  /// the largest acknowledged number. Call before `detect`, with the round-trip sample in `rtt`.
  void learn_reordering(TimePoint now, const RttEstimator& rtt, const SentPacketLog& log,
                        PacketNumber largest_acked_before);
  /// Declares packets lost in `log` and notes them for `lost_number()` and `lost_packets()`. Call
  /// after acknowledgements, with their round-trip sample already in `rtt`, and when `deadline()`
  /// has passed. `ack_delay_max` is the peer's, for persistent congestion. Without memory to note
  /// them, packets stay outstanding and `deadline()` comes soon, for another try.
  Outcome detect(TimePoint now, const RttEstimator& rtt, SentPacketLog& log,
                 Duration ack_delay_max);
  /// When the next packet would be lost by time alone; kNever if none.
  TimePoint deadline() const { return deadline_; }
  /// The packets that the last `detect` declared lost, in order of sending.
  std::size_t lost_count() const { return lost_numbers_.size(); }
  PacketNumber lost_number(std::size_t index) const { return lost_numbers_[index]; }
  /// The same as congestion control wants it: only those that were in flight, without probes of the
  /// path's MTU (RFC 9000 s14.4). Valid until the next `detect`.
  std::span<const LostPacket> lost_packets() const;
  /// Takes those larger than `size` out of `lost_packets()`: the path carries no more than that,
  /// and their loss, which `log` forgives, is no sign of congestion. Returns how many.
  std::size_t forgive_larger_than(ByteCount size, SentPacketLog& log);
  /// A new path, whose first packet is `path_start`: thresholds and timers start afresh.
  void reset(PacketNumber path_start);

  const ReorderingWindow& reordering() const { return reordering_; }

 private:
  /// An unbroken row of lost packets, none acknowledged in between (RFC 9002 s7.6.2).
  struct LostRun {
    PacketNumber last;
    bool is_continued = false;  ///< nothing that was sent in between was acknowledged
    TimePoint first_eliciting_sent_time = kNever;  ///< kNever: none yet
  };

  bool note_lost(PacketNumber number, const SentPacket& packet);
  bool extends_to_persistent(LostRun& run, const SentPacket& packet, Duration period) const;
  void note_episode(TimePoint now, TimePoint sent_time);
  void clear_lost();

  PoolRing<PacketNumber> lost_numbers_;
  PoolRing<LostPacket> lost_packets_;  // never popped: contiguous from its first slot
  ReorderingWindow reordering_;
  PacketNumber path_start_;
  TimePoint episode_end_ = TimePoint::min();  ///< when losses were found last
  TimePoint deadline_ = kNever;
  std::optional<TimePoint> first_sample_time_;
};

}  // namespace hawser
