// Many messages of every size and mode through every driver, and through drivers whose kernel
// refuses this and that: nothing lost, duplicated, out of order or corrupt.

#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <map>

#include "tests/transport/uv/scripted_kernel.h"
#include "tests/transport/uv/socket_decorator.h"
#include "tests/transport/uv/uv_endpoint_fixture.h"
#include "transport/uv/linux_socket.h"

namespace hawser::rim {

namespace {

/// Messages that tell by themselves whether they arrived whole: their number, then bytes that
/// follow from number and place. Below 8 bytes only the content is checked.
class NumberedMessages {
 public:
  static std::vector<std::uint8_t> make(std::uint64_t number, std::size_t size) {
    std::vector<std::uint8_t> bytes(size);
    for (std::size_t i = 0; i < size; ++i) bytes[i] = byte_at(size < 8 ? 0 : number, i);
    if (size >= 8) std::memcpy(bytes.data(), &number, sizeof number);
    return bytes;
  }
  /// The number of a message of at least 8 bytes.
  static std::uint64_t number_of(std::span<const std::uint8_t> bytes) {
    std::uint64_t number = 0;
    std::memcpy(&number, bytes.data(), sizeof number);
    return number;
  }
  static bool is_intact(std::span<const std::uint8_t> bytes) {
    const std::uint64_t number = bytes.size() < 8 ? 0 : number_of(bytes);
    for (std::size_t i = bytes.size() < 8 ? 0 : 8; i < bytes.size(); ++i) {
      if (bytes[i] != byte_at(number, i)) return false;
    }
    return true;
  }

 private:
  static std::uint8_t byte_at(std::uint64_t number, std::size_t place) {
    return static_cast<std::uint8_t>(number * 31 + place * 7 + (place >> 8));
  }
};

/// A server that checks what it gets, by channel.
class CheckedDeliveries {
 public:
  explicit CheckedDeliveries(Peer& server) : server_(server) {
    server.keeps_messages = false;
    server.on_event = [this](Event& event) {
      if (const auto* message = std::get_if<MessageEvent>(&event.what)) check(*message);
    };
  }
  ~CheckedDeliveries() { server_.on_event = nullptr; }
  CheckedDeliveries(const CheckedDeliveries&) = delete;
  CheckedDeliveries& operator=(const CheckedDeliveries&) = delete;
  std::size_t count(Delivery delivery) const { return counts_[static_cast<std::size_t>(delivery)]; }

 private:
  void check(const MessageEvent& message) {
    ++counts_[static_cast<std::size_t>(message.delivery)];
    const auto bytes = message.bytes.bytes();
    ASSERT_TRUE(NumberedMessages::is_intact(bytes)) << bytes.size();
    if (bytes.size() < 8) return;  // too short to tell apart; their count is checked
    const std::uint64_t number = NumberedMessages::number_of(bytes);
    ASSERT_LE(++seen_[number], 1) << "duplicate";
    if (message.delivery != Delivery::ordered) return;
    ASSERT_GT(number, newest_ordered_) << "out of order";
    newest_ordered_ = number;
  }
  Peer& server_;
  std::array<std::size_t, 3> counts_{};
  std::map<std::uint64_t, int> seen_;
  std::uint64_t newest_ordered_ = 0;
};

/// What a client sends: message by message, its size and its mode.
struct Load {
  std::uint64_t count;
  std::size_t (*size_of)(std::uint64_t number) = [](std::uint64_t) -> std::size_t { return 1000; };
  Delivery (*mode_of)(std::uint64_t number) = [](std::uint64_t) { return Delivery::ordered; };
};

/// Sends a load as fast as the endpoint takes it; the channel is the mode's number.
class LoadSender {
 public:
  LoadSender(Peer& client, ConnectionHandle handle, const Load& load)
      : client_(client), load_(load), handle_(handle) {
    client.on_event = [this](Event& event) {
      if (std::holds_alternative<WritableEvent>(event.what)) send_more();
    };
    send_more();
  }
  ~LoadSender() { client_.on_event = nullptr; }
  LoadSender(const LoadSender&) = delete;
  LoadSender& operator=(const LoadSender&) = delete;
  /// Every message has its receipt.
  bool is_done() const {
    return next_ > load_.count && client_.receipt_events.size() == load_.count;
  }

