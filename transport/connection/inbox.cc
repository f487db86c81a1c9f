#include "transport/connection/inbox.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "transport/connection/channel_search.h"
#include "transport/connection/outbound_message.h"
#include "transport/connection/pool_object.h"
#include "transport/wire/checksum.h"

namespace hawser {

namespace {

using wire::MessageLine;

ByteCount charge_of(ByteCount size) { return size + kMessageOverhead; }

Delivery delivery_of(MessageLine line) {
  switch (line) {
    case MessageLine::ordered:
      return Delivery::ordered;
    case MessageLine::unordered:
      return Delivery::unordered;
    case MessageLine::unreliable:
      return Delivery::unreliable;
  }
  return Delivery::ordered;
}

/// What a peer is granted before anything is known of the path, or two of the largest messages:
/// with one the credit would have to be renewed for each message.
constexpr ByteCount kCreditInitial{1 << 20};

MessageName name_of(const wire::SegmentFrame& frame) {
  return {.channel = frame.channel, .line = frame.line, .number = frame.message_number};
}

}  // namespace

Inbox::Inbox(const ConnectionResources& shared, EventQueue& events, const ConnectionConfig& config,
             Arq arq)
    : pool_(shared.pool),
      events_(&events),
      channels_max_(config.channels_max),
      message_size_max_(
          std::min(config.message_size_max, config.receive_window - kMessageOverhead)),
      credit_window_(std::max(kCreditInitial, charge_of(message_size_max_) * 2),
                     config.receive_window),
      is_textbook_(arq != Arq::selective_repeat),
      window_(*pool_, is_textbook_ ? 1 : config.receive_window_segments,
              is_textbook_ ? kSequencesMax : config.receive_window_segments),
      channels_(*pool_),
      index_(*pool_, *shared.random),
      ranges_max_(std::max<std::size_t>(kRangesMax, config.receive_window_segments / 3)),
      unreliable_max_(config.unreliable_reassembly) {
  announced_ = assured_ = credit();
}

Inbox::~Inbox() {
  index_.drain([this](InboundMessage& message) { pool_delete(*pool_, &message); });
  for (std::size_t i = 0; i < channels_.size(); ++i) pool_delete(*pool_, channels_[i]);
}

bool Inbox::is_ahead(const wire::SegmentFrame& frame) const {
  return frame.sequence && window_.judge(*frame.sequence) == ReceiveWindow::Verdict::ahead;
}

SegmentVerdict Inbox::on_segment(const wire::SegmentFrame& frame) {
  const SegmentVerdict limits = check_limits(frame);
  if (limits != SegmentVerdict::taken) return limits;
  if (!frame.sequence) return on_unreliable(frame);
  switch (window_.accept(*frame.sequence)) {
    case ReceiveWindow::Verdict::accepted:
      return on_reliable(frame);
    case ReceiveWindow::Verdict::duplicate:
      ++duplicate_segments_;
      return SegmentVerdict::duplicate;
    case ReceiveWindow::Verdict::ahead:
      ++ahead_;
      return SegmentVerdict::ahead;
    case ReceiveWindow::Verdict::no_memory:
      break;
  }
  return SegmentVerdict::out_of_memory;
}

SegmentVerdict Inbox::check_limits(const wire::SegmentFrame& frame) const {
  const bool is_inside =
      static_cast<std::uint64_t>(frame.channel) < channels_max_ && frame.total <= message_size_max_;
  return is_inside ? SegmentVerdict::taken : SegmentVerdict::flow_control_error;
}

SegmentVerdict Inbox::on_skip(const wire::SkipFrame& frame) {
  for (std::size_t i = 0; i < frame.count; ++i) {
    switch (window_.skip(frame.ranges[i].smallest, frame.ranges[i].largest)) {
      case ReceiveWindow::Verdict::ahead:
        return SegmentVerdict::flow_control_error;
      case ReceiveWindow::Verdict::no_memory:
        return SegmentVerdict::out_of_memory;
      default:
        break;
    }
  }
  return SegmentVerdict::taken;
}

// ---- When memory runs low --------------------------------------------------------------------

ByteCount Inbox::memory_of(const wire::SegmentFrame& frame) const {
  // What breaks a limit closes the connection; its size may be any number.
  if (check_limits(frame) != SegmentVerdict::taken) return ByteCount(0);
  return ByteCount::of(MemoryPool::block_size(charge_of(frame.total).size()));
}

/// How full the pool may become of messages that wait for others to begin: so that any message
/// still fits below three quarters beside what else may come, if the budget allows for that at all.
ByteCount Inbox::early_share() const {
  constexpr std::int64_t kReserve = 16;
  const ByteCount quarter = pool_->budget() / 4;
  const ByteCount largest =
      ByteCount::of(MemoryPool::block_size(charge_of(message_size_max_).size()));
  const ByteCount reserved = largest + pool_->budget() / kReserve;
  return std::clamp(quarter * 3 - std::min(reserved, quarter * 3), quarter, quarter * 2);
}

bool Inbox::may_be_short_of_memory(ByteCount wanted) const {
  return pool_->stats().in_use + wanted > early_share();
}

/// For `wanted`, once `before` is taken.
bool Inbox::is_short_of_memory(ByteCount before, ByteCount wanted) const {
  const ByteCount in_use = pool_->stats().in_use + before;
  // A message that needs most of the pool could wait for ever: it is let in where no more is in use
  // than what may itself wait for it.
  return in_use + wanted > pool_->budget() - pool_->budget() / 4 && in_use > early_share();
}

bool Inbox::must_wait(const wire::SegmentFrame& frame, ByteCount before) const {
  if (!would_begin(frame)) return false;
  const ByteCount wanted = memory_of(frame);
  return is_in_turn(frame) ? is_short_of_memory(before, wanted)
                           : may_be_short_of_memory(before + wanted);
}

/// Whether no other message has to begin before the application can have this one.
bool Inbox::is_in_turn(const wire::SegmentFrame& frame) const {
  if (frame.line != MessageLine::ordered) return true;
  ReceiveChannel* channel = find_channel(frame.channel);
  if (channel == nullptr) return frame.message_number == 0;
  MessageName name = name_of(frame);
  name.number = std::max(channel->first_unbegun, channel->next_ordered);
  while (index_.find(name) != nullptr) ++name.number;
  channel->first_unbegun = name.number;
  return frame.message_number <= name.number;
}

bool Inbox::would_begin(const wire::SegmentFrame& frame) const {
  if (!frame.sequence || window_.judge(*frame.sequence) != ReceiveWindow::Verdict::accepted) {
    return false;
  }
  const ReceiveChannel* channel = find_channel(frame.channel);
  if (channel != nullptr && was_handed_up(*channel, frame)) return false;
  return index_.find(name_of(frame)) == nullptr;
}

// ---- Reliable messages -----------------------------------------------------------------------

SegmentVerdict Inbox::on_reliable(const wire::SegmentFrame& frame) {
  ReceiveChannel* channel = find_or_add(frame.channel);
  if (channel == nullptr) return SegmentVerdict::out_of_memory;
  if (was_handed_up(*channel, frame)) {
    ++duplicate_segments_;
    return SegmentVerdict::duplicate;
  }
  const bool is_ordered = frame.line == MessageLine::ordered;
  if (!is_ordered && !is_number_near(*channel, frame.message_number)) {
    return SegmentVerdict::flow_control_error;
  }
  InboundMessage* message = index_.find(name_of(frame));
  if (message == nullptr) {
    const SegmentVerdict verdict = begin(frame, message);
    if (verdict != SegmentVerdict::taken) return verdict;
  }
  const SegmentVerdict verdict = fill(*message, frame);
  if (verdict != SegmentVerdict::taken || !message->is_complete) return verdict;
  return is_ordered ? finish_ordered(*channel, *message) : finish_unordered(*channel, *message);
}

/// Whether the segment is of a message handed up before: an old copy of bytes that were cut anew.
bool Inbox::was_handed_up(const ReceiveChannel& channel, const wire::SegmentFrame& frame) const {
  if (frame.line == MessageLine::ordered) return frame.message_number < channel.next_ordered;
  return channel.unordered_seen.judge(Sequence(frame.message_number)) ==
         ReceiveWindow::Verdict::duplicate;
}

/// Whether noting that unordered message needs no more memory than an honest sender's can. Each
/// number that it runs ahead by has taken a Sequence of the window, which all channels share.
bool Inbox::is_number_near(const ReceiveChannel& channel, std::uint64_t number) const {
  const ReceiveWindow& seen = channel.unordered_seen;
  const std::uint64_t others = numbers_span_ - seen.span();
  const std::uint64_t rounding = 2 * 64 * channels_.size();  // whole words, at both ends
  return number - seen.base().value() < kSequencesMax && others < kSequencesMax + rounding &&
         number - seen.base().value() + others < kSequencesMax + rounding;
}

/// Makes the record of a message whose first segment arrived, within the peer's credit.
SegmentVerdict Inbox::begin(const wire::SegmentFrame& frame, InboundMessage*& message) {
  const bool is_reliable = frame.line != MessageLine::unreliable;
  const ByteCount charge = charge_of(frame.total);
  if (is_reliable && begun_ + charge > announced_.message_limit) {
    return SegmentVerdict::flow_control_error;
  }
  message = pool_new<InboundMessage>(*pool_, *pool_);
  if (message == nullptr) return SegmentVerdict::out_of_memory;
  message->bytes = Buffer::allocate(*pool_, frame.total.size());
  if (message->bytes.is_null()) {
    pool_delete(*pool_, message);
    return SegmentVerdict::out_of_memory;
  }
  message->name = name_of(frame);
  message->size = frame.total;
  if (!index_.insert(*message)) {
    pool_delete(*pool_, message);
    return SegmentVerdict::out_of_memory;
  }
  (is_reliable ? begun_ : unreliable_in_use_) += charge;
  return SegmentVerdict::taken;
}

/// Copies a segment's bytes to their place.
SegmentVerdict Inbox::fill(InboundMessage& message, const wire::SegmentFrame& frame) {
  if (frame.total != message.size) return SegmentVerdict::protocol_error;
  if (message.is_complete) return SegmentVerdict::duplicate;
  if (!frame.bytes.empty()) {
    std::memcpy(message.bytes.writable().data() + frame.offset.size(), frame.bytes.data(),
                frame.bytes.size());
  }
  if (frame.message_checksum) message.checksum = frame.message_checksum;
  if (!frame.is_whole_message()) {
    const SegmentVerdict verdict = note_range(message, frame);
    if (verdict != SegmentVerdict::taken) return verdict;
    if (message.arrived.covered() < message.size) return SegmentVerdict::taken;
  }
  forget_ranges(message);
  message.is_complete = true;
  if (message.checksum && wire::crc32c(message.bytes.bytes()) != *message.checksum) {
    return SegmentVerdict::integrity_error;
  }
  return SegmentVerdict::taken;
}

SegmentVerdict Inbox::note_range(InboundMessage& message, const wire::SegmentFrame& frame) {
  const std::size_t before = message.arrived.count();
  const ByteCount end = frame.offset + ByteCount::of(frame.bytes.size());
  if (!message.arrived.add(frame.offset, end)) return SegmentVerdict::out_of_memory;
  ranges_ = ranges_ - before + message.arrived.count();
  const bool is_bounded = message.arrived.count() <= kRangesMax && ranges_ <= ranges_max_;
  return is_bounded ? SegmentVerdict::taken : SegmentVerdict::flow_control_error;
}

void Inbox::forget_ranges(InboundMessage& message) {
  ranges_ -= message.arrived.count();
  message.arrived.release();
}

/// Hands it up with all complete ones that waited for it, if it is the channel's next.
SegmentVerdict Inbox::finish_ordered(ReceiveChannel& channel, InboundMessage& message) {
  if (message.name.number != channel.next_ordered) return SegmentVerdict::taken;
  InboundMessage* next = &message;
  while (next != nullptr && next->is_complete) {
    MessageName name = next->name;
    name.number = ++channel.next_ordered;
    hand_up(*next);
    next = index_.find(name);
  }
  return SegmentVerdict::taken;
}

SegmentVerdict Inbox::finish_unordered(ReceiveChannel& channel, InboundMessage& message) {
  ReceiveWindow& seen = channel.unordered_seen;
  numbers_span_ -= seen.span();
  const ReceiveWindow::Verdict verdict = seen.accept(Sequence(message.name.number));
  numbers_span_ += seen.span();
  if (verdict != ReceiveWindow::Verdict::accepted) return SegmentVerdict::out_of_memory;
  hand_up(message);
  return SegmentVerdict::taken;
}

void Inbox::hand_up(InboundMessage& message) {
  index_.erase(message);
  ++received_;
  received_bytes_ += message.size;
  events_->push(message.event);
}

// ---- Unreliable messages ---------------------------------------------------------------------

SegmentVerdict Inbox::on_unreliable(const wire::SegmentFrame& frame) {
  // Parts are sent once each and packets are taken once each, so no part comes twice.
  InboundMessage* message = index_.find(name_of(frame));
  if (message == nullptr) {
    const ReceiveChannel* channel = find_channel(frame.channel);
    const bool is_given_up = channel != nullptr && !frame.is_whole_message() &&
                             frame.message_number < channel->unreliable_floor;
    if (is_given_up) return SegmentVerdict::taken;
    if (!make_unreliable_room(frame) || begin(frame, message) != SegmentVerdict::taken) {
      give_up(name_of(frame));
      return SegmentVerdict::taken;
    }
    unreliable_.push_back(*message);
  }
  has_unreliable_grown_ = true;
  const SegmentVerdict verdict = fill(*message, frame);
  if (verdict != SegmentVerdict::taken || !message->is_complete) return verdict;
  unreliable_.remove(*message);
  hand_up(*message);
  return SegmentVerdict::taken;
}

/// Gives up incomplete messages, the oldest first. False if the new one must be given up instead:
/// it is larger than all the room, or complete ones that the application has not taken yet fill
/// it, or memory is short.
bool Inbox::make_unreliable_room(const wire::SegmentFrame& frame) {
  const ByteCount charge = charge_of(frame.total);
  if (charge > unreliable_max_ || is_short_of_memory(ByteCount(0), memory_of(frame))) return false;
  while (unreliable_in_use_ + charge > unreliable_max_) {
    if (unreliable_.empty()) return false;
    evict(*unreliable_.front());
  }
  return true;
}

void Inbox::give_up_silent() {
  if (std::exchange(has_unreliable_grown_, false)) return;
  while (!unreliable_.empty()) evict(*unreliable_.front());
}

void Inbox::evict(InboundMessage& message) {
  unreliable_.remove(message);
  index_.erase(message);
  forget_ranges(message);
  unreliable_in_use_ -= charge_of(message.size);
  give_up(message.name);
  pool_delete(*pool_, &message);
}

/// Counts a message, and sees to it that its further parts neither count nor begin it again. A
/// channel's messages leave one after the other, so older ones have no more parts to come.
void Inbox::give_up(const MessageName& name) {
  ++evicted_;
  ReceiveChannel* channel = find_or_add(name.channel);
  if (channel == nullptr) return;  // no memory at all: further parts count again
  channel->unreliable_floor = std::max(channel->unreliable_floor, name.number + 1);
}

// ---- The application's side, and credit ------------------------------------------------------

MessageEvent Inbox::take_message(EventNode& node) {
  auto* message = static_cast<InboundMessage*>(node.subject);
  const bool is_reliable = message->name.line != MessageLine::unreliable;
  if (is_reliable) {
    taken_ += charge_of(message->size);
  } else {
    unreliable_in_use_ -= charge_of(message->size);
  }
  MessageEvent event{.channel = message->name.channel,
                     .delivery = delivery_of(message->name.line),
                     .bytes = std::move(message->bytes)};
  pool_delete(*pool_, message);
  return event;
}

wire::Credit Inbox::credit() const {
  return {.sequence_limit = is_textbook_ ? window_.base() + kSequencesMax : window_.limit(),
          .message_limit = taken_ + credit_window_.size()};
}

bool Inbox::wants_credit_update() const {
  const ByteCount grown = taken_ + credit_window_.size() - assured_.message_limit;
  if (grown <= ByteCount(0)) return false;
  const bool may_be_stuck = assured_.message_limit - begun_ < charge_of(message_size_max_);
  return grown >= credit_window_.size() / 4 || (may_be_stuck && taken_ == begun_);
}

Inbox::ReceiveChannel* Inbox::find_channel(ChannelId id) const {
  const std::size_t position = channel_position(channels_, id);
  const bool is_there = position < channels_.size() && channels_[position]->id == id;
  return is_there ? channels_[position] : nullptr;
}

Inbox::ReceiveChannel* Inbox::find_or_add(ChannelId id) {
  ReceiveChannel* channel = find_channel(id);
  if (channel != nullptr) return channel;
  channel = pool_new<ReceiveChannel>(*pool_, *pool_, id);
  if (channel == nullptr) return nullptr;
  if (!channels_.insert(channel_position(channels_, id), channel)) {
    pool_delete(*pool_, channel);
    return nullptr;
  }
  return channel;
}

void Inbox::add_to(ConnectionStats& stats) const {
  stats.duplicate_segments = duplicate_segments_;
  stats.segments_ahead_dropped = ahead_;
  stats.low_memory_dropped = low_memory_;
  stats.unreliable_evicted = evicted_;
  stats.messages_received = received_;
  stats.message_bytes_received = received_bytes_;
}

void Inbox::add_to(ConnectionInspection& inspection) const {
  inspection.received_charge = begun_;
  inspection.announced_charge = announced_.message_limit;
  inspection.announced_sequence = announced_.sequence_limit;
  inspection.unreliable_held = unreliable_in_use_;
  inspection.unreliable_evicted = evicted_;
  inspection.low_memory_dropped = low_memory_;
}

}  // namespace hawser
