#include "arq/rtt_estimator.h"

#include <array>
#include <span>

#include <gtest/gtest.h>

#include "tests/arq/support.h"

namespace hawser::test {
namespace {

constexpr Duration kNoDelay{0};
/// Each update divides twice and rounds down.
constexpr Duration kRounding{8};

void expect_near(Duration actual, double expected_ms) {
  EXPECT_LE(std::chrono::abs(actual - ms(expected_ms)), kRounding)
      << actual.count() << " ns, expected " << expected_ms << " ms";
}

struct Row {
  double sample;
  double smoothed;
  double variation;
  double timeout;
};

void expect_rows(std::span<const Row> rows) {
  RttEstimator rtt;
  for (const Row& row : rows) {
    rtt.update(ms(row.sample), kNoDelay);
    expect_near(rtt.smoothed(), row.smoothed);
    expect_near(rtt.variation(), row.variation);
    expect_near(rtt.probe_timeout(), row.timeout);
  }
}

// RFC 6298 s2.2, s2.3.
TEST(RttEstimatorTest, VariationDecaysOnASteadyPath) {
  expect_rows(std::array<Row, 4>{{{100, 100, 50, 300},
                                  {100, 100, 37.5, 250},
                                  {100, 100, 28.125, 212.5},
                                  {100, 100, 21.09375, 184.375}}});
}

// RFC 6298 s2.3: RTTVAR comes from the SRTT before the sample; the other order gives 350.
TEST(RttEstimatorTest, UpdatesTheVariationBeforeTheSmoothedValue) {
  expect_rows(std::array<Row, 3>{
      {{100, 100, 50, 300}, {200, 112.5, 62.5, 362.5}, {100, 110.9375, 50, 310.9375}}});
}

// RFC 6298 s2.3.
TEST(RttEstimatorTest, FollowsAVaryingPath) {
  expect_rows(std::array<Row, 5>{{{500, 500, 250, 1500},
                                  {600, 512.5, 212.5, 1362.5},
                                  {550, 517.1875, 168.75, 1192.1875},
                                  {900, 565.0390625, 222.265625, 1454.1015625},
                                  {500, 556.9091796875, 182.958984375, 1288.7451171875}}});
  expect_rows(std::array<Row, 6>{{{60, 60, 30, 180},
                                  {60, 60, 22.5, 150},
                                  {62, 60.25, 17.375, 129.75},
                                  {58, 59.96875, 13.59375, 114.34375},
                                  {120, 67.47265625, 25.203125, 168.28515625},
                                  {60, 66.53857421875, 20.7705078125, 149.62060546875}}});
}

// RFC 6298 s2.1, s2.4.
TEST(RttEstimatorTest, RetransmissionTimeoutHasAFloorAndStartsAtOneSecond) {
  using std::chrono::milliseconds;
  using std::chrono::seconds;
  RttEstimator rtt;
  EXPECT_EQ(rtt.retransmission_timeout(seconds(1)), seconds(1));
  EXPECT_EQ(rtt.retransmission_timeout(milliseconds(200)), seconds(1));
  rtt.update(milliseconds(100), kNoDelay);
  EXPECT_EQ(rtt.retransmission_timeout(seconds(1)), seconds(1));
  EXPECT_EQ(rtt.retransmission_timeout(milliseconds(200)), milliseconds(300));
  rtt.update(milliseconds(900), kNoDelay);
  EXPECT_EQ(rtt.retransmission_timeout(seconds(1)), milliseconds(200 + 4 * 237) + ms(2));
}

// RFC 9002 s5.1-5.3; the peer's maximum ack delay is 25 ms.
TEST(RttEstimatorTest, SubtractsOnlyPlausibleAckDelays) {
  struct DelayRow {
    double sample;
    double ack_delay;
    double smoothed;
    double variation;
    double timeout;
  };
  constexpr std::array<DelayRow, 5> kRows{{
      {60, 0, 60, 30, 205},
      {85, 25, 60, 22.5, 175},
      {65, 25, 60.625, 18.125, 158.125},  // 65 < 60 + 25: nothing is subtracted
      {100, 25, 62.421875, 17.1875, 156.171875},
      {60, 0, 62.119140625, 13.49609375, 141.103515625},
  }};
  RttEstimator rtt;
  for (const DelayRow& row : kRows) {
    rtt.update(ms(row.sample), ms(row.ack_delay));
    EXPECT_EQ(rtt.latest(), ms(row.sample));
    EXPECT_EQ(rtt.min(), ms(60));
    expect_near(rtt.smoothed(), row.smoothed);
    expect_near(rtt.variation(), row.variation);
    expect_near(rtt.probe_timeout() + ms(25), row.timeout);
  }
}

// RFC 9002 s6.2.2.
TEST(RttEstimatorTest, AssumesTheInitialRttBeforeTheFirstSample) {
  const RttEstimator rtt;
  EXPECT_FALSE(rtt.has_sample());
  EXPECT_EQ(rtt.smoothed(), ms(333));
  EXPECT_EQ(rtt.variation(), ms(166.5));
  EXPECT_EQ(rtt.probe_timeout(), ms(999));
  EXPECT_EQ(rtt.latest(), Duration::zero());
  EXPECT_EQ(rtt.min(), Duration::zero());
}

// RFC 9002 s5.2: the minimum knows no ack delay, and the first sample takes none off.
TEST(RttEstimatorTest, FirstSampleIsTakenWhole) {
  RttEstimator rtt;
  rtt.update(ms(80), ms(20));
  EXPECT_EQ(rtt.min(), ms(80));
  EXPECT_EQ(rtt.smoothed(), ms(80));
  EXPECT_EQ(rtt.variation(), ms(40));
}

// RFC 9002 s6.2.1: without variation the timeout still exceeds the round trip by G.
TEST(RttEstimatorTest, TimeoutKeepsTheGranularityAboveASteadyRoundTrip) {
  RttEstimator rtt;
  for (int i = 0; i < 100; ++i) rtt.update(ms(60), kNoDelay);
  EXPECT_EQ(rtt.probe_timeout(), ms(61));
}

TEST(RttEstimatorTest, ImplausibleClaimsAndTimesDoNoHarm) {
  RttEstimator rtt;
  rtt.update(ms(50), kNoDelay);
  rtt.update(ms(60), kForever);
  EXPECT_EQ(rtt.smoothed(), ms(51.25));
  rtt.update(ms(-5), kNoDelay);
  EXPECT_EQ(rtt.latest(), Duration::zero());
  EXPECT_EQ(rtt.min(), Duration::zero());
}

TEST(RttEstimatorTest, ResetForgetsThePathButNotTheAssumption) {
  RttEstimator rtt(ms(50));
  rtt.update(ms(200), kNoDelay);
  rtt.reset();
  EXPECT_FALSE(rtt.has_sample());
  EXPECT_EQ(rtt.smoothed(), ms(50));
  EXPECT_EQ(rtt.variation(), ms(25));
  EXPECT_EQ(rtt.min(), Duration::zero());
}

}  // namespace
}  // namespace hawser::test
