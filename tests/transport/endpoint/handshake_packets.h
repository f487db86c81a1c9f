#pragma once
/// Handshake packets made by hand, for tests that play a stranger or a liar.

#include <string_view>
#include <vector>

#include "hawser/random.h"
#include "transport/wire/codec.h"

namespace hawser::testing {

using Bytes = std::vector<std::uint8_t>;

inline ConnectionId random_id(RandomSource& random, std::size_t size = 8) {
  std::array<std::uint8_t, ConnectionId::kSizeMax> bytes{};
  random.fill(std::span(bytes).first(size));
  return ConnectionId(std::span(bytes).first(size));
}

struct InitPacket {
  ConnectionId destination_id;
  ConnectionId source_id;
  Bytes token;
  ByteCount size = wire::kInitSizeMin;
  std::uint64_t integrity_profiles = wire::TransportParameters{}.integrity_profiles;

  static InitPacket with_random_ids(RandomSource& random) {
    return {.destination_id = random_id(random), .source_id = random_id(random), .token = {}};
  }
  Bytes bytes() const {
    wire::TransportParameters parameters;
    parameters.message_size_max = ByteCount(65536);
    parameters.integrity_profiles = integrity_profiles;
    parameters.initial_credit = {.sequence_limit = Sequence(1024),
                                 .message_limit = ByteCount(1 << 20)};
    const wire::LongHeader header{.type = wire::PacketType::init,
                                  .destination_id = destination_id,
                                  .source_id = source_id,
                                  .number = PacketNumber(0)};
    Bytes packet(2048);
    packet.resize(wire::write_init(
        packet, header,
        {.token = token, .parameters = parameters, .encoded_parameters = {}, .payload = {}}, size));
    return packet;
  }
};

/// The same datagram with another version. Its checksum fits no more, which the receiver of an
/// unknown version cannot know.
inline Bytes with_version(Bytes packet, std::uint32_t version) {
  for (std::size_t i = 0; i < 4; ++i) {
    packet[1 + i] = static_cast<std::uint8_t>(version >> (24 - 8 * i));
  }
  return packet;
}

/// A long packet of any type without a body worth the name, its checksum right.
inline Bytes long_packet(wire::PacketType type, const ConnectionId& destination,
                         const ConnectionId& source) {
  const wire::LongHeader header{
      .type = type, .destination_id = destination, .source_id = source, .number = PacketNumber(0)};
  Bytes packet(2048);
  static constexpr std::array<std::uint8_t, 16> kCookie{};
  switch (type) {
    case wire::PacketType::retry:
      packet.resize(wire::write_retry(packet, header, kCookie));
      break;
    case wire::PacketType::accept:
      packet.resize(wire::write_accept(packet, header, {}));
      break;
    case wire::PacketType::version:
      packet.resize(wire::write_version(packet, destination, source));
      break;
    case wire::PacketType::refuse:
      packet.resize(wire::write_refuse(packet, header, {}));
      break;
    default:
      packet.clear();
  }
  return packet;
}

/// A data packet whose checksum fits no connection.
inline Bytes data_packet(const ConnectionId& destination, std::size_t size) {
  Bytes packet(size, 0x01);
  packet[0] = 0;  // short header, a number of two bytes
  std::ranges::copy(destination.bytes(), packet.begin() + 1);
  return packet;
}

inline Bytes reset_packet(std::span<const std::uint8_t, wire::kResetTokenSize> token) {
  Bytes packet(wire::kResetSize.size());
  packet.resize(wire::write_reset(packet, token));
  return packet;
}

}  // namespace hawser::testing
