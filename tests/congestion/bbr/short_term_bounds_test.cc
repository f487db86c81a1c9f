#include "congestion/bbr/short_term_bounds.h"

#include <gtest/gtest.h>

#include "tests/congestion/bbr/samples.h"

namespace hawser::bbr {
namespace {

using namespace std::chrono_literals;

// draft-ietf-ccwg-bbr s5.5.10.3.
TEST(ShortTermBoundsTest, ComeDownToWhatWasDelivered) {
  ShortTermBounds bounds;
  EXPECT_TRUE(bounds.bandwidth().is_infinite());
  bounds.lower(round_with(mbit(90), datagrams(85)), mbit(100), datagrams(100));
  EXPECT_EQ(bounds.bandwidth(), mbit(90));
  EXPECT_EQ(bounds.inflight(), datagrams(85));
}

TEST(ShortTermBoundsTest, ComeDownByThreeTenthsARoundAtMost) {
  ShortTermBounds bounds;
  for (int round = 0; round < 2; ++round) {
    bounds.lower(round_with(mbit(1), datagrams(1)), mbit(100), datagrams(100));
  }
  EXPECT_EQ(bounds.bandwidth(), mbit(49));
  EXPECT_EQ(bounds.inflight(), datagrams(49));
}

TEST(ShortTermBoundsTest, AreLiftedByAProbe) {
  ShortTermBounds bounds;
  bounds.lower(round_with(mbit(1), datagrams(1)), mbit(100), datagrams(100));
  bounds.lift();
  EXPECT_TRUE(bounds.bandwidth().is_infinite());
  EXPECT_EQ(bounds.inflight(), ByteCount::max());
}

// s5.5.11.2.
TEST(ShortTermBoundsTest, GoBackToWhatTheyWereButNotBelowWhatTheyAre) {
  ShortTermBounds earlier;
  earlier.lower(round_with(mbit(50), datagrams(90)), mbit(50), datagrams(100));
  ShortTermBounds bounds = earlier;
  bounds.lower(round_with(mbit(40), datagrams(95)), mbit(100), datagrams(100));
  EXPECT_EQ(bounds.bandwidth(), mbit(40));
  bounds.raise_to(earlier);
  EXPECT_EQ(bounds.bandwidth(), mbit(50));
  EXPECT_EQ(bounds.inflight(), datagrams(95));
}

}  // namespace
}  // namespace hawser::bbr
