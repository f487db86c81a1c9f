#include "tests/transport/wire/decode_check.h"

#include <cstdio>
#include <cstdlib>

#include "tests/transport/wire/wire_samples.h"
#include "transport/wire/codec.h"

namespace hawser::wire::samples {
namespace {

/// Unlike HAWSER_ASSERT in every build: a fuzz target is often an optimised one.
void expect(bool condition, const char* promise) {
  if (condition) return;
  std::fprintf(stderr, "the decoder broke its promise: %s\n", promise);
  std::abort();
}

bool lies_within(std::span<const std::uint8_t> inner, std::span<const std::uint8_t> outer) {
  return inner.empty() || (inner.data() >= outer.data() &&
                           inner.data() + inner.size() <= outer.data() + outer.size());
}

/// Writes a frame, whose payload had `payload_size` bytes, into a packet of its own and reads it
/// back.
void check_frame(const Frame& frame, std::size_t payload_size) {
  if (std::holds_alternative<PaddingFrame>(frame)) return;
  Bytes space(payload_size + 64);  // the header, the trailer and a length that it may not have had
  PacketWriter writer(space, ShortHeader{.destination_id = {}, .number = PacketNumber(0)});
  const std::size_t header_size = writer.size();
  expect(write_any(writer, frame), "a decoded frame can be written");
  const auto written = std::span<const std::uint8_t>(space).first(writer.size());
  FrameReader reader(written.subspan(header_size));
  const auto again = reader.next();
  expect(again.has_value() && same(*again, frame), "a frame means the same when written again");
  expect(reader.at_end(), "a frame written again is one frame");
}

/// Writes a handshake packet again through `write(space)` and returns its payload.
template <typename Write>
Bytes rewritten(const Write& write) {
  Bytes space(2048);
  space.resize(write(std::span<std::uint8_t>(space)));
  const auto view = parse_packet(space, 0);
  expect(view.has_value() && verify_plain_packet(*view), "a written packet decodes and verifies");
  return Bytes(view->payload.begin(), view->payload.end());
}

bool check_init(const PacketView& view, const LongHeader& header) {
  const auto body = parse_init(view.payload);
  if (!body) return false;
  expect(lies_within(body->payload, view.payload), "spans lie in the datagram");
  const Bytes payload =
      rewritten([&](auto space) { return write_init(space, header, *body, ByteCount(0)); });
  const auto again = parse_init(payload);
  expect(again && same(again->parameters, body->parameters) && same(again->token, body->token) &&
             same(again->payload, body->payload),
         "an INIT means the same when written again");
  if (same(again->encoded_parameters, body->encoded_parameters)) {
    expect(transcript_of_init(view, *body) == transcript_of_init(view, *again),
           "equal INITs have equal transcripts");
  }
  return true;
}

bool check_accept(const PacketView& view, const LongHeader& header) {
  const auto body = parse_accept(view.payload);
  if (!body) return false;
  const Bytes payload = rewritten([&](auto space) { return write_accept(space, header, *body); });
  const auto again = parse_accept(payload);
  expect(again && again->acknowledged_init == body->acknowledged_init &&
             again->ack_delay == body->ack_delay && same(again->parameters, body->parameters) &&
             same(again->payload, body->payload),
         "an ACCEPT means the same when written again");
  return true;
}

bool check_refuse(const PacketView& view, const LongHeader& header) {
  const auto body = parse_refuse(view.payload);
  if (!body) return false;
  const Bytes payload = rewritten([&](auto space) { return write_refuse(space, header, *body); });
  const auto again = parse_refuse(payload);
  // The phrase of a REFUSE that others made longer than a stateless answer is cut.
  expect(again && again->reason == body->reason &&
             again->application_code == body->application_code &&
             same(again->phrase, body->phrase.first(again->phrase.size())),
         "a REFUSE means the same when written again");
  return true;
}

bool check_retry(const PacketView& view, const LongHeader& header) {
  const auto cookie = parse_retry(view.payload);
  if (!cookie) return false;
  const Bytes payload = rewritten([&](auto space) { return write_retry(space, header, *cookie); });
  expect(same(payload, view.payload), "a RETRY has one encoding");
  return true;
}

bool check_body(const PacketView& view) {
  if (view.type == PacketType::version) {
    return version_list_has(view.payload, kVersion1).has_value();
  }
  if (view.version != kVersion1) return true;
  const LongHeader header{.type = view.type,
                          .version = view.version,
                          .destination_id = view.destination_id,
                          .source_id = view.source_id,
                          .number = PacketNumber(view.truncated_number)};
  switch (view.type) {
    case PacketType::init:
      return check_init(view, header);
    case PacketType::accept:
      return check_accept(view, header);
    case PacketType::refuse:
      return check_refuse(view, header);
    default:
      return check_retry(view, header);
  }
}

/// The parts of one packet's view agree with each other and with the datagram.
void check_view(const PacketView& view, std::span<const std::uint8_t> datagram) {
  expect(view.packet.data() == datagram.data() && !view.packet.empty() &&
             view.packet.size() <= datagram.size(),
         "a packet begins where it was looked for");
  expect(lies_within(view.payload, view.packet), "the payload lies in its packet");
}

}  // namespace

Decoded decode_and_check_frames(std::span<const std::uint8_t> payload) {
  Decoded decoded;
  FrameReader reader(payload);
  while (!reader.at_end()) {
    const auto frame = reader.next();
    if (!frame) {
      expect(reader.at_end(), "after an error the reader is at its end");
      return decoded;
    }
    check_frame(*frame, payload.size());
    ++decoded.frames;
  }
  decoded.is_valid = true;
  return decoded;
}

Decoded decode_and_check(std::span<const std::uint8_t> datagram, std::size_t local_id_size) {
  const auto count = count_packets(datagram, local_id_size);
  Decoded decoded{.packets = 0, .bodies = 0, .frames = 0, .is_valid = count.has_value()};
  while (!datagram.empty()) {
    const auto view = parse_packet(datagram, local_id_size);
    expect(view.has_value() || !count, "packets that were counted decode");
    if (!view) return decoded;
    check_view(*view, datagram);
    ++decoded.packets;
    if (view->type == PacketType::data) {
      verify_data_packet(*view, PseudoHeader{}, PacketNumber(view->truncated_number));
      const Decoded frames = decode_and_check_frames(view->payload);
      decoded.frames += frames.frames;
      decoded.is_valid &= frames.is_valid;
    } else {
      verify_plain_packet(*view);
      const bool has_body = view->type != PacketType::reset && check_body(*view);
      decoded.bodies += has_body ? 1 : 0;
      decoded.is_valid &= has_body || view->type == PacketType::reset;
    }
    datagram = datagram.subspan(view->packet.size());
  }
  expect(!count || *count == decoded.packets, "as many packets as were counted");
  return decoded;
}

}  // namespace hawser::wire::samples
