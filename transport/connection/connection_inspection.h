#pragma once
/// What a connection's bookkeeping says about itself, for tests that hold it to its promises: facts
/// that `ConnectionStats` has no use for. A plain copy.

#include <cstdint>

#include "hawser/time.h"
#include "hawser/units.h"

namespace hawser {

struct ConnectionInspection {
  // What may fly.
  ByteCount bytes_in_flight{0};
  ByteCount bytes_in_flight_recounted{0};  ///< added up from the log, packet by packet
  ByteCount congestion_window{0};
  ByteCount datagram_size{0};
  Duration probe_timeout{0};  ///< without the peer's ack delay; zero before the first sample
  // The peer's credit, as the sender uses it.
  ByteCount begun_charge{0};   ///< of all reliable messages begun
  ByteCount message_limit{0};  ///< up to which the peer allows it
  Sequence next_sequence{};
  Sequence sequence_limit{};
  std::uint64_t window_used = 0;  ///< segments from the oldest unacknowledged to the newest sent
  ByteCount send_queue{0};        ///< of messages accepted and not yet delivered
  // Our credit, as the peer uses it.
  ByteCount received_charge{0};   ///< of all reliable messages that the peer began
  ByteCount announced_charge{0};  ///< up to which we allowed it
  Sequence announced_sequence{};
  ByteCount unreliable_held{0};  ///< by unreliable messages, incomplete or not taken yet
  // Messages given up or put off on arrival.
  std::uint64_t unreliable_evicted = 0;
  std::uint64_t low_memory_dropped = 0;
};

}  // namespace hawser
