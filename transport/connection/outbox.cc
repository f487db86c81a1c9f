#include "transport/connection/outbox.h"

#include <algorithm>

#include "transport/connection/pool_object.h"
#include "transport/wire/checksum.h"

namespace hawser {

namespace {

/// A piece of a large message is not cut smaller than this to fill up a packet.
constexpr ByteCount kFragmentMin{64};
/// Header and trailer of a packet plus the header of one segment, roughly.
constexpr ByteCount kPacketOverhead{48};
/// What one small message adds to a packet beside its bytes, roughly.
constexpr ByteCount kSegmentOverhead{16};

/// What is accepted ahead of delivery before anything is known of the path.
constexpr ByteCount kSendBufferInitial{16 << 20};

/// Adds Sequences above all that the frame holds; neighbours share a range. False: it is full.
bool append_range(wire::SkipFrame& frame, Sequence first, std::uint32_t count) {
  const Sequence last = first + (count - 1);
  if (frame.count > 0 && frame.ranges[frame.count - 1].largest.next() == first) {
    frame.ranges[frame.count - 1].largest = last;
    return true;
  }
  if (frame.count == frame.ranges.size()) return false;
  frame.ranges[frame.count++] = {first, last};
  return true;
}

wire::MessageLine line_of(Delivery delivery) {
  switch (delivery) {
    case Delivery::ordered:
      return wire::MessageLine::ordered;
    case Delivery::unordered:
      return wire::MessageLine::unordered;
    case Delivery::unreliable:
      return wire::MessageLine::unreliable;
  }
  return wire::MessageLine::ordered;
}

}  // namespace

Outbox::Outbox(MemoryPool& pool, EventQueue& events, const ConnectionConfig& config, Arq arq)
    : pool_(&pool),
      events_(&events),
      send_buffer_(std::min(kSendBufferInitial, config.send_buffer)),
      send_buffer_max_(config.send_buffer),
      messages_max_(config.send_messages_max),
      message_size_max_(config.message_size_max),
      channels_max_(config.channels_max),
      message_checksum_(config.message_checksum),
      one_segment_per_packet_(arq != Arq::selective_repeat),
      lines_(pool),
      window_(pool, arq == Arq::stop_and_wait ? 1 : config.send_window),
      resegments_(pool),
      skips_(pool) {
  writable_.kind = EventKind::writable;
}

Outbox::~Outbox() {
  while (first_ != nullptr) {
    OutboundMessage* message = first_;
    first_ = message->next;
    pool_delete(*pool_, message);
  }
}

// ---- The application's side ------------------------------------------------------------------

Result<MessageId> Outbox::send(Buffer message, const SendOptions& options) {
  // A null buffer is what a refused allocation gives.
  auto* record = message.is_null() ? nullptr : pool_new<OutboundMessage>(*pool_);
  if (record == nullptr) {
    ++refused_calls_;
    return Errc::not_enough_memory;
  }
  record->event.kind = EventKind::receipt;
  record->event.subject = record;
  record->size = ByteCount::of(message.size());
  record->bytes = std::move(message);
  record->options = options;
  record->line = line_of(options.delivery);
  if (!lines_.push(*record)) {
    pool_delete(*pool_, record);
    ++refused_calls_;
    return Errc::not_enough_memory;
  }
  record->id = next_id_;
  next_id_ = next_id_.next();
  record->previous = last_;
  (last_ == nullptr ? first_ : last_->next) = record;
  last_ = record;
  ++records_;
  ++sent_;
  ++unsent_messages_;
  queued_ += record->size;
  unsent_ += record->size;
  sent_bytes_ += record->size;
  return record->id;
}

std::error_code Outbox::refuses(ByteCount size, const SendOptions& options) {
  const std::error_code error = limit_error(size, options);
  if (error) ++refused_calls_;
  if (error == Errc::would_block) {
    // The smallest that was refused: with room for it, trying again is worth while.
    blocked_size_ = is_blocked_ ? std::min(blocked_size_, size) : size;
    is_blocked_ = true;
  }
  return error;
}

std::error_code Outbox::limit_error(ByteCount size, const SendOptions& options) const {
  if (static_cast<std::uint64_t>(options.channel) >= channels_max_) return Errc::unknown_channel;
  if (size > message_size_max_) return Errc::message_too_large;
  const bool is_full = queued_ > ByteCount(0) && queued_ + size > send_buffer_;
  if (is_full || records_ >= messages_max_) return Errc::would_block;
  return {};
}

ReceiptEvent Outbox::take_receipt(EventNode& node) {
  if (&node == &writable_) return {};
  auto* message = static_cast<OutboundMessage*>(node.subject);
  ReceiptEvent receipt{.message = message->id,
                       .tag = message->options.tag,
                       .outcome = message->outcome,
                       .reason = message->reason};
  pool_delete(*pool_, message);
  --records_;
  update_writable();
  return receipt;
}

void Outbox::set_peer_limits(std::uint64_t channels_max, ByteCount message_size_max) {
  channels_max_ = std::min(channels_max_, channels_max);
  message_size_max_ = std::min(message_size_max_, message_size_max);
  bool has_excess = false;
  for (const OutboundMessage* m = first_; m != nullptr; m = m->next) {
    has_excess |= m->size > message_size_max_ ||
                  static_cast<std::uint64_t>(m->options.channel) >= channels_max_;
  }
  if (!has_excess) return;
  // Rare: messages sent before the handshake told us better. Rebuild the lines without them.
  lines_.clear();
  for (OutboundMessage* m = first_; m != nullptr;) {
    OutboundMessage* following = m->next;
    if (m->size > message_size_max_ ||
        static_cast<std::uint64_t>(m->options.channel) >= channels_max_ || !lines_.push(*m)) {
      unsent_ -= m->size;
      --unsent_messages_;
      settle(*m, Outcome::refused, CloseReason::none);
    }
    m = following;
  }
}

void Outbox::on_credit(const wire::Credit& credit) {
  window_.set_peer_limit(credit.sequence_limit);
  message_limit_ = std::max(message_limit_, credit.message_limit);
  if (credit_waiter_ != nullptr && begun_charge_ + credit_waiter_->charge() <= message_limit_) {
    credit_waiter_ = nullptr;
  }
}

void Outbox::fail_all(CloseReason reason) {
  lines_.clear();
  credit_waiter_ = nullptr;
  is_blocked_ = false;  // nothing can be sent any more
  resegments_.release();
  skips_.release();
  skips_pending_ = 0;
  unsent_ = ByteCount(0);
  unsent_messages_ = 0;
  while (first_ != nullptr) settle(*first_, Outcome::connection_lost, reason);
}

// ---- Settling --------------------------------------------------------------------------------

void Outbox::settle(OutboundMessage& message, Outcome outcome, CloseReason reason) {
  message.outcome = outcome;
  message.reason = reason;
  ++outcomes_[static_cast<std::size_t>(outcome)];
  (message.previous == nullptr ? first_ : message.previous->next) = message.next;
  (message.next == nullptr ? last_ : message.next->previous) = message.previous;
  queued_ -= message.size;
  message.bytes.reset();
  events_->push(message.event);
  update_writable();
}

void Outbox::settle_if_done(OutboundMessage& message) {
  if (!message.is_all_sent || message.open_parts > 0) return;
  settle(message, message.has_lost_part ? Outcome::lost : Outcome::delivered, CloseReason::none);
}

void Outbox::tune_buffer(ByteCount congestion_window) {
  // One window is under way, and as much waits behind it for the acknowledgements.
  const ByteCount window = std::min(congestion_window, send_buffer_max_);
  const ByteCount wanted = std::min(window * 2, send_buffer_max_);
  if (wanted <= send_buffer_) return;
  send_buffer_ = wanted;
  update_writable();
}

void Outbox::update_writable() {
  if (!is_blocked_ || writable_.is_queued || records_ >= messages_max_) return;
  // Some room beyond the refused message, so that the application is not woken for each receipt.
  const ByteCount wanted = std::max(blocked_size_, send_buffer_ / 4);
  if (queued_ > ByteCount(0) && queued_ + wanted > send_buffer_) return;
  is_blocked_ = false;
  events_->push(writable_);
}

void Outbox::on_segments_acked(Sequence first, std::uint32_t count) {
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::optional<SegmentRange> range = window_.on_acked(first + i);
    if (!range) continue;
    auto& message = *static_cast<OutboundMessage*>(range->owner);
    --message.open_parts;
    settle_if_done(message);
  }
}

