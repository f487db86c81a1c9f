#include "congestion/bbr/window_use.h"

#include <gtest/gtest.h>

#include "tests/congestion/ack_clock.h"

namespace hawser::bbr {
namespace {

// draft-ietf-ccwg-bbr s2.2, C.is_cwnd_limited.
TEST(WindowUseTest, TheWindowIsFullIfAnotherPacketWouldFindNoRoom) {
  WindowUse use;
  use.on_sent(datagrams(8), kDatagram, datagrams(10));
  use.on_sent(datagrams(9), kDatagram, datagrams(10));
  EXPECT_FALSE(use.was_full());
  use.on_sent(datagrams(10), kDatagram, datagrams(10));
  EXPECT_TRUE(use.was_full());
}

TEST(WindowUseTest, ItWasForTheRestOfThatRoundAndTheNext) {
  WindowUse use;
  use.on_sent(datagrams(10), kDatagram, datagrams(10));
  use.on_sent(datagrams(5), kDatagram, datagrams(10));
  use.on_round_start();
  EXPECT_TRUE(use.was_full());
  use.on_round_start();
  EXPECT_FALSE(use.was_full());
}

}  // namespace
}  // namespace hawser::bbr
