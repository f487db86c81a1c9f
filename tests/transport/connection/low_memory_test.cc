// The shedding order (ARCHITECTURE, Memory): no peer's beginnings exhaust the pool that all
// connections of an endpoint share.

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/endpoint_pair.h"
#include "transport/connection/outbound_message.h"
#include "transport/endpoint/endpoint_inspector.h"

namespace hawser {
namespace {

using namespace std::chrono_literals;
using testing::bytes_of;
using testing::Fate;
using testing::Flight;
using testing::Host;

constexpr ByteCount kBudget{16 << 20};
constexpr ByteCount kMark = kBudget - kBudget / 4;
/// What one connection takes beside its messages, with room to spare.
constexpr ByteCount kConnectionMemory{16 << 10};
/// Takes a block of 1 MiB.
constexpr std::size_t kLarge = (1 << 20) - 200;
constexpr std::size_t kSmall = 100'000;

EndpointConfig small_server() {
  EndpointConfig config = testing::EndpointPair::accepting();
  config.memory_budget = kBudget;
  return config;
}

/// One connection of the client is the bystander, the others are those that make memory short.
class LowMemoryTest : public ::testing::Test, protected testing::EndpointPair {
 protected:
  explicit LowMemoryTest(const ConnectionConfig& bystander = {})
      : EndpointPair({}, small_server()) {
    script = [this](Flight& flight, const Host& from) { return fate_of(flight, from); };
    bystander_ = connect_both(bystander).first;
    EXPECT_TRUE(send_large(bystander_, kSmall));
    run_until_idle();
    take(1ms);
    received_.clear();
  }
  bool send_large(ConnectionHandle handle, std::size_t size, const SendOptions& options = {}) {
    return static_cast<bool>(send(handle, std::string(size, 'x'), options));
  }
  /// Connections that each begin a message and get two datagrams of it through, and no more while
  /// `is_limited_`.
  void begin_messages(int count, std::size_t size, const SendOptions& options = {}) {
    is_limited_ = false;
    std::vector<ConnectionHandle> handles;
    for (int i = 0; i < count; ++i) handles.push_back(connect());
    run_for(100ms);
    is_limited_ = true;
    for (const ConnectionHandle handle : handles) EXPECT_TRUE(send_large(handle, size, options));
    run_for(500ms);
    others_.insert(others_.end(), handles.begin(), handles.end());
  }
  ByteCount in_use() { return server().stats().memory.in_use; }
  std::uint64_t dropped() {
    std::uint64_t sum = 0;
    for (const ConnectionHandle handle : accepted_) {
      if (const auto stats = server().stats(handle)) sum += stats->low_memory_dropped;
    }
    return sum;
  }
  /// The server's application takes what comes, and lets go of it.
  void take(Duration duration) {
    for (const TimePoint end = now() + duration; now() < end;) {
      run_for(std::min<Duration>(end - now(), 50ms));
      for (const Event& event : server_host().events) {
        if (std::holds_alternative<ConnectedEvent>(event.what)) {
          accepted_.push_back(event.connection);
        }
      }
      for (const MessageEvent* message : server_host().all<MessageEvent>()) {
        ++received_[message->bytes.size()];
      }
      closed_ += server_host().count<ClosedEvent>() + client_host().count<ClosedEvent>();
      server_host().events.clear();
      client_host().events.clear();
    }
  }

  ConnectionHandle bystander_ = ConnectionHandle::none;
  std::vector<ConnectionHandle> others_;
  std::vector<ConnectionHandle> accepted_;
  std::map<std::size_t, int> received_;  // messages by size
  std::size_t closed_ = 0;
  bool is_limited_ = false;
  bool is_bystander_limited_ = false;

