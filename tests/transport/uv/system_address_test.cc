#include "transport/uv/system_address.h"

#include <cstring>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace hawser::rim {

namespace {

using Family = SocketAddress::Family;

SocketAddress address(std::string_view text) { return *SocketAddress::parse(text); }

TEST(SystemAddressTest, RoundTripInItsOwnFamily) {
  for (const char* text : {"192.0.2.7:9000", "[2001:db8::7]:9000"}) {
    const SocketAddress original = address(text);
    const SystemAddress system = to_system(original, original.family);
    EXPECT_EQ(from_system(system.get()), original) << text;
  }
}

TEST(SystemAddressTest, Ipv4IsMappedForAnIpv6Socket) {
  // RFC 4291 s2.5.5.2: ::ffff:192.0.2.7.
  const SystemAddress system = to_system(address("192.0.2.7:9000"), Family::ipv6);
  EXPECT_EQ(system.size, sizeof(sockaddr_in6));
  sockaddr_in6 in{};
  std::memcpy(&in, system.get(), sizeof in);
  const std::array<std::uint8_t, 16> expected = {0, 0, 0,    0,    0,   0, 0, 0,
                                                 0, 0, 0xff, 0xff, 192, 0, 2, 7};
  EXPECT_EQ(std::memcmp(&in.sin6_addr, expected.data(), expected.size()), 0);
  EXPECT_EQ(in.sin6_port, htons(9000));
  EXPECT_EQ(from_system(system.get()), address("192.0.2.7:9000"));
}

TEST(SystemAddressTest, FamilyThatCannotCarryItGivesNothing) {
  EXPECT_EQ(to_system(address("[2001:db8::7]:9000"), Family::ipv4).size, 0U);
  EXPECT_EQ(to_system(SocketAddress{}, Family::ipv6).size, 0U);
}

TEST(SystemAddressTest, ScopeIsKeptForLinkLocalAddressesOnly) {
  SocketAddress link_local = address("[fe80::1]:9000");
  link_local.scope_id = 3;
  EXPECT_EQ(from_system(to_system(link_local, Family::ipv6).get()).scope_id, 3U);
  SocketAddress global = address("[2001:db8::1]:9000");
  global.scope_id = 3;
  EXPECT_EQ(from_system(to_system(global, Family::ipv6).get()).scope_id, 0U);
}

TEST(SystemAddressTest, OtherFamiliesAreNone) {
  sockaddr other{};
  other.sa_family = AF_UNIX;
  EXPECT_EQ(from_system(&other), SocketAddress{});
}

TEST(SystemAddressTest, ReachDependsOnWhatTheSocketIsBoundTo) {
  const SocketAddress four = address("192.0.2.7:9000");
  const SocketAddress six = address("[2001:db8::7]:9000");
  EXPECT_TRUE(can_reach(address("0.0.0.0:1"), four));
  EXPECT_FALSE(can_reach(address("0.0.0.0:1"), six));
  EXPECT_TRUE(can_reach(address("[::]:1"), four));
  EXPECT_TRUE(can_reach(address("[::]:1"), six));
  EXPECT_FALSE(can_reach(address("[::1]:1"), four));
  EXPECT_TRUE(can_reach(address("[::1]:1"), six));
  EXPECT_FALSE(can_reach(address("[::]:1"), SocketAddress{}));
  SocketAddress without_port = four;
  without_port.port = 0;
  EXPECT_FALSE(can_reach(address("[::]:1"), without_port));
}

}  // namespace

}  // namespace hawser::rim
