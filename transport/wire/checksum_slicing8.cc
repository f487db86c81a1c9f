// Slicing-by-8 (Kounavis and Berry, 2005): eight table look-ups that do not wait for one another
// take eight bytes at once. For processors without a CRC instruction.
#include <array>

#include "transport/wire/checksum_engines.h"

namespace hawser::wire {
namespace {

using Tables = std::array<std::array<std::uint32_t, 256>, 8>;

/// Table k holds the CRC of each byte followed by k zero bytes.
constexpr Tables make_tables() {
  Tables tables{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    std::uint32_t crc = byte;
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ ((crc & 1) != 0 ? kCrc32cReflected : 0);
    tables[0][byte] = crc;
  }
  for (std::size_t k = 1; k < tables.size(); ++k) {
    for (std::size_t byte = 0; byte < 256; ++byte) {
      const std::uint32_t crc = tables[k - 1][byte];
      tables[k][byte] = crc >> 8 ^ tables[0][crc & 0xff];
    }
  }
  return tables;
}

constexpr Tables kTables = make_tables();

std::uint32_t extend(std::uint32_t crc, std::span<const std::uint8_t> bytes) {
  crc = ~crc;
  std::size_t i = 0;
  for (; bytes.size() - i >= 8; i += 8) {
    // The register meets the first four bytes; byte by byte, so any alignment and byte order will
    // do.
    std::uint32_t next = 0;
    for (std::size_t k = 0; k < 4; ++k) {
      next ^= kTables[7 - k][bytes[i + k] ^ (crc >> (8 * k) & 0xff)];
      next ^= kTables[3 - k][bytes[i + 4 + k]];
    }
    crc = next;
  }
  for (; i < bytes.size(); ++i) crc = crc >> 8 ^ kTables[0][(crc ^ bytes[i]) & 0xff];
  return ~crc;
}

}  // namespace

ChecksumEngine slicing8_engine() {
  return {.name = "slicing8", .is_available = true, .extend = extend};
}

}  // namespace hawser::wire
