#pragma once
/// Decides when received packets are acknowledged (RFC 9000 s13.2, ack-frequency draft).
///
/// At once: on a request, a gap, a filled gap, a CE mark, or every `packet_tolerance` ack-eliciting
/// packets; otherwise when the ack delay is over. Not thread-safe.

#include <array>
#include <optional>
#include <span>

#include "arq/range_set.h"
#include "hawser/time.h"
#include "hawser/units.h"

namespace hawser {

class AckScheduler {
 public:
  /// Ranges remembered; more are sent by none (the oldest are forgotten, and their numbers
  /// refused).
  static constexpr std::size_t kRangesMax = 256;
  /// RFC 9000 s13.2.2: until the peer asks for another frequency.
  static constexpr std::uint64_t kPacketTolerance = 2;
  /// The ack delay where the configuration names none.
  static constexpr Duration kDelayMax = std::chrono::milliseconds(10);

  /// `delay_max`: the longest an acknowledgement is held back.
  explicit AckScheduler(MemoryPool& pool, Duration delay_max = kDelayMax);

  enum class Arrival : std::uint8_t { fresh, duplicate, no_memory };
  struct Packet {
    PacketNumber number;
    bool is_ack_eliciting = false;
    bool wants_immediate_ack = false;
    bool is_ce_marked = false;
  };
  /// Whether that number was received before (or is too old to tell).
  bool is_duplicate(PacketNumber number) const { return received_.contains(number); }
  /// Notes an arrival. A duplicate changes nothing; nor does `no_memory`: the packet must then be
  /// dropped unread, or it would be taken twice. A packet that elicits no acknowledgement makes
  /// none due, whatever else it is.
  Arrival on_packet(TimePoint now, const Packet& packet);
  /// Acknowledge at once whatever the rules say (a duplicate under the textbook protocols), if
  /// anything waits to be acknowledged.
  void request_immediate();
  /// The peer's request: acknowledge every `packet_tolerance` packets (at least 1), or after
  /// `delay_max` or our own maximum, whichever is less. `reordering`: 0 never acknowledges at once
  /// for a gap, 1 (the default) for every gap and fill, n for a gap that begins n below the
  /// largest.
  void set_frequency(std::uint64_t packet_tolerance, Duration delay_max, std::uint64_t reordering);

  /// An acknowledgement is due now (and would be worth a packet of its own).
  bool is_due(TimePoint now) const { return deadline() <= now; }
  /// An ack-eliciting packet is not yet acknowledged: an ACK may ride along.
  bool has_news() const { return eliciting_waiting_ > 0; }
  /// When it falls due, a time gone by for at once; kNever if nothing waits.
  TimePoint deadline() const;
  /// An ACK frame was written now; it named all ranges from `largest()` down.
  void on_ack_sent();
  /// The peer acknowledged a packet of ours whose ACK named `largest`: ranges up to it need not be
  /// repeated, but for numbers that may have arrived after that ACK was written.
  void on_ack_of_ack(PacketNumber largest);

  std::optional<PacketNumber> largest() const { return received_.largest(); }
  /// When `largest()` arrived.
  TimePoint largest_received_time() const { return largest_received_time_; }
  /// Ranges worth sending, the highest first: at most `out.size()`; returns how many, at least one
  /// if anything was received and `out` has room. `Range` has members `smallest` and `largest`.
  template <typename Range>
  std::size_t ranges(std::span<Range> out) const;
  /// How many numbers of [begin, end) have not arrived; those too old to tell count as arrived.
  std::uint64_t missing_between(PacketNumber begin, PacketNumber end) const;
  /// The next number expected, for expanding truncated ones.
  PacketNumber expected() const { return largest() ? largest()->next() : PacketNumber(); }

 private:
  /// Numbers that arrived below the largest: which of the ACKs sent named them is not obvious.
  struct LateArrivals {
    PacketNumber lowest;
    PacketNumber largest_seen;  ///< at the newest of them: an ACK that names more names them all
  };

  void note_late(PacketNumber number, PacketNumber largest_seen);
  bool reveals_loss(PacketNumber number, PacketNumber expected_before) const;
  std::optional<PacketNumber> smallest_unreported_missing() const;
  PacketNumber repeat_floor() const;

  RangeSet<PacketNumber> received_;
  TimePoint largest_received_time_;

  Duration own_delay_max_;
  Duration delay_max_;
  std::uint64_t packet_tolerance_ = kPacketTolerance;
  std::uint64_t reordering_ = 1;

  std::uint64_t eliciting_waiting_ = 0;
  TimePoint first_waiting_time_;
  bool is_immediate_ = false;
  std::optional<PacketNumber> largest_named_;  // by the last ACK sent

  // What the peer is known to know: all that had arrived below this, but for late arrivals. Two
  // generations, so that under steady reordering the older one is confirmed while newer ones come.
  PacketNumber confirmed_below_;
  std::array<std::optional<LateArrivals>, 2> late_;
};

template <typename Range>
std::size_t AckScheduler::ranges(std::span<Range> out) const {
  const PacketNumber floor = repeat_floor();
  std::size_t count = 0;
  for (std::size_t i = received_.size(); i > 0 && count < out.size(); --i) {
    const auto& range = received_[i - 1];
    if (count > 0 && range.largest < floor) break;
    out[count].smallest = range.smallest;
    out[count].largest = range.largest;
    ++count;
  }
  return count;
}

}  // namespace hawser
