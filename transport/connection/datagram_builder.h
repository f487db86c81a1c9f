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

/// What was written: nothing if `size` is 0.
struct BuiltDatagram {
  std::size_t size = 0;
  Ecn ecn = Ecn::not_ect;
  bool is_mtu_probe = false;  ///< larger than the path is known to carry
};

/// The next datagram on the current path, into `space` (at least `parts.datagram_size`, and what
/// `next_mtu_probe` says); nothing if there is nothing to say now. Depends on the connection's
/// state and `now` alone.
BuiltDatagram build_datagram(ConnectionParts& parts, TimePoint now, std::span<std::uint8_t> space);
/// The size of the MTU probe that the next datagram is; nothing if it is another one.
std::optional<ByteCount> next_mtu_probe(ConnectionParts& parts, TimePoint now);
/// The INIT or ACCEPT. Nothing without memory.
BuiltDatagram build_handshake(ConnectionParts& parts, TimePoint now, std::span<std::uint8_t> space);
/// A datagram with a path challenge or response alone. Nothing without memory.
BuiltDatagram build_path_probe(ConnectionParts& parts, TimePoint now, std::span<std::uint8_t> space,
                               const PathValidator::Probe& probe);
/// A datagram with a CLOSE alone. Nothing without memory.
BuiltDatagram build_close(ConnectionParts& parts, TimePoint now, std::span<std::uint8_t> space,
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