void Outbox::on_segments_lost(Sequence first, std::uint32_t count, PacketNumber number) {
  for (std::uint32_t i = 0; i < count; ++i) window_.on_lost(first + i, number);
}

void Outbox::on_unsequenced_settled(std::uint64_t address, bool is_lost) {
  auto& message = *reinterpret_cast<OutboundMessage*>(address);
  message.has_lost_part |= is_lost;
  --message.open_parts;
  settle_if_done(message);
}

void Outbox::on_skip_acked(Sequence first, std::uint32_t count) {
  for (std::uint32_t i = 0; i < count; ++i) window_.on_skip_acked(first + i);
  for (std::size_t i = 0; i < skips_.size(); ++i) {
    if (skips_[i].first != first || skips_[i].count != count) continue;
    if (skips_[i].is_pending) --skips_pending_;
    skips_.erase(i);
    return;
  }
}

void Outbox::on_skip_lost(Sequence first, std::uint32_t count) {
  for (std::size_t i = 0; i < skips_.size(); ++i) {
    if (skips_[i].first != first || skips_[i].count != count || skips_[i].is_pending) continue;
    skips_[i].is_pending = true;
    ++skips_pending_;
    return;
  }
}

std::optional<std::uint64_t> Outbox::limit_segments(const wire::PacketWriter& empty_packet) {
  std::uint64_t abandoned = 0;
  bool has_memory = true;
  window_.for_each_unacked([&](Sequence sequence, const SegmentRange& range) {
    const auto& message = *static_cast<const OutboundMessage*>(range.owner);
    wire::SegmentFrame frame = frame_of(message, range, sequence);
    if (ByteCount::of(empty_packet.segment_capacity(frame)) >= range.length || !has_memory) return;
    has_memory = resegments_.push_back(
        {static_cast<OutboundMessage*>(range.owner), range.offset, range.length});
    has_memory = has_memory && add_skip(sequence);
    if (!has_memory) return;
    window_.abandon(sequence);
    ++abandoned;
  });
  if (!has_memory) return std::nullopt;
  return abandoned;
}

