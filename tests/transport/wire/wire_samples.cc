#include "tests/transport/wire/wire_samples.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <chrono>

namespace hawser::wire::samples {
namespace {

Sequence random_sequence(RandomSource& random) { return Sequence(random_varint(random)); }
Duration random_delay(RandomSource& random) {
  return std::chrono::microseconds(random_varint(random) >> 11);
}
ByteCount random_size(RandomSource& random) {
  return ByteCount(static_cast<std::int64_t>(random_varint(random)));
}
Credit random_credit(RandomSource& random) {
  return Credit{.sequence_limit = random_sequence(random), .message_limit = random_size(random)};
}

SkipFrame random_skip(RandomSource& random) {
  SkipFrame frame;
  frame.count = 1 + random.below(kSkipRangesMax);
  std::uint64_t at = random_varint(random) >> 8;
  for (std::size_t i = 0; i < frame.count; ++i) {
    const std::uint64_t smallest = at + (random_varint(random) >> 16);
    const std::uint64_t largest = smallest + (random_varint(random) >> 16);
    frame.ranges[i] = {.smallest = Sequence(smallest), .largest = Sequence(largest)};
    at = largest + 2;
  }
  return frame;
}

CloseFrame random_close(RandomSource& random) {
  constexpr auto kReasons = static_cast<std::uint64_t>(CloseReason::handshake_mismatch) + 1;
  return CloseFrame{.reason = static_cast<CloseReason>(random.below(kReasons)),
                    .application_code = random_varint(random),
                    .phrase = random_bytes(random, kClosePhraseMax)};
}

SegmentFrame random_segment(RandomSource& random) {
  SegmentFrame frame;
  frame.line = static_cast<MessageLine>(random.below(3));
  if (frame.line != MessageLine::unreliable) frame.sequence = random_sequence(random);
  frame.channel = ChannelId{static_cast<std::uint16_t>(random.next() >> random.below(16))};
  frame.message_number = random_varint(random);
  if (random.below(2) == 0) frame.message_checksum = static_cast<std::uint32_t>(random.next());
  frame.bytes = random_bytes(random, 1300);
  frame.total = ByteCount::of(frame.bytes.size());
  if (random.below(2) == 0 && !frame.bytes.empty()) {
    frame.offset = random_size(random) / 4;
    frame.total += frame.offset + random_size(random) / 4 + ByteCount(1);
  }
  return frame;
}

std::array<std::uint8_t, 8> random_path_data(RandomSource& random) {
  std::array<std::uint8_t, 8> data{};
  random.fill(data);
  return data;
}

LongHeader header_of(PacketType type) {
  const bool from_client = type == PacketType::init;
  return LongHeader{.type = type,
                    .destination_id = from_client ? server_id() : client_id(),
                    .source_id = from_client ? client_id() : server_id(),
                    .number = PacketNumber(0x01020304)};
}

/// One data packet that holds the `part`-th half of all frame types.
Bytes data_packet(int part) {
  SeededRandom random(7);
  Bytes space(1472);
  const std::size_t number_size = part == 0 ? 2 : 4;
  PacketWriter writer(space, ShortHeader{.destination_id = server_id(),
                                         .number = kDataNumber,
                                         .number_size = number_size,
                                         .immediate_ack = part == 0});
  if (part == 0) {
    writer.write(PingFrame{});
    writer.write_ack(random_ack_ranges(random, 3),
                     AckFrame{.ranges = {},
                              .delay = std::chrono::microseconds(25),
                              .ecn = EcnCounts{.ect0 = 1, .ect1 = 2, .ce = 300},
                              .credit = random_credit(random)});
    writer.write(AckFrequencyFrame{.request_number = 3, .max_ack_delay = Duration(5'000'000)});
    writer.write(random_skip(random));
    writer.write(WindowFrame{.credit = random_credit(random)});
  } else {
    writer.write(PathChallengeFrame{.data = random_path_data(random)});
    writer.write(PathResponseFrame{.data = random_path_data(random)});
    writer.write(random_close(random));
    for (int i = 0; i < 8; ++i) writer.write(random_segment(random));
  }
  const auto pseudo_header = make_pseudo_header(server_id(), client_id());
  space.resize(writer.finish(pseudo_header, kDataNumber, ByteCount(100)));
  return space;
}

/// Compares two frames of one type.
struct SameFrame {
  bool operator()(const PaddingFrame& a, const PaddingFrame& b) const { return a.count == b.count; }
  bool operator()(const PingFrame&, const PingFrame&) const { return true; }
  bool operator()(const AckFrame& a, const AckFrame& b) const {
    return ranges_of(a.ranges) == ranges_of(b.ranges) && a.delay == b.delay && a.ecn == b.ecn &&
           a.credit == b.credit;
  }
  bool operator()(const AckFrequencyFrame& a, const AckFrequencyFrame& b) const {
    return a.request_number == b.request_number && a.packet_tolerance == b.packet_tolerance &&
           a.max_ack_delay == b.max_ack_delay && a.reordering_threshold == b.reordering_threshold;
  }
  bool operator()(const SkipFrame& a, const SkipFrame& b) const {
    return a.count == b.count && a.ranges == b.ranges;
  }
  bool operator()(const WindowFrame& a, const WindowFrame& b) const { return a.credit == b.credit; }
  bool operator()(const PathChallengeFrame& a, const PathChallengeFrame& b) const {
    return a.data == b.data;
  }
  bool operator()(const PathResponseFrame& a, const PathResponseFrame& b) const {
    return a.data == b.data;
  }
  bool operator()(const CloseFrame& a, const CloseFrame& b) const {
    return a.reason == b.reason && a.application_code == b.application_code &&
           same(a.phrase, b.phrase);
  }
  bool operator()(const SegmentFrame& a, const SegmentFrame& b) const {
    return a.sequence == b.sequence && a.line == b.line && a.channel == b.channel &&
           a.message_number == b.message_number && a.offset == b.offset && a.total == b.total &&
           a.message_checksum == b.message_checksum && same(a.bytes, b.bytes);
  }
  template <typename A, typename B>
  bool operator()(const A&, const B&) const {
    return false;
  }
};

/// Writes a frame of any type that has a writer of its own.
struct WriteFrame {
  PacketWriter& writer;

