#pragma once
/// The flags in a frame's type byte (WIRE_FORMAT s6): what the frame encoder and decoder share.

#include <cstdint>

#include "hawser/error.h"
#include "transport/wire/byte_reader.h"
#include "transport/wire/frame.h"

namespace hawser::wire {

// ACK, beside FrameType::ack.
inline constexpr unsigned kAckHasEcn = 0x01;
inline constexpr unsigned kAckHasCredit = 0x02;

// SEGMENT and UNSEQUENCED.
inline constexpr unsigned kSegment = static_cast<unsigned>(FrameType::segment);
inline constexpr unsigned kUnsequenced = static_cast<unsigned>(FrameType::unsequenced);
inline constexpr unsigned kSegmentHasLength = 0x01;  // else the bytes end with the payload
inline constexpr unsigned kSegmentFragment = 0x02;   // offset and total follow
inline constexpr unsigned kSegmentUnordered = 0x04;
inline constexpr unsigned kSegmentHasChecksum = 0x08;
inline constexpr unsigned kSegmentReservedBits = 0x30;      // 0x10: extension fields to come
inline constexpr unsigned kUnsequencedReservedBits = 0x10;  // and kSegmentUnordered

/// A reason that this version does not know counts as `aborted`: the connection ended either way.
/// Reasons from 0x100 on are local findings and never sent.
inline CloseReason read_close_reason(ByteReader& reader) {
  const std::uint64_t value = reader.varint();
  constexpr auto kLast = static_cast<std::uint64_t>(CloseReason::handshake_mismatch);
  return value <= kLast ? static_cast<CloseReason>(value) : CloseReason::aborted;
}
inline std::uint64_t close_reason_value(CloseReason reason) {
  constexpr std::uint64_t kFirstLocal = 0x100;
  const auto value = static_cast<std::uint64_t>(reason);
  return value < kFirstLocal ? value : static_cast<std::uint64_t>(CloseReason::aborted);
}

}  // namespace hawser::wire
