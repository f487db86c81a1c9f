#include "congestion/bbr/outage.h"

#include <vector>

#include <gtest/gtest.h>

#include "tests/congestion/bbr/samples.h"

namespace hawser::bbr {
namespace {

using namespace std::chrono_literals;

/// The flight of a sender that sends on while 100 datagrams of before are delivered, and of which
/// every `one_in`-th packet is lost.
std::vector<LostPacket> flight(int size, int one_in) {
  std::vector<LostPacket> lost;
  for (int i = 0; i < size; i += one_in) {
    lost.push_back({.number = PacketNumber(static_cast<std::uint64_t>(i)),
                    .bytes = kDatagram,
                    .sent_time = at(1ms * i),
                    .delivered_at_send = datagrams(i),
                    .lost_at_send = datagrams(7),
                    .in_flight_at_send = datagrams(101)});
  }
  return lost;
}

LossEvent event_of(const std::vector<LostPacket>& packets) {
  LossEvent event;
  event.packets = packets;
  return event;
}

TEST(OutageTest, IsTheLossOfAllThatLeftInARoundTrip) {
  const auto lost = flight(100, 1);
  EXPECT_TRUE(is_outage(event_of(lost), datagrams(100)));
}

TEST(OutageTest, IsNoneWhereLessWasLost) {
  const auto lost = flight(99, 1);
  EXPECT_FALSE(is_outage(event_of(lost), datagrams(100)));
}

// A queue that is full.
TEST(OutageTest, IsNoneWhereSomethingCameThroughInBetween) {
  const auto lost = flight(400, 2);
  ASSERT_EQ(lost.size(), 200U);
  EXPECT_FALSE(is_outage(event_of(lost), datagrams(100)));
}

TEST(OutageTest, IsNoneWithoutALoss) {
  EXPECT_FALSE(is_outage(event_of({}), ByteCount(0)));
  auto marked = flight(100, 1);
  LossEvent event = event_of(marked);
  event.kind = LossKind::ecn_ce;
  EXPECT_FALSE(is_outage(event, datagrams(100)));
}

}  // namespace
}  // namespace hawser::bbr
