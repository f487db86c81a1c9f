#include "transport/uv/linux_socket.h"

#include <netinet/in.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <tuple>
#include <utility>

#include "tests/transport/uv/scripted_kernel.h"
#include "tests/transport/uv/socket_test.h"
#include "transport/uv/path_mtu.h"

namespace hawser::rim {

namespace {

using Family = SocketAddress::Family;

class LinuxSocketTest : public SocketTest {
 protected:
  LinuxSocket& open(SocketOptions options, RecordingListener& listener) {
    auto socket = LinuxSocket::open(loop(), options);
    EXPECT_TRUE(socket) << socket.error().message();
    EXPECT_FALSE((*socket)->start(listener));
    return keep(std::move(*socket));
  }
  LinuxSocket& open_sender(std::string_view bind) {
    return open({.bind = address(bind)}, sender_events_);
  }
  LinuxSocket& open_receiver(std::string_view bind) {
    return open({.bind = address(bind)}, receiver_events_);
  }
  static Transmit batch_to(const SocketAddress& remote, std::size_t segment_size) {
    return {.path = {.local = {}, .remote = remote}, .segment_size = segment_size, .bytes = 0};
  }
  [[nodiscard]] bool wait_for(std::size_t datagrams) {
    return run_until([&] { return receiver_events_.datagrams.size() >= datagrams; });
  }
};

/// Every combination of what the kernel can do: segmented sends, joined reads.
class LinuxSocketOffloadTest : public LinuxSocketTest,
                               public ::testing::WithParamInterface<std::tuple<bool, bool>> {};

TEST_P(LinuxSocketOffloadTest, BatchArrivesAsItsDatagrams) {
  const auto [is_segmented, is_joined] = GetParam();
  auto& sender =
      open({.bind = address("127.0.0.1:0"), .segmentation_offload = is_segmented}, sender_events_);
  auto& receiver =
      open({.bind = address("127.0.0.1:0"), .receive_offload = is_joined}, receiver_events_);
  const auto bytes = pattern(40 * 1200 + 700);

  const SendResult result = sender.send(batch_to(receiver.local_address(), 1200), bytes);

  EXPECT_EQ(result.status, SendStatus::sent);
  EXPECT_EQ(result.bytes_taken, bytes.size());
  ASSERT_TRUE(wait_for(41));
  EXPECT_EQ(joined(receiver_events_), bytes);
  std::vector<std::size_t> expected(40, 1200);
  expected.push_back(700);
  EXPECT_EQ(sizes(receiver_events_), expected);
  EXPECT_EQ(sender.counters().datagrams_sent, 41U);
  EXPECT_EQ(receiver.counters().datagrams_received, 41U);
  EXPECT_EQ(sender.counters().send_calls, 1U) << "one sendmsg or one sendmmsg";
  EXPECT_EQ(receiver_events_.reads == 1, is_segmented && is_joined);
}

INSTANTIATE_TEST_SUITE_P(Kernels, LinuxSocketOffloadTest,
                         ::testing::Combine(::testing::Bool(), ::testing::Bool()));

TEST_F(LinuxSocketTest, KernelOfTheseTestsHasBothOffloads) {
  // Linux 4.18 and 5.0; if this fails the tests of the fast path above prove nothing.
  const auto& socket = open_sender("127.0.0.1:0");
  EXPECT_TRUE(socket.has_segmentation_offload());
  EXPECT_TRUE(socket.has_receive_offload());
}

TEST_F(LinuxSocketTest, EmptyDatagramIsHandedUp) {
  // Nothing of ours sends one; a stranger may.
  auto& receiver = open_receiver("127.0.0.1:0");
  const int stranger = ::socket(AF_INET, SOCK_DGRAM, 0);
  const SystemAddress to = to_system(receiver.local_address(), Family::ipv4);
  EXPECT_EQ(sendto(stranger, nullptr, 0, 0, to.get(), to.size), 0);
  ::close(stranger);
  ASSERT_TRUE(wait_for(1));
  EXPECT_EQ(sizes(receiver_events_), std::vector<std::size_t>{0});
  EXPECT_EQ(receiver.counters().datagrams_received, 1U);
}

/// Where the sender binds, where the receiver binds, to which host it is sent.
struct FamilyCase {
  const char* name;
  const char* sender;
  const char* receiver;
  const char* host;
};

class LinuxSocketFamilyTest : public LinuxSocketTest,
                              public ::testing::WithParamInterface<FamilyCase> {};

TEST_P(LinuxSocketFamilyTest, CarriesEcnAndAddressesBothWays) {
  auto& sender = open_sender(GetParam().sender);
  auto& receiver = open_receiver(GetParam().receiver);
  SocketAddress to = address(GetParam().host);
  to.port = receiver.local_address().port;
  Transmit transmit = batch_to(to, 1200);
  for (const Ecn ecn : {Ecn::not_ect, Ecn::ect1, Ecn::ect0, Ecn::ce}) {
    transmit.ecn = ecn;
    EXPECT_EQ(sender.send(transmit, pattern(1300)).status, SendStatus::sent);
  }
  ASSERT_TRUE(wait_for(8));
  for (std::size_t i = 0; i < 8; ++i) {
    const auto& datagram = receiver_events_.datagrams[i];
    EXPECT_EQ(datagram.path.local, to) << datagram.path.local.to_string();
    EXPECT_EQ(datagram.path.remote.family, to.family);
    EXPECT_EQ(datagram.path.remote.port, sender.local_address().port);
    EXPECT_EQ(datagram.ecn, static_cast<Ecn>(i / 2));
  }
  // The answer leaves from the address that the datagram came to.
  const NetworkPath& path = receiver_events_.datagrams[0].path;
  EXPECT_EQ(receiver.send({.path = path, .segment_size = 3}, pattern(3)).status, SendStatus::sent);
  ASSERT_TRUE(run_until([&] { return !sender_events_.datagrams.empty(); }));
  EXPECT_EQ(sender_events_.datagrams[0].path.remote, to);
}

INSTANTIATE_TEST_SUITE_P(
    Families, LinuxSocketFamilyTest,
    ::testing::Values(FamilyCase{"Ipv4", "127.0.0.1:0", "127.0.0.1:0", "127.0.0.1:1"},
                      FamilyCase{"Ipv4OtherSource", "127.0.0.1:0", "0.0.0.0:0", "127.0.0.7:1"},
                      FamilyCase{"Ipv6", "[::1]:0", "[::1]:0", "[::1]:1"},
                      FamilyCase{"Ipv6Wildcard", "[::]:0", "[::]:0", "[::1]:1"},
                      FamilyCase{"DualStack", "[::]:0", "[::]:0", "127.0.0.1:1"},
                      FamilyCase{"DualStackOtherSource", "[::]:0", "[::]:0", "127.0.0.9:1"},
                      FamilyCase{"Ipv4ToDualStack", "127.0.0.1:0", "[::]:0", "127.0.0.1:1"}),
    [](const auto& test) { return std::string(test.param.name); });

TEST_F(LinuxSocketTest, LeavesFromAnotherAddressWhenItsOwnIsGone) {
  auto& sender = open_sender("[::]:0");
  auto& receiver = open_receiver("[::]:0");
  // Nobody's addresses (RFC 5737, RFC 3849); the kernel's errors for them differ.
  const auto paths = {std::pair("127.0.0.1:1", "192.0.2.1:1"),
                      std::pair("[::1]:1", "[2001:db8::1]:1")};
  for (const auto& [remote, local] : paths) {
    SocketAddress to = address(remote);
    to.port = receiver.local_address().port;
    const Transmit transmit{.path = {address(local), to}, .segment_size = 1000};
    const std::size_t before = receiver_events_.datagrams.size();
    EXPECT_EQ(sender.send(transmit, pattern(2500)).status, SendStatus::sent);
    ASSERT_TRUE(wait_for(before + 3));
  }
  EXPECT_EQ(sender.counters().source_refusals, 2U);
  EXPECT_EQ(sender.counters().sends_refused, 0U);
  EXPECT_TRUE(sender.has_segmentation_offload()) << "it was not the segmentation that failed";
}

TEST_F(LinuxSocketTest, SwitchesSegmentationOffWhenTheKernelRefusesIt) {
  auto& sender = open_sender("127.0.0.1:0");
  auto& receiver = open_receiver("127.0.0.1:0");
  // The kernel segments nothing without UDP checksums: EINVAL, as for a device that cannot.
  const int on = 1;
  ASSERT_EQ(setsockopt(sender.descriptor(), SOL_SOCKET, SO_NO_CHECK, &on, sizeof on), 0);
  const Transmit transmit = batch_to(receiver.local_address(), 1000);
  EXPECT_EQ(sender.send(transmit, pattern(2500)).status, SendStatus::sent);
  EXPECT_FALSE(sender.has_segmentation_offload());
  EXPECT_EQ(sender.counters().offload_refusals, 1U);
  EXPECT_EQ(sender.send(transmit, pattern(2500)).status, SendStatus::sent);
  EXPECT_EQ(sender.counters().send_calls, 3U) << "the second batch tried no segmented send";
  ASSERT_TRUE(wait_for(6));
}

TEST_F(LinuxSocketTest, DeviceThatCannotSegmentIsFoundOut) {
  auto& sender = open_sender("127.0.0.1:0");
  auto& receiver = open_receiver("127.0.0.1:0");
  const ScriptedKernel kernel{EIO};
  const Transmit transmit = batch_to(receiver.local_address(), 1000);
  EXPECT_EQ(sender.send(transmit, pattern(2500)).status, SendStatus::sent);
  EXPECT_FALSE(sender.has_segmentation_offload());
  ASSERT_TRUE(wait_for(3));
}

TEST_F(LinuxSocketTest, ReportsDatagramsThatAreTooLarge) {
  auto& sender = open_sender("[::1]:0");
  auto& receiver = open_receiver("[::1]:0");
  // An IPv6 packet of 1280 bytes carries 1232 of UDP payload (RFC 8200 s5).
  const int mtu = 1280;
  ASSERT_EQ(setsockopt(sender.descriptor(), IPPROTO_IPV6, IPV6_MTU, &mtu, sizeof mtu), 0);
  const SocketAddress to = receiver.local_address();

  EXPECT_EQ(sender.send(batch_to(to, 1233), pattern(1233)).status, SendStatus::too_large);
  EXPECT_EQ(sender.send(batch_to(to, 1233), pattern(9000)).status, SendStatus::too_large);
  EXPECT_EQ(sender.counters().sends_too_large, 2U);
  EXPECT_EQ(sender.counters().datagrams_sent, 0U);
  EXPECT_TRUE(sender.has_segmentation_offload());
  EXPECT_EQ(sender.send(batch_to(to, 1232), pattern(9000)).status, SendStatus::sent);
  ASSERT_TRUE(wait_for(8));
  EXPECT_EQ(joined(receiver_events_), pattern(9000)) << "nothing of the refused ones arrived";
}

TEST_F(LinuxSocketTest, RefusalTellsWhatTheWayOutCarries) {
  // Loopback's MTU is 65,536, of which IPv4 can use 65,535: less 28 or 48 bytes of headers.
  EXPECT_EQ(datagram_size_limit(address("127.0.0.1:9")), ByteCount(65'507));
  EXPECT_EQ(datagram_size_limit(address("[::1]:9")), ByteCount(65'488));
  EXPECT_EQ(datagram_size_limit(SocketAddress{}), ByteCount(0)) << "no destination";
  auto& sender = open_sender("127.0.0.1:0");
  const ScriptedKernel kernel{EMSGSIZE};
  const SendResult result = sender.send(batch_to(address("127.0.0.1:9"), 1200), pattern(1200));
  EXPECT_EQ(result.status, SendStatus::too_large);
  EXPECT_EQ(result.datagram_size_limit, ByteCount(65'507));
}

TEST_F(LinuxSocketTest, OlderKernelsRefusalOfLargeSegmentsIsNotOneOfSegmentation) {
  auto& sender = open_sender("127.0.0.1:0");
  const Transmit transmit = batch_to(address("127.0.0.1:9"), 1400);
  const ScriptedKernel kernel{EINVAL, EMSGSIZE};
  EXPECT_EQ(sender.send(transmit, pattern(9000)).status, SendStatus::too_large);
  EXPECT_TRUE(sender.has_segmentation_offload());
}

TEST_F(LinuxSocketTest, BlockedBatchGoesOnWhereItStopped) {
  auto& sender =
      open({.bind = address("127.0.0.1:0"), .segmentation_offload = false}, sender_events_);
  auto& receiver = open_receiver("127.0.0.1:0");
  const Transmit transmit = batch_to(receiver.local_address(), 1000);
  const auto bytes = pattern(3500);
  const ScriptedKernel kernel{ScriptedKernel::kTakeOne, ScriptedKernel::kTakeOne, EAGAIN};

  const SendResult result = sender.send(transmit, bytes);
  EXPECT_EQ(result.status, SendStatus::blocked);
  EXPECT_EQ(result.bytes_taken, 2000U);
  ASSERT_TRUE(run_until([&] { return sender_events_.writable_calls > 0; }));
  const auto rest = std::span(bytes).subspan(result.bytes_taken);
  EXPECT_EQ(sender.send(transmit, rest).status, SendStatus::sent);

  ASSERT_TRUE(wait_for(4));
  EXPECT_EQ(joined(receiver_events_), bytes);
  EXPECT_EQ(sender.counters().sends_blocked, 1U);
  turn_once();
  EXPECT_EQ(sender_events_.writable_calls, 1) << "told once per blocked send";
}

TEST_F(LinuxSocketTest, BlockedSegmentedBatchIsKeptWhole) {
  auto& sender = open_sender("127.0.0.1:0");
  const ScriptedKernel kernel{EAGAIN};
  const SendResult result = sender.send(batch_to(address("127.0.0.1:9"), 1000), pattern(3500));
  EXPECT_EQ(result.status, SendStatus::blocked);
  EXPECT_EQ(result.bytes_taken, 0U);
  EXPECT_TRUE(sender.has_segmentation_offload());
}

TEST_F(LinuxSocketTest, OtherRefusalsAreCounted) {
  auto& sender = open_sender("127.0.0.1:0");
  const Transmit transmit = batch_to(address("127.0.0.1:9"), 1000);
  const ScriptedKernel kernel{ENETUNREACH, EPERM, ENOBUFS};
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(sender.send(transmit, pattern(1000)).status, SendStatus::refused);
  }
  EXPECT_EQ(sender.counters().sends_refused, 3U);
}

TEST_F(LinuxSocketTest, OnlyErrorsThatMayBeOfTheSourceGiveItUp) {
  auto& sender = open_sender("127.0.0.1:0");
  const Transmit transmit{.path = {address("127.0.0.1:1"), address("127.0.0.1:9")},
                          .segment_size = 1000};
  // A packet filter that drops some of what leaves, and a full device.
  const ScriptedKernel kernel{EPERM, ENOBUFS, ENETUNREACH};
  EXPECT_EQ(sender.send(transmit, pattern(1000)).status, SendStatus::refused);
  EXPECT_EQ(sender.send(transmit, pattern(1000)).status, SendStatus::refused);
  EXPECT_EQ(sender.counters().send_calls, 2U) << "must not leave from another address instead";
  EXPECT_EQ(sender.send(transmit, pattern(1000)).status, SendStatus::sent);
  EXPECT_EQ(sender.counters().source_refusals, 1U);
  EXPECT_EQ(sender.counters().sends_refused, 2U);
}

TEST_F(LinuxSocketTest, WhatWasCutOffIsDropped) {
  auto& sender = open_sender("127.0.0.1:0");
  auto& receiver = open_receiver("127.0.0.1:0");
  const Transmit transmit = batch_to(receiver.local_address(), 1000);
  std::uint64_t dropped = 0;
  for (const int flag : {MSG_TRUNC, MSG_CTRUNC}) {
    const ScriptedRead read(flag);
    EXPECT_EQ(sender.send(transmit, pattern(3000)).status, SendStatus::sent);
    ++dropped;
    ASSERT_TRUE(run_until([&] { return receiver.counters().receive_truncated == dropped; }));
  }
  EXPECT_TRUE(receiver_events_.datagrams.empty());
  EXPECT_EQ(sender.send(transmit, pattern(1000)).status, SendStatus::sent);
  EXPECT_TRUE(wait_for(1)) << "and reading goes on";
}

TEST_F(LinuxSocketTest, AnswersThatNobodyAwaitsDoNotDisturb) {
  // The port is closed again: ICMP port unreachable comes back (RFC 1122 s4.1.3.3).
  auto gone = LinuxSocket::open(loop(), {.bind = address("127.0.0.1:0")});
  const SocketAddress nobody = (*gone)->local_address();
  (*gone)->close(barrier_);
  auto& sender = open_sender("127.0.0.1:0");
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(sender.send(batch_to(nobody, 100), pattern(100)).status, SendStatus::sent);
    turn_once();
  }
}

TEST_F(LinuxSocketTest, PortInUseIsTheSystemsError) {
  const SocketAddress taken = open_sender("127.0.0.1:0").local_address();
  const auto second = LinuxSocket::open(loop(), {.bind = taken});
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error(), std::errc::address_in_use);
}

TEST_F(LinuxSocketTest, SpecificIpv6AddressLeavesIpv4sPortFree) {
  const SocketAddress six = open_sender("[::1]:0").local_address();
  SocketAddress four = address("127.0.0.1:1");
  four.port = six.port;
  EXPECT_EQ(open({.bind = four}, receiver_events_).local_address(), four);
}

TEST_F(LinuxSocketTest, PortIsFreeOnceClosed) {
  auto first = LinuxSocket::open(loop(), {.bind = address("127.0.0.1:0")});
  const SocketAddress taken = (*first)->local_address();
  (*first)->close(barrier_);
  auto second = LinuxSocket::open(loop(), {.bind = taken});
  EXPECT_TRUE(second);
  keep(std::move(*second));
  turn_once();  // the first one's handle closes before it goes out of scope
}

}  // namespace

}  // namespace hawser::rim
