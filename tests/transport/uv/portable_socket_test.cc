#include "transport/uv/portable_socket.h"

#include <cerrno>

#include "tests/transport/uv/scripted_kernel.h"
#include "tests/transport/uv/socket_test.h"

namespace hawser::rim {

namespace {

class PortableSocketTest : public SocketTest {
 protected:
  PortableSocket& open(std::string_view bind, RecordingListener& listener) {
    auto socket = PortableSocket::open(loop(), {.bind = address(bind)});
    EXPECT_TRUE(socket) << socket.error().message();
    EXPECT_FALSE((*socket)->start(listener));
    return keep(std::move(*socket));
  }
  static Transmit batch_to(const SocketAddress& remote, std::size_t segment_size) {
    return {.path = {.local = {}, .remote = remote}, .segment_size = segment_size, .bytes = 0};
  }
  [[nodiscard]] bool wait_for(std::size_t datagrams) {
    return run_until([&] { return receiver_events_.datagrams.size() >= datagrams; });
  }
};

TEST_F(PortableSocketTest, BatchArrivesAsItsDatagrams) {
  auto& sender = open("127.0.0.1:0", sender_events_);
  auto& receiver = open("127.0.0.1:0", receiver_events_);
  const auto bytes = pattern(40 * 1200 + 700);
  const SendResult result = sender.send(batch_to(receiver.local_address(), 1200), bytes);
  EXPECT_EQ(result.status, SendStatus::sent);
  EXPECT_EQ(result.bytes_taken, bytes.size());
  ASSERT_TRUE(wait_for(41));
  EXPECT_EQ(joined(receiver_events_), bytes);
  EXPECT_EQ(sender.counters().datagrams_sent, 41U);
  EXPECT_EQ(receiver.counters().datagrams_received, 41U);
  EXPECT_LT(receiver.counters().receive_calls, 10U) << "several datagrams per read";
  EXPECT_EQ(receiver_events_.datagrams[0].path.remote, sender.local_address());
  EXPECT_EQ(receiver_events_.datagrams[0].path.local, receiver.local_address());
}

TEST_F(PortableSocketTest, WildcardServesBothFamiliesAndDoesNotKnowItsAddress) {
  auto& receiver = open("[::]:0", receiver_events_);
  auto& four = open("127.0.0.1:0", sender_events_);
  auto& six = open("[::1]:0", sender_events_);
  SocketAddress to = address("127.0.0.1:1");
  to.port = receiver.local_address().port;
  EXPECT_EQ(four.send(batch_to(to, 4), pattern(4)).status, SendStatus::sent);
  to = address("[::1]:1");
  to.port = receiver.local_address().port;
  EXPECT_EQ(six.send(batch_to(to, 6), pattern(6)).status, SendStatus::sent);
  ASSERT_TRUE(wait_for(2));
  EXPECT_EQ(receiver_events_.datagrams[0].path.remote, four.local_address());
  EXPECT_EQ(receiver_events_.datagrams[1].path.remote, six.local_address());
  EXPECT_EQ(receiver_events_.datagrams[0].path.local, SocketAddress{});
  // And sends to both.
  EXPECT_EQ(receiver.send(batch_to(four.local_address(), 4), pattern(4)).status, SendStatus::sent);
  EXPECT_EQ(receiver.send(batch_to(six.local_address(), 6), pattern(6)).status, SendStatus::sent);
  EXPECT_TRUE(run_until([&] { return sender_events_.datagrams.size() == 2; }));
}

TEST_F(PortableSocketTest, DatagramThatWouldBlockLeavesLater) {
  auto& sender = open("127.0.0.1:0", sender_events_);
  auto& receiver = open("127.0.0.1:0", receiver_events_);
  const auto bytes = pattern(3500);
  const Transmit transmit = batch_to(receiver.local_address(), 1000);
  const ScriptedKernel kernel{ScriptedKernel::kPass, EAGAIN};

  const SendResult result = sender.send(transmit, bytes);
  EXPECT_EQ(result.status, SendStatus::blocked);
  EXPECT_EQ(result.bytes_taken, 2000U) << "libuv keeps the second datagram";
  ASSERT_TRUE(run_until([&] { return sender_events_.writable_calls > 0; }));
  const auto rest = std::span(bytes).subspan(result.bytes_taken);
  EXPECT_EQ(sender.send(transmit, rest).status, SendStatus::sent);
  ASSERT_TRUE(wait_for(4));
  EXPECT_EQ(joined(receiver_events_), bytes);
  EXPECT_EQ(sender.counters().sends_blocked, 1U);
  EXPECT_EQ(sender.counters().datagrams_sent, 4U);
}

TEST_F(PortableSocketTest, ClosingWhileADatagramWaitsTellsNobody) {
  auto& sender = open("127.0.0.1:0", sender_events_);
  const ScriptedKernel kernel{EAGAIN};
  EXPECT_EQ(sender.send(batch_to(address("127.0.0.1:9"), 10), pattern(10)).status,
            SendStatus::blocked);
  close_all();
  EXPECT_EQ(sender_events_.writable_calls, 0);
}

TEST_F(PortableSocketTest, RefusalsAreToldApartAndCounted) {
  auto& sender = open("127.0.0.1:0", sender_events_);
  const Transmit transmit = batch_to(address("127.0.0.1:9"), 1000);
  const ScriptedKernel kernel{EMSGSIZE, ScriptedKernel::kPass, ENETUNREACH};
  EXPECT_EQ(sender.send(transmit, pattern(1000)).status, SendStatus::too_large);
  const SendResult result = sender.send(transmit, pattern(2000));
  EXPECT_EQ(result.status, SendStatus::refused);
  EXPECT_EQ(result.bytes_taken, 1000U);
  EXPECT_EQ(sender.counters().sends_too_large, 1U);
  EXPECT_EQ(sender.counters().sends_refused, 1U);
}

TEST_F(PortableSocketTest, PortInUseIsTheSystemsErrorAndLeavesNothing) {
  const SocketAddress taken = open("127.0.0.1:0", sender_events_).local_address();
  const auto second = PortableSocket::open(loop(), {.bind = taken});
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error(), std::errc::address_in_use);
}

}  // namespace

}  // namespace hawser::rim
