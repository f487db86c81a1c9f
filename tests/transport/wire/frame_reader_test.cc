#include <string>

#include <gtest/gtest.h>

#include "tests/transport/wire/wire_samples.h"
#include "transport/wire/codec.h"

namespace hawser::wire {
namespace {

using samples::Bytes;
using samples::from_hex;
using samples::to_hex;

/// The error of the first frame of a payload, or none.
std::error_code error_of(const std::string& hex) {
  const Bytes payload = from_hex(hex);
  const auto frame = FrameReader(payload).next();
  return frame ? std::error_code() : frame.error();
}

/// Reads the first frame, which must be an `F`; the payload lives as long as the reader.
template <typename F>
class Decoded {
 public:
  explicit Decoded(const std::string& hex)
      : payload_(from_hex(hex)), reader_(payload_), frame_(reader_.next()) {}
  const F* operator->() const { return std::get_if<F>(&*frame_); }
  bool is_all() const { return reader_.at_end(); }

 private:
  Bytes payload_;
  FrameReader reader_;
  Result<Frame> frame_;
};

TEST(FrameReaderTest, TakesARunOfPaddingAsOneFrame) {
  Decoded<PaddingFrame> padding("00 00 00 01");
  EXPECT_EQ(padding->count, 3U);
  EXPECT_FALSE(padding.is_all());
  EXPECT_EQ(Decoded<PaddingFrame>("00")->count, 1U);
}

TEST(FrameReaderTest, ReadsAnAckWithGaps) {
  // RFC 9000 s19.3.1: largest 100, 3 below it, a gap of 2 missing, then 5 numbers.
  Decoded<AckFrame> ack("08 4064 19 01 03 01 04");
  EXPECT_EQ(ack->delay, Duration(25'000));
  const auto ranges = samples::ranges_of(ack->ranges);
  ASSERT_EQ(ranges.size(), 2U);
  EXPECT_EQ(ranges[0], (AckRange{PacketNumber(97), PacketNumber(100)}));
  EXPECT_EQ(ranges[1], (AckRange{PacketNumber(90), PacketNumber(94)}));
  EXPECT_FALSE(ack->ecn.has_value());
  EXPECT_FALSE(ack->credit.has_value());
  EXPECT_TRUE(ack.is_all());
}

TEST(FrameReaderTest, ReadsAnAcksMarksAndCredit) {
  Decoded<AckFrame> ack("0b 05 00 00 00 01 02 03 0a 4400");
  EXPECT_EQ(ack->ecn, (EcnCounts{.ect0 = 1, .ect1 = 2, .ce = 3}));
  EXPECT_EQ(ack->credit,
            (Credit{.sequence_limit = Sequence(10), .message_limit = ByteCount(1024)}));
}

TEST(FrameReaderTest, AnAckBelowZeroIsMalformed) {
  EXPECT_EQ(error_of("08 05 00 00 06"), Errc::malformed);
  EXPECT_EQ(error_of("08 05 00 00 05"), std::error_code());
  EXPECT_EQ(error_of("08 05 00 01 01 03 00"), Errc::malformed);  // 4..5, then a gap of 4 numbers
  EXPECT_EQ(error_of("08 05 00 01 01 02 00"), std::error_code());
  EXPECT_EQ(error_of("08 05 00 01 01 01 02"), Errc::malformed);
  EXPECT_EQ(error_of("08 05 00 01 01 ffffffffffffffff 00"), Errc::malformed);
}

TEST(FrameReaderTest, AnAckHasAtMostSixtyFourRanges) {
  const auto ack = [](std::size_t further) {
    std::string hex = "08 43e8 00" + to_hex(Bytes{static_cast<std::uint8_t>(further)}) + "00";
    for (std::size_t i = 0; i < further; ++i) hex += "0000";
    return hex;
  };
  EXPECT_EQ(error_of(ack(63)), std::error_code());
  EXPECT_EQ(error_of("08 43e8 00 4040 00" + std::string(64 * 4, '0')), Errc::malformed);
}

TEST(FrameReaderTest, ReadsAckFrequency) {
  Decoded<AckFrequencyFrame> frame("04 01 0a 59d8 03");
  EXPECT_EQ(frame->request_number, 1U);
  EXPECT_EQ(frame->packet_tolerance, 10U);
  EXPECT_EQ(frame->max_ack_delay, Duration(6'616'000));
  EXPECT_EQ(frame->reordering_threshold, 3U);
  EXPECT_EQ(error_of("04 01 00 00 00"), Errc::malformed);
}

TEST(FrameReaderTest, ReadsASkip) {
  Decoded<SkipFrame> frame("05 03 05 00 00 02 4100 00");
  ASSERT_EQ(frame->count, 3U);
  EXPECT_EQ(frame->ranges[0], (SequenceRange{Sequence(5), Sequence(5)}));
  EXPECT_EQ(frame->ranges[1], (SequenceRange{Sequence(7), Sequence(9)}));
  EXPECT_EQ(frame->ranges[2], (SequenceRange{Sequence(267), Sequence(267)}));
}

TEST(FrameReaderTest, ASkipHasOneToEightRangesWithinTheSpace) {
  EXPECT_EQ(error_of("05 00"), Errc::malformed);
  EXPECT_EQ(error_of("05 09" + std::string(18 * 2, '0')), Errc::malformed);
  EXPECT_EQ(error_of("05 08" + std::string(16 * 2, '0')), std::error_code());
  EXPECT_EQ(error_of("05 01 ffffffffffffffff 00"), std::error_code());
  EXPECT_EQ(error_of("05 01 ffffffffffffffff 01"), Errc::malformed);
  EXPECT_EQ(error_of("05 02 fffffffffffffffe 00 00 00"), Errc::malformed);
}

TEST(FrameReaderTest, ReadsTheSmallFrames) {
  EXPECT_TRUE(Decoded<PingFrame>("01").is_all());
  EXPECT_EQ(Decoded<WindowFrame>("07 05 06")->credit,
            (Credit{.sequence_limit = Sequence(5), .message_limit = ByteCount(6)}));
  EXPECT_EQ(to_hex(Decoded<PathChallengeFrame>("0c 0102030405060708")->data), "0102030405060708");
  EXPECT_EQ(to_hex(Decoded<PathResponseFrame>("0d 0102030405060708")->data), "0102030405060708");
}

TEST(FrameReaderTest, ReadsAClose) {
  Decoded<CloseFrame> frame("0e 02 4100 03 627965");
  EXPECT_EQ(frame->reason, CloseReason::protocol_error);
  EXPECT_EQ(frame->application_code, 256U);
  EXPECT_EQ(to_hex(frame->phrase), "627965");
  EXPECT_EQ(error_of("0e 00 00 4041" + std::string(65 * 2, '0')), Errc::malformed);
}

TEST(FrameReaderTest, AnUnknownOrLocalCloseReasonCountsAsAborted) {
  EXPECT_EQ(Decoded<CloseFrame>("0e 0a 00 00")->reason, CloseReason::handshake_mismatch);
  EXPECT_EQ(Decoded<CloseFrame>("0e 0b 00 00")->reason, CloseReason::aborted);
  EXPECT_EQ(Decoded<CloseFrame>("0e 4100 00 00")->reason, CloseReason::aborted);
}

TEST(FrameReaderTest, ReadsAWholeMessageToTheEndOfThePayload) {
  Decoded<SegmentFrame> frame("40 05 00 07 616263");
  EXPECT_EQ(frame->sequence, Sequence(5));
  EXPECT_EQ(frame->line, MessageLine::ordered);
  EXPECT_EQ(frame->channel, ChannelId{0});
  EXPECT_EQ(frame->message_number, 7U);
  EXPECT_EQ(to_hex(frame->bytes), "616263");
  EXPECT_TRUE(frame->is_whole_message());
  EXPECT_TRUE(frame.is_all());
}

TEST(FrameReaderTest, ReadsAFragmentWithChecksumAndLength) {
  Decoded<SegmentFrame> frame("4f 05 02 07 04 0a deadbeef 03 616263 01");
  EXPECT_EQ(frame->line, MessageLine::unordered);
  EXPECT_EQ(frame->channel, ChannelId{2});
  EXPECT_EQ(frame->offset, ByteCount(4));
  EXPECT_EQ(frame->total, ByteCount(10));
  EXPECT_EQ(frame->message_checksum, 0xdeadbeefU);
  EXPECT_EQ(to_hex(frame->bytes), "616263");
  EXPECT_FALSE(frame->is_whole_message());
  EXPECT_FALSE(frame.is_all());
}

TEST(FrameReaderTest, ReadsAnUnsequencedMessage) {
  Decoded<SegmentFrame> frame("21 01 07 02 6869");
  EXPECT_EQ(frame->sequence, std::nullopt);
  EXPECT_EQ(frame->line, MessageLine::unreliable);
  EXPECT_EQ(frame->channel, ChannelId{1});
}

TEST(FrameReaderTest, ReadsAnEmptyMessage) {
  EXPECT_TRUE(Decoded<SegmentFrame>("41 05 00 07 00 01")->bytes.empty());
  EXPECT_TRUE(Decoded<SegmentFrame>("40 05 00 07")->is_whole_message());
}

TEST(FrameReaderTest, AFragmentLiesStrictlyWithinItsMessage) {
  EXPECT_EQ(error_of("43 05 00 07 04 07 03 616263"), std::error_code());
  EXPECT_EQ(error_of("43 05 00 07 04 06 03 616263"), Errc::malformed);
  EXPECT_EQ(error_of("43 05 00 07 04 06 00"), Errc::malformed);         // empty
  EXPECT_EQ(error_of("43 05 00 07 00 03 03 616263"), Errc::malformed);  // all of it
  EXPECT_EQ(error_of("43 05 00 07 ffffffffffffffff 03 03 616263"), Errc::malformed);
}

TEST(FrameReaderTest, AChannelBeyondSixteenBitsIsMalformed) {
  EXPECT_EQ(error_of("40 05 8000ffff 07"), std::error_code());
  EXPECT_EQ(error_of("40 05 80010000 07"), Errc::malformed);
}

TEST(FrameReaderTest, ReservedTypesAndBitsAreMalformed) {
  const std::string fields(60, '0');
  for (unsigned type = 0; type < 256; ++type) {
    const std::string hex = to_hex(Bytes{static_cast<std::uint8_t>(type)}) + "02 01 00 01" + fields;
    const bool is_segment = type >= 0x40 && type < 0x80 && (type & 0x30) == 0;
    const bool is_unsequenced = type >= 0x20 && type < 0x40 && (type & 0x14) == 0;
    const bool is_reserved =
        !is_segment && !is_unsequenced && (type == 2 || type == 3 || type == 6 || type >= 0x0f);
    if (is_reserved) {
      EXPECT_EQ(error_of(hex), Errc::malformed) << "type " << type;
    } else if (type < 0x20) {
      EXPECT_EQ(error_of(hex), std::error_code()) << "type " << type;
    }
  }
}

TEST(FrameReaderTest, AVarintHasOneEncoding) {
  // RFC 9000 A.1 gives 37 in two bytes as 4025; here that is malformed.
  EXPECT_EQ(error_of("07 25 00"), std::error_code());
  EXPECT_EQ(error_of("07 4025 00"), Errc::malformed);
  EXPECT_EQ(error_of("07 7bbd 00"), std::error_code());
  EXPECT_EQ(error_of("07 80003bbd 00"), Errc::malformed);
  EXPECT_EQ(error_of("07 9d7f3e7d 00"), std::error_code());
  EXPECT_EQ(error_of("07 c00000001d7f3e7d 00"), Errc::malformed);
  EXPECT_EQ(error_of("07 c2197c5eff14e88c 00"), std::error_code());
}

TEST(FrameReaderTest, ADurationThatNoClockHoldsIsMalformed) {
  EXPECT_EQ(error_of("08 05 c00fffffffffffff 00 00"), std::error_code());
  EXPECT_EQ(error_of("08 05 c010000000000000 00 00"), Errc::malformed);
}

TEST(FrameReaderTest, IsAtItsEndAfterAnError) {
  const Bytes payload = from_hex("01 02 01");
  FrameReader reader(payload);
  EXPECT_TRUE(reader.next().has_value());
  EXPECT_FALSE(reader.next().has_value());
  EXPECT_TRUE(reader.at_end());
}

TEST(FrameTest, AllButPaddingAckAndCloseElicitAnAck) {
  EXPECT_FALSE(is_ack_eliciting(PaddingFrame{}));
  EXPECT_FALSE(is_ack_eliciting(AckFrame{}));
  EXPECT_FALSE(is_ack_eliciting(CloseFrame{}));
  for (const Frame& frame :
       {Frame(PingFrame{}), Frame(AckFrequencyFrame{}), Frame(SkipFrame{}), Frame(WindowFrame{}),
        Frame(PathChallengeFrame{}), Frame(PathResponseFrame{}), Frame(SegmentFrame{})}) {
    EXPECT_TRUE(is_ack_eliciting(frame));
  }
}

}  // namespace
}  // namespace hawser::wire
