#pragma once
/// What a client keeps of an earlier connection to the same server.

#include <array>
#include <cstdint>
#include <vector>

#include "hawser/endpoint.h"

namespace hawser::cli {

/// The address token that servers with this `EndpointConfig::endpoint_secret` take from `client`:
/// one of them gave it at `now`, over a network that takes no time and loses nothing. Thread-safe.
std::vector<std::uint8_t> token_of_earlier_connection(
    const std::array<std::uint8_t, 32>& server_secret, const SocketAddress& client,
    const SocketAddress& server, TimePoint now);

}  // namespace hawser::cli
