#pragma once
/// Tells an outage from congestion. draft-ietf-ccwg-bbr knows timeouts instead (s5.6.4.4), which
/// this transport does not have: a probe finds out whether the path is there again.

#include "hawser/congestion_controller.h"

namespace hawser::bbr {

ByteCount total_of(std::span<const LostPacket> packets);

/// Whether all that left within at least a round trip is lost, in one piece. `product`: what is in
/// flight when no queue stands. A full queue drops one packet and takes the next; only of a path
/// that is out nothing at all comes through.
bool is_outage(const LossEvent& event, ByteCount product);

}  // namespace hawser::bbr
