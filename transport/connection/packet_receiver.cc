#include "transport/connection/packet_receiver.h"

namespace hawser {

namespace {

/// What a look at all frames of a packet says, before any takes effect.
struct Survey {
  bool is_malformed = false;
  bool is_ack_eliciting = false;
  bool has_segment_ahead = false;
  ByteCount segment_memory{0};  ///< that the segments take if each begins a message
};

Survey survey(const ConnectionParts& parts, PacketFrames& frames) {
  Survey result;
  result.is_malformed = !frames.read([&](const wire::Frame& frame) {
    result.is_ack_eliciting |= wire::is_ack_eliciting(frame);
    if (const auto* segment = std::get_if<wire::SegmentFrame>(&frame)) {
      result.has_segment_ahead |= parts.inbox.is_ahead(*segment);
      if (segment->sequence) result.segment_memory += parts.inbox.memory_of(*segment);
    }
  });
  return result;
}

std::optional<CloseReason> close_reason_of(SegmentVerdict verdict) {
  switch (verdict) {
    case SegmentVerdict::taken:
    case SegmentVerdict::duplicate:
      return std::nullopt;
    case SegmentVerdict::ahead:
    case SegmentVerdict::flow_control_error:
      return CloseReason::flow_control_error;
    case SegmentVerdict::protocol_error:
      return CloseReason::protocol_error;
    case SegmentVerdict::integrity_error:
      return CloseReason::integrity_error;
    case SegmentVerdict::out_of_memory:
      return CloseReason::out_of_memory;
  }
  return CloseReason::internal_error;
}

/// One frame after the other takes effect here.
class FrameEffects {
 public:
  /// What the caller has to do about them stands in `effect`.
  FrameEffects(ConnectionParts& parts, TimePoint now, const NetworkPath& path, PacketEffect& effect)
      : parts_(parts), now_(now), path_(path), effect_(effect) {}

  void operator()(const wire::PaddingFrame&) {}
  void operator()(const wire::PingFrame&) {}
  void operator()(const wire::AckFrame& frame) {
    if (const std::error_code error = parts_.recovery.on_ack(now_, frame)) {
      effect_.fatal = error == Errc::not_enough_memory ? CloseReason::out_of_memory
                                                       : CloseReason::protocol_error;
      return;
    }
    if (frame.credit) parts_.outbox.on_credit(*frame.credit);
  }
  void operator()(const wire::AckFrequencyFrame& frame) {
    // Requests are numbered: one that was overtaken counts no more.
    if (parts_.frequency_request && frame.request_number <= *parts_.frequency_request) return;
    parts_.frequency_request = frame.request_number;
    parts_.acks.set_frequency(frame.packet_tolerance, frame.max_ack_delay,
                              frame.reordering_threshold);
  }
  void operator()(const wire::SkipFrame& frame) {
    effect_.fatal = close_reason_of(parts_.inbox.on_skip(frame));
  }
  void operator()(const wire::WindowFrame& frame) { parts_.outbox.on_credit(frame.credit); }
  void operator()(const wire::PathChallengeFrame& frame) {
    parts_.paths.on_challenge(path_, frame.data);
  }
  void operator()(const wire::PathResponseFrame& frame) {
    if (const auto change = parts_.paths.on_response(now_, frame.data)) {
      effect_.path_change = change;
    }
  }
  void operator()(const wire::CloseFrame& frame) {
    const std::string_view phrase(reinterpret_cast<const char*>(frame.phrase.data()),
                                  frame.phrase.size());
    effect_.closed_by_peer = CloseNotice{frame.reason, frame.application_code, phrase};
  }
  void operator()(const wire::SegmentFrame& frame) {
    const SegmentVerdict verdict = parts_.inbox.on_segment(frame);
    // The textbook's sender has but its timer: tell it at once what is here already.
    if (verdict == SegmentVerdict::duplicate && parts_.is_textbook()) {
      parts_.acks.request_immediate();
    }
    effect_.fatal = close_reason_of(verdict);
  }

