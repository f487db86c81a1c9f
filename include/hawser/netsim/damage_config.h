#pragma once
/// What of the datagrams arrives other than it was sent, elsewhere, or once more. Plain structs,
/// parts of `LinkConfig`.

#include <chrono>
#include <cstdint>

#include "hawser/netsim/probability.h"
#include "hawser/time.h"

namespace hawser::netsim {

/// Damage, each kind with its own chance; more than one may befall a datagram, in the order below
/// but for the bits, which are flipped last. An empty payload is spared all but the misdelivery.
struct Damage {
  Probability corrupt{};           ///< bits are flipped
  std::uint32_t corrupt_bits = 1;  ///< so many different ones, at least 1
  /// If above zero, a burst in their place: 1 to so many bits in a row, the first and the last
  /// flipped and each one between them by the toss of a coin. CRC32C finds all up to 32.
  std::uint32_t corrupt_burst = 0;
  /// The payload is cut: each shorter length from one byte on is as likely.
  Probability truncate{};
  /// 1 to 64 random bytes are appended, within what UDP carries.
  Probability extend{};
  /// The datagram gets the addresses of another recent one of this link and arrives where that one
  /// went. The link remembers 16 different pairs; without another one nothing happens.
  Probability misdeliver{};
  bool operator==(const Damage&) const = default;
};

/// Old datagrams that come again, unchanged. The link keeps up to 256 of those that passed,
/// sampled evenly from when this was first set, so that some of connections long gone stay among
/// them.
struct Replay {
  /// With each datagram offered, one of those that are old enough enters the queue behind it: not
  /// during a blackout, and nothing happens where there is none.
  Probability probability{};
  Duration age_min = std::chrono::seconds(1);  ///< not negative
  bool operator==(const Replay&) const = default;
};

/// What equipment that does not know better makes of the ECN bits of IP headers (RFC 3168). Those
/// that are rewritten are so at the end of the link, the marks of its own queue among them.
enum class EcnFault : std::uint8_t {
  none,
  clear,  ///< nothing arrives as ECN-capable or marked
  ect1,   ///< ECT(0) arrives as ECT(1)
  ce,     ///< all that is ECN-capable arrives marked
  drop    ///< all that is ECN-capable or marked is lost
};

}  // namespace hawser::netsim
