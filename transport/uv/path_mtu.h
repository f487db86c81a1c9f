#pragma once
/// Datagrams leave whole or not at all, and how large they may be. Without an effect, or an answer,
/// where the system offers none.

#include "hawser/address.h"
#include "hawser/units.h"

namespace hawser::rim {

/// Has the kernel refuse (EMSGSIZE) what the way out cannot carry in one piece, instead of cutting
/// it up; and set the don't-fragment bit. `is_ipv6`: of the socket, which then serves IPv4 too.
void forbid_fragments(int descriptor, bool is_ipv6);

/// The largest UDP payload that leaves for `remote` in one piece, by the MTU of the route and its
/// interface; 0 if the host does not say. Costs a few system calls: for when a datagram was
/// refused.
ByteCount datagram_size_limit(const SocketAddress& remote);

}  // namespace hawser::rim
