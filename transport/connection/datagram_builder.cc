#include "transport/connection/datagram_builder.h"

#include <algorithm>
#include <array>

namespace hawser {

namespace {

/// After so many datagrams that elicited nothing, one asks for an acknowledgement, so that a mere
/// receiver learns which of its ranges need not be repeated.
constexpr std::uint64_t kAcksAloneMax = 32;

/// A probe of the path's MTU waits until so many of its size fit the window: it must not hold up
/// what it is to speed up.
constexpr std::int64_t kMtuProbesInWindow = 3;

/// One datagram being written, with what must be noted about it.
struct Draft {
  PacketNumber number;
  wire::PacketWriter writer;
  PacketNotes notes;
  bool is_probe = false;
  bool is_companion = false;  ///< a mere PING, behind a large datagram
  bool is_in_flight = false;
  ByteCount mtu_probe{0};  ///< above 0: its size, and it holds nothing else

  Draft(const ConnectionParts& parts, std::span<std::uint8_t> space)
      : number(parts.recovery.next_number()),
        writer(space, {.destination_id = parts.handshake.peer_id(),
                       .number = number,
                       .number_size = kPacketNumberSize}) {}
};

/// Room in the log for any packet.
bool has_room(ConnectionParts& parts) {
  parts.is_out_of_memory |= !parts.recovery.reserve(PacketNotes::kItemsMax);
  return !parts.is_out_of_memory;
}

/// Which kinds of content this datagram may have.
struct Permission {
  bool probe = false;                    ///< a probe is due: windows do not hold it back
  bool data = false;                     ///< windows and pacing allow in-flight bytes
  std::optional<ByteCount> mtu_probe{};  ///< these are for a probe of that size
};

/// The size of an MTU probe that is worth sending now. It goes amid messages that larger datagrams
/// would serve, never last, so that what is behind it shows its loss; and not amid repairs.
std::optional<ByteCount> wanted_mtu_probe(ConnectionParts& parts, TimePoint now) {
  if (parts.is_textbook() || !parts.recovery.has_in_flight()) return std::nullopt;
  if (parts.recovery.packets_delivered() == 0) return std::nullopt;  // the first window is short
  if (parts.outbox.has_repairs() || !parts.outbox.has_new()) return std::nullopt;
  if (parts.outbox.pending_estimate() <= parts.datagram_size) return std::nullopt;
  const std::optional<ByteCount> size = parts.mtu.due_probe(now);
  if (!size || parts.recovery.congestion_window() < *size * kMtuProbesInWindow) {
    return std::nullopt;
  }
  return size;
}

Permission permission(ConnectionParts& parts, TimePoint now) {
  Permission result;
  result.probe = parts.recovery.probes_due() > 0;
  const bool has_data = parts.outbox.has_lost() || parts.outbox.has_new() ||
                        parts.outbox.has_skips() || parts.is_credit_update_due || parts.is_ping_due;
  if (!has_data) {
    parts.recovery.set_send_limit(parts.outbox.is_held_back() ? SendLimit::send_window
                                                              : SendLimit::application);
    return result;
  }
  const std::optional<ByteCount> mtu_probe =
      result.probe ? std::nullopt : wanted_mtu_probe(parts, now);
  const ByteCount usual = std::min(
      parts.datagram_size, std::max(parts.outbox.pending_estimate(), wire::kElicitingSizeMin));
  const ByteCount size = mtu_probe.value_or(usual);
  if (!parts.recovery.window_allows(size)) {
    parts.recovery.set_send_limit(SendLimit::congestion_window);
  } else if (!parts.recovery.pacing_allows(now)) {
    parts.recovery.set_send_limit(SendLimit::pacing);
  } else {
    result.data = true;
    result.mtu_probe = mtu_probe;
  }
  return result;
}

void write_ack(ConnectionParts& parts, TimePoint now, Draft& draft) {
  std::array<wire::AckRange, wire::kAckRangesMax> ranges;
  const std::size_t count = parts.acks.ranges(std::span<wire::AckRange>(ranges));
  if (count == 0 || draft.notes.is_full()) return;
  wire::AckFrame frame;
  frame.delay = now - parts.acks.largest_received_time();
  frame.credit = parts.inbox.credit();
  if (parts.ecn_received != EcnCounts{}) frame.ecn = parts.ecn_received;
  if (!draft.writer.write_ack({ranges.data(), count}, frame)) return;
  draft.notes.add(ItemKind::ack, ranges[0].largest.value());
  parts.acks.on_ack_sent();
  parts.inbox.on_credit_sent(*frame.credit, false);
}

bool write_window(ConnectionParts& parts, Draft& draft) {
  const wire::Credit credit = parts.inbox.credit();
  if (draft.notes.is_full() || !draft.writer.write(wire::WindowFrame{credit})) return false;
  draft.notes.add(ItemKind::window, ++parts.windows_sent);
  draft.notes.is_ack_eliciting = true;
  parts.inbox.on_credit_sent(credit, true);
  parts.is_credit_update_due = false;
  return true;
}

/// Control frames that elicit an acknowledgement and are repaired when lost.
void write_control(ConnectionParts& parts, Draft& draft) {
  if (parts.outbox.has_skips()) parts.outbox.write_skips(draft.writer, draft.notes);
  if (parts.is_credit_update_due) write_window(parts, draft);
  const auto frequency = parts.frequency.due();
  if (frequency && !draft.notes.is_full() &&
      draft.writer.write(wire::AckFrequencyFrame{.request_number = frequency->number,
                                                 .packet_tolerance = frequency->packet_tolerance,
                                                 .max_ack_delay = frequency->delay_max,
                                                 .reordering_threshold = frequency->reordering})) {
    draft.notes.add(ItemKind::frequency, frequency->number);
    draft.notes.is_ack_eliciting = true;
    parts.frequency.on_sent();
  }
  // Under the textbook protocols a PING would take the place of a segment, which elicits as well;
  // with a keepalive shorter than the round trip none would ever leave.
  const bool can_ask_with_segment = parts.is_textbook() && parts.outbox.has_new();
  if (parts.is_ping_due && !can_ask_with_segment && draft.writer.write(wire::PingFrame{})) {
    draft.notes.is_ack_eliciting = true;
    parts.is_ping_due = false;
  }
}

/// Two probes in a row carry different segments, or one of them something new, so that one more
/// loss does not cost one more timeout. Without either it tells the credit, which may be what was
/// lost.
void write_probe(ConnectionParts& parts, Draft& draft) {
  draft.is_probe = true;
  if (parts.outbox.write_probe(draft.writer, draft.notes, draft.number)) return;
  write_window(parts, draft);
}

void write_content(ConnectionParts& parts, TimePoint now, const Permission& allowed, Draft& draft) {
  // A textbook receiver takes nothing beyond what it waits for: it must hear of a skip first.
  if (parts.is_textbook() && allowed.data && parts.outbox.has_skips()) {
    write_control(parts, draft);
    return;
  }
  if (allowed.probe) write_probe(parts, draft);
  // A lost segment may need the whole datagram: it goes before anything that could go elsewhere.
  if (allowed.data && !(allowed.probe && parts.is_textbook())) {
    parts.outbox.write_lost(draft.writer, draft.notes, draft.number);
  }
  const bool has_segment = draft.notes.has_message_bytes;
  if (parts.acks.has_news()) write_ack(parts, now, draft);
  if (!allowed.data) return;
  // Under the textbook protocols a packet with a segment carries nothing else that elicits.
  if (parts.is_textbook() && has_segment) return;
  write_control(parts, draft);
  if (parts.is_textbook() && draft.notes.is_ack_eliciting) return;
  parts.outbox.write_new(draft.writer, draft.notes, draft.number);
  // What was to go first did not go: then the lost segment that made way for it, which it does only
  // once.
  if (!draft.writer.has_frames()) {
    parts.outbox.write_lost(draft.writer, draft.notes, draft.number);
  }
}

/// A segment that found no memory waits for what an acknowledgement gives back. Where none is to
/// come nothing would ever ask for it again.
void note_refused_segment(ConnectionParts& parts, const Draft& draft) {
  // What is lost may have made way for the segment, and goes next.
  const bool is_answer_coming =
      draft.notes.is_ack_eliciting || parts.recovery.has_in_flight() || parts.outbox.has_lost();
  parts.is_out_of_memory |= parts.outbox.take_memory_refusal() && !is_answer_coming;
}

/// Whether more could follow right away; if not, the peer's acknowledgement is what we wait for.
bool is_last_for_now(const ConnectionParts& parts, ByteCount written) {
  const bool has_more = parts.outbox.has_lost() || parts.outbox.has_new();
  if (!has_more || parts.outbox.is_window_limited()) return true;
  return !parts.recovery.window_allows(written + parts.datagram_size);
}

/// A probe of the MTU is as large as what it asks about; all that elicits an answer is larger than
/// a reset.
ByteCount least_size(const Draft& draft) {
  if (draft.mtu_probe > ByteCount(0)) return draft.mtu_probe;
  return draft.notes.is_ack_eliciting ? wire::kElicitingSizeMin : ByteCount(0);
}

BuiltDatagram finish(ConnectionParts& parts, TimePoint now, Draft& draft) {
  const bool is_eliciting = draft.notes.is_ack_eliciting;
  const bool is_mtu_probe = draft.mtu_probe > ByteCount(0);
  const bool wants_ack =
      is_eliciting && (draft.is_probe || draft.is_companion || parts.is_textbook() ||
                       is_last_for_now(parts, ByteCount::of(draft.writer.size())));
  if (wants_ack) draft.writer.set_immediate_ack();
  const std::size_t size = draft.writer.finish(parts.outgoing, draft.number, least_size(draft));
  const ByteCount bytes = ByteCount::of(size);
  parts.tracer(now,
               PacketSentTrace{.number = draft.number,
                               .bytes = bytes,
                               .is_ack_eliciting = is_eliciting,
                               .is_probe = draft.is_probe || draft.is_companion,
                               .has_message_bytes = draft.notes.has_message_bytes,
                               .has_retransmission = draft.notes.retransmitted_bytes > ByteCount(0),
                               .is_mtu_probe = is_mtu_probe});
  // What goes to another path or ends this one is not part of what the marks tell of.
  const Ecn ecn = draft.is_in_flight ? parts.recovery.mark(now, is_eliciting) : Ecn::not_ect;
  parts.recovery.on_sent({.sent_time = now,
                          .bytes = bytes,
                          .is_ack_eliciting = is_eliciting && draft.is_in_flight,
                          .is_in_flight = is_eliciting && draft.is_in_flight,
                          .is_app_limited = parts.recovery.send_limit() == SendLimit::application,
                          .is_ect = ecn == Ecn::ect0,
                          .is_mtu_probe = is_mtu_probe,
                          .items = draft.notes.items()},
                         wants_ack);
  if (draft.is_probe) parts.recovery.on_probe_sent();
  if (draft.is_probe || draft.is_companion) ++parts.counters.probes_sent;
  if (draft.notes.has_message_bytes && !parts.is_textbook()) {
    parts.is_companion_due |=
        parts.mtu.wants_companion({.number = draft.number,
                                   .bytes = bytes,
                                   .waiting = parts.recovery.oldest_wait(now),
                                   .probe_timeout = parts.recovery.probe_timeout()});
  }
  parts.counters.retransmitted_bytes += draft.notes.retransmitted_bytes;
  parts.acks_alone = is_eliciting ? 0 : parts.acks_alone + 1;
  return {size, ecn, is_mtu_probe};
}

/// Nothing but a PING, so that it passes wherever anything does.
BuiltDatagram build_companion(ConnectionParts& parts, TimePoint now,
                              std::span<std::uint8_t> space) {
  parts.is_companion_due = false;
  Draft draft(parts, space.first(parts.datagram_size.size()));
  draft.is_in_flight = draft.is_companion = true;
  parts.mtu.on_companion_sent(draft.number);
  const bool wrote = draft.writer.write(wire::PingFrame{});
  HAWSER_ASSERT(wrote);
  draft.notes.is_ack_eliciting = true;
  return finish(parts, now, draft);
}

BuiltDatagram build_mtu_probe(ConnectionParts& parts, TimePoint now, std::span<std::uint8_t> space,
                              ByteCount size) {
  Draft draft(parts, space.first(size.size()));
  draft.is_in_flight = true;
  draft.mtu_probe = size;
  const bool wrote = draft.writer.write(wire::PingFrame{});
  HAWSER_ASSERT(wrote);
  draft.notes.is_ack_eliciting = true;
  parts.mtu.on_probe_sent(now, draft.number, size);
  return finish(parts, now, draft);
}

}  // namespace

bool has_something_to_say(const ConnectionParts& parts, TimePoint now) {
  return parts.handshake.is_packet_due() || parts.paths.has_probe() || parts.acks.is_due(now) ||
         parts.recovery.probes_due() > 0 || parts.outbox.has_lost() || parts.outbox.has_new() ||
         parts.outbox.has_skips() || parts.is_credit_update_due || parts.is_ping_due ||
         parts.is_companion_due;
}

bool may_send(ConnectionParts& parts, TimePoint now) {
  const Permission allowed = permission(parts, now);
  return allowed.probe || allowed.data || parts.acks.is_due(now) || parts.is_companion_due;
}

std::optional<ByteCount> next_mtu_probe(ConnectionParts& parts, TimePoint now) {
  if (!parts.mtu.due_probe(now)) return std::nullopt;  // mostly: the search is over
  return permission(parts, now).mtu_probe;
}

BuiltDatagram build_datagram(ConnectionParts& parts, TimePoint now, std::span<std::uint8_t> space) {
  const Permission allowed = permission(parts, now);
  const bool may_say = allowed.probe || allowed.data || parts.acks.is_due(now);
  if (!may_say && !parts.is_companion_due) return {};
  parts.recovery.skip_number_if_due(now, *parts.resources.random);
  if (!has_room(parts)) return {};
  if (parts.is_companion_due) return build_companion(parts, now, space);
  if (allowed.mtu_probe && allowed.mtu_probe->size() <= space.size()) {
    return build_mtu_probe(parts, now, space, *allowed.mtu_probe);
  }
  // What the estimate did not know of, such as an acknowledgement, makes no datagram larger than
  // the window permits.
  const bool is_held_to_window = allowed.data && !allowed.probe;
  const ByteCount size = is_held_to_window
                             ? std::min(parts.datagram_size, parts.recovery.window_room())
                             : parts.datagram_size;
  Draft draft(parts, space.first(size.size()));
  draft.is_in_flight = true;
  write_content(parts, now, allowed, draft);
  note_refused_segment(parts, draft);
  if (!draft.writer.has_frames()) return {};
  const bool wants_answer = parts.acks_alone >= kAcksAloneMax && !parts.recovery.has_in_flight();
  if (!draft.notes.is_ack_eliciting && wants_answer && draft.writer.write(wire::PingFrame{})) {
    draft.notes.is_ack_eliciting = true;
  }
  return finish(parts, now, draft);
}

BuiltDatagram build_handshake(ConnectionParts& parts, TimePoint now,
                              std::span<std::uint8_t> space) {
  if (!has_room(parts)) return {};
  const PacketNumber number = parts.recovery.next_number();
  const std::size_t size = parts.handshake.write(now, space, number);
  const PacketItem item{static_cast<std::uint32_t>(ItemKind::handshake), 1, number.value()};
  parts.tracer(
      now, PacketSentTrace{.number = number, .bytes = ByteCount::of(size), .is_handshake = true});
  parts.recovery.on_sent({.sent_time = now, .bytes = ByteCount::of(size), .items = {&item, 1}},
                         false);
  return {.size = size};
}

BuiltDatagram build_path_probe(ConnectionParts& parts, TimePoint now, std::span<std::uint8_t> space,
                               const PathValidator::Probe& probe) {
  if (!has_room(parts)) return {};
  Draft draft(parts, space.first(parts.datagram_size.size()));
  const bool wrote = probe.is_response ? draft.writer.write(wire::PathResponseFrame{probe.data})
                                       : draft.writer.write(wire::PathChallengeFrame{probe.data});
  HAWSER_ASSERT(wrote);
  draft.notes.is_ack_eliciting = true;
  return finish(parts, now, draft);
}

BuiltDatagram build_close(ConnectionParts& parts, TimePoint now, std::span<std::uint8_t> space,
                          const CloseNotice& notice) {
  if (!has_room(parts)) return {};
  Draft draft(parts, space.first(parts.datagram_size.size()));
  const std::span<const std::uint8_t> phrase(
      reinterpret_cast<const std::uint8_t*>(notice.phrase.data()), notice.phrase.size());
  const bool wrote = draft.writer.write(wire::CloseFrame{
      .reason = notice.reason, .application_code = notice.application_code, .phrase = phrase});
  HAWSER_ASSERT(wrote);
  return finish(parts, now, draft);
}

bool cut_segments_to_datagram_size(ConnectionParts& parts) {
  Buffer scratch = Buffer::allocate(*parts.resources.pool, parts.datagram_size.size());
  if (scratch.is_null()) return false;
  const wire::PacketWriter empty(scratch.writable(), {.destination_id = parts.handshake.peer_id(),
                                                      .number = parts.recovery.next_number(),
                                                      .number_size = kPacketNumberSize});
  const std::optional<std::uint64_t> abandoned = parts.outbox.limit_segments(empty);
  if (abandoned) parts.counters.segments_abandoned += *abandoned;
  return abandoned.has_value();
}

}  // namespace hawser
