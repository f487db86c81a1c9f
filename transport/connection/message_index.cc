#include "transport/connection/message_index.h"

#include <algorithm>

#include "transport/wire/siphash.h"

namespace hawser {

MessageIndex::MessageIndex(MemoryPool& pool, RandomSource& random) : pool_(&pool) {
  random.fill(key_);
}

InboundMessage* MessageIndex::find(const MessageName& name) const {
  if (size_ == 0) return nullptr;
  if (latest_ != nullptr && latest_->name == name) return latest_;
  const std::uint64_t hash = hash_of(name);
  InboundMessage* message = bucket_of(hash);
  while (message != nullptr && (message->hash != hash || message->name != name)) {
    message = message->next_in_bucket;
  }
  if (message != nullptr) latest_ = message;
  return message;
}

bool MessageIndex::insert(InboundMessage& message) {
  if (size_ == capacity_ && !grow()) return false;
  message.hash = hash_of(message.name);
  InboundMessage*& bucket = bucket_of(message.hash);
  message.next_in_bucket = bucket;
  bucket = &message;
  latest_ = &message;
  ++size_;
  return true;
}

void MessageIndex::erase(InboundMessage& message) {
  HAWSER_ASSERT(size_ > 0);
  InboundMessage** link = &bucket_of(message.hash);
  while (*link != &message) {
    HAWSER_ASSERT(*link != nullptr);
    link = &(*link)->next_in_bucket;
  }
  *link = message.next_in_bucket;
  message.next_in_bucket = nullptr;
  if (latest_ == &message) latest_ = nullptr;
  if (--size_ == 0 && capacity_ > kFirstCapacity) release();
}

std::uint64_t MessageIndex::hash_of(const MessageName& name) const {
  // Numbers have 62 bits and lines two: ten bytes name a message.
  const std::uint64_t word = name.number << 2 | static_cast<std::uint64_t>(name.line);
  const auto channel = static_cast<std::uint16_t>(name.channel);
  std::array<std::uint8_t, 10> bytes;
  for (std::size_t i = 0; i < 8; ++i) bytes[i] = static_cast<std::uint8_t>(word >> (8 * i));
  bytes[8] = static_cast<std::uint8_t>(channel & 0xff);
  bytes[9] = static_cast<std::uint8_t>(channel >> 8);
  return wire::siphash64(key_, bytes);
}

bool MessageIndex::grow() {
  const std::size_t capacity = capacity_ == 0 ? kFirstCapacity : 2 * capacity_;
  auto* buckets =
      static_cast<InboundMessage**>(pool_->allocate(capacity * sizeof(InboundMessage*)));
  if (buckets == nullptr) return false;
  std::fill_n(buckets, capacity, nullptr);
  for (std::size_t i = 0; i < capacity_; ++i) {
    while (InboundMessage* message = buckets_[i]) {
      buckets_[i] = message->next_in_bucket;
      InboundMessage*& bucket = buckets[static_cast<std::size_t>(message->hash) & (capacity - 1)];
      message->next_in_bucket = bucket;
      bucket = message;
    }
  }
  pool_->release(buckets_, capacity_ * sizeof(InboundMessage*));
  buckets_ = buckets;
  capacity_ = capacity;
  return true;
}

void MessageIndex::release() {
  pool_->release(buckets_, capacity_ * sizeof(InboundMessage*));
  buckets_ = nullptr;
  capacity_ = 0;
  size_ = 0;
  latest_ = nullptr;
}

std::size_t MessageIndex::longest_chain() const {
  std::size_t longest = 0;
  for (std::size_t i = 0; i < capacity_; ++i) {
    std::size_t length = 0;
    for (const InboundMessage* at = buckets_[i]; at != nullptr; at = at->next_in_bucket) ++length;
    longest = std::max(longest, length);
  }
  return longest;
}

}  // namespace hawser
