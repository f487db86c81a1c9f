#pragma once
/// The messages that wait to be sent: first in, first out per channel, channels in turn.
///
/// Each channel has two lines, one of reliable and one of unreliable messages, so that a reliable
/// message waiting for credit holds up no unreliable one. Owned by the Outbox.

#include <array>
#include <cstdint>

#include "hawser/pool_ring.h"
#include "transport/connection/outbound_message.h"

namespace hawser {

/// One line of one channel. Lines with messages form a ring and take turns.
struct SendLine {
  OutboundMessage* head = nullptr;
  OutboundMessage* tail = nullptr;
  SendLine* next_ready = nullptr;
};

/// A channel's sending side.
struct SendChannel {
  ChannelId id{};
  SendLine reliable;
  SendLine unreliable;
  std::array<std::uint64_t, 3> next_number{};  ///< by wire::MessageLine
};

/// Lines that have messages, in the order of their turns.
class ReadyLines {
 public:
  bool empty() const { return last_ == nullptr; }
  std::size_t size() const { return size_; }
  /// Whose turn it is.
  SendLine& front() const { return *last_->next_ready; }
  /// The next line's turn.
  void rotate() { last_ = last_->next_ready; }
  void add(SendLine& line);
  void remove_front();

 private:
  SendLine* last_ = nullptr;  // its successor is the front
  std::size_t size_ = 0;
};

class SendLines {
 public:
  explicit SendLines(MemoryPool& pool) : pool_(&pool), channels_(pool) {}
  ~SendLines();
  SendLines(const SendLines&) = delete;
  SendLines& operator=(const SendLines&) = delete;

  /// Appends a message to its line. False: no memory.
  [[nodiscard]] bool push(OutboundMessage& message);
  /// Takes out the front message of the line whose turn it is; the next line's turn comes.
  void pop_front(bool reliable);
  ReadyLines& ready(bool reliable) { return reliable ? reliable_ : unreliable_; }
  const ReadyLines& ready(bool reliable) const { return reliable ? reliable_ : unreliable_; }
  /// The number that the message at the front of its line gets: the next of its (channel, line).
  std::uint64_t next_number(const OutboundMessage& message) const;
  void take_number(OutboundMessage& message);
  /// Forgets all messages; they are the caller's.
  void clear();

 private:
  SendChannel* find_or_add(ChannelId id);

  MemoryPool* pool_;
  PoolRing<SendChannel*> channels_;  // sorted by id; bounded by channels_max
  ReadyLines reliable_;
  ReadyLines unreliable_;
};

}  // namespace hawser