/// Notes an abandoned Sequence in its place, joined to those right below it that wait as well.
bool Outbox::add_skip(Sequence sequence) {
  std::size_t position = skips_.size();
  while (position > 0 && skips_[position - 1].first > sequence) --position;
  if (position > 0) {
    Skip& below = skips_[position - 1];
    if (below.is_pending && below.first + below.count == sequence) {
      ++below.count;
      return true;
    }
  }
  if (!skips_.insert(position, {sequence, 1, true})) return false;
  ++skips_pending_;
  return true;
}

// ---- Writing packets -------------------------------------------------------------------------

bool Outbox::has_new() const {
  if (!lines_.ready(false).empty()) return true;
  if (!window_.can_push()) return false;
  if (!resegments_.empty()) return true;
  return !lines_.ready(true).empty() && (credit_waiter_ == nullptr || begun_unsent_ > 0);
}

ByteCount Outbox::pending_estimate() const {
  if (has_lost() || !resegments_.empty()) return ByteCount::max();
  const auto messages = static_cast<std::int64_t>(unsent_messages_);
  return kPacketOverhead + unsent_ + kSegmentOverhead * messages;
}

void Outbox::write_lost(wire::PacketWriter& writer, PacketNotes& notes, PacketNumber number) {
  if (take_turn_to_yield()) return;
  while (!notes.is_full()) {
    const std::optional<Sequence> sequence = window_.next_lost();
    if (!sequence || !write_segment(writer, notes, *sequence)) return;
    notes.retransmitted_bytes += window_.find(*sequence)->length;
    window_.on_transmitted(*sequence, number);
    if (one_segment_per_packet_) return;
  }
}

/// Whether the lost segments let something new go first: every other time, if the oldest was lost
/// again and again. The peer may lack the memory to begin its message; what it needs to complete
/// others, and to have memory again, must not wait for ever behind what it cannot take.
bool Outbox::take_turn_to_yield() {
  constexpr unsigned kOften = 3;
  const std::optional<Sequence> oldest = window_.next_lost();
  const bool may_yield = oldest && window_.times_lost(*oldest) >= kOften && has_new();
  has_yielded_ = may_yield && !has_yielded_ && !one_segment_per_packet_;
  return has_yielded_;
}

bool Outbox::write_probe(wire::PacketWriter& writer, PacketNotes& notes, PacketNumber number) {
  // RFC 9002 s6.2.4 would have something new in a probe: it may be all that the peer can take. An
  // old segment may be all that it waits for. So they take turns.
  probes_with_new_ = !probes_with_new_;
  if (probes_with_new_ && has_new() && !one_segment_per_packet_) {
    write_new(writer, notes, number);
    if (notes.has_message_bytes) return true;
  }
  const std::optional<Sequence> sequence = window_.next_probe();
  if (!sequence || !write_segment(writer, notes, *sequence)) return false;
  notes.retransmitted_bytes += window_.find(*sequence)->length;
  window_.on_transmitted(*sequence, number);
  return true;
}

