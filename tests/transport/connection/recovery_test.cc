#include "transport/connection/recovery.h"

#include <gtest/gtest.h>

namespace hawser {
namespace {

using namespace std::chrono_literals;

class NobodyTold final : public PacketFates {
 public:
  void on_item_acked(const PacketItem&, bool) override {}
  void on_item_lost(const PacketItem&, PacketNumber) override {}
  void on_go_back() override {}
};

class RecoveryTest : public ::testing::Test {
 protected:
  explicit RecoveryTest(const ConnectionConfig& config = {}) : config_(config) {}

  void send_data() { send(ByteCount(1200), true); }
  void send_ack_alone() { send(ByteCount(40), false); }
  void acknowledge(std::uint64_t smallest, std::uint64_t largest) {
    now_ += 20ms;
    wire::AckFrame ack;
    ack.ranges = {.largest = PacketNumber(largest), .first_length = largest - smallest};
    ASSERT_FALSE(recovery_.on_ack(now_, ack));
    recovery_.finish_acks(now_, fates_);
  }
  ConnectionStats stats() const {
    ConnectionStats stats;
    recovery_.add_to(stats);
    return stats;
  }
  ByteCount window() const { return stats().congestion.congestion_window; }

  ConnectionConfig config_;
  MemoryPool pool_;
  NobodyTold fates_;
  Recovery recovery_{pool_, config_, make_congestion_controller(config_), Tracer{}};
  TimePoint now_{1s};

  void send_now(ByteCount bytes, bool is_eliciting) {
    ASSERT_TRUE(recovery_.reserve(1));
    recovery_.set_send_limit(SendLimit::congestion_window);
    recovery_.on_sent({.sent_time = now_,
                       .bytes = bytes,
                       .is_ack_eliciting = is_eliciting,
                       .is_in_flight = is_eliciting,
                       .items = {}},
                      false);
  }

