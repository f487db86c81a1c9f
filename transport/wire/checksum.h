#pragma once
/// CRC32C (Castagnoli, RFC 3720 B.4), behind one seam with several engines.
///
/// All engines give the same values; the fastest that the processor runs is chosen once, at the
/// first use. Thread-safe: pure functions and one choice that never changes.

#include <cstdint>
#include <span>
#include <string_view>

namespace hawser::wire {

/// Continues a CRC over more bytes: `crc32c_extend(crc32c_extend(0, a), b) == crc32c(a ++ b)`.
std::uint32_t crc32c_extend(std::uint32_t crc, std::span<const std::uint8_t> bytes);
inline std::uint32_t crc32c(std::span<const std::uint8_t> bytes) { return crc32c_extend(0, bytes); }

/// One way to compute it. For tests, benchmarks and statistics; `is_available` tells whether this
/// processor and build can run `extend`.
struct ChecksumEngine {
  std::string_view name;  ///< "isal", "sse4.2", "armv8", "slicing8", "boost"
  bool is_available;
  std::uint32_t (*extend)(std::uint32_t crc, std::span<const std::uint8_t> bytes);
};
/// Every engine of this build, the preferred first; the last one (Boost.CRC) is always available.
std::span<const ChecksumEngine> checksum_engines();
/// The engine that `crc32c_extend` uses.
const ChecksumEngine& checksum_engine();

}  // namespace hawser::wire
