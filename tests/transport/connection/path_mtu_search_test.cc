#include "transport/connection/path_mtu_search.h"

#include <vector>

#include <gtest/gtest.h>

namespace hawser {
namespace {

using namespace std::chrono_literals;

constexpr Duration kRoundTrip = 60ms;
constexpr Duration kInterval = 40ms;  // between two packets that are lost

class PathMtuSearchTest : public ::testing::Test {
 protected:
  std::optional<ByteCount> due() { return search_.due_probe(now_); }
  /// Sends the probe that is due, and lets it pass if the path carries it.
  void probe() {
    const std::optional<ByteCount> size = due();
    ASSERT_TRUE(size);
    sizes_.push_back(size->value());
    const PacketNumber number = send_number();
    search_.on_probe_sent(now_, number, *size);
    if (*size <= carried_) {
      search_.on_acked({number, *size, now_});
    } else {
      search_.on_lost({number, *size, now_}, kRoundTrip);
    }
    now_ += kRoundTrip;
  }
  void search_on() {
    for (int i = 0; i < 100 && due(); ++i) probe();
  }
  PacketNumber send_number() { return PacketNumber(next_number_++); }
  void acknowledge(ByteCount size) { search_.on_acked({send_number(), size, now_}); }
  void lose(ByteCount size) {
    search_.on_lost({send_number(), size, now_}, kRoundTrip);
    now_ += kInterval;
  }
  /// Whether one that leaves now, where the oldest in flight has waited so long, is to have one.
  bool has_companion(ByteCount size, Duration waiting) {
    return search_.wants_companion({.number = PacketNumber(next_number_++),
                                    .bytes = size,
                                    .waiting = waiting,
                                    .probe_timeout = 100ms});
  }
  /// A large one is lost, its companion passes. Of a batch acknowledgements are told of first.
  void lose_with_survivor(ByteCount size) {
    const PacketNumber number(next_number_);
    ASSERT_TRUE(has_companion(size, 1h));
    search_.on_companion_sent(PacketNumber(next_number_));
    acknowledge(ByteCount(60));
    search_.on_lost({number, size, now_}, kRoundTrip);
    now_ += kInterval;
  }
  std::uint64_t black_holes() const {
    ConnectionStats stats;
    search_.add_to(stats);
    return stats.mtu_black_holes;
  }
  void start(const PathMtuSearch::Config& config) { search_ = PathMtuSearch(config); }
  std::int64_t size() const { return search_.datagram_size().value(); }

