#pragma once
/// Every error that the library reports, as `std::error_code` values of one category.
///
/// `message()` of each is one sentence that says what was wrong and what to do.

#include <cstdint>
#include <system_error>

namespace hawser {

/// Errors of calls (misuse and refusals) and of decoding.
enum class Errc {
  ok = 0,
  // Refusals of an application call.
  would_block,           ///< the send buffer is full; wait for the `Writable` event
  not_enough_memory,     ///< the memory pool's budget is used up
  unknown_connection,    ///< the handle names no open connection
  connection_closing,    ///< `send` after `close`
  message_too_large,     ///< larger than the peer or the configuration accepts
  unknown_channel,       ///< the channel number is not below `channels_max`
  too_many_connections,  ///< `connections_max` is reached
  invalid_config,        ///< a configuration value is outside its range
  invalid_address,       ///< an address that cannot be sent to
  // Bytes from the network that were refused.
  truncated,        ///< the bytes end inside a field
  malformed,        ///< a field has a value that its place forbids
  bad_checksum,     ///< the integrity trailer does not fit the bytes
  unknown_version,  ///< the packet is of a version that we do not speak
};

/// Why a connection ended. Values below 0x100 travel in close frames (WIRE_FORMAT s6).
enum class CloseReason : std::uint64_t {
  none = 0,                 ///< closed by `close`, everything delivered
  aborted = 1,              ///< closed by `abort`
  protocol_error = 2,       ///< the peer broke the protocol
  flow_control_error = 3,   ///< the peer sent beyond its credit
  integrity_error = 4,      ///< a message's own CRC did not match after reassembly
  internal_error = 5,       ///< a defect of ours, contained to this connection
  out_of_memory = 6,        ///< the memory pool could not carry the connection on
  refused = 7,              ///< the server's admission refused it
  server_full = 8,          ///< the server's connection limit is reached
  version_mismatch = 9,     ///< no common version or integrity profile
  handshake_mismatch = 10,  ///< the peer answered another INIT than ours
  // Found out locally; never sent.
  idle_timeout = 0x100,       ///< nothing came for the idle timeout
  handshake_timeout = 0x101,  ///< the handshake did not finish in time
  stateless_reset = 0x102     ///< the peer lost its state (it restarted)
};

/// A close reason's field name, as logs and JSON show it: "none", "idle_timeout", ...
const char* to_string(CloseReason reason);

const std::error_category& error_category() noexcept;
inline std::error_code make_error_code(Errc code) noexcept {
  return {static_cast<int>(code), error_category()};
}

}  // namespace hawser

template <>
struct std::is_error_code_enum<hawser::Errc> : std::true_type {};
