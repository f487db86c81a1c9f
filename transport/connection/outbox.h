#pragma once
/// Everything on its way out: accepted messages, their segments, and who must be told how they end.
///
/// Decides which bytes the next packet carries: what was lost first, then ranges that need new
/// segments, then new messages, channels in turn. Owns the send window (arq) and keeps to the
/// peer's credit. Owned by one connection.

#include <optional>
#include <utility>

#include "arq/ack_scheduler.h"
#include "arq/send_window.h"
#include "hawser/config.h"
#include "hawser/stats.h"
#include "transport/connection/connection_inspection.h"
#include "transport/connection/outbound_message.h"
#include "transport/connection/packet_notes.h"
#include "transport/connection/send_lines.h"
#include "transport/wire/codec.h"

namespace hawser {

class Outbox {
 public:
  /// `arq`: what both sides agreed on; stop-and-wait sends one segment at a time.
  Outbox(MemoryPool& pool, EventQueue& events, const ConnectionConfig& config, Arq arq);
  ~Outbox();
  Outbox(const Outbox&) = delete;
  Outbox& operator=(const Outbox&) = delete;

  // ---- The application's side ----
  /// Why a message of that size would not be accepted now; no error if it would. A refusal counts.
  std::error_code refuses(ByteCount size, const SendOptions& options);
  /// Takes a message that was not refused. Errors: `not_enough_memory`.
  Result<MessageId> send(Buffer message, const SendOptions& options);
  /// The receipt that `node` stands for; frees its message.
  ReceiptEvent take_receipt(EventNode& node);
  /// What the peer accepts, known after the handshake. Messages beyond it end as `refused`.
  void set_peer_limits(std::uint64_t channels_max, ByteCount message_size_max);
  void on_credit(const wire::Credit& credit);
  /// Every open message ends as `connection_lost`.
  void fail_all(CloseReason reason);

  // ---- Writing packets ----
  /// Something must be sent again.
  bool has_lost() const { return window_.lost_count() > 0; }
  /// Something that left before must leave again, as it is or in smaller pieces.
  bool has_repairs() const { return has_lost() || !resegments_.empty(); }
  /// Something new could go, if the congestion window allowed it.
  bool has_new() const;
  /// Messages wait, but for the send window or the peer's credit.
  bool is_held_back() const { return unsent_messages_ > 0 && !has_new(); }
  /// The send window or the peer's credit of segments is nearly used up: acknowledgements are what
  /// it waits for, and none should be held back for a companion.
  bool is_window_limited() const { return window_.room() < AckScheduler::kPacketTolerance; }
  bool has_skips() const { return skips_pending_ > 0; }
  /// How large the next packet would be at most, roughly: for asking the congestion window.
  ByteCount pending_estimate() const;

  /// Each fills what fits into the packet numbered `number`.
  void write_lost(wire::PacketWriter& writer, PacketNotes& notes, PacketNumber number);
  void write_new(wire::PacketWriter& writer, PacketNotes& notes, PacketNumber number);
  /// One unacknowledged segment, another one at each call, or in turns with it what is new. False
  /// if there is neither.
  bool write_probe(wire::PacketWriter& writer, PacketNotes& notes, PacketNumber number);
  void write_skips(wire::PacketWriter& writer, PacketNotes& notes);
  /// Lets what `send` accepts follow the window: both are to be full.
  void tune_buffer(ByteCount congestion_window);
  /// Whether, since the last call, the pool had no room for a segment that was to be written.
  bool take_memory_refusal() { return std::exchange(was_refused_memory_, false); }

  // ---- Fates ----
  void on_segments_acked(Sequence first, std::uint32_t count);
  void on_segments_lost(Sequence first, std::uint32_t count, PacketNumber number);
  void on_unsequenced_settled(std::uint64_t address, bool is_lost);
  void on_skip_acked(Sequence first, std::uint32_t count);
  void on_skip_lost(Sequence first, std::uint32_t count);
  /// Go-back-N: all unacknowledged segments leave again, in order.
  void go_back() { window_.mark_all_lost(); }
  /// Segments that do not fit `empty_packet` are abandoned; their bytes leave in new ones. Returns
  /// how many; nothing if the pool refused.
  std::optional<std::uint64_t> limit_segments(const wire::PacketWriter& empty_packet);

