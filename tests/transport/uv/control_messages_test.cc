#include "transport/uv/control_messages.h"

#include <netinet/in.h>
#include <netinet/udp.h>

#include <cstring>

#include <gtest/gtest.h>

namespace hawser::rim {

namespace {

/// One control message with `size` bytes of value, all of them `octet`.
struct OneMessage {
  OneMessage(int level, int type, std::size_t size, int octet) {
    message.msg_control = space.bytes.data();
    message.msg_controllen = CMSG_SPACE(size);
    cmsghdr* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = level;
    header->cmsg_type = type;
    header->cmsg_len = CMSG_LEN(size);
    std::memset(CMSG_DATA(header), octet, size);
  }
  ControlSpace space{};
  msghdr message{};
};

TEST(ControlMessagesTest, WrittenForEitherFamilyAndFitTheSpace) {
  for (const char* text : {"127.0.0.1:9", "[fe80::1%7]:9"}) {
    const SocketAddress local = *SocketAddress::parse(text);
    ControlSpace space;
    msghdr message{};
    write_control(
        {.remote = local.family, .local = local, .ecn = Ecn::ect0, .segment_size = 65'507}, space,
        message);
    EXPECT_LE(message.msg_controllen, space.bytes.size());
    const ReceiveControl back = read_control(message);
    EXPECT_EQ(back.local.ip, local.ip) << text;
    EXPECT_EQ(back.local.scope_id, local.scope_id) << text;
  }
}

TEST(ControlMessagesTest, NothingToSayIsNoControlAtAll) {
  ControlSpace space;
  msghdr message{};
  write_control({.remote = SocketAddress::Family::ipv4, .local = {}}, space, message);
  EXPECT_EQ(message.msg_control, nullptr);
  EXPECT_EQ(message.msg_controllen, 0U);
  EXPECT_EQ(read_control(message).segment_size, 0U);
}

TEST(ControlMessagesTest, ValuesCutShortAreIgnored) {
  EXPECT_EQ(read_control(OneMessage(IPPROTO_IP, IP_TOS, 0, 0).message).ecn, Ecn::not_ect);
  EXPECT_EQ(read_control(OneMessage(IPPROTO_IPV6, IPV6_TCLASS, 3, 1).message).ecn, Ecn::not_ect);
  EXPECT_EQ(read_control(OneMessage(IPPROTO_UDP, UDP_GRO, 3, 1).message).segment_size, 0U);
  EXPECT_EQ(read_control(OneMessage(IPPROTO_IP, IP_PKTINFO, 11, 1).message).local, SocketAddress{});
  EXPECT_EQ(read_control(OneMessage(IPPROTO_IPV6, IPV6_PKTINFO, 19, 1).message).local,
            SocketAddress{});
}

TEST(ControlMessagesTest, SegmentSizesThatMakeNoSenseAreIgnored) {
  EXPECT_EQ(read_control(OneMessage(IPPROTO_UDP, UDP_GRO, 4, 0xff).message).segment_size, 0U);
  EXPECT_EQ(read_control(OneMessage(IPPROTO_UDP, UDP_GRO, 4, 0).message).segment_size, 0U);
}

}  // namespace

}  // namespace hawser::rim