  bool operator()(const PaddingFrame&) const { return false; }
  bool operator()(const AckFrame& frame) const {
    return writer.write_ack(ranges_of(frame.ranges), frame);
  }
  template <typename F>
  bool operator()(const F& frame) const {
    return writer.write(frame);
  }
};

}  // namespace

Bytes from_hex(std::string_view text) {
  std::string digits;
  std::ranges::copy_if(text, std::back_inserter(digits),
                       [](char c) { return std::isxdigit(static_cast<unsigned char>(c)) != 0; });
  Bytes bytes;
  for (std::size_t i = 0; i + 1 < digits.size(); i += 2) {
    bytes.push_back(static_cast<std::uint8_t>(std::stoul(digits.substr(i, 2), nullptr, 16)));
  }
  return bytes;
}

std::string to_hex(std::span<const std::uint8_t> bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const std::uint8_t byte : bytes) {
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

ConnectionId make_id(std::size_t size, std::uint8_t first) {
  Bytes bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::uint8_t>(first + i);
  return ConnectionId(bytes);
}

ConnectionId client_id() { return make_id(kIdSize, 0xc0); }
ConnectionId server_id() { return make_id(kIdSize, 0x50); }

std::uint64_t random_varint(RandomSource& random) {
  return (random.next() >> 2) >> random.below(62);
}

std::span<const std::uint8_t> random_bytes(RandomSource& random, std::size_t size_max) {
  static const Bytes kPool = [] {
    Bytes pool(4096);
    SeededRandom(1).fill(pool);
    return pool;
  }();
  const std::size_t size = random.below(2) == 0 ? random.below(size_max + 1) : random.below(20);
  return std::span(kPool).subspan(random.below(kPool.size() - size_max), size);
}

std::vector<AckRange> random_ack_ranges(RandomSource& random, std::size_t count) {
  std::vector<AckRange> ranges;
  std::uint64_t at = random_varint(random) >> 8;
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint64_t smallest = at + (random_varint(random) >> 16);
    const std::uint64_t largest = smallest + (random_varint(random) >> 16);
    ranges.push_back({.smallest = PacketNumber(smallest), .largest = PacketNumber(largest)});
    at = largest + 2;
  }
  std::ranges::reverse(ranges);
  return ranges;
}

AckFrame random_ack_fields(RandomSource& random) {
  AckFrame frame;
  frame.delay = random_delay(random);
  if (random.below(2) == 0) {
    frame.ecn = EcnCounts{
        .ect0 = random_varint(random), .ect1 = random_varint(random), .ce = random_varint(random)};
  }
  if (random.below(2) == 0) frame.credit = random_credit(random);
  return frame;
}

Frame random_frame(RandomSource& random) {
  switch (random.below(8)) {
    case 0:
      return PingFrame{};
    case 1:
      return AckFrequencyFrame{.request_number = random_varint(random),
                               .packet_tolerance = 1 + random_varint(random) / 2,
                               .max_ack_delay = random_delay(random),
                               .reordering_threshold = random_varint(random)};
    case 2:
      return random_skip(random);
    case 3:
      return WindowFrame{.credit = random_credit(random)};
    case 4:
      return PathChallengeFrame{.data = random_path_data(random)};
    case 5:
      return PathResponseFrame{.data = random_path_data(random)};
    case 6:
      return random_close(random);
    default:
      return random_segment(random);
  }
}

TransportParameters random_parameters(RandomSource& random) {
  TransportParameters parameters;
  const auto maybe = [&random] { return random.below(2) == 0; };
  if (maybe()) parameters.idle_timeout = std::chrono::milliseconds(random_varint(random) >> 20);
  if (maybe()) parameters.datagram_size_max = ByteCount::of(1200 + random.below(65507 - 1199));
  if (maybe()) parameters.message_size_max = random_size(random);
  if (maybe()) parameters.initial_credit = random_credit(random);
  if (maybe()) parameters.channels_max = 1 + random.below(65536);
  if (maybe()) parameters.ack_delay_max = std::min(random_delay(random), kAckDelayLimit);
  if (maybe()) parameters.arq = static_cast<ArqProtocol>(random.below(3));
  if (maybe()) parameters.integrity_profiles = random_varint(random);
  if (maybe()) random.fill(parameters.reset_token.emplace());
  if (maybe()) parameters.incarnation = random.next();
  if (maybe()) random.fill(parameters.instance_id.emplace());
  if (maybe()) parameters.transcript = random.next();
  if (maybe()) parameters.token = random_bytes(random, 64);
  return parameters;
}

std::vector<Bytes> all_packets() {
  SeededRandom random(3);
  std::vector<Bytes> packets{data_packet(0), data_packet(1)};
  const auto add = [&packets](auto write) {
    Bytes space(1500);
    space.resize(write(std::span<std::uint8_t>(space)));
    packets.push_back(std::move(space));
  };
  const Bytes text = from_hex("68617773657220736179732068656c6c6f");
  const auto parameters = random_parameters(random);
  add([&](auto space) {
    InitBody body;
    body.token = text;
    body.parameters = parameters;
    body.payload = text;
    return write_init(space, header_of(PacketType::init), body, kInitSizeMin);
  });
  add([&](auto space) {
    AcceptBody body;
    body.acknowledged_init = PacketNumber(77);
    body.ack_delay = std::chrono::microseconds(1234);
    body.parameters = parameters;
    body.payload = text;
    return write_accept(space, header_of(PacketType::accept), body);
  });
  add([&](auto space) { return write_retry(space, header_of(PacketType::retry), text); });
  add([&](auto space) {
    return write_refuse(space, header_of(PacketType::refuse),
                        RefuseBody{.application_code = 9, .phrase = text});
  });
  add([](auto space) { return write_version(space, client_id(), server_id()); });
  add([](auto space) {
    return write_reset(space, std::array<std::uint8_t, kResetTokenSize>{1, 2, 3, 4});
  });
  return packets;
}

std::vector<AckRange> ranges_of(const AckRanges& ranges) {
  std::vector<AckRange> result;
  AckRangeReader reader(ranges);
  while (const auto range = reader.next()) result.push_back(*range);
  return result;
}

bool same(std::span<const std::uint8_t> a, std::span<const std::uint8_t> b) {
  return std::ranges::equal(a, b);
}

bool same(const Frame& a, const Frame& b) { return std::visit(SameFrame{}, a, b); }

bool same(const TransportParameters& a, const TransportParameters& b) {
  return a.idle_timeout == b.idle_timeout && a.datagram_size_max == b.datagram_size_max &&
         a.message_size_max == b.message_size_max && a.initial_credit == b.initial_credit &&
         a.channels_max == b.channels_max && a.ack_delay_max == b.ack_delay_max && a.arq == b.arq &&
         a.integrity_profiles == b.integrity_profiles && a.reset_token == b.reset_token &&
         a.incarnation == b.incarnation && a.instance_id == b.instance_id &&
         a.transcript == b.transcript && same(a.token, b.token);
}

bool write_any(PacketWriter& writer, const Frame& frame) {
  return std::visit(WriteFrame{writer}, frame);
}

}  // namespace hawser::wire::samples
