#include "transport/endpoint/connection_table.h"

#include "transport/connection/pool_object.h"

namespace hawser {
namespace {

constexpr std::size_t kIndexBytes = 3;
constexpr std::size_t kShardAt = kIndexBytes;

std::uint32_t index_of(const ConnectionSlot& slot) {
  return static_cast<std::uint32_t>(slot.handle) - 1;
}

}  // namespace

ConnectionTable::~ConnectionTable() {
  for_each([this](ConnectionSlot& slot) { pool_delete(pool_, &slot); });
}

Result<ConnectionSlot*> ConnectionTable::acquire() {
  if (is_full()) return Errc::too_many_connections;
  auto* slot = pool_new<ConnectionSlot>(pool_);
  if (slot == nullptr) return Errc::not_enough_memory;
  if (first_free_ == kNone) {
    if (!entries_.push_back({nullptr, kNone})) {
      pool_delete(pool_, slot);
      return Errc::not_enough_memory;
    }
    first_free_ = static_cast<std::uint32_t>(entries_.size() - 1);
  }
  const std::uint32_t index = first_free_;
  first_free_ = entries_[index].next_free;
  entries_[index] = {slot, kNone};
  slot->handle = next_handle(index);
  slot->local_id = make_id(index);
  ++size_;
  return slot;
}

void ConnectionTable::release(ConnectionSlot& slot) {
  HAWSER_ASSERT(find(slot.handle) == &slot && slot.heap_place == kNotInHeap &&
                !slot.transmit_link.is_queued && !slot.event_link.is_queued &&
                !slot.due_link.is_queued);
  const std::uint32_t index = index_of(slot);
  pool_delete(pool_, &slot);
  entries_[index] = {nullptr, first_free_};
  first_free_ = index;
  if (--size_ > 0) return;
  entries_.release();
  first_free_ = kNone;
}

ConnectionSlot* ConnectionTable::find(ConnectionHandle handle) const {
  const std::uint32_t index = static_cast<std::uint32_t>(handle) - 1;  // `none` becomes the last
  if (index >= entries_.size()) return nullptr;
  ConnectionSlot* slot = entries_[index].slot;
  return slot != nullptr && slot->handle == handle ? slot : nullptr;
}

ConnectionSlot* ConnectionTable::find(const ConnectionId& id) const {
  if (id.size() != options_.id_size) return nullptr;
  const auto bytes = id.bytes();
  const std::size_t index = std::size_t{bytes[0]} << 16 | std::size_t{bytes[1]} << 8 | bytes[2];
  if (index >= entries_.size()) return nullptr;
  ConnectionSlot* slot = entries_[index].slot;
  return slot != nullptr && slot->local_id == id ? slot : nullptr;
}

bool ConnectionTable::has_our_shard(const ConnectionId& id) const {
  return id.size() == options_.id_size && id.bytes()[kShardAt] == options_.shard;
}

ConnectionHandle ConnectionTable::next_handle(std::uint32_t index) {
  if (++generation_ == 0) ++generation_;
  return static_cast<ConnectionHandle>(std::uint64_t{generation_} << 32 | (index + 1));
}

ConnectionId ConnectionTable::make_id(std::uint32_t index) {
  std::array<std::uint8_t, ConnectionId::kSizeMax> space{};
  const auto bytes = std::span(space).first(options_.id_size);
  random_.fill(bytes.subspan(kShardAt + 1));
  bytes[0] = static_cast<std::uint8_t>(index >> 16);
  bytes[1] = static_cast<std::uint8_t>(index >> 8);
  bytes[2] = static_cast<std::uint8_t>(index);
  bytes[kShardAt] = options_.shard;
  return ConnectionId(bytes);
}

}  // namespace hawser
