#pragma once
/// Where the bits and checksums of a packet lie (WIRE_FORMAT s2, s3): what the packet encoder and
/// decoder share and no one else needs to know.

#include <cstddef>
#include <cstdint>
#include <span>

#include "hawser/units.h"
#include "transport/wire/packet.h"

namespace hawser::wire {

inline constexpr std::uint8_t kLongHeader = 0x80;

// Long headers: the type in bits 6..4, zeros below.
inline constexpr unsigned kLongTypeShift = 4;
inline constexpr std::uint8_t kLongZeroBits = 0x0f;
constexpr std::uint8_t long_first_byte(PacketType type) {
  return static_cast<std::uint8_t>(kLongHeader | static_cast<unsigned>(type) << kLongTypeShift);
}

// Short headers.
inline constexpr std::uint8_t kReset = 0x40;      // the whole first byte of a reset
inline constexpr std::uint8_t kNumberBit = 0x20;  // the lowest bit of the number's unsent part
inline constexpr std::uint8_t kImmediateAck = 0x10;
inline constexpr std::uint8_t kPathId = 0x08;  // reserved, zero in version 1
// Three equal bits, so that one or two damaged bits never turn one size into the other.
inline constexpr std::uint8_t kNumberSizeBits = 0x07;  // 000: 2 bytes, 111: 4 bytes

constexpr std::size_t number_size_of(std::uint8_t first_byte) {
  return (first_byte & kNumberSizeBits) == 0 ? 2 : 4;
}
/// The lowest bit of the part of `number` that is not sent. The receiver guesses that part from the
/// sent one; where damage makes it guess wrongly it is off by exactly one, and this bit tells.
constexpr bool number_bit_of(PacketNumber number, std::size_t number_size) {
  return (number.value() >> (8 * number_size) & 1) != 0;
}

/// The checksum of a data packet: over the pseudo-header, then `covered`, all bytes but the
/// trailer.
std::uint32_t data_packet_checksum(std::span<const std::uint8_t> covered,
                                   PseudoHeader pseudo_header, PacketNumber number);

// The trailer goes out lowest byte first, unlike every other field: only then is a packet with its
// trailer a codeword of the CRC, and a burst of errors across the seam as detectable as any other.
std::uint32_t read_trailer(std::span<const std::uint8_t, kChecksumSize> trailer);
void write_trailer(std::span<std::uint8_t, kChecksumSize> trailer, std::uint32_t checksum);

}  // namespace hawser::wire
