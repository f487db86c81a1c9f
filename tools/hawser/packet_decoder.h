#pragma once
/// Packets and frames as JSON and as text, for people who look at what travels.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "hawser/units.h"
#include "transport/wire/codec.h"

namespace hawser::cli {

/// Decodes datagrams one after the other. Learns the ids of connections from their handshakes, and
/// with them verifies the checksums of what follows. Not thread-safe.
class PacketDecoder {
 public:
  /// Both ids of a connection, as if its handshake had been seen.
  void learn(const ConnectionId& client, const ConnectionId& server);

  /// All packets of one datagram, a JSON object each. Never fails: what cannot be decoded is said
  /// in an "error" key.
  nlohmann::ordered_json decode(std::span<const std::uint8_t> datagram);

 private:
  // The way to the owner of an id.
  struct Direction {
    ConnectionId destination;
    ConnectionId source;
    PacketNumber expected;
  };
  Direction* direction_to(std::span<const std::uint8_t> datagram);
  nlohmann::ordered_json decode_data(const wire::PacketView& view, Direction* direction);
  nlohmann::ordered_json decode_long(const wire::PacketView& view);

  std::vector<Direction> directions_;
};

/// One line: the packet's type and fields, and an indented line for each frame; ends in a newline.
std::string packet_text(const nlohmann::ordered_json& packet);

/// "c0c1c2", spaces and colons ignored; nothing if it is no even number of hexadecimal digits.
std::optional<std::vector<std::uint8_t>> parse_hex(std::string_view text);

}  // namespace hawser::cli
