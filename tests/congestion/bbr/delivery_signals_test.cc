#include "congestion/bbr/delivery_signals.h"

#include <gtest/gtest.h>

#include "tests/congestion/bbr/samples.h"

namespace hawser::bbr {
namespace {

using namespace std::chrono_literals;

class DeliverySignalsTest : public testing::Test {
 protected:
  static constexpr bool kLostTooMuch = true;

  /// One acknowledgement of a packet that left when `prior` datagrams were delivered.
  void acknowledge(std::int64_t delivered, std::int64_t prior, std::int64_t rate,
                   bool has_lost_too_much = false) {
    RateSample sample = sample_of(mbit(rate), prior);
    sample.has_lost_too_much = has_lost_too_much;
    sample.delivered = datagrams(delivered - prior);
    signals_.begin_ack(sender_at(0ms, delivered), sample);
    ended_ = signals_.is_round_end();
    bandwidth_at_end_ = signals_.bandwidth();
    signals_.end_ack(sample);
  }
  DeliverySignals signals_;
  bool ended_ = false;
  Bandwidth bandwidth_at_end_;
};

// draft-ietf-ccwg-bbr s5.5.10.3.
TEST_F(DeliverySignalsTest, HoldTheMostThatOneRoundDelivered) {
  acknowledge(1, 0, 5);
  EXPECT_TRUE(ended_);
  acknowledge(5, 0, 9);
  acknowledge(8, 0, 7);
  EXPECT_FALSE(ended_);
  EXPECT_EQ(signals_.bandwidth(), mbit(9));
  EXPECT_EQ(signals_.inflight(), datagrams(8));
  acknowledge(9, 1, 6);
  EXPECT_TRUE(ended_);
  EXPECT_EQ(bandwidth_at_end_, mbit(9));
  // The next round begins with the sample that ended this one.
  EXPECT_EQ(signals_.bandwidth(), mbit(6));
  EXPECT_EQ(signals_.inflight(), datagrams(8));
}

TEST_F(DeliverySignalsTest, TheFirstLossStartsTheRoundAnew) {
  acknowledge(1, 0, 5);
  signals_.on_loss(sender_at(0ms, 4));
  signals_.on_loss(sender_at(0ms, 6));
  acknowledge(7, 3, 5);
  EXPECT_FALSE(ended_);
  acknowledge(8, 4, 5);
  EXPECT_TRUE(ended_);
}

// A deviation: in the draft any loss makes the round one to answer.
TEST_F(DeliverySignalsTest, ARoundIsCongestedIfEachFlightInItLostTooMuch) {
  acknowledge(1, 0, 5);
  acknowledge(2, 0, 5, kLostTooMuch);
  EXPECT_FALSE(signals_.is_congested());  // nothing was lost in this round
  signals_.on_loss(sender_at(0ms, 4));
  acknowledge(5, 3, 5, kLostTooMuch);
  EXPECT_TRUE(signals_.is_congested());
  acknowledge(8, 4, 5);
  EXPECT_FALSE(signals_.is_congested());
}

TEST_F(DeliverySignalsTest, AFlightOfBeforeTheLossDoesNotCount) {
  acknowledge(1, 0, 5);
  acknowledge(2, 0, 5);
  signals_.on_loss(sender_at(0ms, 4));
  acknowledge(5, 3, 5, kLostTooMuch);
  EXPECT_TRUE(signals_.is_congested());
}

TEST_F(DeliverySignalsTest, OneMarkMakesARoundCongested) {
  acknowledge(1, 0, 5);
  signals_.on_mark(sender_at(0ms, 4));
  acknowledge(7, 3, 5);
  EXPECT_FALSE(ended_);
  EXPECT_TRUE(signals_.is_congested());
  signals_.forget_losses();
  EXPECT_FALSE(signals_.is_congested());
}

TEST_F(DeliverySignalsTest, AResetForgetsWhatWasDeliveredAndLost) {
  acknowledge(1, 0, 5);
  signals_.on_loss(sender_at(0ms, 4));
  acknowledge(5, 3, 5, kLostTooMuch);
  signals_.reset();
  EXPECT_TRUE(signals_.bandwidth().is_zero());
  EXPECT_EQ(signals_.inflight(), ByteCount(0));
  EXPECT_FALSE(signals_.is_congested());
}

}  // namespace
}  // namespace hawser::bbr
