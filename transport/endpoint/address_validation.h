#pragma once
/// Proof that a client receives what is sent to its address, without keeping anything about it
/// (RFC 9000 s8.1): the cookie of a RETRY, and the token that an earlier connection was given.
///
/// Both are {kind, time of issue, SipHash-128 over what they are bound to}. Owned by the endpoint;
/// computes and remembers nothing.
///
/// Times are those of the driver's clock, whose origin may be another one after a restart. With
/// the same secret a restarted server accepts what it issued before as far as its clock makes it
/// look neither older than its lifetime nor issued in the future; it refuses the rest, which costs
/// the client one RETRY. So a lifetime bounds the time in use on one clock; across clocks it bounds
/// nothing, and only a new secret ends all credentials at once.

#include "transport/endpoint/key_ring.h"

namespace hawser {

/// Where an INIT says it comes from. A client keeps all of it when it answers a RETRY.
struct InitOrigin {
  SocketAddress remote;
  ConnectionId source_id;
  ConnectionId destination_id;
};

/// How long each credential holds after its issue.
struct CredentialLifetimes {
  Duration cookie;
  Duration token;
};

inline constexpr std::size_t kCredentialSize = 25;
using Credential = std::array<std::uint8_t, kCredentialSize>;
static_assert(kCredentialSize <= wire::kCookieSizeMax && kCredentialSize <= wire::kTokenSizeMax);

class AddressValidator {
 public:
  /// `keys` must outlive it.
  AddressValidator(const KeyRing& keys, const CredentialLifetimes& lifetimes)
      : keys_(keys), lifetimes_(lifetimes) {}

  /// For a RETRY: holds for the same INIT from the same address and port.
  Credential make_cookie(TimePoint now, const InitOrigin& origin) const;
  /// For a client's next connection: holds for any port of the same host.
  Credential make_token(TimePoint now, const SocketAddress& remote) const;
  /// Whether `presented` is a cookie or a token of ours that holds for `origin` now.
  bool is_valid(TimePoint now, const InitOrigin& origin,
                std::span<const std::uint8_t> presented) const;

 private:
  Digest cookie_digest(TimePoint issued, const InitOrigin& origin) const;
  Digest token_digest(TimePoint issued, const SocketAddress& remote) const;

  const KeyRing& keys_;
  CredentialLifetimes lifetimes_;
};

}  // namespace hawser
