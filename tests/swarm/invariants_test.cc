#include "tools/swarm/invariants.h"

#include <gtest/gtest.h>

namespace hawser::swarm {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr TimePoint kNow{seconds(100)};

void expect(Invariant invariant, const Finding& finding) {
  ASSERT_TRUE(finding.has_value());
  EXPECT_EQ(finding->invariant, invariant) << finding->what;
}

ConnectionInspection honest() {
  ConnectionInspection seen;
  seen.bytes_in_flight = seen.bytes_in_flight_recounted = ByteCount(5000);
  seen.congestion_window = ByteCount(5000);
  seen.datagram_size = ByteCount(1200);
  seen.begun_charge = seen.message_limit = ByteCount(900);
  seen.next_sequence = seen.sequence_limit = Sequence(7);
  seen.received_charge = seen.announced_charge = ByteCount(800);
  return seen;
}
constexpr SentSince kData{.probe_bytes = ByteCount(0), .has_sent_data = true};

TEST(InvariantsTest, AnHonestConnectionKeepsThem) {
  EXPECT_FALSE(check_inspection(honest()).has_value());
  EXPECT_FALSE(check_window(honest(), kData).has_value());
}

TEST(InvariantsTest, BytesInFlightAreThoseOfTheLog) {
  ConnectionInspection seen = honest();
  seen.bytes_in_flight_recounted = ByteCount(4999);
  expect(Invariant::in_flight, check_inspection(seen));
}

TEST(InvariantsTest, NobodyGoesBeyondTheOthersCredit) {
  ConnectionInspection seen = honest();
  seen.begun_charge = ByteCount(901);
  expect(Invariant::credit, check_inspection(seen));
  seen = honest();
  seen.next_sequence = Sequence(8);
  expect(Invariant::credit, check_inspection(seen));
  seen = honest();
  seen.received_charge = ByteCount(801);
  expect(Invariant::credit, check_inspection(seen));
}

TEST(InvariantsTest, DataKeepsToTheCongestionWindow) {
  ConnectionInspection seen = honest();
  seen.congestion_window = ByteCount(4999);
  expect(Invariant::window, check_window(seen, kData));
  EXPECT_FALSE(check_window(seen, {}).has_value()) << "a window may shrink below what flies";
  EXPECT_FALSE(
      check_window(seen, {.probe_bytes = ByteCount(1), .has_sent_data = true}).has_value());
}

EndLimits roomy() {
  EndLimits limits;
  limits.receive_window = ByteCount(700);
  limits.taken = ByteCount(100);
  limits.send_buffer = ByteCount(300);
  limits.unreliable_reassembly = ByteCount(40);
  limits.send_window = 3;
  return limits;
}

TEST(InvariantsTest, NobodyHoldsMoreThanItsConfigurationSays) {
  ConnectionInspection full = honest();  // 800 bytes are announced
  full.send_queue = ByteCount(300);
  full.unreliable_held = ByteCount(40);
  full.window_used = 3;
  EXPECT_FALSE(check_limits(full, roomy()).has_value());
  ConnectionInspection seen = full;
  seen.announced_charge = ByteCount(801);
  expect(Invariant::memory, check_limits(seen, roomy()));
  seen = full;
  seen.send_queue = ByteCount(301);
  expect(Invariant::memory, check_limits(seen, roomy()));
  EndLimits with_large = roomy();
  with_large.largest_message = ByteCount(301);
  EXPECT_FALSE(check_limits(seen, with_large).has_value()) << "one may always be queued";
  seen = full;
  seen.unreliable_held = ByteCount(41);
  expect(Invariant::memory, check_limits(seen, roomy()));
  seen = full;
  seen.window_used = 4;
  expect(Invariant::window, check_limits(seen, roomy()));
}

TEST(InvariantsTest, ASenderBelievesWhatItWasTold) {
  const ConnectionInspection sender = honest();  // believes in 900 bytes and 7 segments
  ConnectionInspection receiver = honest();
  receiver.announced_charge = ByteCount(900);
  receiver.announced_sequence = Sequence(7);
  EXPECT_FALSE(check_credit(sender, receiver).has_value());
  receiver.announced_charge = ByteCount(899);
  expect(Invariant::credit, check_credit(sender, receiver));
  receiver.announced_charge = ByteCount(900);
  receiver.announced_sequence = Sequence(6);
  expect(Invariant::credit, check_credit(sender, receiver));
}

TEST(InvariantsTest, OnePacketMayAlwaysFly) {
  ConnectionInspection seen = honest();
  seen.bytes_in_flight = ByteCount(1200);
  seen.congestion_window = ByteCount(10);
  EXPECT_FALSE(check_window(seen, kData).has_value());
}

TEST(InvariantsTest, ADeadlineIsServedAtItsInstant) {
  EXPECT_FALSE(check_timer(kNow, kNow + Duration(1)).has_value());
  expect(Invariant::timer, check_timer(kNow, kNow));
}

TEST(InvariantsTest, APoolStaysWithinItsBudget) {
  MemoryPool::Stats memory;
  memory.peak = ByteCount(100);
  EXPECT_FALSE(check_memory(memory, ByteCount(100)).has_value());
  expect(Invariant::memory, check_memory(memory, ByteCount(99)));
}

TEST(InvariantsTest, EveryDatagramIsAccountedFor) {
  netsim::LinkStats stats;
  stats.packets = 4;
  stats.duplicated = 1;
  stats.delivered = 3;
  stats.dropped_loss = 2;
  EXPECT_FALSE(check_link(stats).has_value());
  ++stats.delivered;
  expect(Invariant::link_counters, check_link(stats));
}

// ---- Endings ------------------------------------------------------------------------------------

Ending ending(CloseReason reason) {
  Ending ending;
  ending.now = kNow;
  ending.reason = reason;
  return ending;
}

TEST(InvariantsTest, NoEndingComesWithoutItsCause) {
  for (const CloseReason reason :
       {CloseReason::none, CloseReason::aborted, CloseReason::idle_timeout,
        CloseReason::handshake_timeout, CloseReason::stateless_reset, CloseReason::refused,
        CloseReason::server_full, CloseReason::out_of_memory, CloseReason::protocol_error,
        CloseReason::flow_control_error, CloseReason::integrity_error,
        CloseReason::internal_error}) {
    expect(Invariant::close_reason, check_ending(ending(reason)));
  }
}

TEST(InvariantsTest, AnIdleTimeoutTakesItsTime) {
  Ending idle = ending(CloseReason::idle_timeout);
  idle.idle_timeout = seconds(5);
  idle.last_heard = kNow - seconds(5);
  EXPECT_FALSE(check_ending(idle).has_value());
  idle.last_heard = kNow - seconds(5) + Duration(1);
  expect(Invariant::close_reason, check_ending(idle));
}

TEST(InvariantsTest, AHandshakeTimeoutTakesItsTime) {
  Ending late = ending(CloseReason::handshake_timeout);
  late.handshake_timeout = seconds(10);
  late.handshake_began = kNow - seconds(10);
  EXPECT_FALSE(check_ending(late).has_value());
  late.handshake_began = kNow - seconds(9);
  expect(Invariant::close_reason, check_ending(late));
}

TEST(InvariantsTest, CausesExcuseEndings) {
  Ending closed = ending(CloseReason::none);
  closed.an_application_closed = true;
  EXPECT_FALSE(check_ending(closed).has_value());
  Ending reset = ending(CloseReason::stateless_reset);
  reset.peer_is_gone = true;
  EXPECT_FALSE(check_ending(reset).has_value());
  Ending memory = ending(CloseReason::out_of_memory);
  memory.memory_may_end = true;
  EXPECT_FALSE(check_ending(memory).has_value());
}

// In the calm the probes have found out soon that it is calm.
TEST(InvariantsTest, ATimeoutIsNoExcuseInTheCalm) {
  Ending late = ending(CloseReason::handshake_timeout);
  late.handshake_timeout = seconds(10);
  late.handshake_began = kNow - seconds(10);
  late.calm_at = kNow - seconds(8);
  EXPECT_FALSE(check_ending(late).has_value());
  late.calm_at = kNow - seconds(9);
  expect(Invariant::liveness, check_ending(late));
  late.round_trip = seconds(3);
  EXPECT_FALSE(check_ending(late).has_value()) << "two handshakes take longer";
  late.round_trip = milliseconds(2500);
  expect(Invariant::liveness, check_ending(late));
  late.was_hindered = true;
  EXPECT_FALSE(check_ending(late).has_value());

  Ending idle = ending(CloseReason::idle_timeout);
  idle.idle_timeout = seconds(9);
  idle.last_heard = kNow - seconds(9);
  idle.calm_at = kNow - seconds(9);
  EXPECT_FALSE(check_ending(idle).has_value()) << "nothing was to be said";
  idle.has_left_work = true;
  expect(Invariant::liveness, check_ending(idle));
  idle.peer_is_gone = true;
  EXPECT_FALSE(check_ending(idle).has_value());
}

TEST(InvariantsTest, AnOrderlyCloseLosesNothing) {
  Ending closed = ending(CloseReason::none);
  closed.an_application_closed = true;
  closed.lost_with_it = 1;
  expect(Invariant::receipt, check_ending(closed));
  closed.by_peer = true;
  EXPECT_FALSE(check_ending(closed).has_value());
}

TEST(InvariantsTest, ARefusalHasItsCause) {
  EXPECT_FALSE(check_refusal({.error = {}}).has_value());
  EXPECT_FALSE(check_refusal({.error = Errc::would_block}).has_value());
  for (const Errc error :
       {Errc::connection_closing, Errc::not_enough_memory, Errc::message_too_large,
        Errc::unknown_channel, Errc::unknown_connection, Errc::too_many_connections}) {
    expect(Invariant::refusal, check_refusal({.error = error}));
  }
  EXPECT_FALSE(check_refusal({.error = Errc::connection_closing, .is_ending = true}).has_value());
  EXPECT_FALSE(
      check_refusal({.error = Errc::not_enough_memory, .was_refused_memory = true}).has_value());
  EXPECT_FALSE(check_refusal({.error = Errc::message_too_large, .is_too_large = true}).has_value());
  EXPECT_FALSE(
      check_refusal({.error = Errc::unknown_channel, .is_channel_known = false}).has_value());
}

}  // namespace
}  // namespace hawser::swarm
