#pragma once
/// Finds the message that a segment belongs to: a hash table whose hashes the peer, who chooses
/// the message numbers, cannot compute, so that no choice of numbers makes it slow (HashDoS).
///
/// Chains through the messages themselves under SipHash; the number of buckets doubles with the
/// messages, so that a look-up takes constant time on average. Holds every message that arrived in
/// part, or waits for those before it. Owned by the Inbox. Not thread-safe.

#include <array>
#include <cstddef>
#include <cstdint>

#include "hawser/random.h"
#include "transport/connection/inbound_message.h"

namespace hawser {

class MessageIndex {
 public:
  /// Draws its key from `random`, which is not used later.
  MessageIndex(MemoryPool& pool, RandomSource& random);
  MessageIndex(const MessageIndex&) = delete;
  MessageIndex& operator=(const MessageIndex&) = delete;
  ~MessageIndex() { release(); }

  /// The message of that name, or nullptr.
  InboundMessage* find(const MessageName& name) const;
  /// Adds a message, whose name must not be there. False: no memory, nothing changed.
  [[nodiscard]] bool insert(InboundMessage& message);
  /// Takes out a message, which must be there (asserted). The last one's going gives the memory
  /// back, but for a small table.
  void erase(InboundMessage& message);
  bool empty() const { return size_ == 0; }
  std::size_t size() const { return size_; }

  /// Takes out every message and hands it to `visit(InboundMessage&)`, which may destroy it.
  template <typename Visit>
  void drain(Visit visit);

  /// The most messages in one bucket. For tests; walks the whole table.
  std::size_t longest_chain() const;

 private:
  static constexpr std::size_t kFirstCapacity = 8;

  std::uint64_t hash_of(const MessageName& name) const;
  InboundMessage*& bucket_of(std::uint64_t hash) const {
    return buckets_[static_cast<std::size_t>(hash) & (capacity_ - 1)];
  }
  [[nodiscard]] bool grow();
  void release();

  MemoryPool* pool_;
  std::array<std::uint8_t, 16> key_;
  InboundMessage** buckets_ = nullptr;  // bounded by the messages, hence by the peer's credit
  std::size_t capacity_ = 0;            // a power of two, or 0
  std::size_t size_ = 0;
  // Segments of one message mostly come one after the other: no need to hash its name each time.
  mutable InboundMessage* latest_ = nullptr;
};

template <typename Visit>
void MessageIndex::drain(Visit visit) {
  for (std::size_t i = 0; i < capacity_; ++i) {
    while (InboundMessage* message = buckets_[i]) {
      buckets_[i] = message->next_in_bucket;
      visit(*message);
    }
  }
  release();
}

}  // namespace hawser
