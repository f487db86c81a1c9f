#pragma once
/// One message on its way in, from its first segment until the application took it.

#include <cstdint>
#include <optional>

#include "hawser/buffer.h"
#include "transport/connection/byte_ranges.h"
#include "transport/connection/event_queue.h"
#include "transport/wire/frame.h"

namespace hawser {

/// What a segment says of the message that it belongs to.
struct MessageName {
  ChannelId channel{};
  wire::MessageLine line = wire::MessageLine::ordered;
  std::uint64_t number = 0;
  bool operator==(const MessageName&) const = default;
};

struct InboundMessage {
  explicit InboundMessage(MemoryPool& pool) : arrived(pool) {
    event.kind = EventKind::message;
    event.subject = this;
  }

  EventNode event;
  MessageName name;
  std::uint64_t hash = 0;  ///< of the name, in the index
  InboundMessage* next_in_bucket = nullptr;
  InboundMessage* previous = nullptr;  ///< unreliable: in the order of arrival
  InboundMessage* next = nullptr;
  ByteCount size{0};
  Buffer bytes;
  ByteRanges arrived;
  std::optional<std::uint32_t> checksum;
  bool is_complete = false;
};

/// Incomplete messages in the order in which their first segments arrived.
class InboundList {
 public:
  bool empty() const { return head_ == nullptr; }
  InboundMessage* front() const { return head_; }
  void push_back(InboundMessage& message) {
    message.previous = tail_;
    message.next = nullptr;
    (tail_ == nullptr ? head_ : tail_->next) = &message;
    tail_ = &message;
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
