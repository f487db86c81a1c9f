#pragma once
/// What an endpoint keeps beside each connection: its names, and its places in the endpoint's
/// queues and indices. A plain value that stays where it is while the connection lives.

#include <optional>

#include "transport/endpoint/deadline_heap.h"
#include "transport/endpoint/intrusive_queue.h"
#include "transport/endpoint/key_ring.h"

namespace hawser {

class Connection;

struct ConnectionSlot {
  ConnectionHandle handle = ConnectionHandle::none;
  ConnectionId local_id;
  /// Owned by the endpoint, which sets it right after it has the slot.
  Connection* connection = nullptr;

  QueueLink<ConnectionSlot> transmit_link;  ///< it wants `poll_transmit`
  QueueLink<ConnectionSlot> event_link;     ///< it has events
  QueueLink<ConnectionSlot> due_link;       ///< its deadline came in the running call
  std::size_t heap_place = kNotInHeap;

  std::optional<Digest> client_digest;  ///< under which it is indexed: client's id and address
  std::optional<Digest> reset_digest;   ///< under which it is indexed: the peer's reset token
  bool has_looked_at_reset_token = false;
  bool is_half_open = false;  ///< accepted, and the client has not answered yet
};

}  // namespace hawser
