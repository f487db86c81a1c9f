#pragma once
/// Strong types for every number that carries a unit or names a thing, so that no bare integer
/// crosses a function. Thread-safe: plain values.

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

#include "hawser/assert.h"
#include "hawser/time.h"

namespace hawser {

/// A signed amount of bytes. Differences may be negative; sizes never are.
class ByteCount {
 public:
  constexpr ByteCount() = default;
  constexpr explicit ByteCount(std::int64_t bytes) : bytes_(bytes) {}
  /// The size of an object in memory.
  static constexpr ByteCount of(std::size_t size) {
    return ByteCount(static_cast<std::int64_t>(size));
  }
  static constexpr ByteCount max() { return ByteCount(INT64_MAX); }

  constexpr std::int64_t value() const { return bytes_; }
  /// The same amount as a memory size. The amount must not be negative (asserted).
  constexpr std::size_t size() const {
    HAWSER_ASSERT(bytes_ >= 0);
    return static_cast<std::size_t>(bytes_);
  }

  constexpr auto operator<=>(const ByteCount&) const = default;
  constexpr ByteCount operator+(ByteCount other) const { return ByteCount(bytes_ + other.bytes_); }
  constexpr ByteCount operator-(ByteCount other) const { return ByteCount(bytes_ - other.bytes_); }
  constexpr ByteCount operator*(std::int64_t factor) const { return ByteCount(bytes_ * factor); }
  constexpr ByteCount operator/(std::int64_t divisor) const { return ByteCount(bytes_ / divisor); }
  constexpr ByteCount& operator+=(ByteCount other) { return *this = *this + other; }
  constexpr ByteCount& operator-=(ByteCount other) { return *this = *this - other; }

 private:
  std::int64_t bytes_ = 0;
};

/// A rate in bits per second; never negative.
class Bandwidth {
 public:
  constexpr Bandwidth() = default;
  static constexpr Bandwidth bits_per_second(std::int64_t bits) { return Bandwidth(bits); }
  /// The rate that moves `bytes` in `interval`; `infinite()` if the interval is not positive.
  static constexpr Bandwidth from(ByteCount bytes, Duration interval) {
    if (interval <= Duration::zero()) return infinite();
    const Wide bits = quotient(Wide(bytes.value()) * 8 * kNanosPerSecond, interval.count());
    return bits >= INT64_MAX ? infinite() : Bandwidth(static_cast<std::int64_t>(bits));
  }
  static constexpr Bandwidth infinite() { return Bandwidth(INT64_MAX); }
  static constexpr Bandwidth zero() { return Bandwidth(); }

  constexpr std::int64_t bits_per_second() const { return bits_; }
  constexpr bool is_infinite() const { return bits_ == INT64_MAX; }
  constexpr bool is_zero() const { return bits_ == 0; }

  /// Time to serialise `bytes`, rounded up to a nanosecond. Zero at infinite rate.
  constexpr Duration transfer_time(ByteCount bytes) const {
    if (is_infinite()) return Duration::zero();
    if (bits_ == 0) return kForever;
    const Wide nanos = quotient(Wide(bytes.value()) * 8 * kNanosPerSecond + bits_ - 1, bits_);
    return nanos >= INT64_MAX ? kForever : Duration(static_cast<std::int64_t>(nanos));
  }
  /// Whole bytes that pass in `interval`, rounded down.
  constexpr ByteCount bytes_in(Duration interval) const {
    if (interval <= Duration::zero()) return ByteCount(0);
    if (is_infinite()) return ByteCount::max();
    const Wide bytes = quotient(Wide(bits_) * interval.count(), 8 * kNanosPerSecond);
    return bytes >= INT64_MAX ? ByteCount::max() : ByteCount(static_cast<std::int64_t>(bytes));
  }
  /// This rate times numerator/denominator, rounded down; infinite stays infinite.
  constexpr Bandwidth scaled(std::int64_t numerator, std::int64_t denominator) const {
    if (is_infinite()) return *this;
    const Wide bits = quotient(Wide(bits_) * numerator, denominator);
    return bits >= INT64_MAX ? infinite() : Bandwidth(static_cast<std::int64_t>(bits));
  }
  constexpr auto operator<=>(const Bandwidth&) const = default;

