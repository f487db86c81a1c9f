#include "tools/hawser/packet_decoder.h"

#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tools/hawser/frame_json.h"

namespace hawser::cli {
namespace {

// The second example of WIRE_FORMAT s2: an ACK and "hello", with both ids of its connection.
constexpr const char* kHello =
    "17 5051525354555657 00000002  080041f40000  4100000005 68656c6c6f  2bba6bb7";
const ConnectionId kClientId(*parse_hex("c0c1c2c3c4c5c6c7"));
const ConnectionId kServerId(*parse_hex("5051525354555657"));

nlohmann::ordered_json decode(PacketDecoder& decoder, std::string_view hex) {
  return decoder.decode(*parse_hex(hex));
}

TEST(PacketDecoderTest, WithBothIdsTheChecksumIsVerified) {
  PacketDecoder decoder;
  decoder.learn(kClientId, kServerId);
  const auto packets = decode(decoder, kHello);
  ASSERT_EQ(packets.size(), 1U);
  EXPECT_EQ(packets[0]["type"], "DATA");
  EXPECT_EQ(packets[0]["number"], 2);
  EXPECT_EQ(packets[0]["checksum"], "ok");
  ASSERT_EQ(packets[0]["frames"].size(), 2U);
  EXPECT_EQ(packets[0]["frames"][0]["ranges"][0], "0..0");
  EXPECT_EQ(packets[0]["frames"][0]["delay_us"], 500);
  EXPECT_EQ(packets[0]["frames"][1]["type"], "SEGMENT");
  EXPECT_EQ(packets[0]["frames"][1]["bytes"], "68656c6c6f");
}

TEST(PacketDecoderTest, WithoutIdsItIsDecodedUnverified) {
  PacketDecoder decoder;
  EXPECT_EQ(decode(decoder, kHello)[0]["checksum"], "unverified");
}

TEST(PacketDecoderTest, DamageShows) {
  PacketDecoder decoder;
  decoder.learn(kClientId, kServerId);
  auto bytes = *parse_hex(kHello);
  bytes[25] ^= 1;
  EXPECT_EQ(decoder.decode(bytes)[0]["checksum"], "wrong");
}

TEST(PacketDecoderTest, AHandshakeTeachesTheIds) {
  std::vector<std::uint8_t> datagram(1200);
  const wire::AcceptBody body;
  const std::size_t size = wire::write_accept(
      datagram,
      {.type = wire::PacketType::accept, .destination_id = kClientId, .source_id = kServerId},
      body);
  ASSERT_GT(size, 0U);
  datagram.resize(size);
  PacketDecoder decoder;
  const auto accept = decoder.decode(datagram);
  EXPECT_EQ(accept[0]["type"], "ACCEPT");
  EXPECT_EQ(accept[0]["checksum"], "ok");
  EXPECT_EQ(decode(decoder, kHello)[0]["checksum"], "ok");
}

TEST(PacketDecoderTest, ABadHandshakeTeachesNothing) {
  std::vector<std::uint8_t> datagram(1200);
  const std::size_t size = wire::write_accept(
      datagram,
      {.type = wire::PacketType::accept, .destination_id = kClientId, .source_id = kServerId}, {});
  datagram.resize(size);
  datagram.back() ^= 1;
  PacketDecoder decoder;
  EXPECT_EQ(decoder.decode(datagram)[0]["checksum"], "wrong");
  EXPECT_EQ(decode(decoder, kHello)[0]["checksum"], "unverified");
}

TEST(PacketDecoderTest, WhatIsNoPacketIsSaidSo) {
  PacketDecoder decoder;
  EXPECT_TRUE(decoder.decode({})[0].contains("error"));
  EXPECT_TRUE(decode(decoder, "00")[0].contains("error"));
  EXPECT_TRUE(decode(decoder, "ff ff ff ff")[0].contains("error"));
}

TEST(PacketDecoderTest, AnUnknownVersionShowsWhatIsFixedForAll) {
  PacketDecoder decoder;
  const auto packets = decode(decoder, "80 0a0a0a0a 02 aabb 01 cc 99999999999999999999");
  EXPECT_EQ(packets[0]["version"], "0a0a0a0a");
  EXPECT_EQ(packets[0]["destination_id"], "aabb");
  EXPECT_EQ(packets[0]["source_id"], "cc");
}

TEST(PacketDecoderTest, TheTextHasALinePerFrame) {
  PacketDecoder decoder;
  const std::string text = packet_text(decode(decoder, kHello)[0]);
  EXPECT_EQ(text,
            "DATA size=33 destination_id=5051525354555657 immediate_ack=true number=2 "
            "checksum=unverified\n"
            "  ACK ranges=0..0 delay_us=500\n"
            "  SEGMENT sequence=0 line=ordered channel=0 message=0 offset=0 size=5 total=5 "
            "bytes=68656c6c6f\n");
}

TEST(PacketDecoderTest, HexMayHaveSpacesAndColons) {
  EXPECT_EQ(parse_hex("0a:0B 0c"), (std::vector<std::uint8_t>{10, 11, 12}));
  EXPECT_FALSE(parse_hex("0a0").has_value());
  EXPECT_FALSE(parse_hex("zz").has_value());
  EXPECT_FALSE(parse_hex("").has_value());
  EXPECT_EQ(to_hex(*parse_hex("00ff10")), "00ff10");
}

}  // namespace
}  // namespace hawser::cli
