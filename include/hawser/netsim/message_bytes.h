#pragma once
/// What of a datagram is payload, for observers outside the connection.

#include <cstdint>
#include <optional>
#include <span>

#include "hawser/units.h"

namespace hawser::netsim {

/// The message bytes that a Hawser datagram carries, or nothing if it carries no part of any
/// message (an empty message counts as a part of 0 bytes). Only looks: checksums are not verified.
/// `connection_id_size`: `EndpointConfig::connection_id_size` of the receiver.
std::optional<ByteCount> message_bytes_of(std::span<const std::uint8_t> datagram,
                                          std::size_t connection_id_size = 8);

}  // namespace hawser::netsim