 private:
  __extension__ using Wide = __int128;
  static constexpr std::int64_t kNanosPerSecond = 1'000'000'000;
  constexpr explicit Bandwidth(std::int64_t bits) : bits_(bits) {}
  // Most products fit in 64 bits, which processors divide many times faster than 128.
  static constexpr Wide quotient(Wide dividend, std::int64_t divisor) {
    const auto narrow = static_cast<std::int64_t>(dividend);
    return narrow == dividend ? Wide(narrow / divisor) : dividend / divisor;
  }
  std::int64_t bits_ = 0;
};

/// A number that names one thing in an ordered space and is never reused. `Tag` keeps the spaces
/// apart: a `Sequence` cannot be passed where a `PacketNumber` is wanted.
template <typename Tag>
class Ordinal {
 public:
  constexpr Ordinal() = default;
  constexpr explicit Ordinal(std::uint64_t value) : value_(value) {}
  /// The last number of the space: 62 bits, what a varint carries (RFC 9000 s16).
  static constexpr Ordinal last() { return Ordinal((std::uint64_t{1} << 62) - 1); }

  constexpr std::uint64_t value() const { return value_; }
  constexpr Ordinal next() const { return Ordinal(value_ + 1); }
  constexpr Ordinal operator+(std::uint64_t steps) const { return Ordinal(value_ + steps); }
  constexpr Ordinal operator-(std::uint64_t steps) const {
    HAWSER_ASSERT(steps <= value_);
    return Ordinal(value_ - steps);
  }
  /// How many steps lead from `earlier` to this one (asserted not to be negative).
  constexpr std::uint64_t since(Ordinal earlier) const {
    HAWSER_ASSERT(earlier.value_ <= value_);
    return value_ - earlier.value_;
  }
  constexpr auto operator<=>(const Ordinal&) const = default;

 private:
  std::uint64_t value_ = 0;
};

/// Names one transmission. Never reused, so every acknowledgement is unambiguous.
using PacketNumber = Ordinal<struct PacketNumberTag>;
/// Names one segment, however often it is transmitted.
using Sequence = Ordinal<struct SequenceTag>;
/// Names one message that the application sent on one connection. The first is 1; 0 names none.
using MessageId = Ordinal<struct MessageIdTag>;

/// Names an ordered line of messages within a connection. Channels do not block one another.
enum class ChannelId : std::uint16_t {};

/// The id in a packet's header by which its receiver finds the connection: 0..20 bytes, chosen by
/// that receiver (RFC 9000 s5.1).
class ConnectionId {
 public:
  static constexpr std::size_t kSizeMax = 20;

  constexpr ConnectionId() = default;
  /// Copies `bytes`, at most `kSizeMax` of them (asserted).
  explicit ConnectionId(std::span<const std::uint8_t> bytes)
      : size_(static_cast<std::uint8_t>(bytes.size())) {
    HAWSER_ASSERT(bytes.size() <= kSizeMax);
    if (!bytes.empty()) std::memcpy(bytes_.data(), bytes.data(), bytes.size());
  }
  std::span<const std::uint8_t> bytes() const { return {bytes_.data(), size_}; }
  constexpr std::size_t size() const { return size_; }
  constexpr bool operator==(const ConnectionId&) const = default;

 private:
  std::uint8_t size_ = 0;
  std::array<std::uint8_t, kSizeMax> bytes_{};
};

/// The application's name for one connection of one endpoint. A value: it stays safe to use after
/// the connection is gone (calls then answer `Errc::unknown_connection`). 0 names none.
enum class ConnectionHandle : std::uint64_t { none = 0 };

}  // namespace hawser
