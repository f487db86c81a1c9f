#pragma once
/// Explicit congestion notification: a network that is about to be full marks datagrams instead of
/// dropping them (RFC 3168; RFC 9000 s13.4).

#include <compare>
#include <cstdint>
#include <string_view>

namespace hawser {

/// The two ECN bits of an IP header (RFC 3168).
enum class Ecn : std::uint8_t { not_ect = 0, ect1 = 1, ect0 = 2, ce = 3 };

/// How many packets arrived with which mark.
struct EcnCounts {
  std::uint64_t ect0 = 0;
  std::uint64_t ect1 = 0;
  std::uint64_t ce = 0;  ///< congestion experienced
  auto operator<=>(const EcnCounts&) const = default;
};

/// What a sender knows of its path (RFC 9000 appendix A.4).
enum class EcnState : std::uint8_t {
  off,      ///< not asked for
  testing,  ///< some packets leave marked as ECN-capable, to see how they fare
  unknown,  ///< enough of them are under way; nothing is marked until one is acknowledged
  capable,  ///< the path keeps marks and the peer reports them
  failed    ///< it does not: nothing is marked any more
};

/// The enumerator's name; qlog has all but "off".
constexpr std::string_view to_string(EcnState state) {
  switch (state) {
    case EcnState::off:
      return "off";
    case EcnState::testing:
      return "testing";
    case EcnState::unknown:
      return "unknown";
    case EcnState::capable:
      return "capable";
    case EcnState::failed:
      break;
  }
  return "failed";
}

}  // namespace hawser
