#pragma once
/// Durations and limits as the wire carries them: whole micro- or milliseconds, bounded so that
/// every decoded value fits a `Duration`. Used by the codecs of this folder only.

#include <algorithm>
#include <chrono>
#include <cstdint>

#include "hawser/time.h"
#include "hawser/units.h"
#include "transport/wire/byte_reader.h"
#include "transport/wire/byte_writer.h"
#include "transport/wire/frame.h"

namespace hawser::wire {

/// The longest durations on the wire, about 140 years either way. Larger ones are malformed.
inline constexpr std::int64_t kMicrosecondsMax = (std::int64_t{1} << 52) - 1;
inline constexpr std::int64_t kMillisecondsMax = (std::int64_t{1} << 42) - 1;

inline Duration read_microseconds(ByteReader& reader) {
  return std::chrono::microseconds(
      static_cast<std::int64_t>(reader.varint_up_to(kMicrosecondsMax)));
}
inline Duration read_milliseconds(ByteReader& reader) {
  return std::chrono::milliseconds(
      static_cast<std::int64_t>(reader.varint_up_to(kMillisecondsMax)));
}
/// A duration as a count of `Unit`, rounded down and held within [0, max].
template <typename Unit>
std::uint64_t duration_count(Duration duration, std::int64_t max) {
  const std::int64_t count = std::chrono::duration_cast<Unit>(duration).count();
  return static_cast<std::uint64_t>(std::clamp<std::int64_t>(count, 0, max));
}
inline std::uint64_t microseconds_of(Duration duration) {
  return duration_count<std::chrono::microseconds>(duration, kMicrosecondsMax);
}
inline std::uint64_t milliseconds_of(Duration duration) {
  return duration_count<std::chrono::milliseconds>(duration, kMillisecondsMax);
}

inline ByteCount read_byte_count(ByteReader& reader) {
  return ByteCount(static_cast<std::int64_t>(reader.varint()));
}
/// An amount as a varint; "unlimited" becomes the largest varint.
inline std::uint64_t byte_count_of(ByteCount bytes) { return std::min(bytes.size(), kVarintMax); }

inline Credit read_credit(ByteReader& reader) {
  return Credit{.sequence_limit = Sequence(reader.varint()),
                .message_limit = read_byte_count(reader)};
}
inline void write_credit(ByteWriter& writer, const Credit& credit) {
  writer.varint(std::min(credit.sequence_limit.value(), kVarintMax));
  writer.varint(byte_count_of(credit.message_limit));
}

}  // namespace hawser::wire
