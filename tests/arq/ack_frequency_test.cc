#include "arq/ack_frequency.h"

#include <gtest/gtest.h>

#include "tests/arq/support.h"

namespace hawser::test {
namespace {

using std::chrono::milliseconds;

class AckFrequencyTest : public testing::Test {
 protected:
  /// One round trip: so many packets of ours delivered, so many of the peer's sent; of each four
  /// the first `arriving` arrive.
  void round(std::uint64_t delivered, std::uint64_t peer_sent, std::uint64_t arriving = 4) {
    for (std::uint64_t i = 0; i < peer_sent; ++i, ++peer_number_) {
      if (peer_number_ % 4 < arriving) receive(peer_number_);
    }
    progress_.largest_acked = progress_.next_number;
    progress_.next_number = progress_.next_number + delivered;
    progress_.packets_delivered += delivered;
    now_ += milliseconds(100);
    frequency_.on_progress(now_, progress_, received_);
  }
  void receive(std::uint64_t number) {
    received_.on_packet(at(milliseconds(0)), {.number = PacketNumber(number)});
  }
  /// What the peer is asked for, sent at once.
  std::optional<AckFrequency::Request> request() {
    const auto due = frequency_.due();
    if (due) frequency_.on_sent();
    return due;
  }

  MemoryPool pool_;
  AckScheduler received_{pool_};
  std::uint64_t peer_number_ = 0;
  AckFrequency frequency_;
  AckFrequency::Progress progress_{.smoothed_rtt = milliseconds(100),
                                   .loss_delay = milliseconds(100)};
  TimePoint now_ = at(milliseconds(0));
};

// RFC 9000 s13.2.2: every second packet, after 10 ms at most, is what a peer does unasked.
TEST_F(AckFrequencyTest, AThinFlowOnALongPathAsksForNothing) {
  for (int i = 0; i < 100; ++i) round(16, 8);
  EXPECT_EQ(request(), std::nullopt);
}

TEST_F(AckFrequencyTest, AsksForEightAcksInARoundTrip) {
  round(400, 200);
  const auto first = request();
  ASSERT_TRUE(first);
  EXPECT_EQ(first->number, 1U);
  EXPECT_EQ(first->packet_tolerance, 50U);
  EXPECT_EQ(first->delay_max, milliseconds(10));
  EXPECT_EQ(first->reordering, 1U);
  EXPECT_EQ(request(), std::nullopt) << "asked once";
  round(1'000'000, 8);
  EXPECT_EQ(request()->packet_tolerance, 64U);
  round(10, 8);
  EXPECT_EQ(request()->packet_tolerance, 2U) << "never fewer than every second";
}

TEST_F(AckFrequencyTest, DelayIsAQuarterOfAShortRoundTrip) {
  progress_.smoothed_rtt = milliseconds(20);
  round(10, 5);
  EXPECT_EQ(request()->delay_max, milliseconds(5));
  progress_.smoothed_rtt = milliseconds(2);
  round(10, 5);
  EXPECT_EQ(request()->delay_max, std::chrono::microseconds(500));
}

TEST_F(AckFrequencyTest, SmallChangesAreNotWorthAFrame) {
  round(160, 80);
  EXPECT_EQ(request()->packet_tolerance, 20U);
  round(200, 80);  // 25
  EXPECT_EQ(request(), std::nullopt);
  round(208, 80);  // 26
  EXPECT_EQ(request()->packet_tolerance, 26U);
}

TEST_F(AckFrequencyTest, JudgesOnceInARoundTrip) {
  round(160, 80);
  request();
  progress_.packets_delivered += 1000;
  frequency_.on_progress(now_, progress_, received_);
  EXPECT_EQ(request(), std::nullopt) << "nothing sent in this round is acknowledged yet";
}

// RFC 5690 s4.2, RFC 4341 s6.1: the ratio doubles where acknowledgements are lost.
TEST_F(AckFrequencyTest, ThinsAcksOnAWayBackThatLosesThem) {
  round(160, 80, 2);
  EXPECT_EQ(request()->packet_tolerance, 20U) << "they may yet arrive";
  round(160, 80, 2);
  const auto thinned = request();
  ASSERT_TRUE(thinned);
  EXPECT_EQ(thinned->packet_tolerance, 40U);
  EXPECT_EQ(thinned->reordering, 3U);
  round(80, 80, 2);
  EXPECT_EQ(request(), std::nullopt) << "twice the thinning of half as much";
  for (int i = 0; i < 5; ++i) round(80, 80, 2);
  round(32, 80, 2);
  EXPECT_EQ(request()->packet_tolerance, 16U) << "never below two acknowledgements in a round trip";
}

TEST_F(AckFrequencyTest, SomeRandomLossOfAcksIsNoBottleneck) {
  for (int i = 0; i < 100; ++i) round(160, 80, 3);
  EXPECT_EQ(request()->packet_tolerance, 20U);
}

TEST_F(AckFrequencyTest, WhatWasOvertakenIsNotLost) {
  for (int i = 0; i < 10; ++i) {
    const std::uint64_t first = peer_number_;
    round(160, 80, 2);
    for (std::uint64_t number = first; number < peer_number_; ++number) receive(number);
  }
  EXPECT_EQ(request()->packet_tolerance, 20U);
}

// Packets that overtake make a round trip look short.
TEST_F(AckFrequencyTest, JudgesTheWayBackNoSoonerThanLossIsCertain) {
  progress_.loss_delay = milliseconds(1000);
  round(160, 80, 2);
  EXPECT_EQ(request()->packet_tolerance, 20U);
  for (int i = 0; i < 9; ++i) round(160, 80, 2);
  EXPECT_EQ(request(), std::nullopt);
  round(160, 80, 2);
  EXPECT_EQ(request()->packet_tolerance, 40U);
}

TEST_F(AckFrequencyTest, FewPacketsOfThePeerAreJudgedTogether) {
  for (int i = 0; i < 2; ++i) round(160, 4, 2);
  EXPECT_EQ(request()->packet_tolerance, 20U);
  for (int i = 0; i < 2; ++i) round(160, 4, 2);
  EXPECT_EQ(request()->packet_tolerance, 40U);
}

TEST_F(AckFrequencyTest, RisksMoreAcksAfterSixteenCleanJudgements) {
  round(160, 80, 2);
  round(160, 80);
  EXPECT_EQ(request()->packet_tolerance, 40U);
  for (int i = 0; i < 15; ++i) round(160, 80);
  EXPECT_EQ(request(), std::nullopt);
  round(160, 80);
  const auto risked = request();
  ASSERT_TRUE(risked);
  EXPECT_EQ(risked->packet_tolerance, 20U);
  EXPECT_EQ(risked->reordering, 1U);
}

TEST_F(AckFrequencyTest, CleanJudgementsCountFromTheLastCongestedOne) {
  round(160, 80, 2);
  for (int i = 0; i < 10; ++i) round(160, 80);
  round(160, 80, 2);
  for (int i = 0; i < 16; ++i) round(160, 80);
  EXPECT_EQ(request()->packet_tolerance, 64U);
  round(160, 80);
  EXPECT_EQ(request()->packet_tolerance, 40U);
}

TEST_F(AckFrequencyTest, ALostRequestIsDueAgainUnlessReplaced) {
  round(160, 80);
  EXPECT_EQ(request()->number, 1U);
  frequency_.on_lost(1);
  EXPECT_EQ(request()->number, 1U);
  round(400, 80);
  EXPECT_EQ(request()->number, 2U);
  frequency_.on_lost(1);
  EXPECT_EQ(request(), std::nullopt);
}

}  // namespace
}  // namespace hawser::test
