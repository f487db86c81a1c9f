#pragma once
/// The engines behind checksum.h, one file each. An engine that this build or processor cannot run
/// says so in `is_available`; its function is never called then.

#include "transport/wire/checksum.h"

namespace hawser::wire {

/// The Castagnoli polynomial x^32 + x^28 + ... + 1, and the same with its bits reversed: the CRC
/// works on reflected bits, the lowest bit of a byte first.
inline constexpr std::uint32_t kCrc32cPolynomial = 0x1EDC6F41;
inline constexpr std::uint32_t kCrc32cReflected = 0x82F63B78;

ChecksumEngine isal_engine();
ChecksumEngine sse42_engine();
ChecksumEngine armv8_engine();
ChecksumEngine slicing8_engine();
ChecksumEngine boost_engine();

}  // namespace hawser::wire
