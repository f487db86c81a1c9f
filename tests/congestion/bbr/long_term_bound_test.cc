#include "congestion/bbr/long_term_bound.h"

#include <gtest/gtest.h>

#include "tests/congestion/bbr/samples.h"

namespace hawser::bbr {
namespace {

TEST(LongTermBoundTest, IsNoneUntilAProbeSetsIt) {
  LongTermBound bound;
  EXPECT_FALSE(bound.is_set());
  EXPECT_EQ(bound.with_headroom(kDatagram), ByteCount::max());
  bound.grow(datagrams(1000), kDatagram);
  EXPECT_FALSE(bound.is_set());
}

// draft-ietf-ccwg-bbr s2.9, BBR.Headroom.
TEST(LongTermBoundTest, LeavesFifteenPercentButADatagramAtLeast) {
  LongTermBound bound;
  bound.set(datagrams(100));
  EXPECT_EQ(bound.with_headroom(kDatagram), datagrams(85));
  bound.set(datagrams(6));
  EXPECT_EQ(bound.with_headroom(kDatagram), datagrams(5));
}

TEST(LongTermBoundTest, WithHeadroomForAVolumeAllowsThatVolume) {
  for (const std::int64_t volume : {10'001, 120'000, 999'999}) {
    LongTermBound bound;
    bound.set(LongTermBound::with_headroom_for(ByteCount(volume)));
    EXPECT_GE(bound.with_headroom(ByteCount(1)), ByteCount(volume));
    EXPECT_LE(bound.with_headroom(ByteCount(1)), ByteCount(volume + 2));
  }
}

// s5.3.3.4: by 1, 2, 4, 8 ... datagrams in each round, evenly over the round.
TEST(LongTermBoundTest, GrowsTwiceAsFastEachRound) {
  LongTermBound bound;
  bound.set(datagrams(64));
  bound.restart_growth();
  std::int64_t expected = 64;
  for (const std::int64_t step : {1, 2, 4, 8, 16}) {
    bound.steepen(datagrams(64), kDatagram);
    for (int i = 0; i < 32; ++i) bound.grow(datagrams(1), kDatagram);
    EXPECT_EQ(bound.value(), datagrams(expected + step / 2));
    for (int i = 0; i < 32; ++i) bound.grow(datagrams(1), kDatagram);
    expected += step;
    EXPECT_EQ(bound.value(), datagrams(expected));
  }
}

TEST(LongTermBoundTest, GrowsByNoMoreThanWhatWasAcknowledged) {
  LongTermBound bound;
  bound.set(datagrams(64));
  for (int round = 0; round < 100; ++round) bound.steepen(datagrams(64), kDatagram);
  bound.grow(datagrams(10), kDatagram);
  EXPECT_EQ(bound.value(), datagrams(74));
}

TEST(LongTermBoundTest, DoesNotGrowBeforeTheFirstStep) {
  LongTermBound bound;
  bound.set(datagrams(64));
  bound.steepen(datagrams(64), kDatagram);
  bound.restart_growth();
  bound.grow(datagrams(640), kDatagram);
  EXPECT_EQ(bound.value(), datagrams(64));
}

TEST(LongTermBoundTest, IsRaisedNeverLoweredByWhatWasDelivered) {
  LongTermBound bound;
  bound.set(datagrams(64));
  bound.raise_to(datagrams(60));
  EXPECT_EQ(bound.value(), datagrams(64));
  bound.raise_to(datagrams(70));
  EXPECT_EQ(bound.value(), datagrams(70));
}

}  // namespace
}  // namespace hawser::bbr