 private:
  void send(ByteCount bytes, bool is_eliciting) {
    send_now(bytes, is_eliciting);
    now_ += 1ms;
  }
};

TEST_F(RecoveryTest, ALateAcknowledgementOfALossUndoesTheReduction) {
  const ByteCount before = window();
  for (int i = 0; i < 5; ++i) send_data();
  acknowledge(1, 4);
  EXPECT_LT(window(), before);
  EXPECT_EQ(stats().packets_lost, 1U);
  acknowledge(0, 4);
  EXPECT_GE(window(), before);
  EXPECT_EQ(stats().spurious_losses, 1U);
}

// Acknowledgements alone are no part of what congestion control saw lost.
TEST_F(RecoveryTest, ALateAcknowledgementOfAMereAckUndoesNothing) {
  send_data();
  send_ack_alone();
  for (int i = 0; i < 5; ++i) send_data();
  acknowledge(2, 6);
  const ByteCount reduced = window();
  EXPECT_EQ(stats().packets_lost, 1U);
  acknowledge(1, 6);
  EXPECT_EQ(window(), reduced);
  EXPECT_EQ(stats().spurious_losses, 0U);
}

TEST_F(RecoveryTest, AnAcknowledgementFromTheOldPathIsNoSampleOfTheNewOne) {
  send_data();
  now_ += 300ms;
  const PathValidator::Change change{
      .path = {}, .only_port_changed = false, .round_trip = Duration(50ms)};
  recovery_.on_path_change(now_, ByteCount(1200), change, fates_);
  EXPECT_EQ(recovery_.rtt().smoothed, 50ms);
  EXPECT_FALSE(recovery_.has_in_flight());
  acknowledge(0, 0);
  EXPECT_EQ(recovery_.rtt().smoothed, 50ms);
}

// RFC 9002 s7.6: to our minimum window.
TEST_F(RecoveryTest, PersistentCongestionCollapsesTheWindowToFourDatagrams) {
  send_data();
  acknowledge(0, 0);
  for (int i = 0; i < 10; ++i) {
    send_data();
    now_ += 100ms;
  }
  send_data();
  acknowledge(11, 11);
  EXPECT_EQ(stats().persistent_congestions, 1U);
  EXPECT_EQ(window(), ByteCount(4 * 1200 + 1200));  // and the acknowledgement grew it
}

// RFC 9937: the window falls with what is in flight, not at once.
TEST_F(RecoveryTest, ALossShrinksTheWindowWithinARoundTrip) {
  for (int i = 0; i < 10; ++i) send_data();
  acknowledge(1, 3);  // the first is lost; CUBIC's ssthresh is 7 of the 10 datagrams
  EXPECT_EQ(stats().congestion.ssthresh, ByteCount(7 * 1200));
  EXPECT_EQ(stats().bytes_in_flight, ByteCount(6 * 1200));
  EXPECT_EQ(window(), ByteCount(7 * 1200));
  EXPECT_TRUE(recovery_.window_allows(ByteCount(1200)));
  send_data();
  EXPECT_FALSE(recovery_.window_allows(ByteCount(1200)));
}

// A loss found by time needs no acknowledgement for its first retransmission.
TEST_F(RecoveryTest, ALossFoundByTimeMakesRoomForOnePacket) {
  for (int i = 0; i < 10; ++i) send_data();
  acknowledge(1, 1);
  now_ = recovery_.deadline();
  recovery_.on_timeout(now_, fates_);
  EXPECT_EQ(stats().packets_lost, 1U);
  EXPECT_EQ(window(), stats().bytes_in_flight + ByteCount(1200));
}

TEST_F(RecoveryTest, WhatWaitedForTheWindowLeavesOneByOne) {
  for (int i = 0; i < 10; ++i) send_data();
  acknowledge(0, 9);
  EXPECT_EQ(window(), ByteCount(20 * 1200));
  recovery_.set_send_limit(SendLimit::congestion_window);
  ASSERT_TRUE(recovery_.pacing_allows(now_));
  send_now(ByteCount(1200), true);
  EXPECT_FALSE(recovery_.pacing_allows(now_));
}

class WithoutUndoTest : public RecoveryTest {
 protected:
  static ConnectionConfig without_undo() {
    ConnectionConfig config;
    config.congestion_config.spurious_undo = false;
    return config;
  }
  WithoutUndoTest() : RecoveryTest(without_undo()) {}
};

TEST_F(WithoutUndoTest, AReductionStandsWhateverComesLater) {
  for (int i = 0; i < 5; ++i) send_data();
  acknowledge(1, 4);
  const ByteCount reduced = window();
  acknowledge(0, 4);
  EXPECT_EQ(window(), reduced);
  EXPECT_EQ(stats().spurious_losses, 1U);
}

class TinyWindowTest : public RecoveryTest {
 protected:
  static ConnectionConfig tiny() {
    ConnectionConfig config;
    config.congestion_config.window_min = ByteCount(1);
    config.congestion_config.initial_window = ByteCount(100);
    return config;
  }
  TinyWindowTest() : RecoveryTest(tiny()) {}
};

TEST_F(TinyWindowTest, OnePacketMayFlyWhateverTheWindowSays) {
  EXPECT_FALSE(config_.validate());
  EXPECT_TRUE(recovery_.window_allows(ByteCount(1200)));
  EXPECT_EQ(recovery_.window_room(), ByteCount::max());
  send_data();
  EXPECT_FALSE(recovery_.window_allows(ByteCount(1200)));
  EXPECT_EQ(recovery_.window_room(), ByteCount(0)) << "more flies than the window holds";
}

TEST_F(RecoveryTest, TheWindowHasRoomForWhatDoesNotFly) {
  send_data();
  EXPECT_EQ(recovery_.window_room(), window() - ByteCount(1200));
  EXPECT_TRUE(recovery_.window_allows(window() - ByteCount(1200)));
  EXPECT_FALSE(recovery_.window_allows(window() - ByteCount(1199)));
}

// Lost packets are remembered for a while, which does not pass while the clock stands still.
TEST_F(RecoveryTest, LostPacketsAreForgottenWhereTheLogIsFull) {
  for (int i = 0; i < 5; ++i) send_data();
  acknowledge(1, 4);
  ASSERT_EQ(stats().packets_lost, 1U);
  for (std::size_t added = 5; added <= SentPacketLog::kPacketsMax; ++added) {
    ASSERT_TRUE(recovery_.reserve(1)) << added;
    recovery_.on_sent({.sent_time = now_, .bytes = ByteCount(1), .items = {}}, false);
  }
}

/// A controller that keeps what it was told last.
class Listener final : public CongestionController {
 public:
  void on_ack(const AckEvent& event) override { last_ack = event; }
  void on_loss(const LossEvent& event) override { last_loss = event; }
  void on_path_change(const PathChangeEvent&) override {}
  ByteCount congestion_window() const override { return ByteCount(1 << 20); }
  Bandwidth pacing_rate(const RttSnapshot&) const override { return Bandwidth::infinite(); }
  CongestionSnapshot snapshot() const override { return {}; }

  static inline AckEvent last_ack;
  static inline LossEvent last_loss;
};
constexpr CongestionControllerFactory kListener{
    "listener", [](const CongestionConfig&) -> std::unique_ptr<CongestionController> {
      return std::make_unique<Listener>();
    }};

class RecoveryEventsTest : public RecoveryTest {
 protected:
  static ConnectionConfig listening() {
    ConnectionConfig config;
    config.congestion = &kListener;
    return config;
  }
  RecoveryEventsTest() : RecoveryTest(listening()) {}
};

// What a model of the path needs to know how much of a flight was lost (draft-ietf-ccwg-bbr).
TEST_F(RecoveryEventsTest, BearTheTotalsOfWhatWasDeliveredAndLost) {
  for (int i = 0; i < 5; ++i) send_data();
  acknowledge(1, 4);
  EXPECT_EQ(Listener::last_loss.total_delivered, ByteCount(4 * 1200));
  EXPECT_EQ(Listener::last_loss.total_lost, ByteCount(1200));
  EXPECT_EQ(Listener::last_ack.total_delivered, ByteCount(4 * 1200));
  EXPECT_EQ(Listener::last_ack.total_lost, ByteCount(1200));
  EXPECT_EQ(Listener::last_ack.rate.prior_lost, ByteCount(0));
  send_data();
  acknowledge(5, 5);
  EXPECT_EQ(Listener::last_ack.total_lost, ByteCount(1200));
  EXPECT_EQ(Listener::last_ack.rate.prior_lost, ByteCount(1200));
}

}  // namespace
}  // namespace hawser
