#include "transport/connection/inbox.h"

#include <algorithm>
#include <cstring>

#include "transport/connection/outbound_message.h"
#include "transport/connection/pool_object.h"
#include "transport/wire/checksum.h"

namespace hawser {

namespace {

using wire::MessageLine;

/// How far a textbook receiver lets the sender's Sequences run: its own window is one, but the
/// sender's may be any.
constexpr std::uint64_t kSequencesMax = std::uint64_t{1} << 20;

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

/// The message of that number in a list sorted by number, or the one it would follow.
InboundMessage* find_from_back(const InboundList& list, std::uint64_t number) {
  // A retransmission mostly fills the hole at the front, everything else arrives at the back.
  if (!list.empty() && list.front()->number >= number) {
    return list.front()->number == number ? list.front() : nullptr;
  }
  InboundMessage* message = list.back();
  while (message != nullptr && message->number > number) message = message->previous;
  return message;
}

}  // namespace

Inbox::Inbox(MemoryPool& pool, EventQueue& events, const ConnectionConfig& config, Arq arq)
    : pool_(&pool),
      events_(&events),
      channels_max_(config.channels_max),
      message_size_max_(
          std::min(config.message_size_max, config.receive_window - kMessageOverhead)),
      window_bytes_(config.receive_window),
      numbers_window_(kSequencesMax),
      window_(pool, arq == Arq::selective_repeat ? config.receive_window_segments : 1),
      channels_(pool),
      unreliable_max_(config.unreliable_reassembly) {
  announced_ = credit();
}

Inbox::~Inbox() {
  destroy_all(unreliable_);
  for (std::size_t i = 0; i < channels_.size(); ++i) {
    destroy_all(channels_[i]->ordered);
    destroy_all(channels_[i]->unordered);
    pool_delete(*pool_, channels_[i]);
  }
}

void Inbox::destroy_all(InboundList& list) {
  while (!list.empty()) {
    InboundMessage* message = list.front();
    list.remove(*message);
    pool_delete(*pool_, message);
  }
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

// ---- Reliable messages -----------------------------------------------------------------------

SegmentVerdict Inbox::on_reliable(const wire::SegmentFrame& frame) {
  ReceiveChannel* channel = find_or_add(frame.channel);
  if (channel == nullptr) return SegmentVerdict::out_of_memory;
  const bool is_ordered = frame.line == MessageLine::ordered;
  // A segment of a message handed up before: an old copy of bytes that were cut anew.
  const bool was_handed_up = is_ordered
                                 ? frame.message_number < channel->next_ordered
                                 : channel->unordered_seen.judge(Sequence(frame.message_number)) ==
                                       ReceiveWindow::Verdict::duplicate;
  if (was_handed_up) {
    ++duplicate_segments_;
    return SegmentVerdict::duplicate;
  }
  InboundList& list = is_ordered ? channel->ordered : channel->unordered;
  InboundMessage* message = find_from_back(list, frame.message_number);
  if (message == nullptr || message->number != frame.message_number) {
    InboundMessage* position = message;
    const SegmentVerdict verdict = begin(frame, message);
    if (verdict != SegmentVerdict::taken) return verdict;
    list.insert_after(position, *message);
  }
  const SegmentVerdict verdict = fill(*message, frame);
  if (verdict != SegmentVerdict::taken || !message->is_complete) return verdict;
  return is_ordered ? finish_ordered(*channel) : finish_unordered(*channel, *message);
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
  message->line = frame.line;
  message->channel = frame.channel;
  message->number = frame.message_number;
  message->size = frame.total;
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
    const ByteCount end = frame.offset + ByteCount::of(frame.bytes.size());
    if (!message.arrived.add(frame.offset, end)) return SegmentVerdict::out_of_memory;
  }
  if (frame.message_checksum) message.checksum = frame.message_checksum;
  if (message.arrived.covered() < message.size) return SegmentVerdict::taken;
  message.is_complete = true;
  if (message.checksum && wire::crc32c(message.bytes.bytes()) != *message.checksum) {
    return SegmentVerdict::integrity_error;
  }
  return SegmentVerdict::taken;
}

SegmentVerdict Inbox::finish_ordered(ReceiveChannel& channel) {
  while (!channel.ordered.empty()) {
    InboundMessage& message = *channel.ordered.front();
    if (message.number != channel.next_ordered || !message.is_complete) break;
    ++channel.next_ordered;
    channel.ordered.remove(message);
    hand_up(message);
  }
  return SegmentVerdict::taken;
}

SegmentVerdict Inbox::finish_unordered(ReceiveChannel& channel, InboundMessage& message) {
  switch (channel.unordered_seen.accept(Sequence(message.number))) {
    case ReceiveWindow::Verdict::accepted:
      break;
    case ReceiveWindow::Verdict::no_memory:
      return SegmentVerdict::out_of_memory;
    default:
      return SegmentVerdict::flow_control_error;  // numbers farther apart than Sequences can be
  }
  channel.unordered.remove(message);
  hand_up(message);
  return SegmentVerdict::taken;
}

void Inbox::hand_up(InboundMessage& message) {
  ++received_;
  received_bytes_ += message.size;
  events_->push(message.event);
}

// ---- Unreliable messages ---------------------------------------------------------------------

SegmentVerdict Inbox::on_unreliable(const wire::SegmentFrame& frame) {
  // Parts are sent once each and packets are taken once each, so no part comes twice.
  InboundMessage* message = unreliable_.back();
  while (message != nullptr &&
         (message->number != frame.message_number || message->channel != frame.channel)) {
    message = message->previous;
  }
  if (message == nullptr) {
    if (!make_unreliable_room(charge_of(frame.total))) {
      ++evicted_;
      return SegmentVerdict::taken;
    }
    const SegmentVerdict verdict = begin(frame, message);
    if (verdict != SegmentVerdict::taken) return verdict;
    unreliable_.insert_after(unreliable_.back(), *message);
  }
  const SegmentVerdict verdict = fill(*message, frame);
  if (verdict != SegmentVerdict::taken || !message->is_complete) return verdict;
  unreliable_.remove(*message);
  hand_up(*message);
  return SegmentVerdict::taken;
}

/// Gives up incomplete messages, the oldest first. False if the room is taken by complete ones that
/// the application has not taken yet: then the new message is given up.
bool Inbox::make_unreliable_room(ByteCount charge) {
  while (unreliable_in_use_ + charge > unreliable_max_) {
    if (unreliable_.empty()) return false;
    InboundMessage* oldest = unreliable_.front();
    unreliable_.remove(*oldest);
    unreliable_in_use_ -= charge_of(oldest->size);
    pool_delete(*pool_, oldest);
    ++evicted_;
  }
  return true;
}

// ---- The application's side, and credit ------------------------------------------------------

MessageEvent Inbox::take_message(EventNode& node) {
  auto* message = static_cast<InboundMessage*>(node.subject);
  const bool is_reliable = message->line != MessageLine::unreliable;
  if (is_reliable) {
    taken_ += charge_of(message->size);
  } else {
    unreliable_in_use_ -= charge_of(message->size);
  }
  MessageEvent event{.channel = message->channel,
                     .delivery = delivery_of(message->line),
                     .bytes = std::move(message->bytes)};
  pool_delete(*pool_, message);
  return event;
}

wire::Credit Inbox::credit() const {
  const bool is_textbook = window_.limit().since(window_.base()) == 1;
  return {.sequence_limit = is_textbook ? window_.base() + kSequencesMax : window_.limit(),
          .message_limit = taken_ + window_bytes_};
}

bool Inbox::wants_credit_update() const {
  const ByteCount grown = taken_ + window_bytes_ - announced_.message_limit;
  if (grown <= ByteCount(0)) return false;
  const bool may_be_stuck = announced_.message_limit - begun_ < charge_of(message_size_max_);
  return grown >= window_bytes_ / 4 || (may_be_stuck && taken_ == begun_);
}

Inbox::ReceiveChannel* Inbox::find_or_add(ChannelId id) {
  std::size_t position = channels_.size();
  while (position > 0 && channels_[position - 1]->id > id) --position;
  if (position > 0 && channels_[position - 1]->id == id) return channels_[position - 1];
  auto* channel = pool_new<ReceiveChannel>(*pool_, *pool_, id, numbers_window_);
  if (channel == nullptr) return nullptr;
  if (!channels_.insert(position, channel)) {
    pool_delete(*pool_, channel);
    return nullptr;
  }
  return channel;
}

void Inbox::add_to(ConnectionStats& stats) const {
  stats.duplicate_segments = duplicate_segments_;
  stats.segments_ahead_dropped = ahead_;
  stats.unreliable_evicted = evicted_;
  stats.messages_received = received_;
  stats.message_bytes_received = received_bytes_;
}

}  // namespace hawser
