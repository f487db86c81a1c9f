#include "hawser/netsim/message_bytes.h"

#include "transport/wire/codec.h"

namespace hawser::netsim {
namespace {

// Adds what one packet's frames carry to `found`.
void add_frames(std::span<const std::uint8_t> payload, std::optional<ByteCount>& found) {
  wire::FrameReader reader(payload);
  while (!reader.at_end()) {
    const Result<wire::Frame> frame = reader.next();
    if (!frame) return;
    const auto* segment = std::get_if<wire::SegmentFrame>(&frame.value());
    if (segment == nullptr) continue;
    found = found.value_or(ByteCount(0)) + ByteCount::of(segment->bytes.size());
  }
}

}  // namespace

std::optional<ByteCount> message_bytes_of(std::span<const std::uint8_t> datagram,
                                          std::size_t connection_id_size) {
  std::optional<ByteCount> found;
  while (!datagram.empty()) {
    const Result<wire::PacketView> view = wire::parse_packet(datagram, connection_id_size);
    if (!view) break;
    if (view->type == wire::PacketType::data) add_frames(view->payload, found);
    datagram = datagram.subspan(view->packet.size());
  }
  return found;
}

}  // namespace hawser::netsim
