#pragma once
/// One message on its way in, from its first segment until the application took it.

#include <cstdint>
#include <optional>

#include "hawser/buffer.h"
#include "transport/connection/byte_ranges.h"
#include "transport/connection/event_queue.h"
#include "transport/wire/frame.h"

namespace hawser {

struct InboundMessage {
  explicit InboundMessage(MemoryPool& pool) : arrived(pool) {
    event.kind = EventKind::message;
    event.subject = this;
  }

  EventNode event;
  InboundMessage* previous = nullptr;  ///< in its list
  InboundMessage* next = nullptr;
  wire::MessageLine line = wire::MessageLine::ordered;
  ChannelId channel{};
  std::uint64_t number = 0;
  ByteCount size{0};
  Buffer bytes;
  ByteRanges arrived;
  std::optional<std::uint32_t> checksum;
  bool is_complete = false;
};

/// A doubly linked list of them, in order of number (per channel) or of arrival.
class InboundList {
 public:
  bool empty() const { return head_ == nullptr; }
  InboundMessage* front() const { return head_; }
  InboundMessage* back() const { return tail_; }
  /// Puts `message` behind `position`; at the front where that is nullptr.
  void insert_after(InboundMessage* position, InboundMessage& message) {
    message.previous = position;
    message.next = position == nullptr ? head_ : position->next;
    (message.previous == nullptr ? head_ : message.previous->next) = &message;
    (message.next == nullptr ? tail_ : message.next->previous) = &message;
  }
  void remove(InboundMessage& message) {
    (message.previous == nullptr ? head_ : message.previous->next) = message.next;
    (message.next == nullptr ? tail_ : message.next->previous) = message.previous;
    message.previous = message.next = nullptr;
  }

 private:
  InboundMessage* head_ = nullptr;
  InboundMessage* tail_ = nullptr;
};

}  // namespace hawser
