#include "congestion/bbr/drain.h"

#include <gtest/gtest.h>

#include "tests/congestion/bbr/samples.h"

namespace hawser::bbr {
namespace {

using namespace std::chrono_literals;

SenderState with_in_flight(std::int64_t count) {
  SenderState sender = sender_at(0ms);
  sender.in_flight = datagrams(count);
  return sender;
}

// draft-ietf-ccwg-bbr s5.3.2. 96 Mbit/s x 20 ms are 200 datagrams.
TEST(DrainTest, IsOverWhenNoMoreThanTheProductIsInFlight) {
  const Model model = model_of(mbit(96), 20ms);
  Drain drain;
  drain.enter(model);
  EXPECT_FALSE(drain.is_over(model, with_in_flight(201)));
  EXPECT_TRUE(drain.is_over(model, with_in_flight(200)));
}

// Appendix A.4.
TEST(DrainTest, IsOverAfterThreeRoundsWhateverIsInFlight) {
  Model model = model_of(mbit(96), 20ms);
  Drain drain;
  drain.enter(model);
  for (std::int64_t round = 1; round <= 3; ++round) {
    model.rounds.on_ack(sender_at(20ms * round, round), sample_of(mbit(80), round));
    EXPECT_FALSE(drain.is_over(model, with_in_flight(400))) << round;
  }
  model.rounds.on_ack(sender_at(80ms, 5), sample_of(mbit(80), 4));
  EXPECT_TRUE(drain.is_over(model, with_in_flight(400)));
}

}  // namespace
}  // namespace hawser::bbr
