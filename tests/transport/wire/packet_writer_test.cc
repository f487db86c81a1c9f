#include <algorithm>
#include <chrono>

#include <gtest/gtest.h>

#include "tests/transport/wire/wire_samples.h"
#include "transport/wire/codec.h"

namespace hawser::wire {
namespace {

using samples::Bytes;
using samples::client_id;
using samples::server_id;
using samples::to_hex;

constexpr std::size_t kHeaderSize = 1 + samples::kIdSize + 4;
constexpr PacketNumber kNumber{0x12345678};

/// A packet with room for `frame_space` bytes of frames.
class Packet {
 public:
  explicit Packet(std::size_t frame_space)
      : space_(kHeaderSize + frame_space + kChecksumSize, 0xee),
        writer_(space_, ShortHeader{.destination_id = server_id(), .number = kNumber}) {}

  PacketWriter& writer() { return writer_; }
  /// The frames written so far.
  std::string frames() const {
    return to_hex(std::span(space_).subspan(kHeaderSize, writer_.size() - kHeaderSize));
  }
  Bytes finish(ByteCount size_min = ByteCount(0)) {
    space_.resize(writer_.finish(make_pseudo_header(server_id(), client_id()), kNumber, size_min));
    return space_;
  }

 private:
  Bytes space_;
  PacketWriter writer_;
};

SegmentFrame segment(std::span<const std::uint8_t> bytes) {
  SegmentFrame frame;
  frame.sequence = Sequence(5);
  frame.message_number = 7;
  frame.bytes = bytes;
  frame.total = ByteCount::of(bytes.size());
  return frame;
}

Result<Frame> first_frame(std::span<const std::uint8_t> packet) {
  const auto view = parse_packet(packet, samples::kIdSize);
  if (!view) return view.error();
  return FrameReader(view->payload).next();
}

TEST(PacketWriterTest, WhatItWritesReadsBackTheSame) {
  SeededRandom random(31);
  for (int i = 0; i < 20'000; ++i) {
    Packet packet(2000);
    const Frame frame = samples::random_frame(random);
    ASSERT_TRUE(samples::write_any(packet.writer(), frame));
    const Bytes bytes = packet.finish();
    const auto again = first_frame(bytes);
    ASSERT_TRUE(again) << "frame " << i;
    ASSERT_TRUE(samples::same(*again, frame)) << "frame " << i;
  }
}

TEST(PacketWriterTest, AcksReadBackTheSame) {
  SeededRandom random(32);
  for (int i = 0; i < 5000; ++i) {
    Packet packet(2000);
    const auto ranges = samples::random_ack_ranges(random, 1 + random.below(80));
    const AckFrame fields = samples::random_ack_fields(random);
    ASSERT_TRUE(packet.writer().write_ack(ranges, fields));
    const Bytes bytes = packet.finish();
    const auto again = first_frame(bytes);
    ASSERT_TRUE(again);
    const auto* ack = std::get_if<AckFrame>(&*again);
    ASSERT_NE(ack, nullptr);
    const auto read = samples::ranges_of(ack->ranges);
    ASSERT_EQ(read.size(), std::min(ranges.size(), kAckRangesMax));
    ASSERT_TRUE(std::equal(read.begin(), read.end(), ranges.begin()));
    ASSERT_EQ(ack->ecn, fields.ecn);
    ASSERT_EQ(ack->credit, fields.credit);
    ASSERT_EQ(ack->delay, fields.delay);
  }
}

TEST(PacketWriterTest, WritesNothingWhereAFrameDoesNotFit) {
  SeededRandom random(33);
  for (int i = 0; i < 3000; ++i) {
    const Frame frame = samples::random_frame(random);
    Packet wide(2000);
    ASSERT_TRUE(samples::write_any(wide.writer(), frame));
    const std::size_t size = wide.writer().size() - kHeaderSize;
    Packet narrow(random.below(size + 1));
    const bool fits = samples::write_any(narrow.writer(), frame);
    if (fits) {
      const Bytes bytes = narrow.finish();
      ASSERT_TRUE(first_frame(bytes)) << "frame " << i;
    } else {
      ASSERT_LT(narrow.writer().remaining(), size);
      ASSERT_FALSE(narrow.writer().has_frames());
    }
  }
}

TEST(PacketWriterTest, AnAckIsCutToTheNewestRangesThatFit) {
  SeededRandom random(34);
  const auto ranges = samples::random_ack_ranges(random, 40);
  AckFrame fields;
  fields.ecn = EcnCounts{.ect0 = 1, .ect1 = 2, .ce = 3};
  fields.credit = Credit{.sequence_limit = Sequence(100), .message_limit = ByteCount(5000)};
  std::size_t written_before = 0;
  for (std::size_t space = 0; space < 500; ++space) {
    Packet packet(space);
    if (!packet.writer().write_ack(ranges, fields)) {
      ASSERT_EQ(written_before, 0U);  // once it fits, more space never makes it fail
      continue;
    }
    const Bytes bytes = packet.finish();
    const auto frame = first_frame(bytes);
    ASSERT_TRUE(frame);
    const auto& ack = std::get<AckFrame>(*frame);
    const auto read = samples::ranges_of(ack.ranges);
    ASSERT_TRUE(std::equal(read.begin(), read.end(), ranges.begin()));
    ASSERT_GE(read.size(), written_before);
    ASSERT_EQ(ack.credit, fields.credit);
    written_before = read.size();
  }
  EXPECT_EQ(written_before, ranges.size());
}

TEST(PacketWriterTest, AnAckUsesTheSpaceToTheLastByte) {
  SeededRandom random(36);
  const auto ranges = samples::random_ack_ranges(random, 40);
  Packet wide(1000);
  ASSERT_TRUE(wide.writer().write_ack(ranges, AckFrame{}));
  const std::size_t size = wide.writer().size() - kHeaderSize;
  for (const std::size_t space : {size, size - 1}) {
    Packet tight(space);
    ASSERT_TRUE(tight.writer().write_ack(ranges, AckFrame{}));
    const Bytes bytes = tight.finish();
    const auto read = samples::ranges_of(std::get<AckFrame>(*first_frame(bytes)).ranges);
    EXPECT_EQ(read.size(), space == size ? 40U : 39U);
  }
}

TEST(PacketWriterTest, ASegmentThatFillsThePacketHasNoLength) {
  const Bytes bytes(6, 0x61);
  Packet exact(4 + bytes.size());
  ASSERT_TRUE(exact.writer().write(segment(bytes)));
  EXPECT_EQ(exact.frames(), "40050007616161616161");
  EXPECT_EQ(exact.writer().remaining(), 0U);
  Packet wider(5 + bytes.size());
  ASSERT_TRUE(wider.writer().write(segment(bytes)));
  EXPECT_EQ(wider.frames(), "4105000706616161616161");
}

TEST(PacketWriterTest, PaddingFillsAGapTooSmallForALength) {
  const Bytes bytes(100, 0x61);  // its length takes two bytes
  Packet packet(4 + bytes.size() + 1);
  ASSERT_TRUE(packet.writer().write(segment(bytes)));
  EXPECT_EQ(packet.frames().substr(0, 12), "004005000761");
  EXPECT_EQ(packet.writer().remaining(), 0U);
}

TEST(PacketWriterTest, ASegmentOfTheCapacityFillsThePacket) {
  SeededRandom random(35);
  const Bytes message(5000, 0x61);
  for (int i = 0; i < 20'000; ++i) {
    Packet packet(random.below(1400));
    SegmentFrame frame = segment({});
    frame.message_number = samples::random_varint(random);
    frame.sequence = Sequence(samples::random_varint(random));
    if (random.below(2) == 0) frame.message_checksum = 1;
    frame.total = ByteCount::of(1 + random.below(message.size()));
    if (random.below(2) == 0) frame.offset = ByteCount::of(random.below(frame.total.size()));
    const std::size_t capacity = packet.writer().segment_capacity(frame);
    const std::size_t left = (frame.total - frame.offset).size();
    frame.bytes = std::span(message).first(std::min(capacity, left));
    if (capacity == 0) continue;
    ASSERT_TRUE(packet.writer().write(frame)) << "segment " << i;
    ASSERT_TRUE(capacity > left || packet.writer().remaining() == 0) << "segment " << i;
    // One byte more would not have fitted.
    Packet again(packet.finish().size() - kHeaderSize - kChecksumSize);
    frame.bytes = std::span(message).first(std::min(capacity + 1, left));
    ASSERT_TRUE(capacity >= left || !again.writer().write(frame)) << "segment " << i;
  }
}

TEST(PacketWriterTest, HasNoCapacityWhereTheHeaderDoesNotFit) {
  Packet packet(5);
  SegmentFrame frame = segment({});
  frame.total = ByteCount(1000);
  EXPECT_EQ(packet.writer().segment_capacity(frame), 0U);
  frame.total = ByteCount(1);
  EXPECT_EQ(packet.writer().segment_capacity(frame), 1U);
}

TEST(PacketWriterTest, APieceOfAMessageHasTheCapacityOfAPiece) {
  // The whole message would just fit; without its last byte it needs offset and total.
  const Bytes message(100, 0x61);
  Packet packet(4 + message.size());
  SegmentFrame frame = segment(message);
  EXPECT_EQ(packet.writer().segment_capacity(frame), message.size());
  frame.bytes = std::span(message).first(99);
  EXPECT_EQ(packet.writer().segment_capacity(frame), 97U);
  EXPECT_FALSE(packet.writer().write(frame));
  frame.bytes = std::span(message).first(97);
  EXPECT_TRUE(packet.writer().write(frame));
}

TEST(PacketWriterTest, PadsToTheSizeAskedForAndNoFurther) {
  const std::size_t unpadded = kHeaderSize + 1 + kChecksumSize;
  for (std::size_t size = 0; size < unpadded + 20; ++size) {
    Packet packet(100);
    packet.writer().write(PingFrame{});
    EXPECT_EQ(packet.finish(ByteCount::of(size)).size(), std::max(size, unpadded));
  }
}

TEST(PacketWriterTest, PadsWithZeros) {
  Packet packet(100);
  packet.writer().write(PingFrame{});
  const Bytes bytes = packet.finish(kElicitingSizeMin);
  ASSERT_EQ(bytes.size(), kElicitingSizeMin.size());
  const auto view = parse_packet(bytes, samples::kIdSize);
  ASSERT_TRUE(view);
  EXPECT_EQ(to_hex(view->payload), "01000000000000");
  EXPECT_TRUE(verify_data_packet(*view, make_pseudo_header(server_id(), client_id()), kNumber));
}

TEST(PacketWriterTest, TheImmediateAckFlagMayComeLast) {
  Packet packet(10);
  packet.writer().write(PingFrame{});
  packet.writer().set_immediate_ack();
  const Bytes bytes = packet.finish();
  const auto view = parse_packet(bytes, samples::kIdSize);
  ASSERT_TRUE(view);
  EXPECT_TRUE(view->immediate_ack);
  EXPECT_TRUE(verify_data_packet(*view, make_pseudo_header(server_id(), client_id()), kNumber));
}

TEST(PacketWriterTest, LeavesTheBytesBehindThePacketAlone) {
  Bytes space(64, 0xee);
  PacketWriter writer(space, ShortHeader{.destination_id = server_id(), .number = kNumber});
  writer.write(PingFrame{});
  const std::size_t size =
      writer.finish(make_pseudo_header(server_id(), client_id()), kNumber, ByteCount(0));
  EXPECT_TRUE(std::all_of(space.begin() + static_cast<std::ptrdiff_t>(size), space.end(),
                          [](auto byte) { return byte == 0xee; }));
}

TEST(PacketWriterTest, DurationsAndLimitsAreHeldWithinTheFormat) {
  Packet packet(100);
  const AckRange range{PacketNumber(1), PacketNumber(1)};
  AckFrame fields;
  fields.delay = kForever;
  fields.credit =
      Credit{.sequence_limit = Sequence::last().next(), .message_limit = ByteCount::max()};
  ASSERT_TRUE(packet.writer().write_ack({&range, 1}, fields));
  const Bytes bytes = packet.finish();
  const auto frame = first_frame(bytes);
  ASSERT_TRUE(frame);
  const auto& ack = std::get<AckFrame>(*frame);
  EXPECT_EQ(ack.delay, std::chrono::microseconds((std::int64_t{1} << 52) - 1));
  EXPECT_EQ(ack.credit->sequence_limit, Sequence::last());
  EXPECT_EQ(ack.credit->message_limit, ByteCount((std::int64_t{1} << 62) - 1));
}

TEST(PacketWriterTest, AnApplicationCodeBeyondAVarintBecomesTheLargest) {
  Packet packet(100);
  ASSERT_TRUE(packet.writer().write(
      CloseFrame{.reason = CloseReason::aborted, .application_code = ~std::uint64_t{0}}));
  EXPECT_EQ(packet.frames(), "0e01ffffffffffffffff00");
}

TEST(PacketWriterTest, AReasonFoundLocallyLeavesAsAborted) {
  Packet packet(100);
  ASSERT_TRUE(packet.writer().write(CloseFrame{.reason = CloseReason::idle_timeout}));
  EXPECT_EQ(packet.frames(), "0e010000");
}

}  // namespace
}  // namespace hawser::wire
