#include "tools/hawser/pcap_reader.h"

#include <initializer_list>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tools/hawser/packet_decoder.h"

namespace hawser::cli {
namespace {

using namespace std::chrono_literals;
using Bytes = std::vector<std::uint8_t>;

Bytes operator+(Bytes left, const Bytes& right) {
  left.insert(left.end(), right.begin(), right.end());
  return left;
}

Bytes hex(std::string_view text) { return *parse_hex(text); }

Bytes u32(std::uint32_t value, bool is_little) {
  Bytes bytes;
  for (int i = 0; i < 4; ++i) {
    bytes.push_back(static_cast<std::uint8_t>(value >> (is_little ? 8 * i : 24 - 8 * i)));
  }
  return bytes;
}

struct FileKind {
  std::uint32_t magic = 0xA1B2C3D4;
  bool is_little = true;
  std::uint32_t link = 101;
};

Bytes file_of(const FileKind& kind, std::initializer_list<Bytes> packets) {
  Bytes file = u32(kind.magic, kind.is_little) + Bytes(16) + u32(kind.link, kind.is_little);
  std::uint32_t fraction = 500;
  for (const Bytes& packet : packets) {
    const auto size = static_cast<std::uint32_t>(packet.size());
    file = file + u32(100, kind.is_little) + u32(fraction, kind.is_little) +
           u32(size, kind.is_little) + u32(size, kind.is_little) + packet;
    fraction += 250;
  }
  return file;
}

// 10.0.0.1:1000 to 10.0.0.2:2000, "hi"; and the same over IPv6 from ::1 to ::2.
const Bytes kIpv4 = hex("4500001e00004000401100000a0000010a000002 03e8 07d0 000a 0000 6869");
const Bytes kIpv6 =
    hex("60000000000a1140 00000000000000000000000000000001 00000000000000000000000000000002"
        "03e8 07d0 000a 0000 6869");

void expect_hi(const CapturedDatagram& datagram) {
  EXPECT_EQ(std::string(datagram.bytes.begin(), datagram.bytes.end()), "hi");
  EXPECT_EQ(datagram.source.port, 1000);
  EXPECT_EQ(datagram.destination.port, 2000);
}

TEST(PcapReaderTest, ReadsEveryLinkTypeThatItNames) {
  struct LinkCase {
    std::uint32_t link;
    Bytes header;
  };
  const LinkCase cases[] = {{0, hex("02000000")},
                            {1, hex("aaaaaaaaaaaa bbbbbbbbbbbb 0800")},
                            {1, hex("aaaaaaaaaaaa bbbbbbbbbbbb 8100 0005 0800")},
                            {12, {}},
                            {101, {}},
                            {113, Bytes(14) + hex("0800")},
                            {276, Bytes(20)}};
  for (const LinkCase& each : cases) {
    const Bytes file = file_of({.link = each.link}, {each.header + kIpv4});
    CaptureError error;
    const auto capture = read_pcap(file, error);
    ASSERT_TRUE(capture.has_value()) << error.line;
    ASSERT_EQ(capture->datagrams.size(), 1U) << each.link;
    expect_hi(capture->datagrams[0]);
    EXPECT_EQ(capture->datagrams[0].source.to_string(), "10.0.0.1:1000");
  }
}

TEST(PcapReaderTest, ReadsIpv6) {
  CaptureError error;
  const Bytes file = file_of({}, {kIpv6});
  const auto capture = read_pcap(file, error);
  ASSERT_TRUE(capture && capture->datagrams.size() == 1);
  expect_hi(capture->datagrams[0]);
  EXPECT_EQ(capture->datagrams[0].destination.to_string(), "[::2]:2000");
}

TEST(PcapReaderTest, TimesCountFromTheFirstPacketInEitherResolutionAndByteOrder) {
  for (const bool is_little : {true, false}) {
    for (const std::uint32_t magic : {0xA1B2C3D4U, 0xA1B23C4DU}) {
      CaptureError error;
      const Bytes file = file_of({.magic = magic, .is_little = is_little}, {kIpv4, kIpv4});
      const auto capture = read_pcap(file, error);
      ASSERT_TRUE(capture && capture->datagrams.size() == 2);
      EXPECT_EQ(capture->datagrams[0].time, 0ns);
      EXPECT_EQ(capture->datagrams[1].time,
                magic == 0xA1B2C3D4U ? Duration(250us) : Duration(250ns));
    }
  }
}

TEST(PcapReaderTest, PaddingBehindTheIpPacketIsNoPayload) {
  CaptureError error;
  const Bytes file = file_of({}, {kIpv4 + Bytes(18)});
  const auto capture = read_pcap(file, error);
  ASSERT_TRUE(capture && capture->datagrams.size() == 1);
  expect_hi(capture->datagrams[0]);
}

TEST(PcapReaderTest, OtherPacketsAreCounted) {
  Bytes tcp = kIpv4;
  tcp[9] = 6;
  Bytes fragment = kIpv4;
  fragment[7] = 1;
  Bytes short_udp(kIpv4.begin(), kIpv4.begin() + 24);
  CaptureError error;
  const Bytes file = file_of({}, {tcp, fragment, short_udp, {}, hex("ff"), kIpv4});
  const auto capture = read_pcap(file, error);
  ASSERT_TRUE(capture.has_value());
  EXPECT_EQ(capture->others, 5U);
  EXPECT_EQ(capture->datagrams.size(), 1U);
}

TEST(PcapReaderTest, ACutFileGivesWhatIsWhole) {
  const Bytes file = file_of({}, {kIpv4, kIpv4});
  for (std::size_t size = 24; size < file.size(); ++size) {
    const Bytes cut(file.begin(), file.begin() + static_cast<std::ptrdiff_t>(size));
    CaptureError error;
    const auto capture = read_pcap(cut, error);
    ASSERT_TRUE(capture.has_value());
    EXPECT_EQ(capture->datagrams.size(), size >= 24 + 16 + kIpv4.size() ? 1U : 0U);
  }
}

TEST(PcapReaderTest, WhatIsNoCaptureIsRefusedWithTheReason) {
  CaptureError error;
  EXPECT_FALSE(read_pcap(Bytes(10), error).has_value());
  EXPECT_EQ(error.line, "the file is too short for a capture");
  EXPECT_FALSE(read_pcap(Bytes(100), error).has_value());
  EXPECT_NE(error.line.find("no classic pcap"), std::string::npos);
  EXPECT_FALSE(read_pcap(file_of({.link = 147}, {}), error).has_value());
  EXPECT_NE(error.line.find("link type 147 is unknown"), std::string::npos);
}

}  // namespace
}  // namespace hawser::cli
