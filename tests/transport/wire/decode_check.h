#pragma once
/// Decodes all that a datagram holds and checks the decoder on the way. The tests and the fuzz
/// targets share it: whatever decodes must be encodable again, and mean the same then.

#include <cstddef>
#include <cstdint>
#include <span>

namespace hawser::wire::samples {

/// How far the decoder came.
struct Decoded {
  std::size_t packets = 0;
  std::size_t bodies = 0;  ///< handshake bodies that decoded
  std::size_t frames = 0;  ///< frames that decoded
  bool is_valid = false;   ///< everything decoded
};

/// Decodes packets, bodies and frames without judging the checksums, which would hide the rest from
/// mutated bytes. Aborts the program where the decoder breaks a promise.
Decoded decode_and_check(std::span<const std::uint8_t> datagram, std::size_t local_id_size);
/// The same for the payload of one data packet.
Decoded decode_and_check_frames(std::span<const std::uint8_t> payload);

}  // namespace hawser::wire::samples