  /// The script, but where a test has its own.
  Fate fate_of(const Flight& flight, const Host& from) {
    const bool is_large = flight.bytes.size() > 1000 && (flight.bytes[0] & 0x80) == 0;
    if (&from != &client_host() || !is_large) return Fate::deliver;
    Id id{};
    std::copy_n(flight.bytes.begin() + 1, id.size(), id.begin());
    if (!bystander_id_) bystander_id_ = id;  // it is the first to send
    if (!(id == *bystander_id_ ? is_bystander_limited_ : is_limited_)) return Fate::deliver;
    return ++passed_[id] <= 2 ? Fate::deliver : Fate::drop;
  }

 private:
  using Id = std::array<std::uint8_t, 8>;  // where a data packet goes
  std::optional<Id> bystander_id_;
  std::map<Id, int> passed_;  // datagrams, by the server's id
};

TEST_F(LowMemoryTest, ConnectionsThatBeginLargeMessagesHarmNoOther) {
  begin_messages(20, kLarge);
  EXPECT_GT(in_use(), kBudget / 2);
  EXPECT_LE(in_use(), kMark + kConnectionMemory * 21);
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(send_large(bystander_, kSmall));
  take(2s);
  EXPECT_EQ(received_[kSmall], 10);
  EXPECT_GT(dropped(), 0U);
  is_limited_ = false;
  take(15s);
  EXPECT_EQ(received_[kLarge], 20);
  EXPECT_EQ(closed_, 0U);
}

TEST_F(LowMemoryTest, AMessageBegunBeforeMemoryRanShortCompletes) {
  is_bystander_limited_ = true;
  ASSERT_TRUE(send_large(bystander_, kLarge));
  run_for(100ms);
  begin_messages(20, kLarge);
  is_bystander_limited_ = false;
  const ByteCount before = in_use();
  run_for(5s);
  EXPECT_EQ(server_host().count<MessageEvent>(), 1U);
  EXPECT_EQ(server_host().count<ClosedEvent>() + client_host().count<ClosedEvent>(), 0U);
  EXPECT_GT(in_use(), before - ByteCount(64 << 10));
}

/// The bystander's window is always the same, and small.
class LowMemoryFixedWindowTest : public LowMemoryTest {
 protected:
  LowMemoryFixedWindowTest() : LowMemoryTest(fixed_window()) {}
  static ConnectionConfig fixed_window() {
    ConnectionConfig config;
    config.congestion = find_congestion_controller("fixed");
    config.congestion_config.fixed_window_packets = 8;
    return config;
  }
};

// Segments of the message that must wait would fill the window, lost again and again, while what
// the other one lacks waits behind them.
TEST_F(LowMemoryFixedWindowTest, WhatMustWaitDoesNotHoldUpWhatWasBegun) {
  is_bystander_limited_ = true;
  ASSERT_TRUE(send_large(bystander_, kLarge));
  run_for(100ms);
  begin_messages(20, kLarge);
  ASSERT_TRUE(send_large(bystander_, kLarge, {.channel = ChannelId{1}}));
  is_bystander_limited_ = false;
  run_for(15s);
  EXPECT_EQ(server_host().count<MessageEvent>(), 1U);
  EXPECT_EQ(server_host().count<ClosedEvent>() + client_host().count<ClosedEvent>(), 0U);
}

TEST_F(LowMemoryTest, UnreliableMessagesWithLostPartsDoNotKeepTheirMemory) {
  begin_messages(20, kLarge, {.delivery = Delivery::unreliable});
  ASSERT_GT(in_use(), kMark - ByteCount(1 << 20));
  ASSERT_TRUE(send_large(bystander_, kLarge));
  take(10s);
  EXPECT_GT(dropped(), 0U) << "it had to wait";
  EXPECT_EQ(received_[kLarge], 1);
  EXPECT_LT(in_use(), kConnectionMemory * 21);
}

TEST_F(LowMemoryTest, SmallOrderedMessagesNeverWaitBelowTheMark) {
  begin_messages(10, kLarge);
  ASSERT_GT(in_use(), kBudget / 2);
  for (int i = 0; i < 1000; ++i) ASSERT_TRUE(send_large(bystander_, 100));
  take(2s);
  EXPECT_EQ(received_[100], 1000);
  EXPECT_EQ(dropped(), 0U);
}

TEST_F(LowMemoryTest, AMessageThatCannotBeginWaitsUntilItCan) {
  begin_messages(20, kLarge);
  begin_messages(20, kSmall);
  begin_messages(20, 4000);
  ASSERT_TRUE(send_large(bystander_, kSmall));
  take(20s);
  EXPECT_EQ(received_[kSmall], 0);
  EXPECT_LE(in_use(), kMark + kConnectionMemory * 61);
  EXPECT_EQ(closed_, 0U);
  is_limited_ = false;
  for (const ConnectionHandle other : others_) EXPECT_FALSE(client().abort(other));
  take(20s);
  EXPECT_EQ(received_[kSmall], 1);
}

// With more, the peer could fill its send window with segments for which there is no memory, while
// those that would free some wait behind them.
TEST_F(LowMemoryTest, OneConnectionIsGrantedHalfOfTheBudget) {
  client_host().config.memory_budget = kBudget / 2;
  client_host().start(3);
  const auto [opened, accepted] = connect_both();
  const auto at_client = EndpointInspector::inspect(client(), opened);
  const auto at_server = EndpointInspector::inspect(server(), accepted);
  ASSERT_TRUE(at_client && at_server);
  EXPECT_EQ(at_client->announced_charge, kBudget / 4);
  EXPECT_EQ(at_server->announced_charge, kBudget / 2);
}

TEST_F(LowMemoryTest, AMessageLargerThanHalfOfTheBudgetIsRefused) {
  const std::size_t half = (kBudget / 2 - kMessageOverhead).size();
  EXPECT_EQ(send(bystander_, std::string(half + 1, 'x')).error(), Errc::message_too_large);
  EXPECT_TRUE(send_large(bystander_, half));
  run_for(5s);
  EXPECT_EQ(server_host().count<MessageEvent>(), 1U);
}

// Whatever shares its packets: none leaves the client after the first that had to wait.
TEST_F(LowMemoryTest, AMessageCompletesByAPacketThatBeginsAnother) {
  for (int i = 0; i < 12; ++i) ASSERT_TRUE(send_large(bystander_, kLarge));
  script = [this](Flight&, const Host& from) {
    return &from == &client_host() && dropped() > 0 ? Fate::drop : Fate::deliver;
  };
  run_for(5s);
  EXPECT_GT(dropped(), 0U);
  EXPECT_EQ(server_host().count<MessageEvent>(), 11U);
}

// Else a peer that always has something to begin could free no memory of ours.
TEST_F(LowMemoryTest, PacketsThatMustWaitStillAcknowledge) {
  begin_messages(20, kLarge);
  begin_messages(20, kSmall);
  flush();
  testing::Bytes from_server;
  script = [&](Flight& flight, const Host& from) {
    if (&from == &client_host()) return fate_of(flight, from);
    if (from_server.empty()) from_server = flight.bytes;
    return Fate::drop;
  };
  ASSERT_TRUE(server().send(accepted_.front(), bytes_of("x")));
  flush();
  // The acknowledgement leaves with the beginning of a message.
  ASSERT_TRUE(send_large(bystander_, kSmall));
  inject(client_host(), server_host().address, from_server);
  run_for(100ms);
  EXPECT_EQ(client_host().count<MessageEvent>(), 1U);
  EXPECT_EQ(server_host().count<MessageEvent>(), 0U);
  EXPECT_EQ(server_host().count<ReceiptEvent>(), 1U);
}

// What fills the pool may be messages to that very peer.
TEST_F(LowMemoryTest, APeerWhosePacketsMustWaitIsFoundBehindANewAddress) {
  begin_messages(20, kLarge);
  begin_messages(20, kSmall);
  begin_messages(20, 4000);
  client_host().address = SocketAddress::ipv4({198, 51, 100, 9}, 5555);
  ASSERT_TRUE(send_large(bystander_, kSmall));
  run_for(5s);
  EXPECT_GT(dropped(), 0U);
  EXPECT_EQ(server_host().count<MessageEvent>(), 0U);
  const bool is_found = std::ranges::any_of(server_host().events, [this](const Event& event) {
    return event.connection == accepted_.front() &&
           std::holds_alternative<PathChangedEvent>(event.what);
  });
  EXPECT_TRUE(is_found);
}

// One packet holds the end of a message and the beginning of the next, which must wait. Longer
// than the idle timeout: both sides must see that the other is there.
TEST_F(LowMemoryTest, WhatTheApplicationHoldsDelaysTheRestAndLosesNothing) {
  for (int i = 0; i < 14; ++i) ASSERT_TRUE(send_large(bystander_, kLarge));
  run_for(45s);
  EXPECT_EQ(server_host().count<MessageEvent>(), 11U);
  EXPECT_EQ(server_host().count<ClosedEvent>() + client_host().count<ClosedEvent>(), 0U);
  take(10s);
  EXPECT_EQ(received_[kLarge], 14);
  EXPECT_EQ(client_host().count<ClosedEvent>() + closed_, 0U);
}

// A timer for what pacing allows already would stand at the present time for ever.
TEST(LowMemoryPacingTest, APacedSegmentThatFindsNoMemoryWakesNobodyAtOnce) {
  testing::EndpointPair pair;
  int survivors = 0;
  for (std::uint64_t nth = 1; nth <= 40; ++nth) {
    const ConnectionHandle handle = pair.connect_both().first;
    ASSERT_TRUE(pair.send(handle, std::string(200'000, 'x')));
    const std::uint64_t refusals = pair.client().stats().memory.refusals;
    pair.client().pool().refuse_nth(nth);
    (void)pair.run_until([&] {
      EXPECT_GT(pair.client().next_timeout(), pair.now()) << "request " << nth;
      return pair.client_host().count<ReceiptEvent>() > 0;
    });
    const bool was_refused = pair.client().stats().memory.refusals > refusals;
    if (was_refused && pair.client_host().count<ClosedEvent>() == 0) ++survivors;
    pair.client().pool().refuse_nth(0);
    (void)pair.client().abort(handle);
    pair.run_for(10s);
    pair.client_host().events.clear();
    pair.server_host().events.clear();
  }
  EXPECT_GT(survivors, 0);
}

// With nothing under way no acknowledgement comes that would ask for the segment again.
TEST(LowMemorySegmentTest, ASegmentThatFindsNoMemoryWaitsForNothing) {
  testing::EndpointPair pair;
  std::uint64_t refusals = 0;
  for (std::uint64_t nth = 1; nth <= 8; ++nth) {
    const ConnectionHandle handle = pair.connect_both().first;
    ASSERT_TRUE(pair.client().send(handle, bytes_of("x"), {}).has_value());
    pair.client().pool().refuse_nth(nth);
    pair.run_for(1s);
    pair.flush();  // takes what a transmission that came to nothing left behind
    pair.client().pool().refuse_nth(0);
    refusals = pair.client().stats().memory.refusals;
    EXPECT_EQ(pair.client_host().count<ReceiptEvent>(), 1U) << "request " << nth;
    if (const auto* closed = pair.client_host().last<ClosedEvent>()) {
      EXPECT_EQ(closed->reason, CloseReason::out_of_memory);
    }
    (void)pair.client().abort(handle);
    pair.run_for(10s);
    pair.client_host().events.clear();
    pair.server_host().events.clear();
  }
  EXPECT_GT(refusals, 3U);
}

}  // namespace
}  // namespace hawser
