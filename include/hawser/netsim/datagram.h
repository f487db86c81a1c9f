#pragma once
/// What travels on a simulated link: one UDP datagram.

#include <cstdint>

#include "hawser/address.h"
#include "hawser/buffer.h"
#include "hawser/ecn.h"
#include "hawser/units.h"

namespace hawser::netsim {

/// What IPv4 and UDP add to a payload. A link's rate, queue and byte counts include it.
inline constexpr ByteCount kUdpIpOverhead{28};

/// One datagram. Its bytes live in a block of the owner's pool (`Network::pool()`), so making,
/// duplicating and dropping one calls no system allocator once the pool is warm. Not thread-safe.
struct Datagram {
  SocketAddress source{};
  SocketAddress destination{};
  Buffer bytes{};  ///< the UDP payload; shared with copies, never written to
  Ecn ecn = Ecn::not_ect;
  std::uint64_t tag = 0;  ///< the link's owner may keep a number here; links carry it along

  /// The size on the wire, by which links count.
  ByteCount wire_size() const { return ByteCount::of(bytes.size()) + kUdpIpOverhead; }
};

}  // namespace hawser::netsim
