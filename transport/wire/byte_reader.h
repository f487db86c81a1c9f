#pragma once
/// Reads network-order fields from bytes that came from the network.
///
/// The first error sticks: later reads give zeros and empty spans, so that a parser reads all its
/// fields and asks once. A small value; used by the decoders of this folder only.

#include <cstddef>
#include <cstdint>
#include <span>

#include "hawser/assert.h"
#include "hawser/error.h"

namespace hawser::wire {

class ByteReader {
 public:
  explicit ByteReader(std::span<const std::uint8_t> bytes) : rest_(bytes) {}

  bool ok() const { return error_ == Errc::ok; }
  Errc error() const { return error_; }
  /// What has not been read.
  std::span<const std::uint8_t> rest() const { return rest_; }

  /// Gives the reader an error of the caller's finding; the first one stays.
  void fail(Errc error) {
    if (ok()) error_ = error;
    rest_ = {};
  }
  /// Fails as malformed unless `condition` holds.
  void require(bool condition) {
    if (!condition) fail(Errc::malformed);
  }
  /// Fails as malformed unless everything has been read.
  void require_end() { require(rest_.empty()); }

  std::uint8_t u8() { return fixed<std::uint8_t>(); }
  std::uint16_t u16() { return fixed<std::uint16_t>(); }
  std::uint32_t u32() { return fixed<std::uint32_t>(); }
  std::uint64_t u64() { return fixed<std::uint64_t>(); }

  /// An unsigned number of `size` bytes: 1, 2, 4 or 8 (asserted).
  std::uint64_t big_endian(std::size_t size) {
    switch (size) {
      case 1:
        return u8();
      case 2:
        return u16();
      case 4:
        return u32();
      default:
        HAWSER_ASSERT(size == 8);
        return u64();
    }
  }

  /// A variable-length integer (RFC 9000 s16). One value has one encoding: a longer form than
  /// needed is malformed.
  std::uint64_t varint() {
    if (rest_.empty()) {
      fail(Errc::truncated);
      return 0;
    }
    const std::uint8_t first = rest_[0];
    if (first < 0x40) {  // most are small
      rest_ = rest_.subspan(1);
      return first;
    }
    const std::size_t size = std::size_t{1} << (first >> 6);
    const std::uint64_t value = big_endian(size) & ~(std::uint64_t{3} << (8 * size - 2));
    // The next smaller form carries 8 * (size / 2) - 2 bits.
    require(value >> (4 * size - 2) != 0);
    return ok() ? value : 0;
  }
  /// A varint of at most `max`.
  std::uint64_t varint_up_to(std::uint64_t max) {
    const std::uint64_t value = varint();
    require(value <= max);
    return ok() ? value : 0;
  }

  std::span<const std::uint8_t> take(std::size_t size) {
    if (size > rest_.size()) {
      fail(Errc::truncated);
      return {};
    }
    const auto taken = rest_.first(size);
    rest_ = rest_.subspan(size);
    return taken;
  }
  /// Bytes behind a varint that says how many, at most `max`.
  std::span<const std::uint8_t> take_counted(std::size_t max) { return take(varint_up_to(max)); }

 private:
  // With a size that the compiler knows these few steps become one load.
  template <typename T>
  T fixed() {
    const auto bytes = take(sizeof(T));
    if (bytes.empty()) return 0;
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < sizeof(T); ++i) value = value << 8 | bytes[i];
    return static_cast<T>(value);
  }

  std::span<const std::uint8_t> rest_;
  Errc error_ = Errc::ok;
};

}  // namespace hawser::wire
