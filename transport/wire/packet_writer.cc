#include <algorithm>

#include "transport/wire/byte_writer.h"
#include "transport/wire/codec.h"
#include "transport/wire/frame_layout.h"
#include "transport/wire/packet_layout.h"
#include "transport/wire/wire_units.h"

namespace hawser::wire {
namespace {

void write_type(ByteWriter& writer, FrameType type, unsigned flags = 0) {
  writer.u8(static_cast<std::uint8_t>(static_cast<unsigned>(type) | flags));
}

/// The numbers that a lower range is written as (RFC 9000 s19.3.1).
std::uint64_t gap_between(const AckRange& higher, const AckRange& lower) {
  return higher.smallest.since(lower.largest) - 2;
}
std::uint64_t length_of(const AckRange& range) { return range.largest.since(range.smallest); }

/// How many of `ranges` behind the first fit into `space` bytes, their count included.
std::size_t further_ranges_that_fit(std::span<const AckRange> ranges, std::size_t space) {
  static_assert(kAckRangesMax <= 64, "the count takes one byte");
  std::size_t used = 1;
  std::size_t further = 0;
  for (std::size_t i = 1; i < ranges.size() && further < kAckRangesMax - 1; ++i) {
    used += varint_size(gap_between(ranges[i - 1], ranges[i])) + varint_size(length_of(ranges[i]));
    if (used > space) break;
    ++further;
  }
  return further;
}

/// What follows the ranges of an ACK.
void write_ack_tail(ByteWriter& writer, const AckFrame& frame) {
  if (frame.ecn) {
    for (const std::uint64_t count : {frame.ecn->ect0, frame.ecn->ect1, frame.ecn->ce}) {
      writer.varint(count);
    }
  }
  if (frame.credit) write_credit(writer, *frame.credit);
}

/// The bytes of a segment's fields before its length and bytes, and its type without the length
/// bit.
struct SegmentHeader {
  unsigned type = 0;
  std::size_t size = 0;
};

SegmentHeader segment_header(const SegmentFrame& frame, bool is_fragment) {
  HAWSER_ASSERT(frame.sequence.has_value() == (frame.line != MessageLine::unreliable));
  SegmentHeader header;
  header.type = frame.sequence ? kSegment : kUnsequenced;
  if (frame.line == MessageLine::unordered) header.type |= kSegmentUnordered;
  header.size = 1 + varint_size(static_cast<std::uint64_t>(frame.channel)) +
                varint_size(frame.message_number);
  if (frame.sequence) header.size += varint_size(frame.sequence->value());
  if (is_fragment) {
    header.type |= kSegmentFragment;
    header.size += varint_size(frame.offset.size()) + varint_size(frame.total.size());
  }
  if (frame.message_checksum) {
    header.type |= kSegmentHasChecksum;
    header.size += sizeof(*frame.message_checksum);
  }
  return header;
}

void write_segment_fields(ByteWriter& writer, const SegmentFrame& frame, unsigned type) {
  writer.u8(static_cast<std::uint8_t>(type));
  if (frame.sequence) writer.varint(frame.sequence->value());
  writer.varint(static_cast<std::uint64_t>(frame.channel));
  writer.varint(frame.message_number);
  if ((type & kSegmentFragment) != 0) {
    writer.varint(frame.offset.size());
    writer.varint(frame.total.size());
  }
  if (frame.message_checksum) writer.u32(*frame.message_checksum);
}

}  // namespace

PacketWriter::PacketWriter(std::span<std::uint8_t> space, const ShortHeader& header)
    : space_(space) {
  HAWSER_ASSERT(header.number_size == 2 || header.number_size == 4);
  HAWSER_ASSERT(space.size() >=
                1 + header.destination_id.size() + header.number_size + kChecksumSize);
  unsigned first_byte = header.number_size == 2 ? 0 : kNumberSizeBits;
  if (number_bit_of(header.number, header.number_size)) first_byte |= kNumberBit;
  if (header.immediate_ack) first_byte |= kImmediateAck;
  ByteWriter writer(space);
  writer.u8(static_cast<std::uint8_t>(first_byte));
  writer.bytes(header.destination_id.bytes());
  writer.big_endian(header.number.value(), header.number_size);
  header_size_ = size_ = writer.size();
}

ByteWriter PacketWriter::frame_space() const {
  return ByteWriter(space_.subspan(size_, remaining()));
}

bool PacketWriter::commit(const ByteWriter& writer) {
  if (writer.overflowed()) return false;
  size_ += writer.size();
  return true;
}

bool PacketWriter::write(const PingFrame&) {
  ByteWriter writer = frame_space();
  write_type(writer, FrameType::ping);
  return commit(writer);
}

bool PacketWriter::write_ack(std::span<const AckRange> ranges, const AckFrame& frame) {
  HAWSER_ASSERT(!ranges.empty());
  const unsigned flags = (frame.ecn ? kAckHasEcn : 0) | (frame.credit ? kAckHasCredit : 0);
  ByteWriter writer = frame_space();
  write_type(writer, FrameType::ack, flags);
  writer.varint(ranges[0].largest.value());
  writer.varint(microseconds_of(frame.delay));
  // The ranges get what the fields around them leave; write the tail once to learn its size.
  ByteWriter measured = writer;
  measured.varint(length_of(ranges[0]));
  write_ack_tail(measured, frame);
  const std::size_t further = further_ranges_that_fit(ranges, measured.remaining());
  writer.varint(further);
  writer.varint(length_of(ranges[0]));
  for (std::size_t i = 1; i <= further; ++i) {
    writer.varint(gap_between(ranges[i - 1], ranges[i]));
    writer.varint(length_of(ranges[i]));
  }
  write_ack_tail(writer, frame);
  return commit(writer);
}

bool PacketWriter::write(const AckFrequencyFrame& frame) {
  HAWSER_ASSERT(frame.packet_tolerance > 0);
  ByteWriter writer = frame_space();
  write_type(writer, FrameType::ack_frequency);
  writer.varint(frame.request_number);
  writer.varint(frame.packet_tolerance);
  writer.varint(microseconds_of(frame.max_ack_delay));
  writer.varint(frame.reordering_threshold);
  return commit(writer);
}

bool PacketWriter::write(const SkipFrame& frame) {
  HAWSER_ASSERT(frame.count > 0 && frame.count <= kSkipRangesMax);
  ByteWriter writer = frame_space();
  write_type(writer, FrameType::skip);
  writer.varint(frame.count);
  std::uint64_t lower_bound = 0;
  for (std::size_t i = 0; i < frame.count; ++i) {
    const SequenceRange& range = frame.ranges[i];
    HAWSER_ASSERT(range.smallest.value() >= lower_bound);
    writer.varint(range.smallest.value() - lower_bound);
    writer.varint(range.largest.since(range.smallest));
    lower_bound = range.largest.value() + 2;
  }
  return commit(writer);
}

bool PacketWriter::write(const WindowFrame& frame) {
  ByteWriter writer = frame_space();
  write_type(writer, FrameType::window);
  write_credit(writer, frame.credit);
  return commit(writer);
}

bool PacketWriter::write(const PathChallengeFrame& frame) {
  ByteWriter writer = frame_space();
  write_type(writer, FrameType::path_challenge);
  writer.bytes(frame.data);
  return commit(writer);
}

bool PacketWriter::write(const PathResponseFrame& frame) {
  ByteWriter writer = frame_space();
  write_type(writer, FrameType::path_response);
  writer.bytes(frame.data);
  return commit(writer);
}

bool PacketWriter::write(const CloseFrame& frame) {
  HAWSER_ASSERT(frame.phrase.size() <= kClosePhraseMax);
  ByteWriter writer = frame_space();
  write_type(writer, FrameType::close);
  writer.varint(close_reason_value(frame.reason));
  writer.varint(std::min(frame.application_code, kVarintMax));
  writer.counted(frame.phrase);
  return commit(writer);
}

bool PacketWriter::write(const SegmentFrame& frame) {
  HAWSER_ASSERT(
      frame.is_whole_message() ||
      (!frame.bytes.empty() && frame.offset + ByteCount::of(frame.bytes.size()) <= frame.total));
  SegmentHeader header = segment_header(frame, !frame.is_whole_message());
  const std::size_t size = header.size + frame.bytes.size();
  if (size > remaining()) return false;
  const std::size_t gap = remaining() - size;
  const bool has_length = gap >= varint_size(frame.bytes.size());
  ByteWriter writer = frame_space();
  // A gap too small for the length: padding before the frame lets it run to the packet's end.
  if (!has_length) writer.zeros(gap);
  if (has_length) header.type |= kSegmentHasLength;
  write_segment_fields(writer, frame, header.type);
  if (has_length) writer.varint(frame.bytes.size());
  writer.bytes(frame.bytes);
  return commit(writer);
}

std::size_t PacketWriter::segment_capacity(const SegmentFrame& frame) const {
  if (frame.bytes.empty() ? frame.offset == ByteCount(0) : frame.is_whole_message()) {
    const std::size_t whole = segment_header(frame, false).size + frame.total.size();
    if (whole <= remaining()) return remaining() - (whole - frame.total.size());
  }
  const std::size_t header_size = segment_header(frame, true).size;
  return header_size < remaining() ? remaining() - header_size : 0;
}

void PacketWriter::set_immediate_ack() { space_[0] |= kImmediateAck; }

std::size_t PacketWriter::finish(PseudoHeader pseudo_header, PacketNumber number,
                                 ByteCount size_min) {
  HAWSER_ASSERT(size_min.size() <= space_.size());
  HAWSER_ASSERT(((space_[0] & kNumberBit) != 0) ==
                number_bit_of(number, number_size_of(space_[0])));
  ByteWriter padding = frame_space();
  if (size_min.size() > size_ + kChecksumSize) {
    padding.zeros(size_min.size() - size_ - kChecksumSize);
  }
  commit(padding);
  HAWSER_ASSERT(has_frames());  // a packet that says nothing is malformed
  const std::uint32_t checksum = data_packet_checksum(space_.first(size_), pseudo_header, number);
  write_trailer(space_.subspan(size_).first<kChecksumSize>(), checksum);
  size_ += kChecksumSize;
  return size_;
}

}  // namespace hawser::wire
