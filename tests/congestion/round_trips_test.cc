#include "congestion/round_trips.h"

#include <gtest/gtest.h>

#include "tests/congestion/ack_clock.h"

namespace hawser {
namespace {

using namespace std::chrono_literals;

// RFC 9406 s4.2: a round ends with the first acknowledgement of what was sent in it.
TEST(RoundTripsTest, EndWithAPacketThatWasSentAfterTheirBeginning) {
  RoundTrips round_trips;
  EXPECT_FALSE(round_trips.on_ack(ack(at(100ms), kDatagram, at(0s))));
  EXPECT_FALSE(round_trips.on_ack(ack(at(150ms), kDatagram, at(50ms))));
  EXPECT_FALSE(round_trips.on_ack(ack(at(200ms), kDatagram, at(100ms))));
  EXPECT_TRUE(round_trips.on_ack(ack(at(210ms), kDatagram, at(101ms))));
  EXPECT_FALSE(round_trips.on_ack(ack(at(220ms), kDatagram, at(200ms))));
}

TEST(RoundTripsTest, BeginAnewWhenTold) {
  RoundTrips round_trips;
  round_trips.restart(at(1s));
  EXPECT_FALSE(round_trips.on_ack(ack(at(1100ms), kDatagram, at(1s))));
  EXPECT_TRUE(round_trips.on_ack(ack(at(1100ms), kDatagram, at(1001ms))));
}

TEST(RoundTripsTest, CountFromAnyTime) {
  RoundTrips round_trips;
  EXPECT_FALSE(round_trips.on_ack(ack(TimePoint(-9s), kDatagram, TimePoint(-10s))));
  EXPECT_TRUE(round_trips.on_ack(ack(TimePoint(-7s), kDatagram, TimePoint(-8s))));
}

}  // namespace
}  // namespace hawser
