#include "congestion/bbr/outage.h"

namespace hawser::bbr {
namespace {

/// All that had left when this packet had: each byte was delivered, lost or in flight.
ByteCount sent_until(const LostPacket& packet) {
  return packet.delivered_at_send + packet.lost_at_send + packet.in_flight_at_send;
}

}  // namespace

ByteCount total_of(std::span<const LostPacket> packets) {
  ByteCount total{0};
  for (const LostPacket& packet : packets) total += packet.bytes;
  return total;
}

bool is_outage(const LossEvent& event, ByteCount product) {
  if (event.kind != LossKind::packet || event.packets.empty()) return false;
  const LostPacket& first = event.packets.front();
  const ByteCount sent = sent_until(event.packets.back()) - sent_until(first) + first.bytes;
  const ByteCount lost = total_of(event.packets);
  return lost >= product && lost >= sent;
}

}  // namespace hawser::bbr
