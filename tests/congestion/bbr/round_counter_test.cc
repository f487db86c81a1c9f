#include "congestion/bbr/round_counter.h"

#include <gtest/gtest.h>

#include "tests/congestion/bbr/samples.h"

namespace hawser::bbr {
namespace {

using namespace std::chrono_literals;

// draft-ietf-ccwg-bbr s5.5.1.
TEST(RoundCounterTest, ARoundEndsWithAPacketThatLeftAfterItsBeginning) {
  RoundCounter rounds;
  rounds.on_ack(sender_at(20ms, 1), sample_of(mbit(1), 0));
  EXPECT_TRUE(rounds.is_start());
  EXPECT_EQ(rounds.count(), 1);
  for (std::int64_t delivered = 2; delivered <= 10; ++delivered) {
    rounds.on_ack(sender_at(21ms, delivered), sample_of(mbit(1), 0));
    EXPECT_FALSE(rounds.is_start());
  }
  rounds.on_ack(sender_at(40ms, 11), sample_of(mbit(1), 1));
  EXPECT_TRUE(rounds.is_start());
  EXPECT_EQ(rounds.count(), 2);
}

TEST(RoundCounterTest, SilenceIsNoRound) {
  RoundCounter rounds;
  rounds.on_ack(sender_at(20ms, 1), sample_of(mbit(1), 0));
  rounds.on_ack(sender_at(1h, 2), sample_of(mbit(1), 0));
  EXPECT_EQ(rounds.count(), 1);
}

TEST(RoundCounterTest, MayBeRestartedInMidRound) {
  RoundCounter rounds;
  rounds.on_ack(sender_at(20ms, 1), sample_of(mbit(1), 0));
  rounds.restart(sender_at(30ms, 6));
  rounds.on_ack(sender_at(40ms, 7), sample_of(mbit(1), 5));
  EXPECT_FALSE(rounds.is_start());
  rounds.on_ack(sender_at(50ms, 8), sample_of(mbit(1), 6));
  EXPECT_TRUE(rounds.is_start());
}

// Acknowledgements of packets that were given up long ago carry no sample.
TEST(RoundCounterTest, AnAcknowledgementWithoutASampleIsPassedOver) {
  RoundCounter rounds;
  rounds.on_ack(sender_at(20ms, 1), RateSample{});
  EXPECT_FALSE(rounds.is_start());
  EXPECT_EQ(rounds.count(), 0);
}

}  // namespace
}  // namespace hawser::bbr