 private:
  ConnectionParts& parts_;
  TimePoint now_;
  const NetworkPath& path_;
  PacketEffect& effect_;
};

void count_ecn(EcnCounts& counts, Ecn ecn) {
  switch (ecn) {
    case Ecn::not_ect:
      break;
    case Ecn::ect0:
      ++counts.ect0;
      break;
    case Ecn::ect1:
      ++counts.ect1;
      break;
    case Ecn::ce:
      ++counts.ce;
      break;
  }
}

void trace_drop(const ConnectionParts& parts, TimePoint now, const wire::PacketView& view,
                std::string_view reason) {
  parts.tracer(now, PacketDroppedTrace{ByteCount::of(view.packet.size()), reason});
}

/// Sees to it that the packet will be acknowledged. False without memory.
bool take_packet(ConnectionParts& parts, TimePoint now, const AckScheduler::Packet& packet,
                 ByteCount bytes, Ecn ecn) {
  if (parts.acks.on_packet(now, packet) != AckScheduler::Arrival::fresh) return false;
  count_ecn(parts.ecn_received, ecn);
  parts.tracer(now, PacketReceivedTrace{.number = packet.number, .bytes = bytes});
  return true;
}

/// Whether a packet would begin messages for which memory is short. Its `survey` said that it may.
bool begins_too_much(const ConnectionParts& parts, const PacketFrames& frames) {
  ByteCount before(0);
  bool must_wait = false;
  frames.for_each([&](const wire::Frame& frame) {
    const auto* segment = std::get_if<wire::SegmentFrame>(&frame);
    if (segment == nullptr || !parts.inbox.would_begin(*segment)) return true;
    must_wait = parts.inbox.must_wait(*segment, before);
    before += parts.inbox.memory_of(*segment);
    return !must_wait;
  });
  return must_wait;
}

/// Whether a frame of a packet that is not acknowledged takes effect nevertheless: it may do so
/// twice, and what can be taken must go on whatever shares its packets. Acknowledgements free
/// memory.
bool counts_at_once(const ConnectionParts& parts, const wire::Frame& frame) {
  if (const auto* segment = std::get_if<wire::SegmentFrame>(&frame)) {
    return segment->sequence && !parts.inbox.must_wait(*segment, ByteCount(0));
  }
  return std::holds_alternative<wire::AckFrame>(frame) ||
         std::holds_alternative<wire::WindowFrame>(frame) ||
         std::holds_alternative<wire::SkipFrame>(frame) ||
         std::holds_alternative<wire::AckFrequencyFrame>(frame) ||
         std::holds_alternative<wire::PaddingFrame>(frame) ||
         std::holds_alternative<wire::PingFrame>(frame);
}

}  // namespace

PacketCheck check_data_packet(ConnectionParts& parts, TimePoint now, const wire::PacketView& view,
                              const ReceivedDatagram& datagram, PacketFrames& frames) {
  const PacketNumber expected = parts.acks.expected();
  const PacketNumber number =
      wire::expand_packet_number(view.truncated_number, view.number_size, expected);
  if (!wire::verify_data_packet(view, parts.incoming, number)) {
    ++parts.counters.checksum_failures;
    trace_drop(parts, now, view, "checksum_failures");
    return {};
  }
  if (parts.acks.is_duplicate(number)) {
    ++parts.counters.duplicates_dropped;
    trace_drop(parts, now, view, "duplicates_dropped");
    return {};
  }
  const Survey found = survey(parts, frames);
  if (found.is_malformed) {
    // Undamaged and yet not the protocol: the peer's defect.
    ++parts.counters.malformed_dropped;
    return {.is_genuine = true, .fatal = CloseReason::protocol_error};
  }
  if (parts.is_textbook() && found.has_segment_ahead) {
    parts.inbox.count_ahead();
    trace_drop(parts, now, view, "segments_ahead_dropped");
    return {.is_genuine = true};
  }
  const AckScheduler::Packet packet{.number = number,
                                    .is_ack_eliciting = found.is_ack_eliciting,
                                    .wants_immediate_ack = view.immediate_ack,
                                    .is_ce_marked = datagram.ecn == Ecn::ce};
  if (parts.inbox.may_be_short_of_memory(found.segment_memory) && begins_too_much(parts, frames)) {
    return {.is_genuine = true,
            .is_newest = number >= expected,
            .has_effect = true,
            .must_wait = true,
            .packet = packet,
            .bytes = ByteCount::of(view.packet.size())};
  }
  if (!take_packet(parts, now, packet, ByteCount::of(view.packet.size()), datagram.ecn)) {
    return {.fatal = CloseReason::out_of_memory};
  }
  return {.is_genuine = true, .is_newest = number >= expected, .has_effect = true};
}

PacketEffect apply_frames(ConnectionParts& parts, TimePoint now, const PacketFrames& frames,
                          const NetworkPath& path) {
  PacketEffect effect;
  FrameEffects effects(parts, now, path, effect);
  frames.for_each([&](const wire::Frame& frame) {
    std::visit(effects, frame);
    return !effect.fatal.has_value();
  });
  return effect;
}

PacketEffect apply_some_frames(ConnectionParts& parts, TimePoint now, const PacketFrames& frames,
                               const ReceivedDatagram& datagram, const PacketCheck& check) {
  PacketEffect effect;
  FrameEffects effects(parts, now, datagram.path, effect);
  bool are_all = true;
  // A message that began lets the next one of its channel begin.
  frames.for_each([&](const wire::Frame& frame) {
    const bool is_taken = counts_at_once(parts, frame);
    if (is_taken) std::visit(effects, frame);
    are_all = are_all && is_taken;
    return !effect.fatal.has_value();
  });
  if (effect.fatal) return effect;
  if (are_all) {
    if (!take_packet(parts, now, check.packet, check.bytes, datagram.ecn)) {
      effect.fatal = CloseReason::out_of_memory;
    }
    return effect;
  }
  parts.inbox.count_low_memory();
  parts.tracer(now, PacketDroppedTrace{check.bytes, "low_memory_dropped"});
  // A sign of life: a peer whose packets all wait for memory must not take us for gone.
  if (!parts.recovery.has_in_flight()) parts.is_ping_due = true;
  return effect;
}

CloseSearch look_for_close(const ConnectionParts& parts, const wire::PacketView& view) {
  const PacketNumber number =
      wire::expand_packet_number(view.truncated_number, view.number_size, parts.acks.expected());
  if (!wire::verify_data_packet(view, parts.incoming, number)) return CloseSearch::damaged;
  wire::FrameReader reader(view.payload);
  while (!reader.at_end()) {
    const Result<wire::Frame> frame = reader.next();
    if (!frame) return CloseSearch::damaged;
    if (std::holds_alternative<wire::CloseFrame>(*frame)) return CloseSearch::found;
  }
  return CloseSearch::absent;
}

void PartsFates::on_item_acked(const PacketItem& item, bool was_lost) {
  switch (static_cast<ItemKind>(item.kind)) {
    case ItemKind::segments:
      parts_.outbox.on_segments_acked(Sequence(item.value), item.count);
      break;
    case ItemKind::unsequenced:
      // A loss disproved comes too late: the receipt has told of it.
      if (!was_lost) parts_.outbox.on_unsequenced_settled(item.value, false);
      break;
    case ItemKind::ack:
      parts_.acks.on_ack_of_ack(PacketNumber(item.value));
      break;
    case ItemKind::skip:
      parts_.outbox.on_skip_acked(Sequence(item.value), item.count);
      break;
    case ItemKind::handshake:
      parts_.handshake.on_acked(PacketNumber(item.value));
      break;
    case ItemKind::window:
    case ItemKind::frequency:
      break;
  }
}

void PartsFates::on_item_lost(const PacketItem& item, PacketNumber number) {
  switch (static_cast<ItemKind>(item.kind)) {
    case ItemKind::segments:
      parts_.outbox.on_segments_lost(Sequence(item.value), item.count, number);
      break;
    case ItemKind::unsequenced:
      parts_.outbox.on_unsequenced_settled(item.value, true);
      break;
    case ItemKind::skip:
      parts_.outbox.on_skip_lost(Sequence(item.value), item.count);
      break;
    case ItemKind::window:
      // A newer one says all that an older one said.
      if (item.value == parts_.windows_sent) parts_.is_credit_update_due = true;
      break;
    case ItemKind::frequency:
      parts_.frequency.on_lost(item.value);
      break;
    case ItemKind::ack:
    case ItemKind::handshake:
      break;
  }
}

}  // namespace hawser
