#pragma once
/// What an endpoint gives a connection and gets from it: plain values, no callbacks. After every
/// call into a connection the endpoint asks it what it wants (`has_events`, `wants_transmit`,
/// `next_timeout`), so nothing is handed back and forth.

#include <array>
#include <memory>
#include <optional>
#include <span>

#include "hawser/address.h"
#include "hawser/config.h"
#include "hawser/ecn.h"
#include "hawser/memory_pool.h"
#include "hawser/random.h"
#include "transport/wire/codec.h"

namespace hawser {

using ResetToken = std::array<std::uint8_t, wire::kResetTokenSize>;

/// Shared by all connections of an endpoint; outlives them.
struct ConnectionResources {
  MemoryPool* pool = nullptr;
  RandomSource* random = nullptr;
  TraceSink* trace = nullptr;  ///< may be nullptr
};

/// How this side of the connection is named.
struct ConnectionIdentity {
  ConnectionHandle handle = ConnectionHandle::none;
  ConnectionId local_id;   ///< what the peer puts into its packets
  ResetToken reset_token;  ///< proves that a reset for `local_id` comes from us
};

/// A client's beginning.
struct ClientStart {
  std::shared_ptr<const ConnectionConfig> config;
  SocketAddress remote;
  std::span<const std::uint8_t> token;  ///< copied; at most wire::kTokenSizeMax
  std::optional<std::array<std::uint8_t, 16>> instance_id;
};

/// A server's beginning: an INIT whose sender's address was validated.
struct ServerStart {
  TimePoint now;
  std::shared_ptr<const ConnectionConfig> config;
  NetworkPath path;
  const wire::PacketView* init = nullptr;  ///< these two live during the call only
  const wire::InitBody* body = nullptr;
  std::uint64_t incarnation = 0;
  std::span<const std::uint8_t> new_token;  ///< for the client's next connection; copied
};

/// One datagram, already known to hold well-formed packet headers for this connection's id.
struct ReceivedDatagram {
  std::span<const std::uint8_t> bytes;
  NetworkPath path;
  Ecn ecn = Ecn::not_ect;
};

}  // namespace hawser
