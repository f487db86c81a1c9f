#include "transport/uv/control_messages.h"

#include <netinet/in.h>
#include <netinet/udp.h>

#include <chrono>
#include <cstring>
#include <ctime>

#include "hawser/assert.h"
#include "transport/uv/system_address.h"

namespace hawser::rim {

namespace {

using Family = SocketAddress::Family;

/// Appends control messages one behind the other.
class ControlWriter {
 public:
  explicit ControlWriter(ControlSpace& space) : space_(space) {}

  template <typename Value>
  void add(int level, int type, const Value& value) {
    HAWSER_ASSERT(used_ + CMSG_SPACE(sizeof value) <= space_.bytes.size());
    auto* header = reinterpret_cast<cmsghdr*>(space_.bytes.data() + used_);
    header->cmsg_level = level;
    header->cmsg_type = type;
    header->cmsg_len = CMSG_LEN(sizeof value);
    std::memcpy(CMSG_DATA(header), &value, sizeof value);
    used_ += CMSG_SPACE(sizeof value);
  }
  void attach(msghdr& message) const {
    message.msg_control = used_ == 0 ? nullptr : space_.bytes.data();
    message.msg_controllen = used_;
  }

 private:
  ControlSpace& space_;
  std::size_t used_ = 0;
};

/// The value of `header`, if its length can hold one: the kernel cuts what does not fit.
template <typename Value>
bool take(const cmsghdr& header, Value& value) {
  if (header.cmsg_len < CMSG_LEN(sizeof value)) return false;
  std::memcpy(&value, CMSG_DATA(&header), sizeof value);
  return true;
}

Ecn ecn_of(int traffic_class) { return static_cast<Ecn>(traffic_class & 3); }

void write_ipv4(const SendControl& control, ControlWriter& writer) {
  // Also for a mapped address on an IPv6 socket: the kernel then takes the IPv4 messages.
  if (control.ecn != Ecn::not_ect) writer.add(IPPROTO_IP, IP_TOS, static_cast<int>(control.ecn));
  if (control.local.family != Family::ipv4) return;
  in_pktinfo info{};
  std::memcpy(&info.ipi_spec_dst, control.local.ip.data(), sizeof info.ipi_spec_dst);
  writer.add(IPPROTO_IP, IP_PKTINFO, info);
}

void write_ipv6(const SendControl& control, ControlWriter& writer) {
  if (control.ecn != Ecn::not_ect) {
    writer.add(IPPROTO_IPV6, IPV6_TCLASS, static_cast<int>(control.ecn));
  }
  if (control.local.family != Family::ipv6) return;
  in6_pktinfo info{};
  std::memcpy(&info.ipi6_addr, control.local.ip.data(), sizeof info.ipi6_addr);
  info.ipi6_ifindex = control.local.scope_id;
  writer.add(IPPROTO_IPV6, IPV6_PKTINFO, info);
}

void read_ipv4(const cmsghdr& header, ReceiveControl& control) {
  std::uint8_t type_of_service = 0;
  in_pktinfo info{};
  if (header.cmsg_type == IP_TOS && take(header, type_of_service)) {
    control.ecn = ecn_of(type_of_service);
  }
  if (header.cmsg_type == IP_PKTINFO && take(header, info)) {
    control.local = from_ipv4(info.ipi_spec_dst, 0);
  }
}

void read_ipv6(const cmsghdr& header, ReceiveControl& control) {
  int traffic_class = 0;
  in6_pktinfo info{};
  if (header.cmsg_type == IPV6_TCLASS && take(header, traffic_class)) {
    control.ecn = ecn_of(traffic_class);
  }
  if (header.cmsg_type == IPV6_PKTINFO && take(header, info)) {
    control.local = from_ipv6(info.ipi6_addr, 0, info.ipi6_ifindex);
  }
}

void read_udp(const cmsghdr& header, ReceiveControl& control) {
  int segment_size = 0;
  if (header.cmsg_type == UDP_GRO && take(header, segment_size) && segment_size > 0) {
    control.segment_size = static_cast<std::size_t>(segment_size);
  }
}

void read_socket(const cmsghdr& header, ReceiveControl& control) {
  timespec arrival{};
  if (header.cmsg_type == SCM_TIMESTAMPNS && take(header, arrival)) {
    control.arrival =
        std::chrono::seconds(arrival.tv_sec) + std::chrono::nanoseconds(arrival.tv_nsec);
  }
}

}  // namespace

void write_control(const SendControl& control, ControlSpace& space, msghdr& message) {
  ControlWriter writer(space);
  if (control.remote == Family::ipv4) write_ipv4(control, writer);
  if (control.remote == Family::ipv6) write_ipv6(control, writer);
  if (control.segment_size > 0) {
    writer.add(IPPROTO_UDP, UDP_SEGMENT, static_cast<std::uint16_t>(control.segment_size));
  }
  writer.attach(message);
}

ReceiveControl read_control(const msghdr& message) {
  ReceiveControl control;
  for (cmsghdr* header = CMSG_FIRSTHDR(&message); header != nullptr;
       header = CMSG_NXTHDR(const_cast<msghdr*>(&message), header)) {
    if (header->cmsg_level == IPPROTO_IP) read_ipv4(*header, control);
    if (header->cmsg_level == IPPROTO_IPV6) read_ipv6(*header, control);
    if (header->cmsg_level == SOL_SOCKET) read_socket(*header, control);
    if (header->cmsg_level == IPPROTO_UDP) read_udp(*header, control);
  }
  return control;
}

}  // namespace hawser::rim
