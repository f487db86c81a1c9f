#include "congestion/bbr/model.h"

#include <gtest/gtest.h>

#include "tests/congestion/bbr/samples.h"

namespace hawser::bbr {
namespace {

using namespace std::chrono_literals;

// 96 Mbit/s x 20 ms are 240,000 B, 200 datagrams.
TEST(ModelTest, TheProductIsBandwidthTimesTheSmallestRoundTrip) {
  const Model model = model_of(mbit(96), 20ms);
  EXPECT_EQ(model.bdp({100}), datagrams(200));
  EXPECT_EQ(model.bdp({225}), datagrams(450));
  EXPECT_EQ(model.inflight({50}), datagrams(100));
}

TEST(ModelTest, IsTheInitialWindowBeforeTheFirstRoundTrip) {
  const Model model(WindowLimits({.initial_window = datagrams(10)}), 2);
  EXPECT_EQ(model.bdp({200}), datagrams(10));
}

// draft-ietf-ccwg-bbr s5.6.4.2, s5.6.4.3: 80 kbit/s x 20 ms are 200 B.
TEST(ModelTest, WhatIsInFlightIsAtLeastTheMinimumAndWhatLeavesInOneGo) {
  Model model = model_of(Bandwidth::bits_per_second(80'000), 20ms);
  EXPECT_EQ(model.inflight({200}), datagrams(4));
  model.offload_budget = datagrams(6);
  EXPECT_EQ(model.inflight({200}), datagrams(6));
}

TEST(ModelTest, TheShortTermBoundHoldsTheBandwidthDown) {
  Model model = model_of(mbit(96), 20ms);
  model.short_term.lower(round_with(mbit(72), datagrams(150)), mbit(96), datagrams(400));
  EXPECT_EQ(model.bandwidth(), mbit(72));
  EXPECT_EQ(model.bdp({100}), datagrams(150));
  EXPECT_EQ(model.inflight_without_queue(), datagrams(200));
  EXPECT_EQ(model.target_inflight(sender_at(0ms)), datagrams(100));  // its window
}

TEST(ModelTest, HeadroomIsNoneWithoutABoundAndNeverBelowTheMinimum) {
  Model model = model_of(mbit(96), 20ms);
  EXPECT_EQ(model.inflight_with_headroom(), ByteCount::max());
  model.long_term.set(datagrams(100));
  EXPECT_EQ(model.inflight_with_headroom(), datagrams(85));
  model.long_term.set(datagrams(3));
  EXPECT_EQ(model.inflight_with_headroom(), datagrams(4));
}

// What waits to be acknowledged is in no queue; but the bound holds.
TEST(ModelTest, HeadroomIsNotTakenFromWhatWaitsInHeaps) {
  Model model = model_of(mbit(96), 20ms);
  model.full_pipe.set_full();
  model.long_term.set(datagrams(100));
  model.aggregation.on_ack(sender_at(0ms), datagrams(10), {.bandwidth = mbit(96), .round = 0});
  EXPECT_EQ(model.inflight_with_headroom(), datagrams(90));
  model.aggregation.on_ack(sender_at(0ms), datagrams(30), {.bandwidth = mbit(96), .round = 0});
  EXPECT_EQ(model.inflight_with_headroom(), datagrams(100));
}

TEST(ModelTest, MoreThanTwoInAHundredIsTooMuch) {
  const Model model = model_of(mbit(96), 20ms);
  EXPECT_FALSE(model.is_loss_too_high(datagrams(2), datagrams(100)));
  EXPECT_TRUE(model.is_loss_too_high(datagrams(2) + ByteCount(1), datagrams(100)));
}

TEST(ModelTest, TheExcessOfOneRoundCountsUntilThePipeWasFull) {
  Model model = model_of(mbit(96), 20ms);
  model.aggregation.on_ack(sender_at(0ms), datagrams(30), {.bandwidth = mbit(96), .round = 0});
  model.rounds.on_ack(sender_at(0ms, 1), sample_of(mbit(96), 0));
  EXPECT_EQ(model.excess_acked(), ByteCount(0));
  model.full_pipe.set_full();
  EXPECT_EQ(model.excess_acked(), datagrams(30));
}

}  // namespace
}  // namespace hawser::bbr
