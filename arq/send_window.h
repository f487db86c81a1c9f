#pragma once
/// The sender's side of selective repeat: every segment from its first transmission until the
/// window's base passes it, by `Sequence`.
///
/// Knows which segments are unacknowledged, which must be sent again and in which order, and which
/// one a probe should carry next. Does not know messages: `SegmentRange::owner` is the transport's.
/// Work per call is constant or proportional to the segments named. Not thread-safe.

#include <cstdint>
#include <optional>
#include <utility>

#include "arq/sequence_bitmap.h"
#include "hawser/pool_ring.h"
#include "hawser/units.h"

namespace hawser {

/// The bytes that one Sequence stands for.
struct SegmentRange {
  void* owner = nullptr;  ///< the message, as the transport knows it
  ByteCount offset{0};
  ByteCount length{0};
};

enum class SegmentState : std::uint8_t {
  in_flight,  ///< transmitted, fate unknown
  lost,       ///< must be transmitted again
  acknowledged,
  abandoned  ///< void: its bytes left under new Sequences; the peer must be told to skip it
};

///  push --> in_flight --on_lost--> lost
///              ^                    |        on_acked, from any: acknowledged
///              '---on_transmitted---'        abandon, from these two: abandoned
///
/// The base passes what is acknowledged, and what is abandoned once its skip was answered.
class SendWindow {
 public:
  /// `window` (>= 1): the largest distance from the oldest unacknowledged segment to the newest
  /// sent plus one (the W of the ARQs).
  SendWindow(MemoryPool& pool, std::uint64_t window);

  /// How many more new segments fit the window and the peer's credit.
  std::uint64_t room() const;
  bool can_push() const { return room() > 0; }
  /// The peer lets us send Sequences below `limit`, 0 at first; a lower limit than before is
  /// ignored.
  void set_peer_limit(Sequence limit);
  Sequence peer_limit() const { return peer_limit_; }
  /// The Sequence of the next new segment.
  Sequence next_sequence() const { return base_ + slots_.size(); }
  /// The oldest segment that is neither acknowledged nor skipped; `next_sequence()` if none is.
  Sequence base() const { return base_; }
  /// Admits a new segment as in flight. `can_push()` must hold (asserted). False: no memory,
  /// nothing changed.
  [[nodiscard]] bool push(const SegmentRange& range, Sequence& sequence);

  /// The segment was acknowledged. Returns its range the first time, nothing if that was known or
  /// it had been abandoned (the caller settles the message's bytes with it).
  std::optional<SegmentRange> on_acked(Sequence sequence);
  /// The transmission numbered `transmission` of it was declared lost. It is queued for another
  /// unless acknowledged, abandoned, or transmitted again later than that one.
  void on_lost(Sequence sequence, PacketNumber transmission);
  /// It was (re)transmitted in the packet of that number.
  void on_transmitted(Sequence sequence, PacketNumber transmission);
  /// Go-back-N: everything unacknowledged from the base on must be transmitted again.
  void mark_all_lost();
  /// Its bytes will leave under new Sequences. Returns the range unless it was acknowledged or
  /// abandoned already.
  std::optional<SegmentRange> abandon(Sequence sequence);
  /// The peer has answered the skip of an abandoned segment.
  void on_skip_acked(Sequence sequence);

  /// The oldest segment that must be transmitted again.
  std::optional<Sequence> next_lost() const { return lost_.next(base_); }
  std::size_t lost_count() const { return lost_.count(); }
  /// How often a transmission of a segment in the window was declared lost; 255 stands for more.
  unsigned times_lost(Sequence sequence) const { return slots_[sequence.since(base_)].times_lost; }
  /// The unacknowledged segment that a probe should carry. They take turns over successive calls,
  /// from the newest down and from the oldest up alternately, so that no two successive probes
  /// carry the same while there are others. The newest comes first, as in TLP (RFC 8985 s7.3):
  /// whether an older one is lost or its acknowledgement merely held back, that of the newest will
  /// tell.
  std::optional<Sequence> next_probe();
  /// A segment in the window, or nullptr. Valid until the next call that is not const.
  const SegmentRange* find(Sequence sequence) const;
  /// Of a segment that was pushed (asserted). Those below the base count as acknowledged.
  SegmentState state(Sequence sequence) const;

  /// Visits the unacknowledged, not abandoned segments in order: `visit(Sequence, const
  /// SegmentRange&)`; it may call `abandon` on the visited one.
  template <typename Visitor>
  void for_each_unacked(Visitor&& visit);
  std::uint64_t unacked_count() const { return unacked_.count(); }
  /// Nothing is unacknowledged or waits for the answer to its skip.
  bool empty() const { return slots_.empty(); }

 private:
  struct Slot {
    SegmentRange range;
    PacketNumber transmission;  ///< the latest
    SegmentState state = SegmentState::in_flight;
    bool is_skip_acked = false;
    std::uint8_t times_lost = 0;
  };

  /// The slot of a segment that was pushed (asserted); nullptr if the base has passed it.
  Slot* slot(Sequence sequence);
  std::optional<Sequence> turn_above();
  std::optional<Sequence> turn_below();
  void advance_base();

  PoolRing<Slot> slots_;    // by Sequence, from base_
  SequenceBitmap unacked_;  // in flight or lost
  SequenceBitmap lost_;
  std::uint64_t window_;
  Sequence base_;
  Sequence peer_limit_;
  // Where the next turns begin: that of the probe from above, which comes next or not, and below.
  Sequence probe_above_;
  Sequence probe_below_;
  bool is_probed_from_above_ = false;  // the last time
  std::optional<Sequence> last_probe_;
};

template <typename Visitor>
void SendWindow::for_each_unacked(Visitor&& visit) {
  for (auto at = unacked_.next(base_); at; at = unacked_.next(at->next())) {
    visit(*at, std::as_const(slots_[at->since(base_)].range));
  }
}

}  // namespace hawser
