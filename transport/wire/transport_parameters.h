#pragma once
/// What each side tells the other in the handshake, as (id, length, value). Unknown ids are ignored
/// and are part of the transcript (WIRE_FORMAT s4).

#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "hawser/result.h"
#include "hawser/time.h"
#include "hawser/units.h"
#include "transport/wire/frame.h"
#include "transport/wire/packet.h"

namespace hawser::wire {

/// The peer's ARQ for the whole connection; the client proposes, the server adopts.
enum class ArqProtocol : std::uint8_t { selective_repeat = 0, go_back_n = 1, stop_and_wait = 2 };

/// The longest `ack_delay_max` that is believed (RFC 9000 s18.2): other timers rest on it.
inline constexpr Duration kAckDelayLimit = std::chrono::milliseconds((1 << 14) - 1);

/// Values of an absent parameter are the members' initial values.
struct TransportParameters {
  Duration idle_timeout{0};           ///< 0: none; milliseconds on the wire
  ByteCount datagram_size_max{1200};  ///< largest datagram that the sender of this accepts
  ByteCount message_size_max{0};      ///< largest message that it accepts
  Credit initial_credit{};            ///< before the first ACK or WINDOW
  std::uint64_t channels_max = 1;
  Duration ack_delay_max{0};  ///< microseconds on the wire
  ArqProtocol arq = ArqProtocol::selective_repeat;
  /// INIT: the accepted profiles as a bit set (1 << profile). ACCEPT: the one chosen.
  std::uint64_t integrity_profiles = 1U << static_cast<unsigned>(IntegrityProfile::crc32c);
  std::optional<std::array<std::uint8_t, kResetTokenSize>> reset_token{};
  std::optional<std::uint64_t> incarnation{};  ///< ACCEPT: changes when the server restarts
  std::optional<std::array<std::uint8_t, 16>> instance_id{};  ///< INIT: names the client process
  std::optional<std::uint64_t> transcript{};  ///< ACCEPT: hash of the INIT as received
  std::span<const std::uint8_t> token{};  ///< ACCEPT: skips RETRY next time; at most kTokenSizeMax
};

/// Errors: `truncated`, `malformed` (a value out of its range, an id twice).
Result<TransportParameters> parse_parameters(std::span<const std::uint8_t> encoded);
/// Writes them and returns the size, or 0 if `space` is too small. Defaults are left out.
std::size_t write_parameters(std::span<std::uint8_t> space, const TransportParameters& parameters);

}  // namespace hawser::wire
