#pragma once
/// What travels beside a datagram through `sendmsg` and `recvmmsg` on Linux: ECN bits, the local
/// address, the segment size of a batch, and when it came (cmsg(3), ip(7), ipv6(7), udp(7)). Pure
/// functions.

#include <sys/socket.h>

#include <array>
#include <cstddef>
#include <optional>

#include "hawser/endpoint.h"

namespace hawser::rim {

/// Room for every control message of one datagram, either way.
struct ControlSpace {
  alignas(cmsghdr) std::array<char, 192> bytes;
};

/// What one send says beside its bytes.
struct SendControl {
  SocketAddress::Family remote = SocketAddress::Family::none;
  SocketAddress local;  ///< source address; `none`: the kernel chooses
  Ecn ecn = Ecn::not_ect;
  std::size_t segment_size = 0;  ///< above 0: the kernel cuts the bytes into such datagrams
};

/// Attaches the messages to `message`, which then points into `space`.
void write_control(const SendControl& control, ControlSpace& space, msghdr& message);

/// What one read brought beside its bytes.
struct ReceiveControl {
  SocketAddress local;  ///< without a port; `none` if the kernel did not say
  Ecn ecn = Ecn::not_ect;
  std::size_t segment_size = 0;     ///< above 0: joined from datagrams of this size
  std::optional<Duration> arrival;  ///< on the system's real-time clock (SO_TIMESTAMPNS)
};

ReceiveControl read_control(const msghdr& message);

}  // namespace hawser::rim
