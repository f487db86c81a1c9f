#pragma once
/// One message that the application sent, from `send` until its receipt was taken.

#include <cstdint>
#include <optional>

#include "hawser/buffer.h"
#include "hawser/event.h"
#include "transport/connection/event_queue.h"
#include "transport/wire/frame.h"

namespace hawser {

/// What a message costs in flow-control credit beside its bytes, so that empty ones are not free.
inline constexpr ByteCount kMessageOverhead{64};

struct OutboundMessage {
  EventNode event;                          ///< its receipt
  OutboundMessage* next_in_line = nullptr;  ///< behind it in its channel
  OutboundMessage* previous = nullptr;      ///< among all unsettled messages of the connection
  OutboundMessage* next = nullptr;

  Buffer bytes;
  MessageId id;
  SendOptions options;
  wire::MessageLine line = wire::MessageLine::ordered;
  std::uint64_t number = 0;  ///< within (channel, line); given when it is begun
  std::optional<std::uint32_t> checksum;
  ByteCount size{0};

  bool is_begun = false;         ///< its credit was charged
  bool is_all_sent = false;      ///< every byte has been in a datagram
  bool has_lost_part = false;    ///< unreliable: a part was declared lost
  ByteCount next_offset{0};      ///< first byte that was in no datagram yet
  std::uint64_t open_parts = 0;  ///< segments and parts whose fate is not known

  Outcome outcome = Outcome::delivered;
  CloseReason reason = CloseReason::none;

  ByteCount charge() const { return size + kMessageOverhead; }
  bool is_reliable() const { return line != wire::MessageLine::unreliable; }
};

}  // namespace hawser
