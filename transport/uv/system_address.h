#pragma once
/// `SocketAddress` to and from the operating system's `sockaddr`. Pure functions.

#include <cstddef>

#include <uv.h>

#include "hawser/address.h"

namespace hawser::rim {

/// A `sockaddr` of either family with its length.
struct SystemAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;

  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

/// `address` as a socket of `family` takes it: an IPv6 socket reaches IPv4 through mapped addresses
/// (RFC 4291 s2.5.5.2). Of size 0 where the family cannot carry it.
SystemAddress to_system(const SocketAddress& address, SocketAddress::Family family);
/// Mapped IPv4 addresses come back as IPv4; `none` for other families.
SocketAddress from_system(const sockaddr* address);
/// "0.0.0.0" or "::", whatever the port.
bool is_wildcard(const SocketAddress& address);
/// Whether a socket bound to `local` can send to `remote`: an IPv6 wildcard serves both families.
bool can_reach(const SocketAddress& local, const SocketAddress& remote);

SocketAddress from_ipv4(const in_addr& ip, std::uint16_t port);
/// `scope_id` is kept for link-local addresses only; elsewhere it would tell equal hosts apart.
SocketAddress from_ipv6(const in6_addr& ip, std::uint16_t port, std::uint32_t scope_id);

}  // namespace hawser::rim