  PathMtuSearch search_{{}};
  ByteCount carried_{1472};  // what the path carries
  std::vector<std::int64_t> sizes_;
  TimePoint now_{1s};
  std::uint64_t next_number_ = 0;
};

using Sizes = std::vector<std::int64_t>;

// RFC 9000 s14.3: PLPMTU begins at 1200.
TEST_F(PathMtuSearchTest, APathOfPlainEthernetIsFoundByOneProbe) {
  EXPECT_EQ(size(), 1200);
  search_on();
  EXPECT_EQ(sizes_, Sizes{1472});
  EXPECT_EQ(size(), 1472);
}

TEST_F(PathMtuSearchTest, OneProbeIsUnderWayAtATime) {
  search_.on_probe_sent(now_, PacketNumber(0), *due());
  EXPECT_FALSE(due());
  search_.on_acked({PacketNumber(1), ByteCount(1200), now_});
  EXPECT_FALSE(due());
  search_.forget_flight();
  EXPECT_TRUE(due());
}

// RFC 8899 s5.1.2: MAX_PROBES of a size; common sizes first, then halves until a step is below 20.
TEST_F(PathMtuSearchTest, TriesCommonSizesThreeTimesEachAndThenHalves) {
  carried_ = ByteCount(1300);
  search_on();
  EXPECT_EQ(sizes_, (Sizes{1472, 1472, 1472, 1452, 1452, 1452, 1392, 1392, 1392, 1252, 1322, 1322,
                           1322, 1287, 1304, 1304, 1304}));
  EXPECT_EQ(size(), 1287);
}

TEST_F(PathMtuSearchTest, APathOfTheBaseSizeCostsAFewProbes) {
  carried_ = ByteCount(1200);
  search_on();
  EXPECT_EQ(sizes_.size(), 18U);
  EXPECT_EQ(size(), 1200);
}

TEST_F(PathMtuSearchTest, LossByChanceDoesNotEndASize) {
  for (int i = 0; i < 2; ++i) {
    const PacketNumber number = send_number();
    search_.on_probe_sent(now_, number, *due());
    search_.on_lost({number, ByteCount(1472), now_}, kRoundTrip);
  }
  EXPECT_EQ(due(), ByteCount(1472));
  search_on();
  EXPECT_EQ(size(), 1472);
}

TEST_F(PathMtuSearchTest, JumboFramesAreFoundWhereTheyAreAllowed) {
  start({.max = ByteCount(8972)});
  carried_ = ByteCount(8972);
  search_on();
  EXPECT_EQ(sizes_, (Sizes{1472, 8972}));
  EXPECT_EQ(size(), 8972);
}

TEST_F(PathMtuSearchTest, NothingIsSearchedForWithoutRoomAboveTheFirstSize) {
  start({.start = ByteCount(1472), .max = ByteCount(1200)});
  EXPECT_FALSE(due());
  EXPECT_EQ(size(), 1472);
  start({.is_wanted = false});
  EXPECT_FALSE(due());
}

// RFC 8899 s5.1.1: PMTU_RAISE_TIMER.
TEST_F(PathMtuSearchTest, LooksUpwardsAgainAfterTenMinutes) {
  carried_ = ByteCount(1252);
  search_on();
  EXPECT_EQ(size(), 1252);
  carried_ = ByteCount(1472);
  const TimePoint last = now_ - kRoundTrip;
  now_ = last + 599s;
  EXPECT_FALSE(due());
  now_ = last + 600s;
  EXPECT_EQ(due(), ByteCount(1472));
  search_on();
  EXPECT_EQ(size(), 1472);
}

// What the own host refuses needs no second try.
TEST_F(PathMtuSearchTest, AProbeThatTheHostRefusesEndsItsSizeAtOnce) {
  search_.on_probe_sent(now_, send_number(), *due());
  search_.on_refused(ByteCount(1453));
  EXPECT_EQ(size(), 1200);
  EXPECT_EQ(due(), ByteCount(1452));
}

TEST_F(PathMtuSearchTest, WhatTheHostRefusesIsNotSentAgain) {
  search_on();
  search_.on_refused(ByteCount(1401));
  EXPECT_EQ(size(), 1400);
  EXPECT_FALSE(due());
  search_.on_refused(ByteCount(900));
  EXPECT_EQ(size(), 1200) << "no connection without it";
}

TEST_F(PathMtuSearchTest, NothingIsSentBeyondWhatThePeerTakes) {
  search_.limit(ByteCount(1300));
  search_on();
  EXPECT_EQ(size(), 1300);
  search_.restart();
  search_on();
  EXPECT_EQ(size(), 1300);
}

TEST_F(PathMtuSearchTest, AnotherPathIsSearchedAfresh) {
  search_on();
  search_.restart();
  EXPECT_EQ(size(), 1200);
  EXPECT_EQ(due(), ByteCount(1472));
}

// RFC 8899 s4.3.
TEST_F(PathMtuSearchTest, LargeDatagramsThatVanishWhileSmallOnesPassAreABlackHole) {
  search_on();
  lose(ByteCount(1472));
  lose(ByteCount(1472));
  lose_with_survivor(ByteCount(1400));
  EXPECT_EQ(size(), 1200);
  EXPECT_EQ(black_holes(), 1U);
  EXPECT_EQ(due(), ByteCount(1392)) << "below all that vanished";
}

// An outage takes what is small as well, and ends between any two.
TEST_F(PathMtuSearchTest, WhatPassesAfterAnOutageIsNoSignOfABlackHole) {
  search_on();
  for (int i = 0; i < 20; ++i) lose(ByteCount(1472));
  acknowledge(ByteCount(60));
  lose(ByteCount(1472));
  EXPECT_EQ(size(), 1472);
  lose_with_survivor(ByteCount(1472));
  EXPECT_EQ(size(), 1200);
}

// A companion that came alone is evidence until something as large passes.
TEST_F(PathMtuSearchTest, EvidenceOfBeforeDoesNotServeAnOutage) {
  search_on();
  lose_with_survivor(ByteCount(1472));
  acknowledge(ByteCount(1472));
  for (int i = 0; i < 20; ++i) lose(ByteCount(1472));
  EXPECT_EQ(size(), 1472);
}

TEST_F(PathMtuSearchTest, ABurstOfLossWithinARoundTripIsNone) {
  search_on();
  const TimePoint end = now_ + kRoundTrip;
  while (now_ < end) {
    lose_with_survivor(ByteCount(1472));
    now_ += 3ms - kInterval;
  }
  EXPECT_EQ(size(), 1472);
}

TEST_F(PathMtuSearchTest, OneLargeDatagramThatPassesDisprovesABlackHole) {
  search_on();
  for (int i = 0; i < 10; ++i) {
    lose_with_survivor(ByteCount(1472));
    lose_with_survivor(ByteCount(1472));
    acknowledge(ByteCount(1472));
  }
  EXPECT_EQ(size(), 1472);
}

// Of one batch the acknowledged ones are told of first.
TEST_F(PathMtuSearchTest, LossesBeforeWhatPassedAreNoSignOfABlackHole) {
  search_on();
  next_number_ = 100;
  acknowledge(ByteCount(1472));
  next_number_ = 50;
  for (int i = 0; i < 20; ++i) lose_with_survivor(ByteCount(1472));
  EXPECT_EQ(size(), 1472);
}

TEST_F(PathMtuSearchTest, SmallDatagramsThatAreLostAreNoSignOfABlackHole) {
  search_on();
  for (int i = 0; i < 20; ++i) lose(ByteCount(1200));
  EXPECT_FALSE(has_companion(ByteCount(1472), 0ms));
}

// Of what is acknowledged at once the order tells nothing.
TEST_F(PathMtuSearchTest, ACompanionThatCameWithItsLargeOneIsNoSignOfABlackHole) {
  search_on();
  for (int i = 0; i < 3; ++i) lose(ByteCount(1472));
  const PacketNumber large(next_number_);
  ASSERT_TRUE(has_companion(ByteCount(1472), 1h));
  search_.on_companion_sent(PacketNumber(next_number_));
  acknowledge(ByteCount(60));
  search_.on_acked({large, ByteCount(1472), now_});
  for (int i = 0; i < 3; ++i) lose(ByteCount(1472));
  EXPECT_EQ(size(), 1472);
}

TEST_F(PathMtuSearchTest, ACompanionWithoutItsLargeOneIsNoSignOfABlackHole) {
  search_on();
  ASSERT_TRUE(has_companion(ByteCount(1472), 1h));
  search_.forget_flight();
  search_.on_companion_sent(PacketNumber(next_number_));
  acknowledge(ByteCount(60));
  for (int i = 0; i < 10; ++i) lose(ByteCount(1472));
  EXPECT_EQ(size(), 1472);
}

TEST_F(PathMtuSearchTest, ACompanionThatIsLostIsNoSignOfABlackHole) {
  search_on();
  ASSERT_TRUE(has_companion(ByteCount(1472), 1h));
  const PacketNumber companion = send_number();
  search_.on_companion_sent(companion);
  search_.on_lost({companion, ByteCount(60), now_}, kRoundTrip);
  for (int i = 0; i < 10; ++i) lose(ByteCount(1472));
  EXPECT_EQ(size(), 1472);
}

// A blackout is over: the searched size is not given up for it.
TEST_F(PathMtuSearchTest, WhatIsLostWithAPathSaysNothing) {
  search_on();
  lose_with_survivor(ByteCount(1472));
  lose_with_survivor(ByteCount(1472));
  search_.forget_flight();
  lose_with_survivor(ByteCount(1472));
  EXPECT_EQ(size(), 1472);
}

TEST_F(PathMtuSearchTest, LargeDatagramsHaveASmallCompanionOnceNothingComesBack) {
  EXPECT_FALSE(has_companion(ByteCount(1472), 199ms));
  EXPECT_FALSE(has_companion(ByteCount(1200), 10s)) << "small itself";
  EXPECT_TRUE(has_companion(ByteCount(1472), 200ms));
  EXPECT_FALSE(has_companion(ByteCount(1472), 399ms));
  EXPECT_TRUE(has_companion(ByteCount(1472), 400ms));
  EXPECT_FALSE(has_companion(ByteCount(1472), 799ms));
  acknowledge(ByteCount(60));
  EXPECT_TRUE(has_companion(ByteCount(1472), 200ms));
}

// Small messages are acknowledged all the while, so nothing waits.
TEST_F(PathMtuSearchTest, LargeDatagramsHaveACompanionOnceThreeWereLostInARow) {
  search_on();
  for (int i = 0; i < 2; ++i) lose(ByteCount(1472));
  EXPECT_FALSE(has_companion(ByteCount(1472), 0ms));
  lose(ByteCount(1472));
  EXPECT_TRUE(has_companion(ByteCount(1472), 0ms));
  EXPECT_FALSE(has_companion(ByteCount(1472), 0ms)) << "one pair at a time";
}

}  // namespace
}  // namespace hawser
