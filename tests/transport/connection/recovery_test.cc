#include "transport/connection/recovery.h"

#include <vector>

#include <gtest/gtest.h>

namespace hawser {
namespace {

using namespace std::chrono_literals;

class NobodyTold final : public PacketFates {
 public:
  void on_item_acked(const PacketItem&, bool) override {}
  void on_item_lost(const PacketItem&, PacketNumber) override {}
  void on_packet_lost(PacketNumber number, const SentPacket&) override {
    lost.push_back(number.value());
  }
  ByteCount datagram_size() const override { return carried; }
  void on_go_back() override {}

  std::vector<std::uint64_t> lost;
  ByteCount carried = ByteCount::max();
};

class RecoveryTest : public ::testing::Test {
 protected:
  explicit RecoveryTest(const ConnectionConfig& config = {}) : config_(config) {}

  void send_data(ByteCount size = ByteCount(1200)) { send(size, true); }
  void send_mtu_probe() { send(ByteCount(1472), true, true); }
  void send_ack_alone() { send(ByteCount(40), false); }
  void acknowledge(std::uint64_t smallest, std::uint64_t largest,
                   const std::optional<EcnCounts>& ecn = std::nullopt) {
    now_ += 20ms;
    wire::AckFrame ack;
    ack.ranges = {.largest = PacketNumber(largest), .first_length = largest - smallest};
    ack.ecn = ecn;
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

  void send_now(ByteCount bytes, bool is_eliciting, bool is_mtu_probe = false) {
    ASSERT_TRUE(recovery_.reserve(1));
    recovery_.set_send_limit(SendLimit::congestion_window);
    const Ecn ecn = recovery_.mark(now_, is_eliciting);
    recovery_.on_sent({.sent_time = now_,
                       .bytes = bytes,
                       .is_ack_eliciting = is_eliciting,
                       .is_in_flight = is_eliciting,
                       .is_ect = ecn == Ecn::ect0,
                       .is_mtu_probe = is_mtu_probe,
                       .items = {}},
                      false);
  }

 private:
  void send(ByteCount bytes, bool is_eliciting, bool is_mtu_probe = false) {
    send_now(bytes, is_eliciting, is_mtu_probe);
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
  const ByteCount reduced = stats().congestion.ssthresh;
  EXPECT_EQ(stats().packets_lost, 1U);
  acknowledge(1, 6);
  EXPECT_EQ(stats().congestion.ssthresh, reduced);
  EXPECT_EQ(stats().spurious_losses, 0U);
}

// RFC 9002 s5.3: the peer's delay is taken off a sample, no more of it than it said it would take,
// and never below the smallest sample.
TEST_F(RecoveryTest, TakesTheAcknowledgementsDelayOffTheRoundTripTime) {
  struct Row {
    Duration latest, ack_delay, smoothed, probe_timeout;
  };
  constexpr Row kRows[] = {{60ms, 0ms, 60ms, 205ms},
                           {85ms, 25ms, 60ms, 175ms},
                           {65ms, 25ms, 60'625us, 158'125us},
                           {100ms, 40ms, 62'421'875ns, 156'171'875ns},
                           {60ms, 0ms, 62'119'140ns, 141'103'515ns}};
  recovery_.set_peer_ack_delay(25ms);
  std::uint64_t number = 0;
  for (const Row& row : kRows) {
    send_now(ByteCount(1200), true);
    now_ += row.latest;
    wire::AckFrame ack;
    ack.ranges = {.largest = PacketNumber(number++), .first_length = 0};
    ack.delay = row.ack_delay;
    ASSERT_FALSE(recovery_.on_ack(now_, ack));
    recovery_.finish_acks(now_, fates_);
    EXPECT_LE(std::chrono::abs(recovery_.rtt().smoothed - row.smoothed), 8ns) << number;
    EXPECT_LE(std::chrono::abs(recovery_.probe_timeout() - row.probe_timeout), 40ns) << number;
  }
}

// RFC 9002 s7.8: nine of ten is not the whole window, so it tells nothing of a larger one.
TEST_F(RecoveryTest, AWindowThatWasNotUsedUpDoesNotGrow) {
  for (int i = 0; i < 9; ++i) send_data();
  recovery_.set_send_limit(SendLimit::application);
  acknowledge(0, 8);
  EXPECT_EQ(window(), ByteCount(10 * 1200));
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

// RFC 9000 s9.4: what becomes of packets of the old path changes nothing on the new one.
TEST_F(RecoveryTest, LateAcknowledgementsOfTheOldPathDisproveNoLossOfTheNewOne) {
  for (int i = 0; i < 5; ++i) send_data();
  const PathValidator::Change change{.path = {}, .only_port_changed = false, .round_trip = {}};
  recovery_.on_path_change(now_, ByteCount(1200), change, fates_);
  now_ += 1ms;
  for (int i = 0; i < 5; ++i) send_data();
  acknowledge(6, 9);
  const ByteCount reduced = stats().congestion.ssthresh;
  ASSERT_LT(reduced, ByteCount::max());
  acknowledge(0, 4);
  EXPECT_EQ(stats().congestion.ssthresh, reduced);
}

// RFC 9000 s21.4.
TEST_F(RecoveryTest, WhoAcknowledgesASkippedNumberIsFoundOut) {
  SeededRandom random(1);
  for (int i = 0; i < 256; ++i) send_ack_alone();
  recovery_.skip_number_if_due(now_, random);
  EXPECT_EQ(recovery_.next_number(), PacketNumber(257));
  recovery_.skip_number_if_due(now_, random);
  EXPECT_EQ(recovery_.next_number(), PacketNumber(257)) << "one at a time";
  send_data();
  wire::AckFrame honest;
  honest.ranges = {.largest = PacketNumber(257), .first_length = 0};
  EXPECT_FALSE(recovery_.on_ack(now_, honest));
  wire::AckFrame blind;
  blind.ranges = {.largest = PacketNumber(257), .first_length = 257};
  EXPECT_EQ(recovery_.on_ack(now_, blind), Errc::malformed);
}

// ---- ECN -------------------------------------------------------------------------------------

// RFC 9002 s7.1: as a loss, but nothing is missing.
TEST_F(RecoveryTest, AReportedMarkReducesTheWindowAndLosesNothing) {
  const ByteCount before = window();
  for (int i = 0; i < 4; ++i) send_data();
  acknowledge(0, 3, EcnCounts{.ect0 = 3, .ce = 1});
  EXPECT_LT(window(), before);
  EXPECT_EQ(stats().ecn_reductions, 1U);
  EXPECT_EQ(stats().ecn_ce_reported, 1U);
  EXPECT_EQ(stats().packets_lost, 0U);
  EXPECT_TRUE(fates_.lost.empty());
}

// RFC 9002 s7.3.2: once per round trip, by the newest packet acknowledged.
TEST_F(RecoveryTest, MarksOfOneRoundTripAreAnsweredOnce) {
  for (int i = 0; i < 6; ++i) send_data();
  acknowledge(0, 1, EcnCounts{.ect0 = 1, .ce = 1});
  const ByteCount reduced = stats().congestion.ssthresh;
  acknowledge(0, 3, EcnCounts{.ect0 = 2, .ce = 2});
  acknowledge(0, 5, EcnCounts{.ect0 = 2, .ce = 4});
  EXPECT_EQ(stats().ecn_reductions, 1U);
  EXPECT_EQ(stats().congestion.ssthresh, reduced);
  for (int i = 0; i < 2; ++i) send_data();
  acknowledge(0, 7, EcnCounts{.ect0 = 3, .ce = 5});
  EXPECT_EQ(stats().ecn_reductions, 2U);
  EXPECT_LT(stats().congestion.ssthresh, reduced);
}

// RFC 9000 s13.4.2.1.
TEST_F(RecoveryTest, APathThatClearsMarksGoesWithout) {
  for (int i = 0; i < 3; ++i) send_data();
  const ByteCount before = window();
  acknowledge(0, 2);
  EXPECT_EQ(stats().ecn_state, EcnState::failed);
  EXPECT_GE(window(), before);
  EXPECT_EQ(recovery_.mark(now_, true), Ecn::not_ect);
}

TEST_F(RecoveryTest, AReportThatWasOvertakenIsNotHeldAgainstThePath) {
  for (int i = 0; i < 6; ++i) send_data();
  acknowledge(4, 5, EcnCounts{.ect0 = 2});
  acknowledge(0, 3, EcnCounts{});
  EXPECT_EQ(stats().ecn_state, EcnState::capable);
}

// RFC 9000 s13.4.2: "for each new path".
TEST_F(RecoveryTest, AnotherPathIsTestedForMarksAnew) {
  send_data();
  acknowledge(0, 0, EcnCounts{.ect0 = 1});
  EXPECT_EQ(stats().ecn_state, EcnState::capable);
  PathValidator::Change change{.path = {}, .only_port_changed = true, .round_trip = {}};
  recovery_.on_path_change(now_, ByteCount(1200), change, fates_);
  EXPECT_EQ(stats().ecn_state, EcnState::capable) << "the way is the same";
  change.only_port_changed = false;
  recovery_.on_path_change(now_, ByteCount(1200), change, fates_);
  EXPECT_EQ(stats().ecn_state, EcnState::testing);
}

// What is under way when the port changes will not be heard of.
TEST_F(RecoveryTest, AChangeOfPortInMidTestBeginsItAnew) {
  for (int i = 0; i < 11; ++i) send_data();
  EXPECT_EQ(stats().ecn_state, EcnState::unknown);
  const PathValidator::Change change{.path = {}, .only_port_changed = true, .round_trip = {}};
  recovery_.on_path_change(now_, ByteCount(1200), change, fates_);
  EXPECT_EQ(stats().ecn_state, EcnState::testing);
}

// RFC 9000 s13.4.2.2: the path may have begun to drop what is marked.
TEST_F(RecoveryTest, NothingIsMarkedAfterThreeTimeoutsInARow) {
  send_data();
  acknowledge(0, 0, EcnCounts{.ect0 = 1});
  send_data();
  // Two probes of the first, two of the second, one of the third.
  for (int probes = 0; probes < 5; ++probes) {
    EXPECT_EQ(stats().ecn_state, EcnState::capable);
    now_ = recovery_.deadline();
    recovery_.on_timeout(now_, fates_);
  }
  EXPECT_EQ(recovery_.mark(now_, true), Ecn::not_ect);
}

// ---- Sizes -----------------------------------------------------------------------------------

// RFC 9000 s14.4.
TEST_F(RecoveryTest, ALostProbeOfTheMtuIsInNoCountAndReducesNoWindow) {
  const ByteCount before = window();
  send_mtu_probe();
  for (int i = 0; i < 4; ++i) send_data();
  acknowledge(1, 4, EcnCounts{.ect0 = 4});
  EXPECT_EQ(fates_.lost, std::vector<std::uint64_t>{0});
  EXPECT_EQ(stats().packets_lost, 0U);
  EXPECT_GE(window(), before);
  acknowledge(0, 4, EcnCounts{.ect0 = 5});
  EXPECT_EQ(stats().spurious_losses, 0U);
}

TEST_F(RecoveryTest, WhatThePathDoesNotCarryIsNoSignOfCongestion) {
  const ByteCount before = window();
  for (int i = 0; i < 4; ++i) send_data(ByteCount(1472));
  for (int i = 0; i < 3; ++i) send_data();
  fates_.carried = ByteCount(1200);
  acknowledge(4, 6, EcnCounts{.ect0 = 3});
  EXPECT_EQ(stats().packets_lost, 4U);
  EXPECT_GE(window(), before);
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
  const ByteCount reduced = stats().congestion.ssthresh;
  acknowledge(0, 4);
  EXPECT_EQ(stats().congestion.ssthresh, reduced);
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
