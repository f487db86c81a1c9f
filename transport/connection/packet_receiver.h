#pragma once
/// Takes one data packet, in two steps: is it ours, undamaged and new; and what do its frames mean
/// for the parts. A packet is taken whole or not at all: its frames are checked in the first step.

#include <optional>

#include "transport/connection/connection_parts.h"
#include "transport/connection/datagram_builder.h"
#include "transport/connection/packet_frames.h"

namespace hawser {

/// The first step's answer.
struct PacketCheck {
  bool is_genuine = false;             ///< verified and not seen before: the peer is alive
  bool is_newest = false;              ///< its number is the largest so far
  bool has_effect = false;             ///< its frames may take effect
  bool must_wait = false;              ///< for memory, unless all its frames can be taken in turn
  AckScheduler::Packet packet{};       ///< if it must wait: what is acknowledged then
  ByteCount bytes{0};                  ///< of the packet, likewise
  std::optional<CloseReason> fatal{};  ///< the connection must close for this
};

/// `view` is a packet of type `data` found in `datagram`; its `frames` have not been read yet.
PacketCheck check_data_packet(ConnectionParts& parts, TimePoint now, const wire::PacketView& view,
                              const ReceivedDatagram& datagram, PacketFrames& frames);

/// What the frames of a packet did to the connection as a whole.
struct PacketEffect {
  std::optional<CloseReason> fatal{};           ///< the connection must close for this
  std::optional<CloseNotice> closed_by_peer{};  ///< valid as long as the datagram
  std::optional<PathValidator::Change> path_change{};
};

/// `frames` are of a packet for which `check_data_packet` said `has_effect`.
PacketEffect apply_frames(ConnectionParts& parts, TimePoint now, const PacketFrames& frames,
                          const NetworkPath& path);
/// As `apply_frames` for a packet that `must_wait`: applies the frames that take no memory that is
/// short. It is acknowledged if these are all, and else left to come again.
PacketEffect apply_some_frames(ConnectionParts& parts, TimePoint now, const PacketFrames& frames,
                               const ReceivedDatagram& datagram, const PacketCheck& check);

/// What a look for the peer's CLOSE in a packet found, when nothing else matters any more.
enum class CloseSearch : std::uint8_t { damaged, absent, found };
CloseSearch look_for_close(const ConnectionParts& parts, const wire::PacketView& view);

/// Tells the parts what became of the things that a packet of ours carried.
class PartsFates final : public PacketFates {
 public:
  explicit PartsFates(ConnectionParts& parts) : parts_(parts) {}
  void on_item_acked(const PacketItem& item, bool was_lost) override;
  void on_item_lost(const PacketItem& item, PacketNumber number) override;
  void on_packet_acked(PacketNumber number, const SentPacket& packet) override {
    parts_.mtu.on_acked({number, packet.bytes, packet.sent_time});
  }
  void on_packet_lost(PacketNumber number, const SentPacket& packet) override {
    parts_.mtu.on_lost({number, packet.bytes, packet.sent_time}, parts_.recovery.rtt().smoothed);
  }
  ByteCount datagram_size() const override { return parts_.mtu.datagram_size(); }
  PacketNumber readable_from() const override { return parts_.handshake.readable_from(); }
  void on_go_back() override { parts_.outbox.go_back(); }

 private:
  ConnectionParts& parts_;
};

}  // namespace hawser