  /// All messages have ended.
  bool is_settled() const { return first_ == nullptr; }
  bool has_unacked() const { return window_.unacked_count() > 0; }
  void add_to(ConnectionStats& stats) const;
  void add_to(ConnectionInspection& inspection) const;

 private:
  struct Resegment {  // bytes that lost their segment to a smaller datagram size
    OutboundMessage* message;
    ByteCount offset;
    ByteCount length;
  };
  struct Skip {
    Sequence first;
    std::uint32_t count;
    bool is_pending;
  };

  std::error_code limit_error(ByteCount size, const SendOptions& options) const;
  void settle(OutboundMessage& message, Outcome outcome, CloseReason reason);
  void settle_if_done(OutboundMessage& message);
  void update_writable();
  void begin(OutboundMessage& message);
  void advance(OutboundMessage& message, ByteCount length);
  void add_checksum(OutboundMessage& message);
  bool turn_to_sendable();
  bool add_skip(Sequence sequence);
  bool take_turn_to_yield();
  wire::SegmentFrame frame_of(const OutboundMessage& message, const SegmentRange& range,
                              std::optional<Sequence> sequence) const;
  bool write_segment(wire::PacketWriter& writer, PacketNotes& notes, Sequence sequence);
  bool write_reliable(wire::PacketWriter& writer, PacketNotes& notes, PacketNumber number);
  bool write_unreliable(wire::PacketWriter& writer, PacketNotes& notes);
  bool write_resegmented(wire::PacketWriter& writer, PacketNotes& notes, PacketNumber number);
  bool push_segment(const SegmentRange& range, Sequence& sequence);
  std::optional<SegmentRange> fit(const wire::PacketWriter& writer, const OutboundMessage& message,
                                  const SegmentRange& wanted) const;

  MemoryPool* pool_;
  EventQueue* events_;
  // Limits.
  ByteCount send_buffer_;  // now
  ByteCount send_buffer_max_;
  std::uint32_t messages_max_;
  ByteCount message_size_max_;
  std::uint64_t channels_max_;
  bool message_checksum_;
  bool one_segment_per_packet_;  // the textbook protocols
  bool has_yielded_ = false;     // what is lost, the last time
  bool probes_with_new_ = true;  // the last one, if it could
  // Messages.
  SendLines lines_;
  OutboundMessage* first_ = nullptr;  // all unsettled, in order of `send`
  OutboundMessage* last_ = nullptr;
  MessageId next_id_{1};
  std::uint32_t records_ = 0;  // unsettled, or receipt not taken
  ByteCount queued_{0};        // bytes of unsettled messages
  ByteCount unsent_{0};        // of those, never in a datagram
  std::uint64_t unsent_messages_ = 0;
  bool is_blocked_ = false;    // `would_block` was answered
  ByteCount blocked_size_{0};  // to a message of this size
  EventNode writable_;
  // Flow control.
  ByteCount begun_charge_{0};
  ByteCount message_limit_{0};
  OutboundMessage* credit_waiter_ = nullptr;  // nothing else is begun before it
  std::uint64_t begun_unsent_ = 0;            // reliable messages begun and not yet all sent
  bool reliable_turn_ = true;
  // Segments.
  SendWindow window_;
  bool was_refused_memory_ = false;
  PoolRing<Resegment> resegments_;
  PoolRing<Skip> skips_;  // by Sequence, disjoint
  std::size_t skips_pending_ = 0;
  // Counters.
  std::uint64_t refused_calls_ = 0;
  std::uint64_t sent_ = 0;
  ByteCount sent_bytes_{0};
  std::uint64_t outcomes_[4] = {};
};

}  // namespace hawser
