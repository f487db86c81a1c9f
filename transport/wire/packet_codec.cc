#include <algorithm>
#include <array>

#include "transport/wire/byte_reader.h"
#include "transport/wire/byte_writer.h"
#include "transport/wire/checksum.h"
#include "transport/wire/codec.h"
#include "transport/wire/packet_layout.h"

namespace hawser::wire {
namespace {

ConnectionId read_id(ByteReader& reader) {
  const std::size_t size = reader.u8();
  reader.require(size <= ConnectionId::kSizeMax);
  return ConnectionId(reader.ok() ? reader.take(size) : std::span<const std::uint8_t>{});
}

std::span<const std::uint8_t> without_trailer(std::span<const std::uint8_t> packet) {
  return packet.first(packet.size() - kChecksumSize);
}

std::uint32_t trailer_of(std::span<const std::uint8_t> packet) {
  return read_trailer(packet.last<kChecksumSize>());
}

/// Whether nothing else may share a datagram with a long packet of this type: all but ACCEPT, whose
/// sender may have data to send at once. So no damaged length can cut the others short.
bool fills_its_datagram(PacketType type) { return type != PacketType::accept; }

/// The list of a VERSION packet, the one body whose place is the same in all versions.
Result<PacketView> parse_version(ByteReader& reader, std::uint8_t first_byte, PacketView view) {
  reader.require(first_byte == long_first_byte(PacketType::version));
  if (reader.ok() && reader.rest().size() < kChecksumSize) reader.fail(Errc::truncated);
  if (!reader.ok()) return reader.error();
  view.type = PacketType::version;
  view.payload = without_trailer(reader.rest());
  return view;
}

/// What version 1 puts behind the invariant part of a long header.
Result<PacketView> parse_long_version1(ByteReader& reader, std::uint8_t first_byte,
                                       PacketView view) {
  view.type = static_cast<PacketType>(first_byte >> kLongTypeShift & 7);
  reader.require((first_byte & kLongZeroBits) == 0 && has_long_header(view.type) &&
                 view.type != PacketType::version);
  const std::size_t length = reader.u16();
  const std::size_t header_size = view.packet.size() - reader.rest().size();
  ByteReader body(reader.take(length));
  if (!reader.ok()) return reader.error();
  if (fills_its_datagram(view.type)) reader.require_end();
  view.packet = view.packet.first(header_size + length);
  view.number_size = 4;
  view.truncated_number = body.u32();
  if (body.ok() && body.rest().size() < kChecksumSize) body.fail(Errc::truncated);
  if (!reader.ok() || !body.ok()) return reader.ok() ? body.error() : reader.error();
  view.payload = without_trailer(body.rest());
  return view;
}

Result<PacketView> parse_long(std::span<const std::uint8_t> datagram) {
  ByteReader reader(datagram);
  const std::uint8_t first_byte = reader.u8();
  PacketView view;
  view.packet = datagram;
  view.version = reader.u32();
  view.destination_id = read_id(reader);
  view.source_id = read_id(reader);
  if (!reader.ok()) return reader.error();
  if (view.version == 0) return parse_version(reader, first_byte, view);
  if (view.version == kVersion1) return parse_long_version1(reader, first_byte, view);
  view.type = PacketType::init;  // whatever it is, only an INIT's size makes it worth an answer
  return view;
}

Result<PacketView> parse_reset(std::span<const std::uint8_t> datagram) {
  if (datagram[0] != kReset || datagram.size() != kResetSize.size()) return Errc::malformed;
  PacketView view;
  view.type = PacketType::reset;
  view.packet = datagram;
  view.payload = without_trailer(datagram).subspan(1);
  return view;
}

Result<PacketView> parse_data(std::span<const std::uint8_t> datagram, std::size_t local_id_size) {
  ByteReader reader(datagram);
  const std::uint8_t first_byte = reader.u8();
  const unsigned size_bits = first_byte & kNumberSizeBits;
  reader.require((first_byte & kPathId) == 0 && (size_bits == 0 || size_bits == kNumberSizeBits));
  PacketView view;
  view.type = PacketType::data;
  view.immediate_ack = (first_byte & kImmediateAck) != 0;
  view.destination_id = ConnectionId(reader.take(local_id_size));
  view.number_size = static_cast<std::uint8_t>(number_size_of(first_byte));
  view.truncated_number = static_cast<std::uint32_t>(reader.big_endian(view.number_size));
  view.packet = datagram;
  if (!reader.ok()) return reader.error();
  // At least one frame: a packet that says nothing is never sent.
  if (reader.rest().size() <= kChecksumSize) return Errc::truncated;
  view.payload = without_trailer(reader.rest());
  return view;
}

/// The number as the pseudo-header holds it: the bytes that are sent stand as zeros, so that a bit
/// error in them stays one bit error of the checksum's input.
std::array<std::uint8_t, 8> unsent_number(PacketNumber number, std::size_t number_size) {
  std::array<std::uint8_t, 8> bytes{};
  std::uint64_t value = number.value();
  for (std::size_t i = 0; i < bytes.size(); ++i, value >>= 8) {
    if (i >= number_size) bytes[bytes.size() - 1 - i] = static_cast<std::uint8_t>(value);
  }
  return bytes;
}

}  // namespace

Result<PacketView> parse_packet(std::span<const std::uint8_t> datagram, std::size_t local_id_size) {
  HAWSER_ASSERT(local_id_size <= ConnectionId::kSizeMax);
  if (datagram.empty()) return Errc::truncated;
  if ((datagram[0] & kLongHeader) != 0) return parse_long(datagram);
  if ((datagram[0] & kReset) != 0) return parse_reset(datagram);
  return parse_data(datagram, local_id_size);
}

Result<std::size_t> count_packets(std::span<const std::uint8_t> datagram,
                                  std::size_t local_id_size) {
  std::size_t count = 0;
  ConnectionId addressee;
  do {
    const auto view = parse_packet(datagram, local_id_size);
    if (!view) return view.error();
    if (count == 0) addressee = view->destination_id;
    // Behind another packet a reset names no one, and a packet that must be alone is not.
    const bool may_follow = view->type == PacketType::data || view->type == PacketType::accept;
    if (count > 0 && !(may_follow && view->destination_id == addressee)) return Errc::malformed;
    datagram = datagram.subspan(view->packet.size());
    ++count;
  } while (!datagram.empty());
  return count;
}

PacketNumber expand_packet_number(std::uint32_t truncated, std::size_t size,
                                  PacketNumber expected) {
  HAWSER_ASSERT(size >= 1 && size <= 4);
  const std::uint64_t window = std::uint64_t{1} << (8 * size);
  const std::uint64_t half = window / 2;
  const std::uint64_t last = PacketNumber::last().value();
  const std::uint64_t center = std::min(expected.value(), last);
  const std::uint64_t candidate = (center & ~(window - 1)) | (truncated & (window - 1));
  if (candidate + half <= center && candidate <= last - window) {
    return PacketNumber(candidate + window);
  }
  if (candidate > center + half && candidate >= window) return PacketNumber(candidate - window);
  return PacketNumber(candidate);
}

std::size_t packet_number_size(PacketNumber number, std::optional<PacketNumber> largest_acked) {
  const std::uint64_t unacked = largest_acked ? number.since(*largest_acked) : number.value() + 1;
  // RFC 9000 A.2: twice as many numbers as are outstanding, so that the guess cannot be ambiguous.
  HAWSER_ASSERT(unacked <= std::uint64_t{1} << 31);
  return unacked <= 1U << 15 ? 2 : 4;
}

PseudoHeader make_pseudo_header(const ConnectionId& destination, const ConnectionId& source) {
  std::array<std::uint8_t, 2 * (1 + ConnectionId::kSizeMax)> space{};
  ByteWriter writer(space);
  for (const ConnectionId* id : {&destination, &source}) {
    writer.u8(static_cast<std::uint8_t>(id->size()));
    writer.bytes(id->bytes());
  }
  return PseudoHeader{.ids_checksum = crc32c(writer.written())};
}

std::uint32_t data_packet_checksum(std::span<const std::uint8_t> covered,
                                   PseudoHeader pseudo_header, PacketNumber number) {
  const auto unsent = unsent_number(number, number_size_of(covered[0]));
  return crc32c_extend(crc32c_extend(pseudo_header.ids_checksum, unsent), covered);
}

std::uint32_t read_trailer(std::span<const std::uint8_t, kChecksumSize> trailer) {
  std::uint32_t checksum = 0;
  for (std::size_t i = kChecksumSize; i > 0; --i) checksum = checksum << 8 | trailer[i - 1];
  return checksum;
}

void write_trailer(std::span<std::uint8_t, kChecksumSize> trailer, std::uint32_t checksum) {
  for (std::uint8_t& byte : trailer) {
    byte = static_cast<std::uint8_t>(checksum);
    checksum >>= 8;
  }
}

bool verify_data_packet(const PacketView& view, PseudoHeader pseudo_header, PacketNumber number) {
  HAWSER_ASSERT(view.type == PacketType::data);
  const bool number_bit = (view.packet[0] & kNumberBit) != 0;
  if (number_bit != number_bit_of(number, view.number_size)) return false;
  return data_packet_checksum(without_trailer(view.packet), pseudo_header, number) ==
         trailer_of(view.packet);
}

bool verify_plain_packet(const PacketView& view) {
  HAWSER_ASSERT(view.type != PacketType::data && view.packet.size() >= kChecksumSize);
  return crc32c(without_trailer(view.packet)) == trailer_of(view.packet);
}

}  // namespace hawser::wire
