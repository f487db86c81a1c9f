#include <array>
#include <limits>

#include <gtest/gtest.h>

#include "tests/transport/wire/wire_samples.h"
#include "transport/wire/codec.h"

namespace hawser::wire {
namespace {

using samples::Bytes;
using samples::client_id;
using samples::from_hex;
using samples::kIdSize;
using samples::server_id;

constexpr std::uint64_t kLast = PacketNumber::last().value();

std::error_code parse_error(const Bytes& bytes, std::size_t id_size = kIdSize) {
  const auto view = parse_packet(bytes, id_size);
  return view ? std::error_code() : view.error();
}

/// A data packet of one PING from client to server.
Bytes ping_packet(PacketNumber number, std::size_t number_size) {
  Bytes space(100);
  PacketWriter writer(
      space,
      ShortHeader{.destination_id = server_id(), .number = number, .number_size = number_size});
  writer.write(PingFrame{});
  space.resize(writer.finish(make_pseudo_header(server_id(), client_id()), number, ByteCount(0)));
  return space;
}

/// What a receiver does that expects the number `expected`.
bool accepts(const Bytes& datagram, PacketNumber expected) {
  const auto view = parse_packet(datagram, kIdSize);
  if (!view) return false;
  const auto number = expand_packet_number(view->truncated_number, view->number_size, expected);
  return verify_data_packet(*view, make_pseudo_header(server_id(), client_id()), number);
}

// ---- Packet numbers ------------------------------------------------------------------------

TEST(PacketNumberTest, ExpandsTheExampleOfRfc9000A3) {
  EXPECT_EQ(expand_packet_number(0x9b32, 2, PacketNumber(0xa82f30eb)), PacketNumber(0xa82f9b32));
}

TEST(PacketNumberTest, TakesTheSizesOfRfc9000A2RoundedUpToTwoOrFour) {
  EXPECT_EQ(packet_number_size(PacketNumber(0xac5c02), PacketNumber(0xabe8b3)), 2U);
  EXPECT_EQ(packet_number_size(PacketNumber(0xace8fe), PacketNumber(0xabe8b3)), 4U);
  EXPECT_EQ(packet_number_size(PacketNumber(0x7fff), std::nullopt), 2U);
  EXPECT_EQ(packet_number_size(PacketNumber(0x8000), std::nullopt), 4U);
  EXPECT_EQ(packet_number_size(PacketNumber::last(), PacketNumber(kLast - 0x8000)), 2U);
  EXPECT_EQ(packet_number_size(PacketNumber::last(), PacketNumber(kLast - 0x8001)), 4U);
}

TEST(PacketNumberTest, ExpandsWhatTheSenderChoseWhateverArrivedBefore) {
  // T18: the receiver expects any number behind the largest one that it acknowledged.
  SeededRandom random(21);
  for (int i = 0; i < 200'000; ++i) {
    const std::uint64_t acked = samples::random_varint(random) % (kLast - (1U << 31));
    const std::uint64_t number = acked + 1 + random.below(i % 2 == 0 ? 1U << 15 : 1U << 31);
    const std::uint64_t expected = acked + 1 + random.below(number - acked);
    const std::size_t size = packet_number_size(PacketNumber(number), PacketNumber(acked));
    ASSERT_EQ(
        expand_packet_number(static_cast<std::uint32_t>(number), size, PacketNumber(expected)),
        PacketNumber(number))
        << "number " << number << ", expected " << expected << ", largest acked " << acked;
  }
}

TEST(PacketNumberTest, ExpandsToTheClosestNumberOfTheSpace) {
  SeededRandom random(22);
  for (int i = 0; i < 200'000; ++i) {
    const std::size_t size = 1 + random.below(4);
    const std::uint64_t window = std::uint64_t{1} << (8 * size);
    const std::uint64_t near = random.below(3 * window);
    const std::uint64_t expected = i % 3 == 0   ? near
                                   : i % 3 == 1 ? kLast - near
                                                : random.next() >> 2;
    const std::uint64_t truncated = random.below(window);
    const std::uint64_t result =
        expand_packet_number(static_cast<std::uint32_t>(truncated), size, PacketNumber(expected))
            .value();
    const auto distance = [expected](std::uint64_t number) {
      return number > expected ? number - expected : expected - number;
    };
    ASSERT_LE(result, kLast);
    ASSERT_EQ(result % window, truncated);
    if (result >= window) {
      ASSERT_LE(distance(result), distance(result - window));
    }
    if (result <= kLast - window) {
      ASSERT_LE(distance(result), distance(result + window));
    }
  }
}

TEST(PacketNumberTest, OfTwoEquallyCloseNumbersTakesTheHigher) {
  EXPECT_EQ(expand_packet_number(0x0000, 2, PacketNumber(0x18000)), PacketNumber(0x20000));
  EXPECT_EQ(expand_packet_number(0x8000, 2, PacketNumber(0x10000)), PacketNumber(0x18000));
}

TEST(PacketNumberTest, SurvivesTheEndOfTheSpace) {
  const PacketNumber beyond = PacketNumber::last().next();  // what follows the very last packet
  EXPECT_EQ(expand_packet_number(0xffff, 2, beyond), PacketNumber::last());
  EXPECT_EQ(expand_packet_number(0x0000, 2, beyond), PacketNumber(kLast - 0xffff));
}

// ---- Data packets --------------------------------------------------------------------------

TEST(DataPacketTest, HasTheLayoutOfTheFormat) {
  const Bytes packet = ping_packet(PacketNumber(0x1a2b3c4d5e), 2);
  const auto view = parse_packet(packet, kIdSize);
  ASSERT_TRUE(view);
  EXPECT_EQ(view->type, PacketType::data);
  EXPECT_EQ(view->destination_id, server_id());
  EXPECT_FALSE(view->immediate_ack);
  EXPECT_EQ(view->number_size, 2);
  EXPECT_EQ(view->truncated_number, 0x4d5eU);
  EXPECT_EQ(view->packet.size(), packet.size());
  EXPECT_EQ(samples::to_hex(view->payload), "01");
}

TEST(DataPacketTest, VerifiesWithItsIdsAndNumberOnly) {
  const PacketNumber number(0x1a2b3c4d5e);
  const Bytes packet = ping_packet(number, 4);
  const auto view = parse_packet(packet, kIdSize);
  ASSERT_TRUE(view);
  EXPECT_TRUE(verify_data_packet(*view, make_pseudo_header(server_id(), client_id()), number));
  EXPECT_FALSE(verify_data_packet(*view, make_pseudo_header(client_id(), server_id()), number));
  const auto other_client = make_pseudo_header(server_id(), samples::make_id(kIdSize, 0xc1));
  EXPECT_FALSE(verify_data_packet(*view, other_client, number));
  EXPECT_FALSE(verify_data_packet(*view, make_pseudo_header(server_id(), client_id()),
                                  number + (std::uint64_t{2} << 32)));
}

TEST(DataPacketTest, IdsAreKeptApartInThePseudoHeader) {
  // The same bytes, cut into two ids at another place.
  const auto five = make_pseudo_header(samples::make_id(5, 0), samples::make_id(4, 5));
  const auto four = make_pseudo_header(samples::make_id(4, 0), samples::make_id(5, 4));
  EXPECT_NE(five.ids_checksum, four.ids_checksum);
}

TEST(DataPacketTest, AReplayBeyondTheWindowIsRejected) {
  // Within half a window the number expands rightly, and the duplicate is the connection's to drop.
  SeededRandom random(23);
  for (const std::size_t size : {std::size_t{2}, std::size_t{4}}) {
    const std::uint64_t half = std::uint64_t{1} << (8 * size - 1);
    for (int i = 0; i < 2000; ++i) {
      const PacketNumber number(samples::random_varint(random) >> 1);
      const Bytes packet = ping_packet(number, size);
      ASSERT_TRUE(accepts(packet, number));
      ASSERT_TRUE(accepts(packet, number + random.below(half)));
      for (std::uint64_t later = half + 1; later <= std::uint64_t{1} << 33; later *= 2) {
        const std::uint64_t distance = later + random.below(later);
        ASSERT_FALSE(accepts(packet, number + distance))
            << "number " << number.value() << " of " << size << " bytes, replayed " << distance
            << " numbers later";
      }
    }
  }
}

TEST(DataPacketTest, EveryMultipleOfTheWindowLaterIsRejected) {
  const PacketNumber number(0x1234567);
  const Bytes packet = ping_packet(number, 2);
  for (std::uint64_t windows = 1; windows <= 1U << 17; ++windows) {
    ASSERT_FALSE(accepts(packet, number + (windows << 16))) << windows << " windows later";
  }
}

TEST(DataPacketTest, ReservedBitsAreMalformed) {
  Bytes packet = ping_packet(PacketNumber(1), 2);
  for (const unsigned bits : {0x08U, 0x01U, 0x02U, 0x04U, 0x03U, 0x05U, 0x06U}) {
    packet[0] = static_cast<std::uint8_t>(bits);
    EXPECT_EQ(parse_error(packet), Errc::malformed) << "first byte " << bits;
  }
}

TEST(DataPacketTest, OneWithoutFramesIsTruncated) {
  EXPECT_EQ(parse_error(from_hex("00 5051525354555657 0001 00000000")), Errc::truncated);
  EXPECT_EQ(parse_error(from_hex("00 5051525354555657 0001 00 00000000")), std::error_code());
}

TEST(DataPacketTest, WorksWithEveryIdSize) {
  for (std::size_t size = 0; size <= ConnectionId::kSizeMax; ++size) {
    Bytes space(64);
    const ConnectionId id = samples::make_id(size, 9);
    PacketWriter writer(space, ShortHeader{.destination_id = id, .number = PacketNumber(5)});
    writer.write(PingFrame{});
    const auto pseudo_header = make_pseudo_header(id, client_id());
    space.resize(writer.finish(pseudo_header, PacketNumber(5), ByteCount(0)));
    const auto view = parse_packet(space, size);
    ASSERT_TRUE(view) << "id of " << size << " bytes";
    EXPECT_EQ(view->destination_id, id);
    EXPECT_TRUE(verify_data_packet(*view, pseudo_header, PacketNumber(5)));
  }
}

// ---- Long packets and resets ---------------------------------------------------------------

const std::string kLongIds = "08 5051525354555657 08 c0c1c2c3c4c5c6c7";

Bytes long_packet(const std::string& first_byte_and_version, const std::string& rest) {
  return from_hex(first_byte_and_version + kLongIds + rest);
}

TEST(LongPacketTest, HasTheLayoutOfTheFormat) {
  const Bytes packet = long_packet("a0 48415701", "0009 00000007 aa 01020304");
  const auto view = parse_packet(packet, kIdSize);
  ASSERT_TRUE(view);
  EXPECT_EQ(view->type, PacketType::accept);
  EXPECT_EQ(view->version, kVersion1);
  EXPECT_EQ(view->destination_id, server_id());
  EXPECT_EQ(view->source_id, client_id());
  EXPECT_EQ(view->truncated_number, 7U);
  EXPECT_EQ(view->number_size, 4);
  EXPECT_EQ(samples::to_hex(view->payload), "aa");
}

TEST(LongPacketTest, ReservedTypesAndBitsAreMalformed) {
  for (const std::string first : {"81", "88", "b0", "d0", "e0", "f0"}) {
    EXPECT_EQ(parse_error(long_packet(first + "48415701", "0008 00000007 01020304")),
              Errc::malformed)
        << first;
  }
  EXPECT_EQ(parse_error(long_packet("90 48415701", "0008 00000007 01020304")), std::error_code());
}

TEST(LongPacketTest, ALengthThatDoesNotFitIsAnError) {
  EXPECT_EQ(parse_error(long_packet("80 48415701", "0007 00000007 010203")), Errc::truncated);
  EXPECT_EQ(parse_error(long_packet("80 48415701", "0009 00000007 01020304")), Errc::truncated);
  EXPECT_EQ(parse_error(long_packet("80 48415701", "0003 00000007 01020304")), Errc::malformed);
}

TEST(LongPacketTest, OnlyAnAcceptMayBeFollowed) {
  for (const std::string first : {"80", "90", "c0"}) {
    EXPECT_EQ(parse_error(long_packet(first + "48415701", "0008 00000007 01020304 00")),
              Errc::malformed);
  }
  EXPECT_EQ(parse_error(long_packet("a0 48415701", "0008 00000007 01020304 00")),
            std::error_code());
}

TEST(LongPacketTest, AnIdOfMoreThanTwentyBytesIsMalformed) {
  EXPECT_EQ(parse_error(from_hex("80 48415701 15" + std::string(100, '0'))), Errc::malformed);
  EXPECT_EQ(parse_error(from_hex("80 48415701 00 15" + std::string(100, '0'))), Errc::malformed);
}

TEST(LongPacketTest, OfAnUnknownVersionOnlyTheInvariantPartIsRead) {
  const Bytes packet = long_packet("ff 12345678", "aabbccdd");
  const auto view = parse_packet(packet, kIdSize);
  ASSERT_TRUE(view);
  EXPECT_EQ(view->version, 0x12345678U);
  EXPECT_EQ(view->destination_id, server_id());
  EXPECT_EQ(view->source_id, client_id());
  EXPECT_EQ(view->packet.size(), packet.size());
  EXPECT_TRUE(view->payload.empty());
}

TEST(LongPacketTest, VersionZeroIsAVersionPacket) {
  const Bytes packet = long_packet("b0 00000000", "48415701 01020304");
  const auto view = parse_packet(packet, kIdSize);
  ASSERT_TRUE(view);
  EXPECT_EQ(view->type, PacketType::version);
  EXPECT_EQ(samples::to_hex(view->payload), "48415701");
  EXPECT_EQ(parse_error(long_packet("80 00000000", "48415701 01020304")), Errc::malformed);
  EXPECT_EQ(parse_error(long_packet("b0 00000000", "010203")), Errc::truncated);
}

TEST(ResetPacketTest, HasOneSizeAndOneFirstByte) {
  const std::string token(32, 'a');
  EXPECT_EQ(parse_error(from_hex("40" + token + "01020304")), std::error_code());
  EXPECT_EQ(parse_error(from_hex("40" + token + "010203")), Errc::malformed);
  EXPECT_EQ(parse_error(from_hex("40" + token + "0102030405")), Errc::malformed);
  EXPECT_EQ(parse_error(from_hex("41" + token + "01020304")), Errc::malformed);
}

// ---- Datagrams -----------------------------------------------------------------------------

std::error_code count_error(const Bytes& datagram) {
  const auto count = count_packets(datagram, kIdSize);
  return count ? std::error_code() : count.error();
}

const std::string kAccept = "a0 48415701 " + kLongIds + "0008 00000007 01020304";
const std::string kData = "00 5051525354555657 0001 01 01020304";

TEST(DatagramTest, AnEmptyOneIsTruncated) {
  EXPECT_EQ(count_error({}), Errc::truncated);
  EXPECT_EQ(parse_error({}), Errc::truncated);
}

TEST(DatagramTest, HoldsAnAcceptAndDataBehindIt) {
  EXPECT_EQ(*count_packets(from_hex(kData), kIdSize), 1U);
  EXPECT_EQ(*count_packets(from_hex(kAccept), kIdSize), 1U);
  EXPECT_EQ(*count_packets(from_hex(kAccept + kData), kIdSize), 2U);
  EXPECT_EQ(*count_packets(from_hex(kAccept + kAccept + kData), kIdSize), 3U);
}

TEST(DatagramTest, AllItsPacketsHaveOneAddressee) {
  EXPECT_EQ(count_error(from_hex(kAccept + "00 5051525354555658 0001 01 01020304")),
            Errc::malformed);
}

TEST(DatagramTest, APacketThatMustBeAloneFollowsNone) {
  EXPECT_EQ(count_error(from_hex(kAccept + "80 48415701 " + kLongIds + "0008 00000007 01020304")),
            Errc::malformed);
  EXPECT_EQ(count_error(from_hex(kAccept + "b0 00000000 " + kLongIds + "48415701 01020304")),
            Errc::malformed);
  EXPECT_EQ(count_error(from_hex(kAccept + "40" + std::string(40, '0'))), Errc::malformed);
  EXPECT_EQ(count_error(from_hex(kAccept + "80 12345678 " + kLongIds)), Errc::malformed);
}

TEST(DatagramTest, AnErrorInALaterPacketRejectsAll) {
  EXPECT_EQ(count_error(from_hex(kAccept + "00 505152")), Errc::truncated);
}

}  // namespace
}  // namespace hawser::wire
