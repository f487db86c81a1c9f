// The reference: a table of 256 entries, one byte at a time. It runs everywhere, so it is also the
// last resort.
#include <boost/crc.hpp>

#include "transport/wire/checksum_engines.h"

namespace hawser::wire {
namespace {

using BoostCrc32c = boost::crc_optimal<32, kCrc32cPolynomial, 0xFFFFFFFF, 0xFFFFFFFF, true, true>;

constexpr std::uint32_t reversed(std::uint32_t word) {
  std::uint32_t result = 0;
  for (int i = 0; i < 32; ++i, word >>= 1) result = result << 1 | (word & 1);
  return result;
}

std::uint32_t extend(std::uint32_t crc, std::span<const std::uint8_t> bytes) {
  // Boost takes the register as it was before the final inversion, and not reflected.
  BoostCrc32c state(reversed(~crc));
  state.process_bytes(bytes.data(), bytes.size());
  return state.checksum();
}

}  // namespace

ChecksumEngine boost_engine() { return {.name = "boost", .is_available = true, .extend = extend}; }

}  // namespace hawser::wire
