#pragma once
/// Writes network-order fields into a space of fixed size.
///
/// What does not fit is not written and sticks as `overflowed()`, so that an encoder writes all its
/// fields and asks once. A small value; used by the encoders of this folder only.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

#include "hawser/assert.h"

namespace hawser::wire {

/// The largest value of a varint (RFC 9000 s16).
inline constexpr std::uint64_t kVarintMax = (std::uint64_t{1} << 62) - 1;

/// Bytes that a varint of `value` takes: 1, 2, 4 or 8.
constexpr std::size_t varint_size(std::uint64_t value) {
  if (value < (1U << 6)) return 1;
  if (value < (1U << 14)) return 2;
  return value < (1U << 30) ? 4 : 8;
}

class ByteWriter {
 public:
  explicit ByteWriter(std::span<std::uint8_t> space) : space_(space) {}

  /// Bytes written so far.
  std::size_t size() const { return size_; }
  std::size_t remaining() const { return space_.size() - size_; }
  bool overflowed() const { return overflowed_; }
  std::span<const std::uint8_t> written() const { return space_.first(size_); }

  void u8(std::uint8_t value) { low_bytes<1>(value); }
  void u16(std::uint16_t value) { low_bytes<2>(value); }
  void u32(std::uint32_t value) { low_bytes<4>(value); }
  void u64(std::uint64_t value) { low_bytes<8>(value); }

  /// The low `size` bytes of `value`: 1, 2, 4 or 8 (asserted).
  void big_endian(std::uint64_t value, std::size_t size) {
    switch (size) {
      case 1:
        return low_bytes<1>(value);
      case 2:
        return low_bytes<2>(value);
      case 4:
        return low_bytes<4>(value);
      default:
        HAWSER_ASSERT(size == 8);
        return low_bytes<8>(value);
    }
  }
  /// The shortest varint of `value`, which must not exceed `kVarintMax` (asserted).
  void varint(std::uint64_t value) {
    HAWSER_ASSERT(value <= kVarintMax);
    const std::size_t size = varint_size(value);
    const unsigned log2_size = size == 8 ? 3 : static_cast<unsigned>(size / 2);
    big_endian(value | std::uint64_t{log2_size} << (8 * size - 2), size);
  }
  void bytes(std::span<const std::uint8_t> bytes) {
    if (!has_room(bytes.size()) || bytes.empty()) return;
    std::memcpy(space_.data() + size_, bytes.data(), bytes.size());
    size_ += bytes.size();
  }
  /// A varint of the size, then the bytes.
  void counted(std::span<const std::uint8_t> counted_bytes) {
    varint(counted_bytes.size());
    bytes(counted_bytes);
  }
  void zeros(std::size_t count) {
    if (!has_room(count)) return;
    std::fill_n(space_.begin() + static_cast<std::ptrdiff_t>(size_), count, std::uint8_t{0});
    size_ += count;
  }
  /// Overwrites a field that was written before (a length known only at the end).
  void patch_u16(std::size_t at, std::size_t value) {
    HAWSER_ASSERT(at + 2 <= size_ && value <= 0xffff);
    space_[at] = static_cast<std::uint8_t>(value >> 8);
    space_[at + 1] = static_cast<std::uint8_t>(value);
  }

 private:
  // With a size that the compiler knows these few steps become one store.
  template <std::size_t kSize>
  void low_bytes(std::uint64_t value) {
    if (!has_room(kSize)) return;
    for (std::size_t i = kSize; i > 0; --i, value >>= 8) {
      space_[size_ + i - 1] = static_cast<std::uint8_t>(value);
    }
    size_ += kSize;
  }
  bool has_room(std::size_t size) {
    if (size > remaining()) overflowed_ = true;
    return !overflowed_;
  }

  std::span<std::uint8_t> space_;
  std::size_t size_ = 0;
  bool overflowed_ = false;
};

}  // namespace hawser::wire
