#pragma once
/// A broken promise, as the swarm reports it.

#include <cstdint>
#include <optional>
#include <string>

#include "hawser/time.h"

namespace hawser::swarm {

/// The promises that every scenario is held to, whatever its faults.
enum class Invariant : std::uint8_t {
  genuine,        ///< what is delivered was sent, on that connection and channel, byte by byte
  once,           ///< ... and is delivered once
  order,          ///< ordered messages: in their channel's order, without a gap
  receipt,        ///< exactly one for each accepted message, and what it says is true
  event_order,    ///< connected first, closed last and once, nothing afterwards
  close_reason,   ///< a connection ends for a reason that there was, and not before its time
  in_flight,      ///< the bytes in flight are those of the packets in flight
  window,         ///< message bytes leave only as far as the congestion window allows
  credit,         ///< no side goes beyond the other's credit
  memory,         ///< the pool stays within its budget
  timer,          ///< every deadline is served at its instant, none stays behind
  storm,          ///< time goes on, and nobody is busy for nothing
  liveness,       ///< once calm, everything is over within `liveness_bound`
  leak,           ///< afterwards the endpoint holds what it held before
  link_counters,  ///< every datagram is accounted for
  refusal,        ///< a call is refused for a reason that there was
  loss,           ///< where nothing is lost, nothing is declared lost
};
constexpr std::size_t kInvariantCount = 17;
/// "genuine", "once", ...
const char* to_string(Invariant invariant);

struct Violation {
  Invariant invariant;
  std::string what;  ///< one line
};
using Finding = std::optional<Violation>;

}  // namespace hawser::swarm
