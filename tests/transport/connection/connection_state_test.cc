#include "transport/connection/connection_state.h"

#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "transport/connection/timer_table.h"

namespace hawser {
namespace {

using enum ConnectionState;

TEST(ConnectionStateTest, AllowsExactlyTheMovesOfThePicture) {
  const std::vector<std::pair<ConnectionState, ConnectionState>> legal = {
      {handshaking, established}, {handshaking, closing},  {handshaking, draining},
      {handshaking, closed},      {established, flushing}, {established, closing},
      {established, draining},    {established, closed},   {flushing, closing},
      {flushing, draining},       {flushing, closed},      {closing, draining},
      {closing, closed},          {draining, closed}};
  for (const auto from : {handshaking, established, flushing, closing, draining, closed}) {
    for (const auto to : {handshaking, established, flushing, closing, draining, closed}) {
      const bool expected =
          std::find(legal.begin(), legal.end(), std::pair(from, to)) != legal.end();
      EXPECT_EQ(is_legal_move(from, to), expected) << to_string(from) << " to " << to_string(to);
    }
  }
}

TEST(TimerTableTest, NextIsTheEarliestDeadline) {
  TimerTable timers;
  EXPECT_EQ(timers.next(), kNever);
  timers.set(TimerKind::idle, TimePoint(Duration(30)));
  timers.set(TimerKind::ack, TimePoint(Duration(10)));
  EXPECT_EQ(timers.next(), TimePoint(Duration(10)));
  EXPECT_TRUE(timers.is_expired(TimerKind::ack, TimePoint(Duration(10))));
  EXPECT_FALSE(timers.is_expired(TimerKind::idle, TimePoint(Duration(29))));
  timers.clear(TimerKind::ack);
  EXPECT_EQ(timers.next(), TimePoint(Duration(30)));
}

}  // namespace
}  // namespace hawser
