#pragma once
/// What the application says about a message when it sends one, and what it is told in the end.

#include <cstdint>

#include "hawser/error.h"
#include "hawser/units.h"

namespace hawser {

/// The promise made for one message.
enum class Delivery : std::uint8_t {
  ordered,    ///< exactly once, after all earlier ordered messages of its channel
  unordered,  ///< exactly once, as soon as it is complete
  unreliable  ///< at most once, sent once; never retransmitted
};

/// Options of one message.
struct SendOptions {
  ChannelId channel{0};  ///< 0 .. channels_max - 1
  Delivery delivery = Delivery::ordered;
  std::uint64_t tag = 0;  ///< the application's own; comes back in the receipt
};

/// The one end that every message has.
enum class Outcome : std::uint8_t {
  /// The peer's transport has all of it. Of an unreliable message: all its parts reached the
  /// peer's transport, which may still have given the message up for want of room, or because they
  /// came seconds apart (there `unreliable_reassembly`, and `unreliable_evicted` counts it).
  delivered,
  lost,            ///< unreliable only: a part was declared lost (it may have arrived all the same)
  refused,         ///< sent before the handshake was done, and the peer's limits exclude it
  connection_lost  ///< the connection ended first; whether it arrived is not known
};

const char* to_string(Delivery delivery);
const char* to_string(Outcome outcome);

}  // namespace hawser
