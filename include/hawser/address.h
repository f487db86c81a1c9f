#pragma once
/// Where datagrams come from and go to, without the operating system's headers.

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "hawser/result.h"

namespace hawser {

/// An IP address and a UDP port. Plain value, ordered, comparable.
struct SocketAddress {
  enum class Family : std::uint8_t { none, ipv4, ipv6 };

  Family family = Family::none;
  std::uint16_t port = 0;             ///< host byte order
  std::uint32_t scope_id = 0;         ///< IPv6 link-local interface, else 0
  std::array<std::uint8_t, 16> ip{};  ///< network byte order; IPv4 uses the first four

  static SocketAddress ipv4(std::array<std::uint8_t, 4> ip, std::uint16_t port);
  /// Reads "127.0.0.1:9000" or "[::1]:9000"; names are not resolved. Errors: `invalid_address`.
  static Result<SocketAddress> parse(std::string_view text);
  /// "127.0.0.1:9000", "[::1]:9000", or "none".
  std::string to_string() const;
  /// The same host, whatever the port.
  bool same_host(const SocketAddress& other) const {
    return family == other.family && scope_id == other.scope_id && ip == other.ip;
  }
  auto operator<=>(const SocketAddress&) const = default;
};

/// One way between two hosts. `local` may be `none` where the driver does not know it.
struct NetworkPath {
  SocketAddress local;
  SocketAddress remote;
  auto operator<=>(const NetworkPath&) const = default;
};

}  // namespace hawser
