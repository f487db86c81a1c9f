#include "congestion/bbr/min_rtt_filter.h"

#include <gtest/gtest.h>

#include "tests/congestion/bbr/samples.h"

namespace hawser::bbr {
namespace {

using namespace std::chrono_literals;

TEST(MinRttFilterTest, HoldsTheSmallest) {
  MinRttFilter filter;
  EXPECT_FALSE(filter.has_sample());
  filter.on_ack(at(0ms), 30ms);
  filter.on_ack(at(1ms), 20ms);
  filter.on_ack(at(2ms), 25ms);
  EXPECT_EQ(filter.value(), 20ms);
}

// draft-ietf-ccwg-bbr s5.3.4.3: ProbeRTTInterval.
TEST(MinRttFilterTest, AProbeIsDueFiveSecondsAfterTheLastSmallerSample) {
  MinRttFilter filter;
  filter.on_ack(at(0s), 20ms);
  filter.on_ack(at(1s), 19ms);
  filter.on_ack(at(6s), 30ms);
  EXPECT_FALSE(filter.is_probe_due());
  filter.on_ack(at(6s) + 1ns, 30ms);
  EXPECT_TRUE(filter.is_probe_due());
  filter.on_ack(at(6s) + 1ms, 40ms);  // that sample is the recent minimum now
  EXPECT_FALSE(filter.is_probe_due());
}

// The variant of the draft: only a smaller sample is news.
TEST(MinRttFilterTest, AnEqualSampleDoesNotPutOffTheProbe) {
  MinRttFilter filter;
  for (int i = 0; i <= 50; ++i) filter.on_ack(at(100ms * i), 20ms);
  filter.on_ack(at(5001ms), 20ms);
  EXPECT_TRUE(filter.is_probe_due());
}

TEST(MinRttFilterTest, AProbeThatIsDonePutsOffTheNext) {
  MinRttFilter filter;
  filter.on_ack(at(0s), 20ms);
  filter.on_ack(at(5001ms), 40ms);
  EXPECT_TRUE(filter.is_probe_due());
  filter.on_probe_done(at(5400ms));
  filter.on_ack(at(10'400ms), 50ms);
  EXPECT_FALSE(filter.is_probe_due());
  filter.on_ack(at(10'401ms), 50ms);
  EXPECT_TRUE(filter.is_probe_due());
}

// MinRTTFilterLen: during a probe the window still comes of the minimum that the last one found.
TEST(MinRttFilterTest, TheMinimumOutlastsTheProbeAndIsForgottenAfterTenSeconds) {
  MinRttFilter filter;
  filter.on_ack(at(0s), 20ms);
  filter.on_ack(at(5001ms), 40ms);
  EXPECT_EQ(filter.value(), 20ms);
  filter.on_ack(at(5200ms), 35ms);
  EXPECT_EQ(filter.value(), 20ms);
  filter.on_ack(at(10s), 50ms);
  EXPECT_EQ(filter.value(), 20ms);
  filter.on_ack(at(10s) + 1ns, 50ms);
  EXPECT_EQ(filter.value(), 35ms);
}

// Both times are 50 and 100 round trips where these are longer than 5 and 10 s.
TEST(MinRttFilterTest, CountsInRoundTripsWhereThePathIsLong) {
  MinRttFilter filter;
  filter.on_ack(at(0s), 2s);
  EXPECT_EQ(filter.probe_interval(), 100s);
  filter.on_ack(at(100s), 3s);
  EXPECT_FALSE(filter.is_probe_due());
  filter.on_ack(at(100s) + 1ns, 3s);
  EXPECT_TRUE(filter.is_probe_due());
  EXPECT_EQ(filter.value(), 2s);
  filter.on_ack(at(200s), 4s);
  EXPECT_EQ(filter.value(), 2s);
  filter.on_ack(at(200s) + 1ns, 4s);
  EXPECT_EQ(filter.value(), 3s);
}

TEST(MinRttFilterTest, TheIntervalFollowsAPathThatBecameShort) {
  MinRttFilter filter;
  filter.on_ack(at(0s), 2s);
  filter.on_ack(at(1s), 20ms);
  EXPECT_EQ(filter.probe_interval(), 5s);
  filter.on_ack(at(6s) + 1ns, 30ms);
  EXPECT_TRUE(filter.is_probe_due());
}

// A sixteenth above the minimum is no queue.
TEST(MinRttFilterTest, AnApplicationLimitedFlowThatSeesNoQueueNeedsNoProbe) {
  MinRttFilter filter;
  filter.on_ack(at(0s), 32ms);
  filter.on_ack(at(4s), 34ms, true);
  filter.on_ack(at(9s), 40ms, true);
  EXPECT_FALSE(filter.is_probe_due());
  EXPECT_EQ(filter.value(), 32ms);
  filter.on_ack(at(9001ms), 34ms + 1ns, true);
  EXPECT_TRUE(filter.is_probe_due());
}

TEST(MinRttFilterTest, NothingIsDueBeforeTheFirstSampleWhateverTheTime) {
  MinRttFilter filter;
  filter.on_ack(at(24h), 20ms);
  EXPECT_FALSE(filter.is_probe_due());
  EXPECT_EQ(filter.value(), 20ms);
}

}  // namespace
}  // namespace hawser::bbr
