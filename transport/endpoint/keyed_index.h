#pragma once
/// Finds a connection by something that the peer chose: a hash table whose hashes nobody outside
/// can compute, so that no choice of keys makes it slow (HashDoS).
///
/// It is indexed by keyed 128-bit digests, which stand for the keys themselves: two keys with the
/// same digest cannot be found without the endpoint's secret, and lookup times say nothing about
/// the keys. Open addressing with Robin Hood order at a load of at most one half keeps probe
/// sequences short. Owned by the endpoint, in its pool's memory. Not thread-safe.

#include <cstring>

#include "transport/endpoint/key_ring.h"

namespace hawser {

struct ConnectionSlot;

class KeyedIndex {
 public:
  explicit KeyedIndex(MemoryPool& pool) : pool_(pool) {}
  KeyedIndex(const KeyedIndex&) = delete;
  KeyedIndex& operator=(const KeyedIndex&) = delete;
  ~KeyedIndex() { release(); }

  /// Makes room for `count` entries in all. False if the pool refuses; nothing changed then.
  [[nodiscard]] bool reserve(std::size_t count);
  /// Adds an entry. There must be room for it (asserted). False if the digest is there already;
  /// the first entry stays.
  bool insert(const Digest& digest, ConnectionSlot& slot);
  /// The slot that was inserted under `digest`, or nullptr.
  ConnectionSlot* find(const Digest& digest) const;
  /// Removes the entry of `digest`, which must be there (asserted).
  void erase(const Digest& digest);
  std::size_t size() const { return size_; }
  /// Forgets everything and gives the memory back to the pool.
  void release();

  /// The longest way from an entry's home to its place. For tests; walks the whole table.
  std::size_t longest_probe() const;

 private:
  struct Entry {
    Digest digest;
    ConnectionSlot* slot;  ///< nullptr: empty
  };
  std::size_t home_of(const Digest& digest) const {
    std::uint64_t word = 0;
    std::memcpy(&word, digest.data(), sizeof word);
    return static_cast<std::size_t>(word) & (capacity_ - 1);
  }
  std::size_t next(std::size_t place) const { return (place + 1) & (capacity_ - 1); }
  /// How far an entry at `place` is from its home.
  std::size_t distance_at(std::size_t place) const {
    return (place - home_of(entries_[place].digest)) & (capacity_ - 1);
  }
  /// The place of `digest`, or `capacity_`.
  std::size_t place_of(const Digest& digest) const;
  void place(Entry entry);

  MemoryPool& pool_;
  Entry* entries_ = nullptr;
  std::size_t capacity_ = 0;  // a power of two, or 0
  std::size_t size_ = 0;
};

}  // namespace hawser
