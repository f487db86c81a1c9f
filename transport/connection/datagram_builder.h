#pragma once
/// Says what the next datagram carries: probes and lost segments first, then acknowledgements,
/// control frames and new segments, as far as windows and pacing allow.

#include <span>
#include <string_view>

#include "transport/connection/connection_parts.h"

namespace hawser {

/// What a CLOSE frame says.
struct CloseNotice {
  CloseReason reason = CloseReason::none;
  std::uint64_t application_code = 0;
  std::string_view phrase;
};

/// The packet number's size in every data packet. Fixed, so that a retransmitted segment always
/// fits where it fitted before.
inline constexpr std::size_t kPacketNumberSize = 4;

/// The next datagram on the current path, into `space` (at least `parts.datagram_size`); 0 if there
/// is nothing to say now. Depends on the connection's state and `now` alone.
std::size_t build_datagram(ConnectionParts& parts, TimePoint now, std::span<std::uint8_t> space);
/// The INIT or ACCEPT. 0 without memory.
std::size_t build_handshake(ConnectionParts& parts, TimePoint now, std::span<std::uint8_t> space);
/// A datagram with a path challenge or response alone. 0 without memory.
std::size_t build_path_probe(ConnectionParts& parts, TimePoint now, std::span<std::uint8_t> space,
                             const PathValidator::Probe& probe);
/// A datagram with a CLOSE alone. 0 without memory.
std::size_t build_close(ConnectionParts& parts, TimePoint now, std::span<std::uint8_t> space,
                        const CloseNotice& notice);

/// Whether `build_datagram` has leave to say something now. Tells recovery what would keep another
/// datagram from leaving, or that nothing is there to send: a packet that is sent later counts as
/// app-limited by that.
bool may_send(ConnectionParts& parts, TimePoint now);
/// Whether there is anything to say apart from what windows and pacing hold back.
bool has_something_to_say(const ConnectionParts& parts, TimePoint now);
/// The segments that a full datagram of the current size cannot carry are cut anew. False without
/// memory.
[[nodiscard]] bool cut_segments_to_datagram_size(ConnectionParts& parts);

}  // namespace hawser
