#pragma once
/// Everything on its way in: segments become messages, messages wait for their order, and the
/// application's taking them becomes credit for the peer.
///
/// Owns the receive window (arq). Reliable messages live in memory that was promised to the peer as
/// credit; incomplete unreliable ones in a budget of their own, the oldest given up first, as are
/// those that no part comes for any more. When the pool runs low, no message is begun, so that
/// those begun can be completed. A segment takes constant time on average, whatever numbers the
/// peer chooses. Owned by one connection.

#include <optional>

#include "arq/credit_window.h"
#include "arq/receive_window.h"
#include "hawser/config.h"
#include "hawser/event.h"
#include "hawser/stats.h"
#include "transport/connection/connection_api.h"
#include "transport/connection/connection_inspection.h"
#include "transport/connection/message_index.h"
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
  /// Into how many ranges the bytes that arrived may fall: of one message, and of all incomplete
  /// ones together, or a third of `receive_window_segments` where that is more. A message of
  /// 16 MiB, and a window under any random loss, have fewer.
  static constexpr std::size_t kRangesMax = 1 << 14;
  /// How far the numbers of unordered messages may run ahead of the oldest missing one, and of all
  /// channels together; also how far a textbook sender may run ahead of its receiver.
  static constexpr std::uint64_t kSequencesMax = ReceiveWindow::kWindowMax;

  /// `arq`: the textbook protocols accept nothing beyond the next segment.
  Inbox(const ConnectionResources& shared, EventQueue& events, const ConnectionConfig& config,
        Arq arq);
  ~Inbox();
  Inbox(const Inbox&) = delete;
  Inbox& operator=(const Inbox&) = delete;

  /// Whether the segment lies beyond the window: its packet must not be acknowledged.
  bool is_ahead(const wire::SegmentFrame& frame) const;
  /// The memory that the segment takes if it begins a message.
  ByteCount memory_of(const wire::SegmentFrame& frame) const;
  /// Taking so much more may leave too little for messages begun before: then a packet is not taken
  /// if any of its segments `must_wait`, and the peer sends it again. Cheap.
  bool may_be_short_of_memory(ByteCount wanted) const;
  /// Whether this reliable segment is the first to arrive of its message.
  bool would_begin(const wire::SegmentFrame& frame) const;
  /// Whether a segment begins a reliable message for which memory is short, where `before` is taken
  /// first. Sooner so for an ordered message before whose turn another has to begin: it keeps its
  /// memory until then.
  bool must_wait(const wire::SegmentFrame& frame, ByteCount before) const;
  SegmentVerdict on_segment(const wire::SegmentFrame& frame);
  SegmentVerdict on_skip(const wire::SkipFrame& frame);
  /// A packet was dropped because of `is_ahead`.
  void count_ahead() { ++ahead_; }
  /// A packet was dropped because a segment `must_wait`.
  void count_low_memory() { ++low_memory_; }

  /// Whether parts of unreliable messages wait for others, which may be lost.
  bool has_incomplete_unreliable() const { return !unreliable_.empty(); }
  /// Gives up all incomplete unreliable messages if no part of any was taken since the last call:
  /// they would keep their memory until others need their budget.
  void give_up_silent();

  /// The message that `node` stands for; its bytes become credit.
  MessageEvent take_message(EventNode& node);

  /// Lets the credit follow what the application takes in a round trip. Whether it grew.
  bool tune_credit(TimePoint now, Duration round_trip) {
    return credit_window_.on_taken(now, taken_, round_trip);
  }
  /// How far the peer may go now.
  wire::Credit credit() const;
  /// The credit is worth a frame of its own: the peer may be unable to go on without it.
  bool wants_credit_update() const;
  /// `is_repaired`: in a frame that leaves again if it is lost. Only then is the peer sure to learn
  /// of it; but what it was told even once, it may use.
  void on_credit_sent(const wire::Credit& credit, bool is_repaired) {
    announced_ = credit;
    if (is_repaired) assured_ = credit;
  }
  void add_to(ConnectionStats& stats) const;
  void add_to(ConnectionInspection& inspection) const;

 private:
  struct ReceiveChannel {
    ReceiveChannel(MemoryPool& pool, ChannelId channel)
        : id(channel), unordered_seen(pool, kSequencesMax) {}
    ChannelId id;
    std::uint64_t next_ordered = 0;   // number of the next ordered message to hand up
    std::uint64_t first_unbegun = 0;  // ordered, or one before it: only what `is_in_turn` remembers
    std::uint64_t unreliable_floor = 0;  // parts below it are of messages given up
    ReceiveWindow unordered_seen;        // message numbers in the place of Sequences
  };

  ByteCount early_share() const;
  bool is_short_of_memory(ByteCount before, ByteCount wanted) const;
  bool is_in_turn(const wire::SegmentFrame& frame) const;
  SegmentVerdict check_limits(const wire::SegmentFrame& frame) const;
  SegmentVerdict on_reliable(const wire::SegmentFrame& frame);
  SegmentVerdict on_unreliable(const wire::SegmentFrame& frame);
  SegmentVerdict begin(const wire::SegmentFrame& frame, InboundMessage*& message);
  SegmentVerdict fill(InboundMessage& message, const wire::SegmentFrame& frame);
  SegmentVerdict note_range(InboundMessage& message, const wire::SegmentFrame& frame);
  SegmentVerdict finish_ordered(ReceiveChannel& channel, InboundMessage& message);
  SegmentVerdict finish_unordered(ReceiveChannel& channel, InboundMessage& message);
  void hand_up(InboundMessage& message);
  void forget_ranges(InboundMessage& message);
  bool was_handed_up(const ReceiveChannel& channel, const wire::SegmentFrame& frame) const;
  bool is_number_near(const ReceiveChannel& channel, std::uint64_t number) const;
  bool make_unreliable_room(const wire::SegmentFrame& frame);
  void give_up(const MessageName& name);
  void evict(InboundMessage& message);
  ReceiveChannel* find_channel(ChannelId id) const;
  ReceiveChannel* find_or_add(ChannelId id);

  MemoryPool* pool_;
  EventQueue* events_;
  std::uint64_t channels_max_;
  ByteCount message_size_max_;
  CreditWindow credit_window_;
  bool is_textbook_;
  ReceiveWindow window_;
  PoolRing<ReceiveChannel*> channels_;  // sorted by id; bounded by channels_max
  MessageIndex index_;                  // all that were not handed up
  std::size_t ranges_ = 0;              // of incomplete messages
  std::size_t ranges_max_;
  std::uint64_t numbers_span_ = 0;  // of all channels' unordered_seen
  InboundList unreliable_;          // incomplete, in order of arrival
  bool has_unreliable_grown_ = false;
  ByteCount unreliable_max_;
  ByteCount unreliable_in_use_{0};  // incomplete, and complete but not taken
  // Flow control, in charges (bytes plus kMessageOverhead each).
  ByteCount begun_{0};
  ByteCount taken_{0};
  wire::Credit announced_;
  wire::Credit assured_;
  // Counters.
  std::uint64_t duplicate_segments_ = 0;
  std::uint64_t ahead_ = 0;
  std::uint64_t low_memory_ = 0;
  std::uint64_t evicted_ = 0;
  std::uint64_t received_ = 0;
  ByteCount received_bytes_{0};
};

}  // namespace hawser
