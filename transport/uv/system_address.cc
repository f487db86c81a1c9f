#include "transport/uv/system_address.h"

#include <algorithm>
#include <cstring>

namespace hawser::rim {

namespace {

using Family = SocketAddress::Family;

// RFC 4291 s2.5.5.2: ::ffff:a.b.c.d.
constexpr std::array<std::uint8_t, 12> kMappedPrefix = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

bool is_mapped(const in6_addr& ip) {
  return std::equal(kMappedPrefix.begin(), kMappedPrefix.end(), ip.s6_addr);
}

SystemAddress to_ipv4(const SocketAddress& address) {
  sockaddr_in out{};
  out.sin_family = AF_INET;
  out.sin_port = htons(address.port);
  std::memcpy(&out.sin_addr, address.ip.data(), sizeof out.sin_addr);
  SystemAddress result;
  std::memcpy(&result.storage, &out, sizeof out);
  result.size = sizeof out;
  return result;
}

SystemAddress to_ipv6(const SocketAddress& address) {
  sockaddr_in6 out{};
  out.sin6_family = AF_INET6;
  out.sin6_port = htons(address.port);
  if (address.family == Family::ipv4) {
    std::copy(kMappedPrefix.begin(), kMappedPrefix.end(), out.sin6_addr.s6_addr);
    std::memcpy(out.sin6_addr.s6_addr + kMappedPrefix.size(), address.ip.data(), 4);
  } else {
    std::memcpy(&out.sin6_addr, address.ip.data(), sizeof out.sin6_addr);
    out.sin6_scope_id = address.scope_id;
  }
  SystemAddress result;
  std::memcpy(&result.storage, &out, sizeof out);
  result.size = sizeof out;
  return result;
}

}  // namespace

SystemAddress to_system(const SocketAddress& address, Family family) {
  if (family == Family::ipv6 && address.family != Family::none) return to_ipv6(address);
  if (family == Family::ipv4 && address.family == Family::ipv4) return to_ipv4(address);
  return {};
}

SocketAddress from_ipv4(const in_addr& ip, std::uint16_t port) {
  SocketAddress address{.family = Family::ipv4, .port = port};
  std::memcpy(address.ip.data(), &ip, sizeof ip);
  return address;
}

SocketAddress from_ipv6(const in6_addr& ip, std::uint16_t port, std::uint32_t scope_id) {
  if (is_mapped(ip)) {
    in_addr inner{};
    std::memcpy(&inner, ip.s6_addr + kMappedPrefix.size(), sizeof inner);
    return from_ipv4(inner, port);
  }
  SocketAddress address{.family = Family::ipv6, .port = port};
  std::memcpy(address.ip.data(), &ip, sizeof ip);
  // RFC 4291 s2.5.6: fe80::/10.
  const bool is_link_local = ip.s6_addr[0] == 0xfe && (ip.s6_addr[1] & 0xc0) == 0x80;
  if (is_link_local) address.scope_id = scope_id;
  return address;
}

SocketAddress from_system(const sockaddr* address) {
  if (address->sa_family == AF_INET) {
    sockaddr_in in{};
    std::memcpy(&in, address, sizeof in);
    return from_ipv4(in.sin_addr, ntohs(in.sin_port));
  }
  if (address->sa_family == AF_INET6) {
    sockaddr_in6 in{};
    std::memcpy(&in, address, sizeof in);
    return from_ipv6(in.sin6_addr, ntohs(in.sin6_port), in.sin6_scope_id);
  }
  return {};
}

bool is_wildcard(const SocketAddress& address) {
  return std::all_of(address.ip.begin(), address.ip.end(),
                     [](std::uint8_t octet) { return octet == 0; });
}

bool can_reach(const SocketAddress& local, const SocketAddress& remote) {
  if (remote.family == Family::none || remote.port == 0) return false;
  if (local.family == Family::ipv4) return remote.family == Family::ipv4;
  return remote.family == Family::ipv6 || is_wildcard(local);
}

}  // namespace hawser::rim
