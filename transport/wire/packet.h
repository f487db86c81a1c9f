#pragma once
/// Packets as values: what a header says, and where the bytes behind it lie. WIRE_FORMAT.md is the
/// specification; this file holds its constants and no logic.

#include <cstdint>
#include <span>

#include "hawser/units.h"

namespace hawser::wire {

/// "HAW" and the version. 0 marks a VERSION packet and is never a version.
inline constexpr std::uint32_t kVersion1 = 0x48415701;
/// The versions that this library speaks, the preferred first.
inline constexpr std::uint32_t kSupportedVersions[] = {kVersion1};

/// An INIT datagram is padded to this, so that answering it cannot amplify (RFC 9000 s8.1).
inline constexpr ByteCount kInitSizeMin{1200};
/// Answers that keep no state (RETRY, VERSION, REFUSE) are at most this large.
inline constexpr ByteCount kStatelessAnswerSizeMax{128};
/// The one size of a stateless reset: type, token, checksum.
inline constexpr ByteCount kResetSize{21};
inline constexpr std::size_t kResetTokenSize = 16;
/// Ids that stand in short headers, and the one that an INIT invents, have at least so many bytes:
/// nobody should guess them.
inline constexpr std::size_t kShortIdSizeMin = 4;
inline constexpr std::size_t kInitialIdSizeMin = 8;
/// A packet that elicits an acknowledgement is padded to this, above the size of a reset, so that
/// every one of them can trigger a reset smaller than itself.
inline constexpr ByteCount kElicitingSizeMin{24};
/// The CRC32C behind every packet of the `crc32c` profile.
inline constexpr std::size_t kChecksumSize = 4;
/// Long packets and the datagrams that carry frames never exceed this (UDP over IPv4).
inline constexpr ByteCount kDatagramSizeMax{65507};

enum class PacketType : std::uint8_t {
  init,     ///< client: opens a connection (long header)
  retry,    ///< server: come again with this cookie (long header, stateless)
  accept,   ///< server: the connection exists (long header)
  version,  ///< server: speak one of these versions (long header, stateless)
  refuse,   ///< server: no, and why (long header, stateless)
  data,     ///< everything after the handshake (short header)
  reset     ///< the sender lost the connection's state (short form, one size)
};
inline constexpr bool has_long_header(PacketType type) { return type <= PacketType::refuse; }

/// The integrity profile of a connection's data packets, negotiated in the handshake.
enum class IntegrityProfile : std::uint8_t {
  crc32c = 1,  ///< finds damage and misdelivery, not forgery
  aead = 2     ///< reserved: a 16-byte tag instead of the checksum
};

/// One packet found in a datagram: its header decoded, its bytes not yet verified.
struct PacketView {
  PacketType type = PacketType::data;
  std::uint32_t version = 0;  ///< long headers only
  ConnectionId destination_id{};
  ConnectionId source_id{};    ///< long headers only
  bool immediate_ack = false;  ///< the sender asks for an acknowledgement at once
  std::uint32_t truncated_number = 0;
  std::uint8_t number_size = 0;             ///< bytes of the packet number in the header, 2 or 4
  std::span<const std::uint8_t> packet{};   ///< first byte of the header to the end of the trailer
  std::span<const std::uint8_t> payload{};  ///< between header and trailer
};

/// What every packet of a connection's one direction is checked against beside its own bytes, and
/// which is not sent (WIRE_FORMAT s3): the checksum over both ids, computed once.
struct PseudoHeader {
  std::uint32_t ids_checksum = 0;
};

}  // namespace hawser::wire
