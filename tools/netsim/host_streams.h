#pragma once
/// The streams of randomness that belong to a host, named by the run's seed and its address.

#include <cstdint>

#include "hawser/address.h"
#include "hawser/random.h"

namespace hawser::netsim {

/// Added to the host's own label. Never renumber, or old seeds replay other runs.
enum class HostStream : std::uint64_t {
  endpoint = 0,
  faults = 0x5A5A5A5A5A5A5A5A,
  cross_traffic = 0x3C3C3C3C3C3C3C3C
};

inline SeededRandom host_stream(std::uint64_t seed, const SocketAddress& address, HostStream of) {
  std::uint64_t label = address.port;
  for (const std::uint8_t byte : address.ip) label = label * 257 + byte;
  // The set bit keeps it apart from the links' streams.
  label |= std::uint64_t{1} << 63;
  return SeededRandom::stream(seed, label ^ static_cast<std::uint64_t>(of));
}

}  // namespace hawser::netsim
