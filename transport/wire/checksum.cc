#include "transport/wire/checksum.h"

#include <algorithm>
#include <array>

#include "transport/wire/checksum_engines.h"

namespace hawser::wire {

std::span<const ChecksumEngine> checksum_engines() {
  // By their speed at the size of a packet; ISA-L is behind our own on x86 and ahead of it on Arm.
  static const std::array kEngines{sse42_engine(), isal_engine(), armv8_engine(), slicing8_engine(),
                                   boost_engine()};
  return kEngines;
}

const ChecksumEngine& checksum_engine() {
  static const ChecksumEngine& kChosen =
      *std::ranges::find_if(checksum_engines(), &ChecksumEngine::is_available);
  return kChosen;
}

std::uint32_t crc32c_extend(std::uint32_t crc, std::span<const std::uint8_t> bytes) {
  return checksum_engine().extend(crc, bytes);
}

}  // namespace hawser::wire
