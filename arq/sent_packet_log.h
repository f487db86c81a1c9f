#pragma once
/// Remembers every transmission until its fate is known, by packet number.
///
/// Packet numbers are never reused, so an acknowledgement is never ambiguous (Karn's problem does
/// not arise) and a packet acknowledged after it was declared lost is recognised as a spurious
/// loss. The log owns the count of bytes in flight. One log per packet number space. Not
/// thread-safe. RFC 9002 s2, s7 and appendix A.1; delivery rate after draft-ietf-ccwg-bbr s4.1.

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>

#include "hawser/congestion_controller.h"
#include "hawser/error.h"
#include "hawser/pool_ring.h"
#include "hawser/time.h"
#include "hawser/units.h"

namespace hawser {

/// The transport's note of one thing that a packet carried, handed back when the packet's fate is
/// known. The log does not interpret it. Not cleared: there is room for many in every datagram.
struct PacketItem {
  std::uint32_t kind;
  std::uint32_t count;
  std::uint64_t value;
};

enum class PacketState : std::uint8_t {
  outstanding,
  acknowledged,
  lost,
  skipped  ///< never sent: only its number is used up
};

/// What is known of one transmission.
struct SentPacket {
  TimePoint sent_time;
  ByteCount bytes{0};
  bool is_ack_eliciting = false;
  bool is_in_flight = false;  ///< counted in bytes in flight; acks and handshakes are not
  bool is_app_limited = false;
  bool is_ect = false;        ///< left marked as ECN-capable
  bool is_mtu_probe = false;  ///< larger than the path is known to carry: its loss says only that
  PacketState state = PacketState::outstanding;
  std::uint16_t items_count = 0;
  // For the delivery-rate sample and for loss events: totals when it left.
  ByteCount delivered_at_send{0};
  ByteCount lost_at_send{0};
  ByteCount in_flight_at_send{0};
  TimePoint delivered_time_at_send;
  TimePoint first_sent_time_at_send;
  // Its items: [items_begin, items_begin + items_count) of the item queue, absolute index.
  std::uint64_t items_begin = 0;
};
static_assert(sizeof(SentPacket) <= 72, "one per packet in flight");

/// The same as congestion control wants to know it of a lost one.
LostPacket lost_packet_of(PacketNumber number, const SentPacket& packet);

/// A packet whose fate was just learned.
struct SettledPacket {
  PacketNumber number;
  SentPacket packet;
  bool was_lost = false;  ///< acknowledged after it had been declared lost: the loss was spurious
};

class SentPacketLog {
 public:
  /// A peer that leaves one packet unacknowledged keeps all behind it remembered: not for ever.
  static constexpr std::size_t kPacketsMax = 1 << 19;

  explicit SentPacketLog(MemoryPool& pool) : records_(pool), items_(pool), settled_(pool) {}

  /// What `add` needs beside the number, which is always `next_number()`.
  struct Transmission {
    TimePoint sent_time;  ///< never before that of the packet added last
    ByteCount bytes{0};
    bool is_ack_eliciting = false;
    bool is_in_flight = false;
    /// Before this packet, and others that leave at the same time, the sender had nothing to send
    /// although it might have. So are all that leave until what is in flight now has been
    /// delivered: their samples span the gap.
    bool is_app_limited = false;
    bool is_ect = false;
    bool is_mtu_probe = false;
    std::span<const PacketItem> items;  ///< 65,535 at most
  };
  /// The number that the next transmission gets. Grows by one with each `add`.
  PacketNumber next_number() const { return front_ + records_.size(); }
  /// Makes sure that the next `add` with up to `items` items cannot fail, unless `forget` is called
  /// in between. False: no memory, or `kPacketsMax` are remembered.
  [[nodiscard]] bool reserve(std::size_t items);
  /// Records a transmission. `reserve` must have succeeded before (asserted).
  void add(const Transmission& transmission);

  /// Uses a number up that will not be sent; whoever acknowledges it lies. False: no memory, or
  /// `kPacketsMax` are remembered; nothing changed.
  bool skip_number(TimePoint now);

  /// Applies one acknowledged range; ranges of one ACK frame come from the largest down. Newly
  /// settled packets are appended to `settled()`, the newest first. Numbers that are no longer
  /// remembered are passed over. Work is proportional to newly acknowledged packets, not to the
  /// range. Errors: `malformed` if the range is inverted or names a number never sent: beyond
  /// all, and nothing changed, or skipped, and the rest of the range does not count;
  /// `not_enough_memory`, and what is in `settled()` counts, the rest of the range does not.
  std::error_code on_ack_range(PacketNumber smallest, PacketNumber largest);
  /// Declares one outstanding packet (asserted) lost and takes it out of flight.
  void declare_lost(PacketNumber number);
  /// The packet, a lost one, was lost for its size alone: from now on it counts as an MTU probe.
  void forgive(PacketNumber number);
  /// What `on_ack_range` settled since the last `clear_settled`, newest ranges first.
  std::size_t settled_count() const { return settled_.size(); }
  const SettledPacket& settled(std::size_t index) const { return settled_[index]; }
  void clear_settled();

  /// The number after `number` that was sent or will be, passing over skipped ones.
  PacketNumber next_sent(PacketNumber number) const;
  /// How many were sent from `first` on, before `last`: the difference, less a number skipped just
  /// now.
  std::uint64_t sent_between(PacketNumber first, PacketNumber last) const {
    const bool has_skip = newest_skip_ && first < *newest_skip_ && *newest_skip_ < last;
    return last.since(first) - (has_skip ? 1 : 0);
  }
  /// A packet that is still remembered, or nullptr. Valid until the next `add` or `forget`.
  const SentPacket* find(PacketNumber number) const;
  /// Items of a remembered packet, a settled one included until `forget` is called.
  const PacketItem& item(const SentPacket& packet, std::size_t index) const;

