#pragma once
/// A message's bytes: one reference-counted block that everything else points into.
/// An endpoint's pool dies with it, so a received `Buffer` must be let go before its endpoint is.
///
/// Segments, retransmissions and deliveries are ranges of it; nothing copies it. The block lives in
/// a `MemoryPool` or belongs to the application, which is told by a callback when the last
/// reference is gone. The count is not atomic: all references to one block belong to one thread. To
/// hand a received message to another thread, copy its bytes.

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>
#include <span>
#include <utility>

#include "hawser/memory_pool.h"

namespace hawser {

class Buffer {
 public:
  /// Told when an application's block is no longer used; `context` and `data` as given to `borrow`.
  using ReleaseCallback = void (*)(void* context, const std::uint8_t* data, std::size_t size);

  Buffer() = default;
  /// A block of `size` writable bytes from `pool`, which must outlive it (asserted there). Empty
  /// (`is_null()`) if the pool refuses.
  static Buffer allocate(MemoryPool& pool, std::size_t size) {
    void* memory = pool.allocate(sizeof(Block) + size);
    if (memory == nullptr) return {};
    auto* bytes = static_cast<std::uint8_t*>(memory) + sizeof(Block);
    return Buffer(new (memory) Block{1, bytes, size, &pool, nullptr, nullptr});
  }
  /// As `allocate`, holding a copy of `bytes`.
  static Buffer copy_of(MemoryPool& pool, std::span<const std::uint8_t> bytes) {
    Buffer buffer = allocate(pool, bytes.size());
    if (!buffer.is_null() && !bytes.empty()) {
      std::memcpy(buffer.block_->data, bytes.data(), bytes.size());
    }
    return buffer;
  }
  /// The application's own bytes, without a copy. They must stay valid and unchanged until
  /// `release` is called; bytes that outlive the pool anyway need none (nullptr). Null if `pool`
  /// cannot carry the small control block.
  static Buffer borrow(MemoryPool& pool, std::span<const std::uint8_t> bytes,
                       ReleaseCallback release, void* context) {
    void* memory = pool.allocate(sizeof(Block));
    if (memory == nullptr) return {};
    // The bytes stay constant: `writable()` is for the pool's own blocks only (asserted there).
    auto* data = const_cast<std::uint8_t*>(bytes.data());
    return Buffer(new (memory) Block{1, data, bytes.size(), &pool, release, context});
  }

  Buffer(const Buffer& other) : block_(other.block_), size_(other.size_) {
    if (block_ != nullptr) ++block_->references;
  }
  Buffer(Buffer&& other) noexcept
      : block_(std::exchange(other.block_, nullptr)), size_(std::exchange(other.size_, 0)) {}
  Buffer& operator=(Buffer other) noexcept {
    std::swap(block_, other.block_);
    std::swap(size_, other.size_);
    return *this;
  }
  ~Buffer() { reset(); }

  void reset() {
    Block* block = std::exchange(block_, nullptr);
    size_ = 0;
    if (block == nullptr || --block->references > 0) return;
    const std::size_t own_size = block->is_borrowed() ? 0 : block->size;
    if (block->release != nullptr) block->release(block->context, block->data, block->size);
    block->pool->release(block, sizeof(Block) + own_size);
  }

  bool is_null() const { return block_ == nullptr; }
  std::size_t size() const { return size_; }
  std::span<const std::uint8_t> bytes() const {
    return block_ == nullptr ? std::span<const std::uint8_t>{}
                             : std::span<const std::uint8_t>{block_->data, block_->size};
  }
  /// Has the processor fetch a block of the pool into its cache: for datagrams, which are written
  /// long before they are read. Changes nothing but the time that reading takes.
  void prefetch() const {
#if defined(__GNUC__)
    constexpr std::size_t kCacheLine = 64;
    // By the block's address, for its fields are not in the cache either.
    const auto* block = reinterpret_cast<const std::uint8_t*>(block_);
    if (block == nullptr) return;
    for (std::size_t at = 0; at < sizeof(Block) + size_; at += kCacheLine) {
      __builtin_prefetch(block + at);
    }
#endif
  }
  /// For whoever fills a block fresh from `allocate`; the only reference (asserted).
  std::span<std::uint8_t> writable() {
    HAWSER_ASSERT(block_ != nullptr && !block_->is_borrowed() && block_->references == 1);
    return {block_->data, block_->size};
  }

 private:
  struct alignas(16) Block {
    std::uint32_t references;
    std::uint8_t* data;
    std::size_t size;
    MemoryPool* pool;
    ReleaseCallback release;  // for borrowed bytes, if anybody wants to know
    void* context;
    bool is_borrowed() const { return data != reinterpret_cast<const std::uint8_t*>(this + 1); }
  };
  explicit Buffer(Block* block) : block_(block), size_(block->size) {}
  Block* block_ = nullptr;
  std::size_t size_ = 0;  // here too: to ask for it must not wait for the block's cache line
};

}  // namespace hawser
