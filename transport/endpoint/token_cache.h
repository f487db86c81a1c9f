#pragma once
/// The address tokens that servers gave to this endpoint, so that the next connection to the same
/// server skips the RETRY. Keeps the latest token per address, of the latest `kTokensMax`
/// addresses.
///
/// Owned by the endpoint, in its pool's memory. What it cannot remember costs a round trip, nothing
/// else. Not thread-safe. RFC 9000 s8.1.3.

#include <array>
#include <span>

#include "hawser/address.h"
#include "hawser/pool_ring.h"
#include "transport/wire/codec.h"

namespace hawser {

class TokenCache {
 public:
  static constexpr std::size_t kTokensMax = 64;

  explicit TokenCache(MemoryPool& pool) : entries_(pool) {}
  /// Remembers `token`, which is ignored if it is longer than a token can be.
  void put(const SocketAddress& server, std::span<const std::uint8_t> token);
  /// The token for `server`, or nothing. Valid until the next `put`.
  std::span<const std::uint8_t> find(const SocketAddress& server) const;

 private:
  struct Entry {
    SocketAddress server;
    std::size_t size = 0;
    std::array<std::uint8_t, wire::kTokenSizeMax> bytes{};
  };
  PoolRing<Entry> entries_;  // the oldest first
};

}  // namespace hawser
