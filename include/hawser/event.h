#pragma once
/// What an endpoint tells the application, in the order in which it happened per connection.

#include <array>
#include <optional>
#include <variant>

#include "hawser/address.h"
#include "hawser/buffer.h"
#include "hawser/message.h"

namespace hawser {

/// The handshake is complete: messages flow both ways. With `connects_on_accept` a server may send
/// already, and the client's answer is still to come.
struct ConnectedEvent {
  bool is_client = false;  ///< this side called `connect`
  SocketAddress remote;
  Buffer payload;  ///< the peer's opaque handshake payload; may be null
  Buffer token;    ///< client: gives it to `ConnectOptions` next time, to save a round trip
  std::uint64_t incarnation = 0;  ///< client: the server's; another one means that it restarted
  std::optional<std::array<std::uint8_t, 16>>
      instance_id;  ///< server: the client's, if it gave one
};

/// One whole message. Taking this event gives its bytes back to the peer as credit.
struct MessageEvent {
  ChannelId channel{0};
  Delivery delivery = Delivery::ordered;
  Buffer bytes;  ///< outlives the connection, but not the endpoint
};

/// The end of a message that this side sent: exactly one for every `send` that gave an id.
struct ReceiptEvent {
  MessageId message;
  std::uint64_t tag = 0;
  Outcome outcome = Outcome::delivered;
  CloseReason reason = CloseReason::none;  ///< with `connection_lost`
};

/// `send` would take the smallest message to which it answered `would_block`.
struct WritableEvent {};

/// The peer's address changed and the new one was validated.
struct PathChangedEvent {
  NetworkPath path;
};

/// The last event of a connection. The handle is void afterwards.
struct ClosedEvent {
  CloseReason reason = CloseReason::none;
  std::uint64_t application_code = 0;  ///< from `abort` or the admission callback of either side
  bool by_peer = false;
  Buffer phrase;  ///< text given by whoever closed; may be null
};

struct Event {
  ConnectionHandle connection = ConnectionHandle::none;
  std::variant<ConnectedEvent, MessageEvent, ReceiptEvent, WritableEvent, PathChangedEvent,
               ClosedEvent>
      what;
};

}  // namespace hawser