void Outbox::write_new(wire::PacketWriter& writer, PacketNotes& notes, PacketNumber number) {
  while (!notes.is_full()) {
    if (write_resegmented(writer, notes, number)) {
      if (one_segment_per_packet_) return;
      continue;
    }
    // Reliable and unreliable messages take turns where both wait.
    reliable_turn_ = !reliable_turn_;
    const bool wrote =
        reliable_turn_ ? write_reliable(writer, notes, number) || write_unreliable(writer, notes)
                       : write_unreliable(writer, notes) || write_reliable(writer, notes, number);
    if (!wrote || one_segment_per_packet_) return;
  }
}

bool Outbox::push_segment(const SegmentRange& range, Sequence& sequence) {
  const bool is_pushed = window_.push(range, sequence);
  was_refused_memory_ |= !is_pushed;
  return is_pushed;
}

bool Outbox::write_resegmented(wire::PacketWriter& writer, PacketNotes& notes,
                               PacketNumber number) {
  if (resegments_.empty() || !window_.can_push()) return false;
  Resegment& pending = resegments_.front();
  const auto range =
      fit(writer, *pending.message, {pending.message, pending.offset, pending.length});
  Sequence sequence;
  if (!range) return false;
  // A message that left whole had none: now the one that arrives in pieces needs it.
  add_checksum(*pending.message);
  if (!push_segment(*range, sequence)) return false;
  const bool wrote = write_segment(writer, notes, sequence);
  HAWSER_ASSERT(wrote);
  window_.on_transmitted(sequence, number);
  notes.retransmitted_bytes += range->length;
  ++pending.message->open_parts;
  pending.offset += range->length;
  pending.length -= range->length;
  if (pending.length == ByteCount(0)) {
    --pending.message->open_parts;
    resegments_.pop_front();
  }
  return wrote;
}

bool Outbox::write_reliable(wire::PacketWriter& writer, PacketNotes& notes, PacketNumber number) {
  if (!window_.can_push() || !turn_to_sendable()) return false;
  OutboundMessage& message = *lines_.ready(true).front().head;
  const SegmentRange wanted{&message, message.next_offset, message.size - message.next_offset};
  const auto range = fit(writer, message, wanted);
  if (!range) return false;
  if (!message.is_begun) begin(message);
  if (range->length < message.size) add_checksum(message);
  Sequence sequence;
  if (!push_segment(*range, sequence)) return false;
  const bool wrote = write_segment(writer, notes, sequence);
  HAWSER_ASSERT(wrote);
  window_.on_transmitted(sequence, number);
  advance(message, range->length);
  return wrote;
}

bool Outbox::write_unreliable(wire::PacketWriter& writer, PacketNotes& notes) {
  if (lines_.ready(false).empty()) return false;
  OutboundMessage& message = *lines_.ready(false).front().head;
  const SegmentRange wanted{&message, message.next_offset, message.size - message.next_offset};
  const auto range = fit(writer, message, wanted);
  if (!range) return false;
  if (!message.is_begun) begin(message);
  if (range->length < message.size) add_checksum(message);
  if (!writer.write(frame_of(message, *range, std::nullopt))) return false;
  notes.add(ItemKind::unsequenced, reinterpret_cast<std::uint64_t>(&message));
  notes.is_ack_eliciting = true;
  notes.has_message_bytes = true;
  advance(message, range->length);
  return true;
}

void Outbox::write_skips(wire::PacketWriter& writer, PacketNotes& notes) {
  wire::SkipFrame frame;
  std::size_t end = 0;  // one past the last skip that the frame holds
  for (std::size_t taken = 0; end < skips_.size() && taken < notes.room(); ++end) {
    if (!skips_[end].is_pending) continue;
    if (!append_range(frame, skips_[end].first, skips_[end].count)) break;
    ++taken;
  }
  if (frame.count == 0 || !writer.write(frame)) return;
  notes.is_ack_eliciting = true;
  for (std::size_t i = 0; i < end; ++i) {
    if (!skips_[i].is_pending) continue;
    skips_[i].is_pending = false;
    --skips_pending_;
    notes.add(ItemKind::skip, skips_[i].first.value(), skips_[i].count);
  }
}

/// Counts `length` bytes of the front message as sent, and takes it out of its line at the end.
void Outbox::advance(OutboundMessage& message, ByteCount length) {
  ++message.open_parts;
  message.next_offset += length;
  unsent_ -= length;
  message.is_all_sent = message.next_offset == message.size;
  auto& lines = lines_.ready(message.is_reliable());
  if (!message.is_all_sent) {
    lines.rotate();
    return;
  }
  --unsent_messages_;
  if (message.is_reliable()) --begun_unsent_;
  lines_.pop_front(message.is_reliable());
}

