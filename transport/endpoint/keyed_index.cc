#include "transport/endpoint/keyed_index.h"

#include <algorithm>
#include <bit>
#include <utility>

namespace hawser {
namespace {

constexpr std::size_t kFirstCapacity = 8;

}  // namespace

bool KeyedIndex::reserve(std::size_t count) {
  if (2 * count <= capacity_) return true;
  const std::size_t capacity = std::bit_ceil(std::max(2 * count, kFirstCapacity));
  auto* entries = static_cast<Entry*>(pool_.allocate(capacity * sizeof(Entry)));
  if (entries == nullptr) return false;
  std::fill_n(entries, capacity, Entry{});
  Entry* old_entries = std::exchange(entries_, entries);
  const std::size_t old_capacity = std::exchange(capacity_, capacity);
  for (std::size_t i = 0; i < old_capacity; ++i) {
    if (old_entries[i].slot != nullptr) place(old_entries[i]);
  }
  pool_.release(old_entries, old_capacity * sizeof(Entry));
  return true;
}

bool KeyedIndex::insert(const Digest& digest, ConnectionSlot& slot) {
  HAWSER_ASSERT(2 * (size_ + 1) <= capacity_);
  if (find(digest) != nullptr) return false;
  place(Entry{digest, &slot});
  ++size_;
  return true;
}

ConnectionSlot* KeyedIndex::find(const Digest& digest) const {
  if (size_ == 0) return nullptr;
  const std::size_t found = place_of(digest);
  return found == capacity_ ? nullptr : entries_[found].slot;
}

void KeyedIndex::erase(const Digest& digest) {
  HAWSER_ASSERT(size_ > 0);
  std::size_t hole = place_of(digest);
  HAWSER_ASSERT(hole != capacity_);
  // Those behind move one place towards their homes; the chain needs no tombstones.
  for (std::size_t from = next(hole); entries_[from].slot != nullptr && distance_at(from) > 0;
       from = next(from)) {
    entries_[hole] = entries_[from];
    hole = from;
  }
  entries_[hole] = Entry{};
  --size_;
}

void KeyedIndex::release() {
  pool_.release(entries_, capacity_ * sizeof(Entry));
  entries_ = nullptr;
  capacity_ = 0;
  size_ = 0;
}

std::size_t KeyedIndex::longest_probe() const {
  std::size_t longest = 0;
  for (std::size_t i = 0; i < capacity_; ++i) {
    if (entries_[i].slot != nullptr) longest = std::max(longest, distance_at(i));
  }
  return longest;
}

std::size_t KeyedIndex::place_of(const Digest& digest) const {
  std::size_t at = home_of(digest);
  // An entry nearer to its home than we are to ours would have been displaced by ours.
  for (std::size_t distance = 0; entries_[at].slot != nullptr && distance_at(at) >= distance;
       ++distance, at = next(at)) {
    if (entries_[at].digest == digest) return at;
  }
  return capacity_;
}

void KeyedIndex::place(Entry entry) {
  std::size_t at = home_of(entry.digest);
  for (std::size_t distance = 0; entries_[at].slot != nullptr; ++distance, at = next(at)) {
    if (distance_at(at) >= distance) continue;
    // Whoever is nearer to its home gives way.
    distance = distance_at(at);
    std::swap(entry, entries_[at]);
  }
  entries_[at] = entry;
}

}  // namespace hawser
