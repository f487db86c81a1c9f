#include "tools/netsim/host_socket.h"

#include <vector>

#include <gtest/gtest.h>

namespace hawser::netsim {
namespace {

using namespace std::chrono_literals;

constexpr TimePoint kStart{1s};

/// The numbers of the datagrams that leave at that time.
std::vector<std::uint64_t> leave(HostSocket& socket, Duration at) {
  std::vector<std::uint64_t> numbers;
  while (auto datagram = socket.poll(kStart + at)) numbers.push_back(datagram->tag);
  return numbers;
}

TEST(HostSocketTest, GivesWhatItWasGiven) {
  HostSocket socket({}, SeededRandom(1));
  for (std::uint64_t i = 0; i < 3; ++i) socket.push({.tag = i});
  EXPECT_EQ(leave(socket, 0ms), (std::vector<std::uint64_t>{0, 1, 2}));
  EXPECT_EQ(socket.next_try(), kNever);
}

TEST(HostSocketTest, ABlockedOneKeepsTheOrderAndTriesAgain) {
  HostSocket socket({.send_blocked = Probability::percent(50), .blocked_for = 3ms},
                    SeededRandom(1));
  std::vector<std::uint64_t> all;
  std::vector<std::uint64_t> expected;
  for (std::uint64_t i = 0; i < HostSocket::kBacklogMax; ++i) {
    socket.push({.tag = i});
    expected.push_back(i);
  }
  EXPECT_EQ(socket.room(), 0U);
  for (Duration at = 0ms; socket.next_try() != kNever; at = socket.next_try() - kStart) {
    for (const std::uint64_t number : leave(socket, at)) all.push_back(number);
    if (socket.next_try() == kNever) break;
    ASSERT_EQ(socket.next_try(), kStart + at + 3ms);
    EXPECT_TRUE(leave(socket, at + 2ms).empty()) << "it is not tried before";
  }
  EXPECT_EQ(all, expected);
  EXPECT_GT(socket.counters().blocked, 30U);
  EXPECT_LT(socket.counters().blocked, 110U);
}

TEST(HostSocketTest, WhatComesAfterItsFaultsStandsBehindWhatWaits) {
  HostSocket socket({.send_blocked = Probability::certain(), .blocked_for = 3ms}, SeededRandom(1));
  EXPECT_FALSE(socket.is_ideal());
  socket.push({.tag = 0});
  EXPECT_TRUE(leave(socket, 0ms).empty());
  socket.end_faults();
  EXPECT_FALSE(socket.is_ideal()) << "one waits";
  socket.push({.tag = 1});
  EXPECT_EQ(leave(socket, 3ms), (std::vector<std::uint64_t>{0, 1}));
  EXPECT_TRUE(socket.is_ideal());
}

TEST(HostSocketTest, WhatItRefusesIsGoneAndCounted) {
  HostSocket socket({.send_refused = Probability::percent(25)}, SeededRandom(1));
  std::uint64_t left = 0;
  for (int i = 0; i < 1000; ++i) {
    socket.push({});
    left += leave(socket, 0ms).size();
  }
  EXPECT_EQ(left + socket.counters().refused, 1000U);
  EXPECT_GT(socket.counters().refused, 180U);
  EXPECT_LT(socket.counters().refused, 320U);
}

}  // namespace
}  // namespace hawser::netsim
