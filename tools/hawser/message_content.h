#pragma once
/// What the tool's test messages contain: every one names itself and fills the rest with bytes that
/// depend on its name and on their place, so that its receiver can tell by content alone which one
/// it is and whether every byte is right.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "hawser/time.h"

namespace hawser::cli {

/// Messages of at least this size also carry the time at which they were due.
inline constexpr std::size_t kStampedSizeMin = 24;

/// Which message of a flow it is, and since when it was due on the clock of its sender.
struct MessageStamp {
  std::uint64_t index = 0;
  TimePoint due{};
};

/// How many low bits of its index a message of that size carries: 0, 8, 16, 32, or 64 (stamped).
unsigned index_bits_of(std::size_t size);

/// Fills a whole message. `flow_key` tells flows apart: the bytes of one never pass for another's.
void fill_message(std::span<std::uint8_t> message, std::uint64_t flow_key,
                  const MessageStamp& stamp);

/// What a message says about itself.
struct ReadStamp {
  std::uint64_t index_low = 0;   ///< the low `index_bits_of(size)` bits of its index
  std::optional<TimePoint> due;  ///< if it is large enough to carry it
};
/// Reads a message and compares every byte; nothing if any of them is wrong.
std::optional<ReadStamp> read_message(std::span<const std::uint8_t> message,
                                      std::uint64_t flow_key);

}  // namespace hawser::cli