  /// Visits outstanding packets from `from` on, oldest first, until `visit` returns false.
  /// `visit(PacketNumber, const SentPacket&) -> bool`; it may call `declare_lost` on the visited
  /// one.
  template <typename Visitor>
  void for_each_outstanding(PacketNumber from, Visitor&& visit);

  /// Forgets packets at the front that can no longer matter: acknowledged ones; skipped ones below
  /// an acknowledged one; lost ones sent before `lost_before` (kept until then so that a late
  /// acknowledgement is recognised); and, so that a mere receiver's log does not grow, those sent
  /// before it that neither elicit an acknowledgement nor are in flight.
  void forget(TimePoint lost_before);

  ByteCount bytes_in_flight() const { return bytes_in_flight_; }
  /// The same, added up from the records: for tests.
  ByteCount recount_in_flight() const;
  std::optional<PacketNumber> largest_acked() const { return largest_acked_; }
  /// Ack-eliciting packets whose fate is unknown.
  std::uint64_t eliciting_outstanding() const { return eliciting_outstanding_; }
  /// When the newest ack-eliciting packet left, whatever became of it; nothing if no ack-eliciting
  /// one is outstanding (RFC 9002 A.8, time_of_last_ack_eliciting_packet).
  std::optional<TimePoint> last_eliciting_sent_time() const {
    return eliciting_outstanding_ == 0 ? std::nullopt : std::optional(last_eliciting_sent_time_);
  }
  /// When the oldest outstanding in-flight packet left.
  std::optional<TimePoint> oldest_outstanding_sent_time() const;
  /// In-flight bytes acknowledged so far. Each byte has one fate: what was declared lost stays so
  /// here, whatever is acknowledged later. Acknowledgements of long ago that come in a heap with
  /// those of now would look like a rate that the path does not have.
  ByteCount total_delivered() const { return total_delivered_; }
  /// The packets of `total_delivered`.
  std::uint64_t packets_delivered() const { return packets_delivered_; }
  /// In-flight bytes declared lost so far, but for probes of the path's MTU.
  ByteCount total_lost() const { return total_lost_; }
  /// The delivery-rate sample of the newest in-flight packet among `settled()`, as of `now`;
  /// invalid if all are older than one sampled before, or if it spans less than `min_rtt`. Call it
  /// once for all acknowledgements that were processed at `now`, before sending: it also notes
  /// `now` as the time of the delivery, which later packets carry.
  DeliveryRateSample delivery_rate(TimePoint now, Duration min_rtt);
  std::size_t remembered() const { return records_.size(); }
  /// How many records `on_ack_range` has looked at so far: what its work is proportional to.
  std::uint64_t records_visited() const { return records_visited_; }

 private:
  /// A packet with its place in the structure that skips acknowledged ones: if it is acknowledged,
  /// so are the `acked_run - 1` packets below it. Runs grow as they are walked (union-find with
  /// path halving), so a region that was acknowledged before is crossed in a few steps.
  struct Record {
    SentPacket packet;
    std::uint32_t acked_run = 0;
  };

  Record& record(PacketNumber number) { return records_[number.since(front_)]; }
  std::size_t skip_acknowledged(std::size_t end);
  bool settle(std::size_t index);
  void take_out_of_flight(const SentPacket& packet);
  void advance_oldest();
  bool is_forgettable(const SentPacket& packet, TimePoint lost_before) const;

  PoolRing<Record> records_;    // by number, from front_
  PoolRing<PacketItem> items_;  // by absolute index, from items_front_
  PoolRing<SettledPacket> settled_;
  PacketNumber front_;
  std::uint64_t items_front_ = 0;
  // No packet below these is outstanding, or outstanding and in flight. They only move up.
  PacketNumber oldest_outstanding_;
  PacketNumber oldest_in_flight_;

  ByteCount bytes_in_flight_{0};
  std::uint64_t eliciting_outstanding_ = 0;
  TimePoint last_eliciting_sent_time_;
  std::optional<PacketNumber> largest_acked_;
  ByteCount total_delivered_{0};
  std::uint64_t packets_delivered_ = 0;
  ByteCount total_lost_{0};
  // Delivery-rate sampling: C.delivered_time and C.first_send_time of the draft, the newest packet
  // that ever gave a sample, and the one of `settled_` that gives the next.
  TimePoint delivered_time_;
  TimePoint first_sent_time_;
  std::optional<PacketNumber> newest_delivered_;
  std::optional<PacketNumber> newest_skip_;
  std::optional<std::size_t> newest_settled_;
  bool has_delivered_ = false;
  TimePoint newest_in_flight_sent_time_ = TimePoint::min();
  /// C.app_limited: once more than this is delivered, the gap in what was sent has left the path.
  std::optional<ByteCount> app_limited_until_;
  std::uint64_t records_visited_ = 0;
};

template <typename Visitor>
void SentPacketLog::for_each_outstanding(PacketNumber from, Visitor&& visit) {
  const PacketNumber end = next_number();
  for (auto number = std::max(from, oldest_outstanding_); number < end; number = number.next()) {
    const SentPacket& packet = record(number).packet;
    if (packet.state == PacketState::outstanding && !visit(number, packet)) return;
  }
}

}  // namespace hawser