/// Gives the turn to a line whose front message may be sent. Messages already begun always may:
/// their credit was charged, so every begun message can be completed.
bool Outbox::turn_to_sendable() {
  ReadyLines& lines = lines_.ready(true);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    OutboundMessage& message = *lines.front().head;
    if (message.is_begun) return true;
    if (credit_waiter_ == nullptr) {
      if (begun_charge_ + message.charge() <= message_limit_) return true;
      credit_waiter_ = &message;
    }
    lines.rotate();
  }
  return false;
}

void Outbox::begin(OutboundMessage& message) {
  message.is_begun = true;
  lines_.take_number(message);
  if (!message.is_reliable()) return;
  begun_charge_ += message.charge();
  ++begun_unsent_;
}

void Outbox::add_checksum(OutboundMessage& message) {
  if (!message_checksum_ || message.checksum) return;
  message.checksum = wire::crc32c(message.bytes.bytes());
}

/// How much of `wanted` goes into this packet: all, a piece, or nothing for now. Messages that fit
/// one packet are never cut: either half's loss would delay the whole.
std::optional<SegmentRange> Outbox::fit(const wire::PacketWriter& writer,
                                        const OutboundMessage& message,
                                        const SegmentRange& wanted) const {
  const std::optional<Sequence> sequence =
      message.is_reliable() ? std::optional(window_.next_sequence()) : std::nullopt;
  wire::SegmentFrame frame = frame_of(message, wanted, sequence);
  if (!message.is_begun) frame.message_number = lines_.next_number(message);
  const ByteCount capacity = ByteCount::of(writer.segment_capacity(frame));
  if (capacity == ByteCount(0)) return std::nullopt;
  if (capacity >= wanted.length) return wanted;
  const bool fits_one_packet = message.size <= capacity + ByteCount::of(writer.frame_bytes());
  if (writer.has_frames() && (fits_one_packet || capacity < kFragmentMin)) return std::nullopt;
  // A piece that is not the last has no checksum to carry: measured anew, it fills the packet.
  frame.message_checksum.reset();
  const ByteCount filling = ByteCount::of(writer.segment_capacity(frame));
  return SegmentRange{wanted.owner, wanted.offset, std::min(filling, wanted.length - ByteCount(1))};
}

wire::SegmentFrame Outbox::frame_of(const OutboundMessage& message, const SegmentRange& range,
                                    std::optional<Sequence> sequence) const {
  wire::SegmentFrame frame{
      .sequence = sequence,
      .line = message.line,
      .channel = message.options.channel,
      .message_number = message.number,
      .offset = range.offset,
      .total = message.size,
      .message_checksum = {},
      .bytes = message.bytes.bytes().subspan(range.offset.size(), range.length.size())};
  // The last piece carries the checksum; a message in one piece is covered by the packet's.
  const bool is_last_piece =
      range.offset > ByteCount(0) && range.offset + range.length == message.size;
  if (is_last_piece) frame.message_checksum = message.checksum;
  return frame;
}

bool Outbox::write_segment(wire::PacketWriter& writer, PacketNotes& notes, Sequence sequence) {
  const SegmentRange& range = *window_.find(sequence);
  const auto& message = *static_cast<const OutboundMessage*>(range.owner);
  if (!writer.write(frame_of(message, range, sequence))) return false;
  notes.add_segment(sequence);
  notes.is_ack_eliciting = true;
  notes.has_message_bytes = true;
  return true;
}

void Outbox::add_to(ConnectionStats& stats) const {
  stats.messages_sent = sent_;
  stats.messages_refused = refused_calls_;
  stats.message_bytes_sent = sent_bytes_;
  stats.messages_delivered = outcomes_[static_cast<std::size_t>(Outcome::delivered)];
  stats.messages_lost = outcomes_[static_cast<std::size_t>(Outcome::lost)];
  stats.messages_refused_late = outcomes_[static_cast<std::size_t>(Outcome::refused)];
  stats.messages_connection_lost = outcomes_[static_cast<std::size_t>(Outcome::connection_lost)];
  stats.send_queue = queued_;
}

void Outbox::add_to(ConnectionInspection& inspection) const {
  inspection.begun_charge = begun_charge_;
  inspection.message_limit = message_limit_;
  inspection.next_sequence = window_.next_sequence();
  inspection.sequence_limit = window_.peer_limit();
  inspection.window_used = window_.next_sequence().since(window_.base());
  inspection.send_queue = queued_;
}

}  // namespace hawser
