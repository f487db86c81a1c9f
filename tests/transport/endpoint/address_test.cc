#include "hawser/address.h"

#include <gtest/gtest.h>

#include "hawser/random.h"

namespace hawser {
namespace {

std::string round_trip(std::string_view text) {
  const auto address = SocketAddress::parse(text);
  return address ? address->to_string() : "refused";
}

TEST(SocketAddressTest, ReadsAndWritesIpv4) {
  const auto address = SocketAddress::parse("192.0.2.1:9000");
  ASSERT_TRUE(address);
  EXPECT_EQ(address->family, SocketAddress::Family::ipv4);
  EXPECT_EQ(address->port, 9000);
  EXPECT_EQ(*address, SocketAddress::ipv4({192, 0, 2, 1}, 9000));
  EXPECT_EQ(address->to_string(), "192.0.2.1:9000");
  EXPECT_EQ(round_trip("0.0.0.0:0"), "0.0.0.0:0");
  EXPECT_EQ(round_trip("255.255.255.255:65535"), "255.255.255.255:65535");
}

TEST(SocketAddressTest, ReadsIpv6InNetworkOrder) {
  const auto address = SocketAddress::parse("[2001:db8::1:2]:443");
  ASSERT_TRUE(address);
  EXPECT_EQ(address->family, SocketAddress::Family::ipv6);
  const std::array<std::uint8_t, 16> ip{0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 2};
  EXPECT_EQ(address->ip, ip);
}

// RFC 5952 s4: lower case, no leading zeros, the longest run of two or more zero groups as "::",
// the first of equals.
TEST(SocketAddressTest, WritesTheCanonicalForm) {
  EXPECT_EQ(round_trip("[::]:0"), "[::]:0");
  EXPECT_EQ(round_trip("[::1]:9000"), "[::1]:9000");
  EXPECT_EQ(round_trip("[1::]:1"), "[1::]:1");
  EXPECT_EQ(round_trip("[2001:DB8:0:0:0:0:0:1]:1"), "[2001:db8::1]:1");
  EXPECT_EQ(round_trip("[2001:0db8::0001]:1"), "[2001:db8::1]:1");
  EXPECT_EQ(round_trip("[2001:db8:0:1:1:1:1:1]:1"), "[2001:db8:0:1:1:1:1:1]:1");
  EXPECT_EQ(round_trip("[2001:db8::1:1:1:1:1]:1"), "[2001:db8:0:1:1:1:1:1]:1");
  EXPECT_EQ(round_trip("[2001:0:0:1:0:0:0:1]:1"), "[2001:0:0:1::1]:1");
  EXPECT_EQ(round_trip("[2001:db8:0:0:1:0:0:1]:1"), "[2001:db8::1:0:0:1]:1");
  EXPECT_EQ(round_trip("[1:2:3:4:5:6:0:0]:1"), "[1:2:3:4:5:6::]:1");
}

// RFC 5952 s5.
TEST(SocketAddressTest, WritesMappedIpv4InDottedForm) {
  EXPECT_EQ(round_trip("[::ffff:192.0.2.1]:7"), "[::ffff:192.0.2.1]:7");
  EXPECT_EQ(round_trip("[::ffff:c000:201]:7"), "[::ffff:192.0.2.1]:7");
  EXPECT_EQ(round_trip("[64:ff9b::192.0.2.33]:7"), "[64:ff9b::c000:221]:7");
  EXPECT_EQ(round_trip("[1:2:3:4:5:6:1.2.3.4]:7"), "[1:2:3:4:5:6:102:304]:7");
}

TEST(SocketAddressTest, KeepsANumericScope) {
  const auto address = SocketAddress::parse("[fe80::1%3]:9000");
  ASSERT_TRUE(address);
  EXPECT_EQ(address->scope_id, 3U);
  EXPECT_EQ(address->to_string(), "[fe80::1%3]:9000");
}

TEST(SocketAddressTest, RefusesWhatIsNoAddress) {
  for (const std::string_view text : {"",
                                      ":",
                                      ":80",
                                      "localhost:80",
                                      "1.2.3.4",
                                      "1.2.3:80",
                                      "1.2.3.4.5:80",
                                      "1.2.3.256:80",
                                      "01.2.3.4:80",
                                      "1.2.3.4:",
                                      "1.2.3.4:65536",
                                      "1.2.3.4:-1",
                                      "1.2.3.4:+1",
                                      "1.2.3.4: 80",
                                      " 1.2.3.4:80",
                                      "1..3.4:80",
                                      "::1:80",
                                      "[::1]",
                                      "[::1]80",
                                      "[::1:80",
                                      "::1]:80",
                                      "[]:80",
                                      "[:]:80",
                                      "[:::]:80",
                                      "[1::2::3]:80",
                                      "[1:2:3:4:5:6:7]:80",
                                      "[1:2:3:4:5:6:7:8:9]:80",
                                      "[1:2:3:4:5:6:7:8::]:80",
                                      "[::1:2:3:4:5:6:7:8]:80",
                                      "[12345::]:80",
                                      "[g::]:80",
                                      "[1:]:80",
                                      "[:1]:80",
                                      "[::1.2.3]:80",
                                      "[1.2.3.4::]:80",
                                      "[::1.2.3.4:5]:80",
                                      "[1:2:3:4:5:6:7:1.2.3.4]:80",
                                      "[fe80::1%]:80",
                                      "[fe80::1%eth0]:80",
                                      "[fe80::1%4294967296]:80",
                                      "none"}) {
    const auto address = SocketAddress::parse(text);
    ASSERT_FALSE(address) << text;
    EXPECT_EQ(address.error(), Errc::invalid_address) << text;
  }
}

TEST(SocketAddressTest, NoneIsWrittenAsNone) { EXPECT_EQ(SocketAddress{}.to_string(), "none"); }

TEST(SocketAddressTest, SameHostIgnoresThePort) {
  const auto a = SocketAddress::ipv4({10, 0, 0, 1}, 1);
  EXPECT_TRUE(a.same_host(SocketAddress::ipv4({10, 0, 0, 1}, 2)));
  EXPECT_FALSE(a.same_host(SocketAddress::ipv4({10, 0, 0, 2}, 1)));
}

TEST(SocketAddressTest, WhatIsWrittenIsReadBack) {
  SeededRandom random(1);
  for (int i = 0; i < 100'000; ++i) {
    SocketAddress address;
    const bool is_ipv6 = random.below(2) == 0;
    address.family = is_ipv6 ? SocketAddress::Family::ipv6 : SocketAddress::Family::ipv4;
    address.port = static_cast<std::uint16_t>(random.next());
    for (std::size_t k = 0; k < (is_ipv6 ? 16 : 4); ++k) {
      const bool is_zero = random.below(2) == 0;  // runs of zeros are what can go wrong
      address.ip[k] = is_zero ? 0 : static_cast<std::uint8_t>(random.next());
    }
    if (is_ipv6) address.scope_id = static_cast<std::uint32_t>(random.below(4));
    const auto read = SocketAddress::parse(address.to_string());
    ASSERT_TRUE(read) << address.to_string();
    ASSERT_EQ(*read, address) << address.to_string();
  }
}

TEST(SocketAddressTest, AnyBytesGiveAnAddressOrAnError) {
  static constexpr std::string_view kAlphabet = "0123456789abcf.:[]%";
  SeededRandom random(2);
  for (int i = 0; i < 200'000; ++i) {
    std::string text;
    for (std::uint64_t size = random.below(24); size > 0; --size) {
      text += kAlphabet[random.below(kAlphabet.size())];
    }
    const auto address = SocketAddress::parse(text);
    if (address) {
      ASSERT_EQ(round_trip(address->to_string()), address->to_string()) << text;
    }
  }
}

}  // namespace
}  // namespace hawser
