#include "arq/ack_scheduler.h"

#include <algorithm>

namespace hawser {

AckScheduler::AckScheduler(MemoryPool& pool, Duration delay_max)
    : received_(pool, kRangesMax), own_delay_max_(delay_max), delay_max_(delay_max) {}

AckScheduler::Arrival AckScheduler::on_packet(TimePoint now, const Packet& packet) {
  const PacketNumber expected_before = expected();
  switch (received_.insert(packet.number)) {
    case RangeSet<PacketNumber>::Insert::added:
      break;
    case RangeSet<PacketNumber>::Insert::duplicate:
    case RangeSet<PacketNumber>::Insert::below_floor:
      return Arrival::duplicate;
    case RangeSet<PacketNumber>::Insert::no_memory:
      return Arrival::no_memory;
  }
  if (packet.number >= expected_before) {
    largest_received_time_ = now;
  } else {
    note_late(packet.number, expected_before - 1);
  }
  if (!packet.is_ack_eliciting) return Arrival::fresh;

  if (eliciting_waiting_++ == 0) first_waiting_time_ = now;
  if (packet.wants_immediate_ack || packet.is_ce_marked ||
      eliciting_waiting_ >= packet_tolerance_ || reveals_loss(packet.number, expected_before)) {
    is_immediate_ = true;
  }
  return Arrival::fresh;
}

/// Whether the sender should hear of this arrival at once, to find losses (RFC 9000 s13.2.1) or to
/// learn that there was none.
bool AckScheduler::reveals_loss(PacketNumber number, PacketNumber expected_before) const {
  if (reordering_ == 0) return false;
  if (reordering_ == 1) return number != expected_before;
  const auto missing = smallest_unreported_missing();
  return missing && largest()->since(*missing) >= reordering_;
}

/// The lowest gap that no ACK so far has shown deep enough to be declared lost (ack-frequency draft
/// s6.2.1).
std::optional<PacketNumber> AckScheduler::smallest_unreported_missing() const {
  // The last ACK let the sender declare lost all that was missing up to here.
  PacketNumber reported = received_.floor();
  if (largest_named_ && largest_named_->value() + 1 >= reordering_) {
    reported = std::max(reported, *largest_named_ - (reordering_ - 1));
  }
  std::optional<PacketNumber> missing;
  for (std::size_t i = received_.size(); i > 0; --i) {
    const PacketNumber smallest = received_[i - 1].smallest;
    if (smallest <= reported) break;
    const PacketNumber gap_begin = i > 1 ? received_[i - 2].largest.next() : PacketNumber();
    missing = std::max(gap_begin, reported);
  }
  return missing;
}

void AckScheduler::request_immediate() { is_immediate_ = has_news(); }

void AckScheduler::set_frequency(std::uint64_t packet_tolerance, Duration delay_max,
                                 std::uint64_t reordering) {
  packet_tolerance_ = std::max<std::uint64_t>(packet_tolerance, 1);
  delay_max_ = std::min(delay_max, own_delay_max_);
  reordering_ = reordering;
}

TimePoint AckScheduler::deadline() const {
  if (is_immediate_ && !received_.empty()) return largest_received_time_;
  return has_news() ? first_waiting_time_ + delay_max_ : kNever;
}

void AckScheduler::on_ack_sent() {
  eliciting_waiting_ = 0;
  is_immediate_ = false;
  largest_named_ = largest();
}

std::uint64_t AckScheduler::missing_between(PacketNumber begin, PacketNumber end) const {
  begin = std::max(begin, received_.floor());
  if (begin >= end) return 0;
  std::uint64_t missing = end.since(begin);
  for (std::size_t i = received_.size(); i > 0; --i) {
    const auto& range = received_[i - 1];
    if (range.largest < begin) break;
    if (range.smallest >= end) continue;
    missing -= std::min(range.largest.next(), end).since(std::max(range.smallest, begin));
  }
  return missing;
}

void AckScheduler::note_late(PacketNumber number, PacketNumber largest_seen) {
  std::optional<LateArrivals>& newest = late_[late_[0] ? 1 : 0];
  const PacketNumber lowest = newest ? std::min(newest->lowest, number) : number;
  newest = LateArrivals{lowest, largest_seen};
}

void AckScheduler::on_ack_of_ack(PacketNumber largest) {
  confirmed_below_ = std::max(confirmed_below_, largest.next());
  // That ACK was written when `largest` was the largest seen: if a late arrival met a smaller one,
  // the ACK came after it and named it.
  while (late_[0] && largest > late_[0]->largest_seen) {
    late_[0] = late_[1];
    late_[1].reset();
  }
}

/// Ranges wholly below this were named in an ACK that the peer has.
PacketNumber AckScheduler::repeat_floor() const {
  PacketNumber floor = confirmed_below_;
  for (const auto& late : late_) {
    if (late) floor = std::min(floor, late->lowest);
  }
  return floor;
}

}  // namespace hawser
