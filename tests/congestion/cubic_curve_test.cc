#include "congestion/cubic_curve.h"

#include <vector>

#include <gtest/gtest.h>

#include "tests/congestion/ack_clock.h"

namespace hawser {
namespace {

using namespace std::chrono_literals;

CubicCurve curve(std::int64_t start_datagrams, std::int64_t plateau_datagrams) {
  return CubicCurve({.start = datagrams(start_datagrams),
                     .plateau = datagrams(plateau_datagrams),
                     .datagram_size = kDatagram});
}

struct CurvePoint {
  Duration t;
  double window_datagrams;
};

void expect_points(const CubicCurve& curve, const std::vector<CurvePoint>& points) {
  for (const CurvePoint& point : points) {
    EXPECT_NEAR(in_datagrams(curve.window(point.t)), point.window_datagrams, 0.0015)
        << "at " << point.t.count() << " ns";
  }
}

double seconds(Duration duration) { return std::chrono::duration<double>(duration).count(); }

// Computed apart from this code, from RFC 9438 s4.2 figures 1 and 2 with C = 0.4, beta = 0.7.
TEST(CubicCurveTest, MatchesRfc9438Section4_2AtAPlateauOf100Datagrams) {
  EXPECT_NEAR(seconds(curve(70, 100).time_to_plateau()), 4.21716, 0.00001);
  expect_points(curve(70, 100), {{0s, 70.0},
                                 {100ms, 72.0839},
                                 {500ms, 79.4555},
                                 {1s, 86.6808},
                                 {2s, 95.6403},
                                 {5s, 100.1919},
                                 {10s, 177.354}});
}

TEST(CubicCurveTest, MatchesRfc9438Section4_2AtAPlateauOf1000Datagrams) {
  EXPECT_NEAR(seconds(curve(700, 1000).time_to_plateau()), 9.08560, 0.00001);
  expect_points(curve(700, 1000), {{0s, 700.0},
                                   {100ms, 709.797},
                                   {500ms, 746.853},
                                   {1s, 788.555},
                                   {2s, 857.705},
                                   {5s, 972.721},
                                   {10s, 1000.306},
                                   {20s, 1520.067}});
}

TEST(CubicCurveTest, MatchesRfc9438Section4_2AtAPlateauOf10Datagrams) {
  EXPECT_NEAR(seconds(curve(7, 10).time_to_plateau()), 1.95743, 0.00001);
  expect_points(curve(7, 10), {{1s, 9.6489}, {5s, 21.2663}});
}

// RFC 9438 s4.7: a loss at 80 below a W_max of 100 gives W_max = 68 and a window of 56.
TEST(CubicCurveTest, StartsFromTheWindowAfterTheReductionNotFromBetaTimesThePlateau) {
  EXPECT_NEAR(seconds(curve(56, 68).time_to_plateau()), 3.10723, 0.00001);
  expect_points(curve(56, 68), {{0s, 56.0}});
}

TEST(CubicCurveTest, StartsAtItsPlateauWhenThatIsNotAboveTheStart) {
  const CubicCurve known = curve(70, 70);
  const CubicCurve below = curve(70, 50);
  for (const CubicCurve& flat : {known, below}) {
    EXPECT_EQ(flat.time_to_plateau(), 0s);
    EXPECT_EQ(flat.window(0s), datagrams(70));
    EXPECT_EQ(flat.window(5s), datagrams(120));  // 70 + 0.4 * 5^3
  }
}

TEST(CubicCurveTest, ScalesWithTheDatagramSize) {
  const CubicCurve large = CubicCurve({.start = ByteCount(70 * 9000),
                                       .plateau = ByteCount(100 * 9000),
                                       .datagram_size = ByteCount(9000)});
  EXPECT_EQ(large.time_to_plateau(), curve(70, 100).time_to_plateau());
  EXPECT_NEAR(static_cast<double>(large.window(1s).value()) / 9000, 86.6808, 0.001);
}

TEST(CubicCurveTest, NeverFalls) {
  const CubicCurve rising = curve(70, 100);
  ByteCount last = rising.window(0s);
  for (Duration t = 0ms; t < 12s; t += 1ms) {
    ASSERT_GE(rising.window(t), last);
    last = rising.window(t);
  }
}

TEST(CubicCurveTest, IsTheSameToTheByteOnEveryPlatform) {
  const CubicCurve odd = CubicCurve({.start = ByteCount(8'675'309),
                                     .plateau = ByteCount(12'393'299),
                                     .datagram_size = ByteCount(1353)});
  EXPECT_EQ(odd.time_to_plateau().count(), 19'010'059'513);
  EXPECT_EQ(odd.window(1234567891ns).value(), 9'353'656);
  EXPECT_EQ(odd.window(60s).value(), 49'665'895);
}

TEST(CubicCurveTest, IsFlatBeyondTheRangeOfItsArithmetic) {
  const CubicCurve far = curve(70, 100);
  EXPECT_EQ(far.window(365 * 24h), far.window(1h));
  EXPECT_GT(far.window(1h), datagrams(500'000'000));
  const CubicCurve high = CubicCurve({.start = ByteCount(2400),
                                      .plateau = ByteCount(INT64_MAX / 4),
                                      .datagram_size = ByteCount(65507)});
  EXPECT_GT(high.time_to_plateau(), 18min);
  EXPECT_GT(high.window(0s), ByteCount(0));
}

}  // namespace
}  // namespace hawser
