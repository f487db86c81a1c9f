// The CRC32C instructions of Armv8 (optional in 8.0, part of 8.1).
#include "transport/wire/checksum_engines.h"

#if defined(__aarch64__) && (defined(__linux__) || defined(__APPLE__))
#include <cstring>
#ifdef __linux__
#include <sys/auxv.h>
#endif
#define HAWSER_HAS_ARM_CRC
#endif

namespace hawser::wire {
#ifdef HAWSER_HAS_ARM_CRC
namespace {

bool has_crc_instructions() {
#ifdef __linux__
  constexpr unsigned long kHwcapCrc32 = 1UL << 7;
  return (getauxval(AT_HWCAP) & kHwcapCrc32) != 0;
#else
  return true;  // every 64-bit Apple processor
#endif
}

// In assembler, because the intrinsics exist only where the whole file is compiled for Armv8.1.
std::uint32_t crc_word(std::uint32_t crc, std::uint64_t word) {
  __asm__(".arch_extension crc\n\tcrc32cx %w0, %w0, %x1" : "+r"(crc) : "r"(word));
  return crc;
}
std::uint32_t crc_byte(std::uint32_t crc, std::uint32_t byte) {
  __asm__(".arch_extension crc\n\tcrc32cb %w0, %w0, %w1" : "+r"(crc) : "r"(byte));
  return crc;
}

std::uint32_t extend(std::uint32_t crc, std::span<const std::uint8_t> bytes) {
  crc = ~crc;
  for (; bytes.size() >= 8; bytes = bytes.subspan(8)) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data(), sizeof(word));
#ifdef __AARCH64EB__
    word = __builtin_bswap64(word);
#endif
    crc = crc_word(crc, word);
  }
  for (const std::uint8_t byte : bytes) crc = crc_byte(crc, byte);
  return ~crc;
}

}  // namespace

ChecksumEngine armv8_engine() {
  return {.name = "armv8", .is_available = has_crc_instructions(), .extend = extend};
}
#else
ChecksumEngine armv8_engine() {
  return {.name = "armv8", .is_available = false, .extend = nullptr};
}
#endif
}  // namespace hawser::wire
