#include <algorithm>
#include <utility>

#include "transport/wire/byte_reader.h"
#include "transport/wire/codec.h"
#include "transport/wire/frame_layout.h"
#include "transport/wire/wire_units.h"

namespace hawser::wire {
namespace {

PaddingFrame read_padding(ByteReader& reader) {
  const auto rest = reader.rest();
  const auto end =
      std::find_if(rest.begin(), rest.end(), [](std::uint8_t byte) { return byte != 0; });
  const auto run = static_cast<std::size_t>(end - rest.begin());
  reader.take(run);
  return PaddingFrame{.count = 1 + run};
}

/// Reads one (gap, length) pair below a range that ends at `smallest` (RFC 9000 s19.3.1).
AckRange read_lower_range(ByteReader& reader, PacketNumber smallest) {
  const std::uint64_t gap = reader.varint();
  const std::uint64_t length = reader.varint();
  reader.require(smallest.value() >= gap + 2 && smallest.value() - gap - 2 >= length);
  if (!reader.ok()) return {};
  const PacketNumber largest = smallest - (gap + 2);
  return AckRange{.smallest = largest - length, .largest = largest};
}

AckRanges read_ack_ranges(ByteReader& reader, PacketNumber largest) {
  AckRanges ranges;
  ranges.largest = largest;
  ranges.more = static_cast<std::size_t>(reader.varint_up_to(kAckRangesMax - 1));
  ranges.first_length = reader.varint_up_to(largest.value());
  const auto start = reader.rest();
  AckRange range{.smallest = largest - ranges.first_length, .largest = largest};
  for (std::size_t i = 0; i < ranges.more && reader.ok(); ++i) {
    range = read_lower_range(reader, range.smallest);
  }
  if (reader.ok()) ranges.encoded = start.first(start.size() - reader.rest().size());
  return ranges;
}

AckFrame read_ack(ByteReader& reader, unsigned type) {
  AckFrame frame;
  const PacketNumber largest(reader.varint());
  frame.delay = read_microseconds(reader);
  frame.ranges = read_ack_ranges(reader, largest);
  if ((type & kAckHasEcn) != 0) {
    frame.ecn = EcnCounts{.ect0 = reader.varint(), .ect1 = reader.varint(), .ce = reader.varint()};
  }
  if ((type & kAckHasCredit) != 0) frame.credit = read_credit(reader);
  return frame;
}

AckFrequencyFrame read_ack_frequency(ByteReader& reader) {
  AckFrequencyFrame frame;
  frame.request_number = reader.varint();
  frame.packet_tolerance = reader.varint();
  reader.require(frame.packet_tolerance > 0);
  frame.max_ack_delay = read_microseconds(reader);
  frame.reordering_threshold = reader.varint();
  return frame;
}

SkipFrame read_skip(ByteReader& reader) {
  SkipFrame frame;
  frame.count = static_cast<std::size_t>(reader.varint_up_to(kSkipRangesMax));
  reader.require(frame.count > 0);
  std::uint64_t lower_bound = 0;  // where a range may begin at the earliest
  for (std::size_t i = 0; i < frame.count && reader.ok(); ++i) {
    // No sum of a bound and two varints leaves 64 bits.
    const std::uint64_t smallest = lower_bound + reader.varint();
    const std::uint64_t largest = smallest + reader.varint();
    reader.require(largest <= Sequence::last().value());
    frame.ranges[i] = SequenceRange{.smallest = Sequence(smallest), .largest = Sequence(largest)};
    lower_bound = largest + 2;
  }
  return frame;
}

CloseFrame read_close(ByteReader& reader) {
  CloseFrame frame;
  frame.reason = read_close_reason(reader);
  frame.application_code = reader.varint();
  frame.phrase = reader.take_counted(kClosePhraseMax);
  return frame;
}

std::array<std::uint8_t, 8> read_path_data(ByteReader& reader) {
  std::array<std::uint8_t, 8> data{};
  const auto bytes = reader.take(data.size());
  std::copy(bytes.begin(), bytes.end(), data.begin());
  return data;
}

MessageLine read_line(ByteReader& reader, unsigned type) {
  const bool is_unordered = (type & kSegmentUnordered) != 0;
  if ((type & kSegment) != 0) return is_unordered ? MessageLine::unordered : MessageLine::ordered;
  reader.require(!is_unordered);
  return MessageLine::unreliable;
}

/// SEGMENT and UNSEQUENCED: the same fields but for the sequence.
SegmentFrame read_segment(ByteReader& reader, unsigned type) {
  const bool has_sequence = (type & kSegment) != 0;
  reader.require((type & (has_sequence ? kSegmentReservedBits : kUnsequencedReservedBits)) == 0);
  SegmentFrame frame;
  frame.line = read_line(reader, type);
  if (has_sequence) frame.sequence = Sequence(reader.varint());
  frame.channel = ChannelId{static_cast<std::uint16_t>(reader.varint_up_to(UINT16_MAX))};
  frame.message_number = reader.varint();
  const bool is_fragment = (type & kSegmentFragment) != 0;
  if (is_fragment) {
    frame.offset = read_byte_count(reader);
    frame.total = read_byte_count(reader);
  }
  if ((type & kSegmentHasChecksum) != 0) frame.message_checksum = reader.u32();
  const bool has_length = (type & kSegmentHasLength) != 0;
  frame.bytes = reader.take(has_length ? reader.varint() : reader.rest().size());
  const ByteCount size = ByteCount::of(frame.bytes.size());
  if (!is_fragment) {
    frame.total = size;
  } else {
    // One value, one encoding: a fragment has bytes and is not the whole message.
    reader.require(size > ByteCount(0) && size < frame.total && frame.offset <= frame.total - size);
  }
  return frame;
}

template <typename F>
Result<Frame> finished(const ByteReader& reader, F&& frame) {
  if (!reader.ok()) return reader.error();
  return Result<Frame>(std::in_place, std::forward<F>(frame));
}

Result<Frame> read_frame(ByteReader& reader) {
  const unsigned type = reader.u8();
  if (type >= 0x80) return Errc::malformed;
  if (type >= static_cast<unsigned>(FrameType::unsequenced)) {
    return finished(reader, read_segment(reader, type));
  }
  if ((type & ~(kAckHasEcn | kAckHasCredit)) == static_cast<unsigned>(FrameType::ack)) {
    return finished(reader, read_ack(reader, type));
  }
  switch (static_cast<FrameType>(type)) {
    case FrameType::padding:
      return finished(reader, read_padding(reader));
    case FrameType::ping:
      return Frame(PingFrame{});
    case FrameType::ack_frequency:
      return finished(reader, read_ack_frequency(reader));
    case FrameType::skip:
      return finished(reader, read_skip(reader));
    case FrameType::window:
      return finished(reader, WindowFrame{.credit = read_credit(reader)});
    case FrameType::path_challenge:
      return finished(reader, PathChallengeFrame{.data = read_path_data(reader)});
    case FrameType::path_response:
      return finished(reader, PathResponseFrame{.data = read_path_data(reader)});
    case FrameType::close:
      return finished(reader, read_close(reader));
    default:  // reserved: legal only once a parameter offers it, and version 1 has none
      return Errc::malformed;
  }
}

}  // namespace

Result<Frame> FrameReader::next() {
  HAWSER_ASSERT(!at_end());
  ByteReader reader(rest_);
  auto frame = read_frame(reader);
  rest_ = frame ? reader.rest() : std::span<const std::uint8_t>{};
  return frame;
}

AckRangeReader::AckRangeReader(const AckRanges& ranges)
    : ranges_(ranges),
      current_(
          AckRange{.smallest = ranges.largest - ranges.first_length, .largest = ranges.largest}) {}

std::optional<AckRange> AckRangeReader::next() {
  const auto result = current_;
  current_.reset();
  if (result && ranges_.more > 0) {
    ByteReader reader(ranges_.encoded);
    current_ = read_lower_range(reader, result->smallest);
    ranges_.encoded = reader.rest();
    --ranges_.more;
  }
  return result;
}

bool is_ack_eliciting(const Frame& frame) {
  return !std::holds_alternative<PaddingFrame>(frame) && !std::holds_alternative<AckFrame>(frame) &&
         !std::holds_alternative<CloseFrame>(frame);
}

}  // namespace hawser::wire