 private:
  void send_more() {
    for (; next_ <= load_.count; ++next_) {
      const Delivery mode = load_.mode_of(next_);
      const auto bytes = NumberedMessages::make(next_, load_.size_of(next_));
      const SendOptions options{.channel = static_cast<ChannelId>(mode), .delivery = mode};
      const auto sent = client_.endpoint->send(handle_, bytes, options);
      if (sent) continue;
      ASSERT_EQ(sent.error(), Errc::would_block) << sent.error().message();
      return;
    }
  }
  Peer& client_;
  Load load_;
  ConnectionHandle handle_;
  std::uint64_t next_ = 1;
};

class TransferTest : public UvEndpointTest {
 protected:
  /// So long that most datagrams are full.
  static std::size_t long_message(std::uint64_t) { return 20'000; }
  /// Connects, and waits for it.
  ConnectionHandle connect(Peer& client, const Peer& server, const ConnectionConfig& config = {}) {
    const ConnectionHandle handle = client.connect(server.endpoint->local_address(), config);
    EXPECT_TRUE(run_until([&] { return !client.connected.empty(); }));
    return handle;
  }
  /// All receipts and all deliveries of a load of ordered messages.
  void expect_delivery_of_all(Peer& client, ConnectionHandle handle, Peer& server,
                              const Load& load) {
    const CheckedDeliveries deliveries(server);
    const LoadSender sender(client, handle, load);
    ASSERT_TRUE(run_until([&] { return sender.is_done(); }));
    EXPECT_EQ(client.receipts(Outcome::delivered), load.count);
    EXPECT_TRUE(run_until([&] { return deliveries.count(Delivery::ordered) == load.count; }));
  }
};

INSTANTIATE_TEST_SUITE_P(Drivers, TransferTest,
                         ::testing::Values(UvDriver::linux_batched, UvDriver::portable),
                         driver_name);

TEST_P(TransferTest, DeliversTenThousandMessagesOfEverySizeAndMode) {
  Load load{.count = 10'000};
  // Mostly small; some that fill several datagrams; ten of 1 MiB.
  load.size_of = [](std::uint64_t number) -> std::size_t {
    if (number % 1000 == 0) return std::size_t{1} << 20;
    if (number % 100 == 0) return 65'536;
    return number % 10 == 0 ? number % 5'003 : number % 97;
  };
  load.mode_of = [](std::uint64_t number) { return static_cast<Delivery>(number / 7 % 3); };
  std::array<std::size_t, 3> sent{};
  for (std::uint64_t i = 1; i <= load.count; ++i) ++sent[static_cast<std::size_t>(load.mode_of(i))];

  Peer& server = make_server();
  Peer& client = make_client();
  const CheckedDeliveries deliveries(server);
  const LoadSender sender(client, client.connect(server.endpoint->local_address()), load);
  ASSERT_TRUE(run_until([&] { return sender.is_done(); }));

  EXPECT_TRUE(run_until([&] { return deliveries.count(Delivery::ordered) == sent[0]; }));
  EXPECT_TRUE(run_until([&] { return deliveries.count(Delivery::unordered) == sent[1]; }));
  EXPECT_LE(deliveries.count(Delivery::unreliable), sent[2]);
  EXPECT_GE(deliveries.count(Delivery::unreliable) + client.receipts(Outcome::lost), sent[2]);
  EXPECT_EQ(client.receipts(Outcome::connection_lost), 0U);
}

// ---- A kernel that refuses ------------------------------------------------------------------

TEST_P(TransferTest, BlockedSendsGoOnWhereTheyStopped) {
  Peer& server = make_server();
  Peer& client = make_client();
  const auto handle = connect(client, server);
  const ScriptedKernel kernel{EAGAIN, ScriptedKernel::kTakeOne, EAGAIN,
                              EAGAIN, ScriptedKernel::kPass,    EAGAIN};
  expect_delivery_of_all(client, handle, server, {.count = 500, .size_of = long_message});
  EXPECT_TRUE(kernel.is_done());
}

TEST_P(TransferTest, RefusedSendsAreRepairedByTheProtocol) {
  Peer& server = make_server();
  Peer& client = make_client();
  const auto handle = connect(client, server);
  const ScriptedKernel kernel{ENETUNREACH,           EPERM,       ScriptedKernel::kPass, ENOBUFS,
                              ScriptedKernel::kPass, EHOSTUNREACH};
  expect_delivery_of_all(client, handle, server, {.count = 200});
  EXPECT_TRUE(kernel.is_done());
}

/// In mid-transfer the way out shrinks from 1472 to 1252 bytes, and the host knows it or not.
class NarrowingPath {
 public:
  NarrowingPath(SocketDecorator& socket, const Peer& client) {
    socket.verdict = [this](const Transmit& transmit) {
      if (transmit.segment_size <= limit_) return SendStatus::sent;
      ++refusals;
      return SendStatus::too_large;
    };
    socket.on_sent = [this, &client](const Transmit& transmit, std::size_t) {
      auto& largest = limit_ == kWide ? largest_before : largest_after;
      largest = std::max(largest, transmit.segment_size);
      if (client.receipt_events.size() > 200) limit_ = kNarrow;
    };
  }
  static constexpr std::size_t kWide = 1472;
  static constexpr std::size_t kNarrow = 1252;
  int refusals = 0;
  std::size_t largest_before = 0;
  std::size_t largest_after = 0;

 private:
  std::size_t limit_ = kWide;
};

TEST_P(TransferTest, DatagramSizeFollowsWhatTheWayOutCarries) {
  for (const bool is_known : {true, false}) {
    Peer& server = make_server();
    SocketDecorator* socket = nullptr;
    Peer& client = make(bound_to("127.0.0.1:0"), decorated(parts(), socket));
    const NarrowingPath path(*socket, client);
    if (is_known) socket->limit = ByteCount::of(NarrowingPath::kNarrow);
    ConnectionConfig config;
    config.datagram_size = ByteCount::of(NarrowingPath::kWide);
    const auto handle = connect(client, server, config);
    expect_delivery_of_all(client, handle, server, {.count = 1000, .size_of = long_message});
    EXPECT_EQ(path.largest_before, NarrowingPath::kWide);
    EXPECT_EQ(path.largest_after, is_known ? NarrowingPath::kNarrow : 1200U);
    EXPECT_EQ(path.refusals, is_known ? 1 : 2);
    close_peers();
  }
}

class LinuxTransferTest : public TransferTest {};
INSTANTIATE_TEST_SUITE_P(Drivers, LinuxTransferTest, ::testing::Values(UvDriver::linux_batched),
                         driver_name);

TEST_P(LinuxTransferTest, KernelsOwnEmsgsizeShrinksTheDatagrams) {
  Peer& server = make_server("[::1]:0");
  SocketDecorator* socket = nullptr;
  Peer& client = make(bound_to("[::1]:0"), decorated(parts(), socket));
  auto& real = static_cast<LinuxSocket&>(socket->inner());
  bool is_narrow = false;
  std::size_t largest_after = 0;
  socket->on_sent = [&](const Transmit& transmit, std::size_t) {
    if (is_narrow) largest_after = std::max(largest_after, transmit.segment_size);
    if (is_narrow || client.receipt_events.size() < 200) return;
    // 1280 bytes of IPv6 carry 1232 of UDP payload (RFC 8200 s5).
    const int mtu = 1280;
    EXPECT_EQ(setsockopt(real.descriptor(), IPPROTO_IPV6, IPV6_MTU, &mtu, sizeof mtu), 0);
    is_narrow = true;
  };
  ConnectionConfig config;
  config.datagram_size = ByteCount(1452);
  const auto handle = connect(client, server, config);
  expect_delivery_of_all(client, handle, server, {.count = 1000, .size_of = long_message});
  EXPECT_GE(real.counters().sends_too_large, 1U);
  EXPECT_LE(real.counters().sends_too_large, 3U);
  EXPECT_GE(client.endpoint->socket_stats().datagrams_dropped, 1U);
  EXPECT_GT(largest_after, 0U);
  EXPECT_LE(largest_after, 1232U);
  EXPECT_TRUE(real.has_segmentation_offload());
  close_peers();
}

TEST_P(LinuxTransferTest, DeliversWithoutTheKernelsOffloads) {
  for (const bool is_segmented : {false, true}) {
    for (const bool is_joined : {false, true}) {
      DriverParts limited = parts();
      limited.open_socket = [&, open = parts().open_socket](uv_loop_t* loop,
                                                            SocketOptions options) {
        options.segmentation_offload = is_segmented;
        options.receive_offload = is_joined;
        return open(loop, options);
      };
      Peer& server = make(serving("127.0.0.1:0"), limited);
      Peer& client = make(bound_to("127.0.0.1:0"), limited);
      expect_delivery_of_all(client, connect(client, server), server, {.count = 1000});
    }
  }
}

TEST_P(LinuxTransferTest, BatchesShareSystemCalls) {
  Peer& server = make_server();
  SocketDecorator* socket = nullptr;
  Peer& client = make(bound_to("127.0.0.1:0"), decorated(parts(), socket));
  expect_delivery_of_all(client, connect(client, server), server,
                         {.count = 1000, .size_of = long_message});
  EXPECT_LT(socket->counters().send_calls * 4, socket->counters().datagrams_sent);
}

TEST_P(LinuxTransferTest, DatagramsThatAreNotFullShareSystemCallsToo) {
  Peer& server = make_server();
  SocketDecorator* socket = nullptr;
  Peer& client = make(bound_to("127.0.0.1:0"), decorated(parts(), socket));
  // Five of these fit a datagram and leave some of it empty.
  const auto size_of = [](std::uint64_t) -> std::size_t { return 200; };
  std::size_t largest_batch = 0;
  ConnectionConfig config;
  config.path_mtu_search = false;
  const auto handle = connect(client, server, config);
  socket->on_sent = [&](const Transmit& transmit, std::size_t bytes) {
    EXPECT_LT(transmit.segment_size, 1200U);
    EXPECT_LE(transmit.bytes, kBatchBytesMax);
    largest_batch = std::max(largest_batch, bytes / transmit.segment_size);
  };
  expect_delivery_of_all(client, handle, server, {.count = 50'000, .size_of = size_of});
  EXPECT_GT(largest_batch, 16U);
  EXPECT_LE(largest_batch, 64U);
  EXPECT_LT(socket->counters().send_calls * 4, socket->counters().datagrams_sent);
  close_peers();
}

// ---- What the path is found to be --------------------------------------------------------------

// The loopback keeps the bits of the IP header; libuv neither sets nor tells them.
TEST_P(TransferTest, MarksArriveWhereTheDriverHasThem) {
  Peer& server = make_server();
  Peer& client = make_client();
  const auto handle = connect(client, server);
  expect_delivery_of_all(client, handle, server, {.count = 200, .size_of = long_message});
  const bool has_ecn = GetParam() == UvDriver::linux_batched;
  const ConnectionStats stats = *client.endpoint->stats(handle);
  EXPECT_EQ(stats.ecn_state, has_ecn ? EcnState::capable : EcnState::off);
  EXPECT_EQ(stats.ecn_ce_reported, 0U);
  EXPECT_EQ(stats.datagram_size, ByteCount(1472)) << "the loopback carries more";
  close_peers();
}

TEST_P(LinuxTransferTest, AProbeOfTheMtuSharesNoSend) {
  Peer& server = make_server();
  SocketDecorator* socket = nullptr;
  Peer& client = make(bound_to("127.0.0.1:0"), decorated(parts(), socket));
  const auto handle = connect(client, server);
  int probes = 0;
  socket->on_sent = [&](const Transmit& transmit, std::size_t bytes) {
    if (!transmit.is_mtu_probe) return;
    ++probes;
    EXPECT_EQ(bytes, 1472U);
  };
  expect_delivery_of_all(client, handle, server, {.count = 500, .size_of = long_message});
  EXPECT_EQ(probes, 1);
  close_peers();
}

// ---- The trace ------------------------------------------------------------------------------

/// Counts what a trace tells, and keeps the states.
class CountingSink final : public TraceSink {
 public:
  void on_event(TimePoint now, ConnectionHandle, const TraceEvent& event) override {
    EXPECT_GE(now, newest_);
    newest_ = now;
    if (const auto* state = std::get_if<StateTrace>(&event)) states.emplace_back(state->state);
    if (std::holds_alternative<PacketSentTrace>(event)) ++sent;
    if (std::holds_alternative<PacketReceivedTrace>(event)) ++received;
    if (std::holds_alternative<MetricsTrace>(event)) ++metrics;
  }
  std::vector<std::string> states;
  std::uint64_t sent = 0;
  std::uint64_t received = 0;
  std::uint64_t metrics = 0;

 private:
  TimePoint newest_;
};

TEST_P(TransferTest, TraceTellsWhatTheSocketsCarried) {
  CountingSink client_trace;
  CountingSink server_trace;
  UvEndpointConfig config = serving("127.0.0.1:0");
  config.endpoint.trace = &server_trace;
  Peer& server = make(config, parts());
  config = bound_to("127.0.0.1:0");
  config.endpoint.trace = &client_trace;
  SocketDecorator* socket = nullptr;
  Peer& client = make(config, decorated(parts(), socket));
  const auto handle = connect(client, server);
  expect_delivery_of_all(client, handle, server, {.count = 1000});
  EXPECT_FALSE(client.endpoint->close(handle));
  ASSERT_TRUE(run_until([&] { return !client.close_reasons.empty(); }));

  EXPECT_EQ(client_trace.states.front(), "handshaking");
  EXPECT_NE(std::ranges::find(client_trace.states, "established"), client_trace.states.end());
  EXPECT_NE(std::ranges::find(server_trace.states, "established"), server_trace.states.end());
  EXPECT_EQ(client_trace.states.back(), "closing");
  EXPECT_GT(client_trace.metrics, 0U);
  // One packet per datagram; RETRY belongs to no connection, and loopback loses nothing here.
  EXPECT_LE(socket->counters().datagrams_sent - client_trace.sent, 2U);
  EXPECT_LE(socket->counters().datagrams_received - client_trace.received, 2U);
  EXPECT_GE(client_trace.sent, server_trace.received);
  close_peers();
}

// ---- Deadlines ------------------------------------------------------------------------------

/// A timer of the seam that keeps what it was asked for.
class RecordingTimer final : public DeadlineTimer {
 public:
  RecordingTimer(std::unique_ptr<DeadlineTimer> inner, std::vector<TimePoint>& deadlines)
      : inner_(std::move(inner)), deadlines_(deadlines) {}
  void arm(TimePoint deadline) override {
    deadlines_.push_back(deadline);
    inner_->arm(deadline);
  }
  void close(CloseBarrier& barrier) override { inner_->close(barrier); }

 private:
  std::unique_ptr<DeadlineTimer> inner_;
  std::vector<TimePoint>& deadlines_;
};

TEST_P(TransferTest, TimerIsArmedBelowTheMillisecondAndSeldom) {
  std::vector<TimePoint> deadlines;
  DriverParts recorded = parts();
  recorded.make_timer =
      [make_timer = parts().make_timer, &deadlines](
          uv_loop_t* loop, std::function<void()> on_due) -> Result<std::unique_ptr<DeadlineTimer>> {
    auto inner = make_timer(loop, std::move(on_due));
    return std::unique_ptr<DeadlineTimer>(
        std::make_unique<RecordingTimer>(std::move(*inner), deadlines));
  };
  Peer& server = make_server();
  SocketDecorator* socket = nullptr;
  Peer& client = make(bound_to("127.0.0.1:0"), decorated(recorded, socket));
  expect_delivery_of_all(client, connect(client, server), server, {.count = 2000});
  ASSERT_FALSE(deadlines.empty());
  const auto is_whole = [](TimePoint deadline) {
    return deadline.time_since_epoch() % std::chrono::milliseconds(1) == Duration::zero();
  };
  EXPECT_FALSE(std::all_of(deadlines.begin(), deadlines.end(), is_whole));
  EXPECT_LT(deadlines.size(), socket->counters().datagrams_sent)
      << "a deadline that moves on costs no call";
  close_peers();
}

}  // namespace

}  // namespace hawser::rim
