#pragma once
/// Everything on its way in: segments become messages, messages wait for their order, and the
/// application's taking them becomes credit for the peer.
///
/// Owns the receive window (arq). Reliable messages live in memory that was promised to the peer as
/// credit; incomplete unreliable ones in a budget of their own, the oldest given up first. Owned by
/// one connection.

#include <optional>

#include "arq/receive_window.h"
#include "hawser/config.h"
#include "hawser/event.h"
#include "hawser/stats.h"
#include "transport/connection/inbound_message.h"
#include "transport/wire/frame.h"

namespace hawser {

/// What became of a segment.
enum class SegmentVerdict : std::uint8_t {
  taken,
  duplicate,
  ahead,               ///< beyond the receive window
  flow_control_error,  ///< beyond the credit or a limit that the peer was told
  protocol_error,      ///< contradicts an earlier segment of its message
  integrity_error,     ///< the completed message does not match its checksum
  out_of_memory
};

class Inbox {
 public:
  /// `arq`: the textbook protocols accept nothing beyond the next segment.
  Inbox(MemoryPool& pool, EventQueue& events, const ConnectionConfig& config, Arq arq);
  ~Inbox();
  Inbox(const Inbox&) = delete;
  Inbox& operator=(const Inbox&) = delete;

  /// Whether the segment lies beyond the window: its packet must not be acknowledged.
  bool is_ahead(const wire::SegmentFrame& frame) const;
  SegmentVerdict on_segment(const wire::SegmentFrame& frame);
  SegmentVerdict on_skip(const wire::SkipFrame& frame);
  /// A packet was dropped because of `is_ahead`.
  void count_ahead() { ++ahead_; }

  /// The message that `node` stands for; its bytes become credit.
  MessageEvent take_message(EventNode& node);

  /// How far the peer may go now.
  wire::Credit credit() const;
  /// The credit is worth a frame of its own: the peer may be unable to go on without it.
  bool wants_credit_update() const;
  void on_credit_sent(const wire::Credit& credit) { announced_ = credit; }
  void add_to(ConnectionStats& stats) const;

 private:
  struct ReceiveChannel {
    ReceiveChannel(MemoryPool& pool, ChannelId channel, std::uint64_t window)
        : id(channel), unordered_seen(pool, window) {}
    ChannelId id;
    std::uint64_t next_ordered = 0;  // number of the next ordered message to hand up
    InboundList ordered;             // by number; complete ones wait for those before them
    InboundList unordered;           // incomplete ones, by number
    ReceiveWindow unordered_seen;    // message numbers in the place of Sequences
  };

  SegmentVerdict check_limits(const wire::SegmentFrame& frame) const;
  SegmentVerdict on_reliable(const wire::SegmentFrame& frame);
  SegmentVerdict on_unreliable(const wire::SegmentFrame& frame);
  SegmentVerdict begin(const wire::SegmentFrame& frame, InboundMessage*& message);
  SegmentVerdict fill(InboundMessage& message, const wire::SegmentFrame& frame);
  SegmentVerdict finish_ordered(ReceiveChannel& channel);
  SegmentVerdict finish_unordered(ReceiveChannel& channel, InboundMessage& message);
  void hand_up(InboundMessage& message);
  bool make_unreliable_room(ByteCount charge);
  void destroy_all(InboundList& list);
  ReceiveChannel* find_or_add(ChannelId id);

  MemoryPool* pool_;
  EventQueue* events_;
  std::uint64_t channels_max_;
  ByteCount message_size_max_;
  ByteCount window_bytes_;
  std::uint64_t numbers_window_;
  ReceiveWindow window_;
  PoolRing<ReceiveChannel*> channels_;  // sorted by id; bounded by channels_max
  InboundList unreliable_;              // incomplete, in order of arrival
  ByteCount unreliable_max_;
  ByteCount unreliable_in_use_{0};  // incomplete, and complete but not taken
  // Flow control, in charges (bytes plus kMessageOverhead each).
  ByteCount begun_{0};
  ByteCount taken_{0};
  wire::Credit announced_;
  // Counters.
  std::uint64_t duplicate_segments_ = 0;
  std::uint64_t ahead_ = 0;
  std::uint64_t evicted_ = 0;
  std::uint64_t received_ = 0;
  ByteCount received_bytes_{0};
};

}  // namespace hawser
