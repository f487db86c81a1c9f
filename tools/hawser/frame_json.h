#pragma once
/// Frames and handshake bodies as JSON: a "type" and its fields.

#include <span>
#include <string>

#include <nlohmann/json_fwd.hpp>

#include "transport/wire/codec.h"

namespace hawser::cli {

std::string to_hex(std::span<const std::uint8_t> bytes);

/// All frames of a payload; the last one has an "error" where the payload breaks off.
nlohmann::ordered_json frames_json(std::span<const std::uint8_t> payload);
/// The body of a long packet, as the fields to be added to the packet's own.
nlohmann::ordered_json body_json(const wire::PacketView& view);

}  // namespace hawser::cli
