#pragma once
/// The ranges of the configuration that config.h states in words. `validate` holds values to them;
/// whoever relies on a range includes this.

#include <cstdint>

#include "hawser/time.h"
#include "hawser/units.h"

namespace hawser {

/// Longer intervals are surely mistakes, and time points must not overflow.
inline constexpr Duration kIntervalMax = std::chrono::hours(24 * 365);
/// Timeouts travel in milliseconds: a shorter one would round to "none".
inline constexpr Duration kTimeoutMin = std::chrono::milliseconds(1);

inline constexpr std::uint32_t kChannelsMax = 1 << 16;
inline constexpr ByteCount kMessageSizeMax{16 << 20};
inline constexpr std::uint64_t kWindowSegmentsMax = 1 << 20;
/// Windows and budgets in bytes stay far from overflow.
inline constexpr ByteCount kMemoryMax{std::int64_t{1} << 40};
/// A message's charge is its size and a little more; less than this carries none worth sending.
inline constexpr ByteCount kReceiveWindowMin{1024};
inline constexpr std::uint32_t kSendMessagesMax = 1 << 24;
inline constexpr std::int64_t kFixedWindowMax = 1 << 20;
inline constexpr std::int64_t kLossThresholdMax = 50;

/// A connection's id holds its slot in 24 bits.
inline constexpr std::uint32_t kConnectionsMax = 1 << 24;
inline constexpr std::size_t kConnectionIdSizeMin = 8;
/// A client repeats its INIT after 6 s at the latest: a cookie must live to see that.
inline constexpr Duration kCookieLifetimeMin = std::chrono::seconds(10);

}  // namespace hawser
