#pragma once
/// What a packet carried, noted while it is written, so that its acknowledgement or loss can be
/// told to whoever put it there.

#include <array>
#include <cstddef>
#include <span>

#include "arq/sent_packet_log.h"

namespace hawser {

/// `PacketItem::kind`.
enum class ItemKind : std::uint32_t {
  segments,     ///< `count` consecutive Sequences from `value`
  unsequenced,  ///< a part of the unreliable message at address `value`
  ack,          ///< an ACK frame whose largest number was `value`
  window,       ///< receive credit in a frame of its own, the `value`th
  skip,         ///< `count` consecutive abandoned Sequences from `value`
  frequency,    ///< the ACK_FREQUENCY request of number `value`
  handshake     ///< an INIT or ACCEPT: not repaired by the log, but a round-trip sample
};

class PacketNotes {
 public:
  static constexpr std::size_t kItemsMax = 64;

  bool is_full() const { return room() == 0; }
  std::size_t room() const { return kItemsMax - size_; }
  std::span<const PacketItem> items() const { return {items_.data(), size_}; }
  bool is_ack_eliciting = false;
  bool has_message_bytes = false;
  ByteCount retransmitted_bytes{0};

  void add(ItemKind kind, std::uint64_t value, std::uint32_t count = 1) {
    HAWSER_ASSERT(!is_full());
    items_[size_++] = {static_cast<std::uint32_t>(kind), count, value};
  }
  /// Adds a segment; consecutive ones share an item.
  void add_segment(Sequence sequence) {
    if (size_ > 0) {
      PacketItem& last = items_[size_ - 1];
      if (last.kind == static_cast<std::uint32_t>(ItemKind::segments) &&
          last.value + last.count == sequence.value()) {
        ++last.count;
        return;
      }
    }
    add(ItemKind::segments, sequence.value());
  }

 private:
  std::size_t size_ = 0;
  std::array<PacketItem, kItemsMax> items_;
};

}  // namespace hawser
