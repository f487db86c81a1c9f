// Intel's ISA-L, where the build found it (CMake option HAWSER_ISAL). It chooses its own best
// variant for the processor.
#include "transport/wire/checksum_engines.h"

#ifdef HAWSER_HAVE_ISAL
#include <isa-l/crc.h>

#include <algorithm>
#include <climits>
#endif

namespace hawser::wire {
#ifdef HAWSER_HAVE_ISAL
namespace {

std::uint32_t extend(std::uint32_t crc, std::span<const std::uint8_t> bytes) {
  // ISA-L leaves both inversions to its caller, takes an `int` for the size, and only its
  // declaration lacks the `const`.
  std::uint32_t state = ~crc;
  while (!bytes.empty()) {
    const std::size_t size = std::min<std::size_t>(bytes.size(), INT_MAX);
    state = crc32_iscsi(const_cast<unsigned char*>(bytes.data()), static_cast<int>(size), state);
    bytes = bytes.subspan(size);
  }
  return ~state;
}

}  // namespace

ChecksumEngine isal_engine() { return {.name = "isal", .is_available = true, .extend = extend}; }
#else
ChecksumEngine isal_engine() { return {.name = "isal", .is_available = false, .extend = nullptr}; }
#endif
}  // namespace hawser::wire
