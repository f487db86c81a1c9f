#include "arq/reordering_window.h"

#include <gtest/gtest.h>

#include "tests/arq/support.h"

namespace hawser::test {
namespace {

using std::chrono::milliseconds;

RttEstimator steady_rtt(Duration rtt = milliseconds(60)) {
  RttEstimator estimator;
  for (int i = 0; i < 200; ++i) estimator.update(rtt, Duration::zero());
  return estimator;
}

// RFC 9002 s6.1.1, s6.1.2.
TEST(ReorderingWindowTest, StartsWithThreePacketsAndNineEighths) {
  const ReorderingWindow window;
  EXPECT_EQ(window.packet_threshold(), 3U);
  EXPECT_EQ(window.time_threshold(steady_rtt()), ms(67.5));
}

// RFC 9002 s6.1.2: F2's column of time thresholds; never below the granularity.
TEST(ReorderingWindowTest, TimeThresholdFollowsTheLargerOfLatestAndSmoothed) {
  const ReorderingWindow window;
  RttEstimator rtt;
  rtt.update(ms(60), Duration::zero());
  EXPECT_EQ(window.time_threshold(rtt), ms(67.5));
  rtt.update(ms(85), ms(25));
  EXPECT_EQ(window.time_threshold(rtt), ms(95.625));
  rtt.update(ms(65), ms(25));
  EXPECT_EQ(window.time_threshold(rtt), ms(73.125));
  rtt.update(ms(100), ms(25));
  EXPECT_EQ(window.time_threshold(rtt), ms(112.5));
  rtt.update(ms(60), ms(0));
  EXPECT_EQ(window.time_threshold(rtt), Duration(69'884'032));  // each step rounds down
  EXPECT_EQ(window.time_threshold(steady_rtt(Duration(100'000))), milliseconds(1));
}

TEST(ReorderingWindowTest, NeighboursThatSwapPlacesChangeNothing) {
  ReorderingWindow window;
  window.on_late_arrival(1, milliseconds(61), steady_rtt());
  window.on_late_arrival(2, milliseconds(62), steady_rtt());
  EXPECT_EQ(window.packet_threshold(), 3U);
  EXPECT_EQ(window.time_threshold(steady_rtt()), ms(67.5));
}

TEST(ReorderingWindowTest, OnceThreeOvertookOnlyTimeTells) {
  ReorderingWindow window;
  window.on_late_arrival(3, milliseconds(63), steady_rtt());
  EXPECT_EQ(window.packet_threshold(), std::nullopt);
  EXPECT_EQ(window.time_threshold(steady_rtt()), ms(67.5));
}

// On top of the round trip and its eighth, 67.5 ms.
TEST(ReorderingWindowTest, TimeGrowsByWhatArrivalsNeedUpToTwoRoundTrips) {
  ReorderingWindow window;
  window.on_late_arrival(1, milliseconds(76), steady_rtt());
  EXPECT_EQ(window.time_threshold(steady_rtt()), ms(67.5 + 16));
  window.on_late_arrival(9, milliseconds(70), steady_rtt());
  EXPECT_EQ(window.time_threshold(steady_rtt()), ms(67.5 + 16)) << "less than is known already";
  window.on_late_arrival(9, milliseconds(90), steady_rtt());
  EXPECT_EQ(window.time_threshold(steady_rtt()), ms(67.5 + 30));
  window.on_late_arrival(50, milliseconds(500), steady_rtt());
  EXPECT_EQ(window.time_threshold(steady_rtt()), milliseconds(120));
}

// What a late arrival took is the path's, whatever queue there is now.
TEST(ReorderingWindowTest, TheRoundTripMayGrowMeanwhile) {
  ReorderingWindow window;
  window.on_late_arrival(5, milliseconds(80), steady_rtt());
  EXPECT_EQ(window.time_threshold(steady_rtt(milliseconds(160))), milliseconds(180 + 20));
}

// Packets that overtake halve the round trip as measured: SRTT 30, RTTVAR 30 after 0 and 60.
TEST(ReorderingWindowTest, TimeGrowsToTheProbeTimeoutWhereRoundTripsVary) {
  RttEstimator rtt;
  for (int i = 0; i < 200; ++i) rtt.update(milliseconds(i % 2 == 0 ? 60 : 0), Duration::zero());
  ASSERT_GT(rtt.probe_timeout(), milliseconds(100));
  ReorderingWindow window;
  window.on_late_arrival(9, milliseconds(100), rtt);
  EXPECT_GT(window.time_threshold(rtt), milliseconds(100));
  window.on_late_arrival(9, milliseconds(1000), rtt);
  EXPECT_EQ(window.time_threshold(rtt), rtt.probe_timeout());
}

// RFC 8985 s6.2, step 4.
TEST(ReorderingWindowTest, ForgetsAfterASpanOfEpisodesWithoutNeed) {
  ReorderingWindow window;
  window.on_late_arrival(5, milliseconds(100), steady_rtt());
  for (int i = 0; i < 31; ++i) window.on_loss_episode();
  EXPECT_EQ(window.packet_threshold(), std::nullopt);
  EXPECT_EQ(window.time_threshold(steady_rtt()), ms(67.5 + 40));
  window.on_loss_episode();
  EXPECT_EQ(window.packet_threshold(), 3U);
  EXPECT_EQ(window.time_threshold(steady_rtt()), ms(67.5));
}

TEST(ReorderingWindowTest, KeepsWhatIsSeenAgainAndAgain) {
  ReorderingWindow window;
  for (int i = 0; i < 100; ++i) {
    window.on_late_arrival(4, milliseconds(70), steady_rtt());
    for (int k = 0; k < 15; ++k) window.on_loss_episode();
    EXPECT_EQ(window.packet_threshold(), std::nullopt);
    EXPECT_EQ(window.time_threshold(steady_rtt()), ms(67.5 + 10));
  }
}

}  // namespace
}  // namespace hawser::test
