#include "congestion/active_time.h"

#include <gtest/gtest.h>

#include "tests/congestion/ack_clock.h"

namespace hawser {
namespace {

using namespace std::chrono_literals;

SentEvent sent(TimePoint now, ByteCount in_flight) {
  return {.context = {.now = now, .bytes_in_flight = in_flight}, .bytes = kDatagram};
}

TEST(ActiveTimeTest, CountsTheTimeBetweenAcknowledgements) {
  ActiveTime time;
  time.on_ack({.now = at(10s)});  // nothing is known of the time before the first event
  EXPECT_EQ(time.total(), 0s);
  time.on_ack({.now = at(11s)});
  time.on_ack({.now = at(13s)});
  EXPECT_EQ(time.total(), 3s);
}

TEST(ActiveTimeTest, LeavesOutWhatEndsWithAnApplicationLimitedAcknowledgement) {
  ActiveTime time;
  time.on_ack({.now = at(0s)});
  time.on_ack({.now = at(1s)});
  time.on_ack({.now = at(5s), .is_app_limited = true});
  time.on_ack({.now = at(6s)});
  EXPECT_EQ(time.total(), 2s);
}

TEST(ActiveTimeTest, LeavesOutIdleTime) {
  ActiveTime time;
  time.on_sent(sent(at(0s), kDatagram));
  time.on_ack({.now = at(1s)});
  time.on_sent(sent(at(100s), kDatagram));     // nothing else was in flight
  time.on_sent(sent(at(101s), datagrams(2)));  // now something was
  time.on_ack({.now = at(102s)});
  EXPECT_EQ(time.total(), 3s);
}

}  // namespace
}  // namespace hawser
