#pragma once
/// The events of one connection, in order, without an allocation of their own: what an event tells
/// of (a message, a receipt, the connection) carries the node that queues it. So an event can never
/// be lost for want of memory.

#include <cstdint>

#include "hawser/assert.h"

namespace hawser {

enum class EventKind : std::uint8_t { connected, message, receipt, writable, path_changed, closed };

/// Embedded in what the event tells of; in at most one queue at a time.
struct EventNode {
  EventKind kind = EventKind::connected;
  bool is_queued = false;
  EventNode* next = nullptr;
  void* subject = nullptr;  ///< what embeds it
};

class EventQueue {
 public:
  bool empty() const { return head_ == nullptr; }
  void push(EventNode& node) {
    HAWSER_ASSERT(!node.is_queued);
    node.is_queued = true;
    node.next = nullptr;
    if (tail_ != nullptr) tail_->next = &node;
    if (head_ == nullptr) head_ = &node;
    tail_ = &node;
  }
  /// The oldest node, taken out; nullptr if empty.
  EventNode* pop() {
    EventNode* node = head_;
    if (node == nullptr) return nullptr;
    head_ = node->next;
    if (head_ == nullptr) tail_ = nullptr;
    node->is_queued = false;
    return node;
  }

 private:
  EventNode* head_ = nullptr;
  EventNode* tail_ = nullptr;
};

}  // namespace hawser
