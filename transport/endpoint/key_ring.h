#pragma once
/// The keys that an endpoint derives from its one secret, and what it computes with them.
///
/// Owned by the endpoint. Two endpoints with the same secret compute the same values: several loops
/// on one port, or the same server before and after a restart. A plain value after construction.

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "transport/connection/connection_api.h"
#include "transport/wire/siphash.h"

namespace hawser {

/// A keyed digest of 128 bits: nobody without the key can compute it or find two equal ones.
using Digest = std::array<std::uint8_t, 16>;
using SecretKey = std::array<std::uint8_t, 16>;

class KeyRing {
 public:
  explicit KeyRing(std::span<const std::uint8_t, 32> secret);

  const SecretKey& cookie_key() const { return cookie_key_; }
  const SecretKey& token_key() const { return token_key_; }
  /// Proves to a peer that a stateless reset for `id` comes from us (RFC 9000 s10.3.2).
  ResetToken reset_token(const ConnectionId& id) const {
    return wire::siphash128(reset_key_, id.bytes());
  }

 private:
  SecretKey cookie_key_;
  SecretKey token_key_;
  SecretKey reset_key_;
};

/// Adds an address or an id to a digest, each in a form that cannot be taken for another. The port
/// counts only where `with_port`.
void update_with_address(wire::SipHash& hash, const SocketAddress& address, bool with_port);
void update_with_id(wire::SipHash& hash, const ConnectionId& id);

/// Compares in a time that does not depend on where the first difference lies.
bool equal_in_constant_time(const Digest& first, std::span<const std::uint8_t> second);

}  // namespace hawser
