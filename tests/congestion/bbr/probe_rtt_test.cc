#include "congestion/bbr/probe_rtt.h"

#include <gtest/gtest.h>

#include "tests/congestion/bbr/samples.h"

namespace hawser::bbr {
namespace {

using namespace std::chrono_literals;

/// 96 Mbit/s x 20 ms are 200 datagrams, of which half may be in flight.
class ProbeRttTest : public testing::Test {
 protected:
  /// An acknowledgement: so much in flight after it, of a packet from before or after the start of
  /// the round.
  bool acknowledge(Duration since_start, std::int64_t in_flight, bool is_round_start = false) {
    delivered_ += 1;
    SenderState sender = sender_at(since_start, delivered_);
    sender.in_flight = datagrams(in_flight);
    model_.rounds.on_ack(sender, sample_of(mbit(96), is_round_start ? delivered_ : -1));
    return probe_.on_ack(model_, sender);
  }
  Model model_ = model_of(mbit(96), 20ms);
  ProbeRtt probe_;
  std::int64_t delivered_ = 1000;
};

// draft-ietf-ccwg-bbr s5.3.4.3.
TEST_F(ProbeRttTest, LastsTwoHundredMillisecondsFromWhenHalfIsInFlight) {
  EXPECT_EQ(ProbeRtt::window(model_), datagrams(100));
  probe_.enter(model_, sender_at(0ms, delivered_));
  EXPECT_FALSE(acknowledge(0ms, 200));
  EXPECT_FALSE(acknowledge(15ms, 101, true));
  EXPECT_FALSE(acknowledge(16ms, 100));  // from here
  EXPECT_FALSE(acknowledge(40ms, 100, true));
  EXPECT_FALSE(acknowledge(216ms, 100));
  EXPECT_TRUE(acknowledge(216ms + 1ns, 100));
}

TEST_F(ProbeRttTest, LastsARoundTripWhereThatIsLonger) {
  probe_.enter(model_, sender_at(0ms, delivered_));
  EXPECT_FALSE(acknowledge(0ms, 50));
  EXPECT_FALSE(acknowledge(300ms, 50));
  EXPECT_TRUE(acknowledge(600ms, 50, true));
}

TEST_F(ProbeRttTest, ALateSenderNeedsNoRoundTrip) {
  probe_.enter(model_, sender_at(0ms, delivered_));
  EXPECT_FALSE(probe_.is_over(at(1h)));
  acknowledge(0ms, 50);
  EXPECT_FALSE(probe_.is_over(at(200ms)));
  EXPECT_TRUE(probe_.is_over(at(201ms)));
}

// MarkConnectionAppLimited: the low rate is our own doing.
TEST_F(ProbeRttTest, WhatIsSentMeanwhileGivesLowerBounds) {
  EXPECT_FALSE(probe_.has_limited(datagrams(1000)));
  probe_.enter(model_, sender_at(0ms, delivered_));
  acknowledge(0ms, 150);                             // 1001 delivered, 150 in flight
  EXPECT_FALSE(probe_.has_limited(datagrams(999)));  // left before
  EXPECT_TRUE(probe_.has_limited(datagrams(1000)));
  EXPECT_TRUE(probe_.has_limited(datagrams(1151)));
  EXPECT_FALSE(probe_.has_limited(datagrams(1152)));
  acknowledge(1ms, 150);
  EXPECT_TRUE(probe_.has_limited(datagrams(1152)));
}

}  // namespace
}  // namespace hawser::bbr
