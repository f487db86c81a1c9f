#pragma once
/// What the host knows of the way to a destination on Linux.

#include "hawser/address.h"
#include "hawser/units.h"

namespace hawser::rim {

/// The largest UDP payload that leaves for `remote` in one piece, by the MTU of the route and its
/// interface; 0 if the host does not say. Costs a few system calls: for when a datagram was
/// refused.
ByteCount datagram_size_limit(const SocketAddress& remote);

}  // namespace hawser::rim
