#pragma once
/// The connections of an endpoint by handle and by connection id, both a look into an array.
///
/// A local connection id is {slot number 24 bits, shard byte, random rest}: the slot leads to the
/// connection without a hash, the rest makes the id unguessable (RFC 9000 s5.1, s21.11). A handle
/// is {generation 32 bits, slot number + 1}: one that outlived its connection finds nothing, even
/// after the slot was used again.
///
/// Owned by the endpoint, in its pool's memory, which goes back when the last connection is gone.
/// Not thread-safe.

#include "hawser/pool_ring.h"
#include "hawser/random.h"
#include "transport/endpoint/connection_slot.h"

namespace hawser {

class ConnectionTable {
 public:
  struct Options {
    std::uint32_t connections_max;  ///< 1..2^24
    std::size_t id_size;            ///< 8..20
    std::uint8_t shard;
  };
  ConnectionTable(MemoryPool& pool, RandomSource& random, const Options& options)
      : pool_(pool), random_(random), options_(options), entries_(pool) {}
  ~ConnectionTable();
  ConnectionTable(const ConnectionTable&) = delete;
  ConnectionTable& operator=(const ConnectionTable&) = delete;

  /// A new slot with its handle and its id. Errors: `too_many_connections`, `not_enough_memory`.
  Result<ConnectionSlot*> acquire();
  /// The slot must be out of all queues and indices (asserted as far as it can tell).
  void release(ConnectionSlot& slot);

  ConnectionSlot* find(ConnectionHandle handle) const;
  ConnectionSlot* find(const ConnectionId& id) const;
  /// Whether `id` looks like one that an endpoint of our shard gave out, now or before a restart.
  bool has_our_shard(const ConnectionId& id) const;

  std::size_t size() const { return size_; }
  bool is_full() const { return size_ >= options_.connections_max; }

  /// Calls `visit(ConnectionSlot&)` for each slot in use, which may release that slot.
  template <typename Visit>
  void for_each(Visit visit) {
    for (std::size_t i = 0; i < entries_.size(); ++i) {
      if (entries_[i].slot != nullptr) visit(*entries_[i].slot);
    }
  }

 private:
  static constexpr std::uint32_t kNone = UINT32_MAX;
  struct Entry {
    ConnectionSlot* slot;     ///< nullptr: free
    std::uint32_t next_free;  ///< of a free entry: the next one, or kNone
  };
  ConnectionHandle next_handle(std::uint32_t index);
  ConnectionId make_id(std::uint32_t index);

  MemoryPool& pool_;
  RandomSource& random_;
  Options options_;
  PoolRing<Entry> entries_;
  std::uint32_t first_free_ = kNone;
  std::uint32_t generation_ = 0;  // of the latest slot handed out; never 0 in a handle
  std::size_t size_ = 0;
};

}  // namespace hawser
