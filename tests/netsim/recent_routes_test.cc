#include "tools/netsim/recent_routes.h"

#include <map>

#include <gtest/gtest.h>

namespace hawser::netsim {
namespace {

Datagram datagram_of(std::uint16_t connection) {
  Datagram datagram;
  datagram.source = SocketAddress::ipv4({10, 0, 0, 1}, connection);
  datagram.destination = SocketAddress::ipv4({10, 0, 0, 2}, 443);
  datagram.tag = connection;
  return datagram;
}

TEST(RecentRoutesTest, OneRouteHasNoOther) {
  RecentRoutes routes;
  EXPECT_FALSE(routes.has_another());
  for (int i = 0; i < 3; ++i) routes.note(datagram_of(1));
  EXPECT_FALSE(routes.has_another());
  routes.note(datagram_of(2));
  EXPECT_TRUE(routes.has_another());
}

TEST(RecentRoutesTest, EachOtherRouteIsAsLikelyAndCarriesAllItsAddresses) {
  RecentRoutes routes;
  for (std::uint16_t i = 1; i <= 5; ++i) routes.note(datagram_of(i));
  std::map<std::uint64_t, int> went;
  for (std::uint64_t seed = 0; seed < 4000; ++seed) {
    Datagram datagram = datagram_of(3);
    routes.redirect(datagram, seed);
    ASSERT_EQ(datagram.source, datagram_of(static_cast<std::uint16_t>(datagram.tag)).source);
    ++went[datagram.tag];
  }
  EXPECT_EQ(went.size(), 4U);
  EXPECT_FALSE(went.contains(3));
  for (const auto& [tag, count] : went) EXPECT_NEAR(count, 1000, 110) << tag;
}

TEST(RecentRoutesTest, TheOldestOfTooManyGoes) {
  RecentRoutes routes;
  for (std::uint16_t i = 1; i <= RecentRoutes::kRoutesMax + 4; ++i) routes.note(datagram_of(i));
  std::map<std::uint64_t, int> went;
  for (std::uint64_t seed = 0; seed < 1000; ++seed) {
    Datagram datagram = datagram_of(20);
    routes.redirect(datagram, seed);
    ++went[datagram.tag];
  }
  EXPECT_EQ(went.size(), RecentRoutes::kRoutesMax - 1);
  EXPECT_EQ(went.begin()->first, 5U);
}

}  // namespace
}  // namespace hawser::netsim
