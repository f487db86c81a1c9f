#include <algorithm>
#include <array>

#include "transport/wire/byte_reader.h"
#include "transport/wire/byte_writer.h"
#include "transport/wire/checksum.h"
#include "transport/wire/codec.h"
#include "transport/wire/frame_layout.h"
#include "transport/wire/packet_layout.h"
#include "transport/wire/siphash.h"
#include "transport/wire/wire_units.h"

namespace hawser::wire {
namespace {

/// No parameter list is longer than a datagram.
constexpr std::size_t kParametersSizeMax = kDatagramSizeMax.size();
/// All parameters of version 1 at their longest take less than this.
constexpr std::size_t kOwnParametersSizeMax = 256;
/// The field that holds a long packet's length.
constexpr std::size_t kLengthSize = 2;

void write_id(ByteWriter& writer, const ConnectionId& id) {
  writer.u8(static_cast<std::uint8_t>(id.size()));
  writer.bytes(id.bytes());
}

/// Writes the header up to the number. The length is a place holder; returns where it stands.
std::size_t begin_long(ByteWriter& writer, const LongHeader& header) {
  HAWSER_ASSERT(header.number.value() <= UINT32_MAX && header.version == kVersion1);
  writer.u8(long_first_byte(header.type));
  writer.u32(header.version);
  write_id(writer, header.destination_id);
  write_id(writer, header.source_id);
  const std::size_t length_at = writer.size();
  writer.u16(0);
  writer.u32(static_cast<std::uint32_t>(header.number.value()));
  return length_at;
}

void append_trailer(ByteWriter& writer) {
  const std::uint32_t checksum = crc32c(writer.written());
  std::array<std::uint8_t, kChecksumSize> trailer{};
  write_trailer(trailer, checksum);
  writer.bytes(trailer);
}

/// Fills the length in and appends the trailer. Returns the packet's size, 0 if it did not fit.
std::size_t finish_long(ByteWriter& writer, std::size_t length_at) {
  if (writer.overflowed() || writer.remaining() < kChecksumSize) return 0;
  writer.patch_u16(length_at, writer.size() + kChecksumSize - length_at - kLengthSize);
  append_trailer(writer);
  return writer.size();
}

void write_counted_parameters(ByteWriter& writer, const TransportParameters& parameters) {
  std::array<std::uint8_t, kOwnParametersSizeMax> space{};
  writer.counted(std::span(space).first(write_parameters(space, parameters)));
}

/// Reads a counted list of parameters; returns its encoded form too.
std::span<const std::uint8_t> read_counted_parameters(ByteReader& reader,
                                                      TransportParameters& parameters) {
  const auto encoded = reader.take_counted(kParametersSizeMax);
  if (!reader.ok()) return {};
  auto parsed = parse_parameters(encoded);
  reader.require(parsed.has_value());
  if (parsed) parameters = *parsed;
  return encoded;
}

}  // namespace

Result<InitBody> parse_init(std::span<const std::uint8_t> payload) {
  ByteReader reader(payload);
  InitBody body;
  body.token = reader.take_counted(kTokenSizeMax);
  body.encoded_parameters = read_counted_parameters(reader, body.parameters);
  body.payload = reader.take_counted(kHandshakePayloadMax);
  const auto padding = reader.rest();
  reader.require(std::all_of(padding.begin(), padding.end(), [](auto byte) { return byte == 0; }));
  if (!reader.ok()) return reader.error();
  return body;
}

Result<AcceptBody> parse_accept(std::span<const std::uint8_t> payload) {
  ByteReader reader(payload);
  AcceptBody body;
  body.acknowledged_init = PacketNumber(reader.varint_up_to(UINT32_MAX));
  body.ack_delay = read_microseconds(reader);
  read_counted_parameters(reader, body.parameters);
  body.payload = reader.take_counted(kHandshakePayloadMax);
  reader.require_end();
  if (!reader.ok()) return reader.error();
  return body;
}

Result<RefuseBody> parse_refuse(std::span<const std::uint8_t> payload) {
  ByteReader reader(payload);
  RefuseBody body;
  body.reason = read_close_reason(reader);
  body.application_code = reader.varint();
  body.phrase = reader.take_counted(kClosePhraseMax);
  reader.require_end();
  if (!reader.ok()) return reader.error();
  return body;
}

Result<std::span<const std::uint8_t>> parse_retry(std::span<const std::uint8_t> payload) {
  ByteReader reader(payload);
  const auto cookie = reader.take_counted(kCookieSizeMax);
  reader.require(!cookie.empty());
  reader.require_end();
  if (!reader.ok()) return reader.error();
  return cookie;
}

Result<bool> version_list_has(std::span<const std::uint8_t> payload, std::uint32_t version) {
  if (payload.empty() || payload.size() % sizeof(version) != 0) return Errc::malformed;
  ByteReader reader(payload);
  bool found = false;
  while (!reader.rest().empty()) found |= reader.u32() == version;
  return found;
}

std::uint64_t transcript_of_init(const PacketView& view, const InitBody& body) {
  // No secret: the hash only has to differ where the INITs differ.
  static constexpr std::array<std::uint8_t, 16> kKey{'h', 'a', 'w', 's', 'e', 'r', ' ', 't',
                                                     'r', 'a', 'n', 's', 'c', 'r', 'i', 'p'};
  SipHash hash(kKey);
  std::array<std::uint8_t, sizeof(view.version) + 2 * (1 + ConnectionId::kSizeMax)> space{};
  ByteWriter ids(space);
  ids.u32(view.version);
  write_id(ids, view.destination_id);
  write_id(ids, view.source_id);
  hash.update(ids.written());
  for (const auto part : {body.encoded_parameters, body.payload}) {
    std::array<std::uint8_t, 8> size_space{};
    ByteWriter size(size_space);
    size.varint(part.size());
    hash.update(size.written());
    hash.update(part);
  }
  return hash.finish64();
}

std::size_t write_init(std::span<std::uint8_t> space, const LongHeader& header,
                       const InitBody& body, ByteCount padded_size) {
  HAWSER_ASSERT(header.type == PacketType::init && body.token.size() <= kTokenSizeMax &&
                body.payload.size() <= kHandshakePayloadMax);
  ByteWriter writer(space);
  const std::size_t length_at = begin_long(writer, header);
  writer.counted(body.token);
  write_counted_parameters(writer, body.parameters);
  writer.counted(body.payload);
  const std::size_t size = writer.size() + kChecksumSize;
  if (size < padded_size.size()) writer.zeros(padded_size.size() - size);
  return finish_long(writer, length_at);
}

std::size_t write_accept(std::span<std::uint8_t> space, const LongHeader& header,
                         const AcceptBody& body) {
  HAWSER_ASSERT(header.type == PacketType::accept && body.payload.size() <= kHandshakePayloadMax);
  ByteWriter writer(space);
  const std::size_t length_at = begin_long(writer, header);
  writer.varint(body.acknowledged_init.value());
  writer.varint(microseconds_of(body.ack_delay));
  write_counted_parameters(writer, body.parameters);
  writer.counted(body.payload);
  return finish_long(writer, length_at);
}

std::size_t write_retry(std::span<std::uint8_t> space, const LongHeader& header,
                        std::span<const std::uint8_t> cookie) {
  HAWSER_ASSERT(header.type == PacketType::retry && !cookie.empty() &&
                cookie.size() <= kCookieSizeMax);
  ByteWriter writer(space);
  const std::size_t length_at = begin_long(writer, header);
  writer.counted(cookie);
  return finish_long(writer, length_at);
}

std::size_t write_refuse(std::span<std::uint8_t> space, const LongHeader& header,
                         const RefuseBody& body) {
  HAWSER_ASSERT(header.type == PacketType::refuse && body.phrase.size() <= kClosePhraseMax);
  ByteWriter writer(space.first(std::min(space.size(), kStatelessAnswerSizeMax.size())));
  const std::size_t length_at = begin_long(writer, header);
  writer.varint(close_reason_value(body.reason));
  writer.varint(std::min(body.application_code, kVarintMax));
  // With the longest ids the phrase is cut, so that no refusal exceeds a stateless answer's size.
  const std::size_t around = kChecksumSize + varint_size(body.phrase.size());
  const std::size_t room = writer.remaining() > around ? writer.remaining() - around : 0;
  writer.counted(body.phrase.first(std::min(body.phrase.size(), room)));
  return finish_long(writer, length_at);
}

std::size_t write_version(std::span<std::uint8_t> space, const ConnectionId& destination,
                          const ConnectionId& source) {
  ByteWriter writer(space);
  writer.u8(long_first_byte(PacketType::version));
  writer.u32(0);
  write_id(writer, destination);
  write_id(writer, source);
  for (const std::uint32_t version : kSupportedVersions) writer.u32(version);
  if (writer.overflowed() || writer.remaining() < kChecksumSize) return 0;
  append_trailer(writer);
  return writer.size();
}

std::size_t write_reset(std::span<std::uint8_t> space,
                        std::span<const std::uint8_t, kResetTokenSize> token) {
  if (space.size() < kResetSize.size()) return 0;
  ByteWriter writer(space);
  writer.u8(kReset);
  writer.bytes(token);
  append_trailer(writer);
  return writer.size();
}

}  // namespace hawser::wire
