#include "congestion/bbr/startup.h"

#include <vector>

#include <gtest/gtest.h>

#include "tests/congestion/bbr/samples.h"

namespace hawser::bbr {
namespace {

using namespace std::chrono_literals;

class StartupTest : public testing::Test {
 protected:
  void lose(std::vector<std::uint64_t> numbers) {
    std::vector<LostPacket> packets;
    for (const std::uint64_t number : numbers) {
      packets.push_back({.number = PacketNumber(number), .bytes = kDatagram});
    }
    startup_.on_loss(packets);
    model_.signals.on_loss(sender_at(0ms, 100));
  }
  /// The acknowledgement that ends the loss round: of 100 in flight `lost` were lost.
  bool ends_round(std::int64_t lost) {
    RateSample sample = sample_of(mbit(90), 100);
    sample.delivered = datagrams(300);
    sample.has_lost_too_much = model_.is_loss_too_high(datagrams(lost), datagrams(100));
    model_.signals.begin_ack(sender_at(20ms, 200), sample);
    return startup_.ends_by_loss(model_, sample);
  }

  Startup startup_;
  Model model_ = model_of(mbit(96), 20ms);
};

// draft-ietf-ccwg-bbr s5.3.1.3.
TEST_F(StartupTest, ARoundThatLostTooMuchInSixPlacesEndsIt) {
  lose({1, 3, 5});
  lose({7, 9, 11});
  EXPECT_TRUE(ends_round(6));
  EXPECT_TRUE(model_.full_pipe.is_full());
  EXPECT_TRUE(model_.full_pipe.was_ever_full());
  // The larger of the product, 200 datagrams, and what was delivered.
  EXPECT_EQ(model_.long_term.value(), datagrams(300));
}

TEST_F(StartupTest, LossesInFivePlacesDoNot) {
  lose({1, 2, 3, 5, 7});
  lose({9, 10, 11});
  lose({12, 13});  // the same gap, told of later
  EXPECT_FALSE(ends_round(10));
  EXPECT_FALSE(model_.long_term.is_set());
}

TEST_F(StartupTest, TwoPercentDoNot) {
  lose({1, 3, 5, 7, 9, 11});
  EXPECT_FALSE(ends_round(2));
}

TEST_F(StartupTest, PlacesOfOneRoundDoNotCountInTheNext) {
  lose({1, 3, 5});
  EXPECT_FALSE(ends_round(3));
  lose({101, 103, 105});
  EXPECT_FALSE(ends_round(3));
}

TEST_F(StartupTest, NothingEndsInMidRound) {
  lose({1, 3, 5, 7, 9, 11});
  RateSample sample = sample_of(mbit(90), 99);
  sample.has_lost_too_much = true;
  model_.signals.begin_ack(sender_at(10ms, 150), sample);
  EXPECT_FALSE(startup_.ends_by_loss(model_, sample));
}

}  // namespace
}  // namespace hawser::bbr
