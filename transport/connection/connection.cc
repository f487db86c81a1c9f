#include "transport/connection/connection.h"

#include <algorithm>
#include <bit>
#include <utility>

namespace hawser {

namespace {

/// Closing and draining last this many probe timeouts (RFC 9000 s10.2).
constexpr int kClosePeriod = 3;

}  // namespace

Connection::Connection(const ConnectionResources& resources, const ConnectionIdentity& identity,
                       const ClientStart& start, std::unique_ptr<CongestionController> controller)
    : parts_(resources, identity, start, std::move(controller)) {
  connected_.kind = EventKind::connected;
  path_changed_.kind = EventKind::path_changed;
  closed_.kind = EventKind::closed;
}

Connection::Connection(const ConnectionResources& resources, const ConnectionIdentity& identity,
                       const ServerStart& start, std::unique_ptr<CongestionController> controller)
    : parts_(resources, identity, start, std::move(controller)),
      now_(start.now),
      has_started_(true) {
  connected_.kind = EventKind::connected;
  path_changed_.kind = EventKind::path_changed;
  closed_.kind = EventKind::closed;
  const wire::TransportParameters& peer = parts_.handshake.peer();
  parts_.recovery.set_arq(from_wire(peer.arq));
  parts_.outgoing = wire::make_pseudo_header(parts_.handshake.peer_id(), identity.local_id);
  parts_.incoming = wire::make_pseudo_header(identity.local_id, parts_.handshake.peer_id());
  // The INIT is acknowledged by the ACCEPT; here it is only known as received.
  const PacketNumber number(start.init->truncated_number);
  (void)parts_.acks.on_packet(start.now, {.number = number});
  timers_.set(TimerKind::handshake_timeout, start.now + parts_.config->handshake_timeout);
  parts_.tracer(start.now, StateTrace{to_string(state_), CloseReason::none});
  trace_handshake_packet(start.now, *start.init);
}

Connection::~Connection() {
  // What was handed up and not taken is still in the event queue.
  while (has_events()) (void)poll_event();
}

// ---- Application -----------------------------------------------------------------------------

Result<MessageId> Connection::send(Buffer message, const SendOptions& options) {
  if (const std::error_code refusal = refuses(ByteCount::of(message.size()), options)) {
    return refusal;
  }
  return parts_.outbox.send(std::move(message), options);
}

Result<MessageId> Connection::send(std::span<const std::uint8_t> bytes,
                                   const SendOptions& options) {
  if (const std::error_code refusal = refuses(ByteCount::of(bytes.size()), options)) {
    return refusal;
  }
  return parts_.outbox.send(Buffer::copy_of(*parts_.resources.pool, bytes), options);
}

std::error_code Connection::refuses(ByteCount size, const SendOptions& options) {
  if (is_closing_wanted()) return Errc::connection_closing;
  return parts_.outbox.refuses(size, options);
}

std::error_code Connection::close() {
  if (is_closing_wanted()) return Errc::connection_closing;
  if (state_ == ConnectionState::handshaking) {
    if (parts_.outbox.is_settled()) return abort(CloseReason::none, 0, {});
    flushes_when_established_ = true;
    return {};
  }
  move_to(now_, ConnectionState::flushing);
  finish_flush_if_done(now_);
  return {};
}

std::error_code Connection::abort(CloseReason reason, std::uint64_t application_code,
                                  std::string_view phrase) {
  if (is_over(state_)) return Errc::connection_closing;
  enter_closing(now_, {reason, application_code, phrase});
  return {};
}

std::optional<Event> Connection::poll_event() {
  EventNode* node = parts_.events.pop();
  if (node == nullptr) return std::nullopt;
  Event event = event_of(*node);
  if (parts_.inbox.wants_credit_update()) parts_.is_credit_update_due = true;
  return event;
}

Event Connection::event_of(EventNode& node) {
  Event event{.connection = parts_.identity.handle, .what = WritableEvent{}};
  switch (node.kind) {
    case EventKind::connected:
      event.what = ConnectedEvent{.is_client = parts_.handshake.is_client(),
                                  .remote = path().remote,
                                  .payload = parts_.handshake.take_peer_payload(),
                                  .token = parts_.handshake.take_token(),
                                  .incarnation = parts_.handshake.peer().incarnation.value_or(0),
                                  .instance_id = parts_.handshake.peer().instance_id};
      break;
    case EventKind::message:
      event.what = parts_.inbox.take_message(node);
      break;
    case EventKind::receipt:
      event.what = parts_.outbox.take_receipt(node);
      break;
    case EventKind::writable:
      break;
    case EventKind::path_changed:
      event.what = PathChangedEvent{path()};
      break;
    case EventKind::closed: {
      const std::span<const std::uint8_t> phrase(
          reinterpret_cast<const std::uint8_t*>(ending_.phrase.data()), ending_.phrase_size);
      event.what = ClosedEvent{
          .reason = ending_.reason,
          .application_code = ending_.application_code,
          .by_peer = ending_.by_peer,
          .phrase = phrase.empty() ? Buffer() : Buffer::copy_of(*parts_.resources.pool, phrase)};
      break;
    }
  }
  return event;
}

ConnectionStats Connection::stats() const {
  ConnectionStats stats = parts_.counters;
  parts_.recovery.add_to(stats);
  parts_.outbox.add_to(stats);
  parts_.inbox.add_to(stats);
  parts_.mtu.add_to(stats);
  stats.datagram_size = parts_.datagram_size;
  stats.ecn_ce_received = parts_.ecn_received.ce;
  return stats;
}

ConnectionInspection Connection::inspect() const {
  ConnectionInspection inspection{.datagram_size = parts_.datagram_size};
  parts_.recovery.add_to(inspection);
  parts_.outbox.add_to(inspection);
  parts_.inbox.add_to(inspection);
  return inspection;
}

// ---- State -----------------------------------------------------------------------------------

void Connection::move_to(TimePoint now, ConnectionState state) {
  HAWSER_ASSERT(is_legal_move(state_, state));
  state_ = state;
  parts_.tracer(now, StateTrace{to_string(state), ending_.reason});
}

void Connection::establish(TimePoint now) {
  const wire::TransportParameters& peer = parts_.handshake.peer();
  move_to(now, ConnectionState::established);
  parts_.recovery.set_peer_ack_delay(peer.ack_delay_max);
  parts_.outbox.set_peer_limits(peer.channels_max, peer.message_size_max);
  parts_.outbox.on_credit(peer.initial_credit);
  parts_.mtu.limit(peer.datagram_size_max);
  adopt_datagram_size(now);
  parts_.events.push(connected_);
  if (is_confirmed()) begin_silence(now);
  if (flushes_when_established_) {
    move_to(now, ConnectionState::flushing);
    finish_flush_if_done(now);
  }
}

/// The other side is known to have our INIT or ACCEPT.
void Connection::confirm(TimePoint now) {
  parts_.handshake.confirm();
  timers_.clear(TimerKind::handshake_timeout);
  timers_.clear(TimerKind::handshake_retransmission);
  if (state_ == ConnectionState::handshaking) {
    establish(now);
  } else {
    begin_silence(now);
  }
}

/// Until then the handshake's timeout decides.
void Connection::begin_silence(TimePoint now) {
  set_idle_timer(now);
  set_keepalive_timer(now);
}

/// Everything that was queued is delivered: the peer may be told now.
void Connection::finish_flush_if_done(TimePoint now) {
  if (state_ == ConnectionState::flushing && parts_.outbox.is_settled()) enter_closing(now, {});
}

void Connection::enter_closing(TimePoint now, const CloseNotice& notice) {
  // Before the client knows the server's id there is nobody to tell.
  const bool can_tell = is_open(state_) || !parts_.handshake.is_client();
  end(now, can_tell ? ConnectionState::closing : ConnectionState::closed, notice, false);
  is_close_due_ = can_tell;
}

void Connection::end(TimePoint now, ConnectionState state, const CloseNotice& notice,
                     bool by_peer) {
  ending_.reason = notice.reason;
  ending_.application_code = notice.application_code;
  ending_.by_peer = by_peer;
  ending_.phrase_size = std::min(notice.phrase.size(), ending_.phrase.size());
  std::copy_n(notice.phrase.begin(), ending_.phrase_size, ending_.phrase.begin());
  // Of a connection that was never established a server's application has not heard.
  const bool is_visible = state_ != ConnectionState::handshaking || parts_.handshake.is_client();
  move_to(now, state);
  parts_.outbox.fail_all(notice.reason);
  if (is_visible) parts_.events.push(closed_);
  timers_.clear_all();
  // `closing` lasts from its first CLOSE on: what the application ends between two turns of the
  // driver does not know the time.
  if (state == ConnectionState::draining) set_close_timer(now);
}

void Connection::set_close_timer(TimePoint now) {
  timers_.set(TimerKind::close, now + kClosePeriod * parts_.recovery.probe_timeout());
}

// ---- Datagrams in ----------------------------------------------------------------------------

void Connection::receive(TimePoint now, const ReceivedDatagram& datagram,
                         const wire::PacketView& first) {
  now_ = now;
  ++parts_.counters.datagrams_received;
  parts_.counters.bytes_received += ByteCount::of(datagram.bytes.size());
  if (state_ == ConnectionState::closed) return;
  receive_packet(now, first, datagram);
  std::span<const std::uint8_t> rest = datagram.bytes.subspan(first.packet.size());
  while (!rest.empty() && state_ != ConnectionState::closed) {
    const auto view = wire::parse_packet(rest, parts_.identity.local_id.size());
    if (!view) {
      ++parts_.counters.malformed_dropped;
      return;
    }
    receive_packet(now, *view, datagram);
    rest = rest.subspan(view->packet.size());
  }
}

void Connection::receive_packet(TimePoint now, const wire::PacketView& view,
                                const ReceivedDatagram& datagram) {
  if (has_long_header(view.type)) {
    receive_answer(now, view, datagram);
  } else if (view.type == wire::PacketType::data && state_ == ConnectionState::closing) {
    receive_after_close(now, view);
  } else if (view.type == wire::PacketType::data && can_read_data()) {
    receive_data(now, view, datagram);
  } else {
    ++parts_.counters.unexpected_dropped;
  }
}

/// Our CLOSE is on its way: only whether the peer's is as well still matters.
void Connection::receive_after_close(TimePoint now, const wire::PacketView& view) {
  ++parts_.counters.unexpected_dropped;
  const CloseSearch search = look_for_close(parts_, view);
  if (search != CloseSearch::damaged) parts_.handshake.confirm();
  switch (search) {
    case CloseSearch::damaged:
      break;
    case CloseSearch::found:
      is_close_due_ = false;
      move_to(now, ConnectionState::draining);
      set_close_timer(now);
      break;
    case CloseSearch::absent:
      // Repeat the CLOSE ever more rarely: at the 1st, 2nd, 4th, 8th ... packet.
      if (std::has_single_bit(++packets_after_close_)) is_close_due_ = true;
      break;
  }
}

/// A long packet, addressed to this connection's id: only a client awaits any.
void Connection::receive_answer(TimePoint now, const wire::PacketView& view,
                                const ReceivedDatagram& datagram) {
  if (!parts_.handshake.is_client() || is_over(state_)) {
    ++parts_.counters.unexpected_dropped;
    return;
  }
  if (!wire::verify_plain_packet(view)) {
    ++parts_.counters.checksum_failures;
    return;
  }
  switch (parts_.handshake.on_answer(view, *parts_.resources.pool)) {
    case Handshake::Answer::retry:
      trace_handshake_packet(now, view);
      break;
    case Handshake::Answer::accepted:
      trace_handshake_packet(now, view);
      on_accepted(now, view, datagram);
      break;
    case Handshake::Answer::refused: {
      const wire::RefuseBody& body = parts_.handshake.refusal();
      const std::string_view phrase(reinterpret_cast<const char*>(body.phrase.data()),
                                    body.phrase.size());
      end(now, ConnectionState::closed, {body.reason, body.application_code, phrase}, true);
      break;
    }
    case Handshake::Answer::version_mismatch:
      end(now, ConnectionState::closed, {CloseReason::version_mismatch, 0, {}}, true);
      break;
    case Handshake::Answer::mismatch:
      end(now, ConnectionState::closed, {CloseReason::handshake_mismatch, 0, {}}, false);
      break;
    case Handshake::Answer::ignored:
      // A repeated ACCEPT: the server has not heard from us yet.
      if (view.type == wire::PacketType::accept && is_open(state_)) {
        parts_.is_ping_due = true;
      } else {
        ++parts_.counters.unexpected_dropped;
      }
      break;
  }
}

void Connection::on_accepted(TimePoint now, const wire::PacketView& view,
                             const ReceivedDatagram& datagram) {
  parts_.paths.set_local(datagram.path.local);
  parts_.outgoing = wire::make_pseudo_header(parts_.handshake.peer_id(), identity().local_id);
  parts_.incoming = wire::make_pseudo_header(identity().local_id, parts_.handshake.peer_id());
  confirm(now);
  const std::error_code error = parts_.recovery.on_handshake_ack(
      now, parts_.handshake.acknowledged_init(), parts_.handshake.ack_delay());
  const auto arrival = parts_.acks.on_packet(now, {.number = PacketNumber(view.truncated_number),
                                                   .is_ack_eliciting = true,
                                                   .wants_immediate_ack = true});
  if (is_over(state_)) return;
  const bool is_out_of_memory =
      error == Errc::not_enough_memory || arrival == AckScheduler::Arrival::no_memory;
  if (is_out_of_memory || parts_.handshake.is_out_of_memory()) {
    enter_closing(now, {CloseReason::out_of_memory, 0, {}});
  } else if (error || arrival == AckScheduler::Arrival::duplicate) {
    enter_closing(now, {CloseReason::protocol_error, 0, "impossible ACCEPT"});
  }
}

void Connection::on_repeated_init(TimePoint now, const wire::PacketView& init,
                                  const wire::InitBody& body, const ReceivedDatagram& datagram) {
  now_ = now;
  ++parts_.counters.datagrams_received;
  parts_.counters.bytes_received += ByteCount::of(datagram.bytes.size());
  // Another INIT under the same name is not answered: the ACCEPT is bound to the first.
  const bool is_same = wire::transcript_of_init(init, body) == parts_.handshake.transcript();
  const PacketNumber number(init.truncated_number);
  // A client without the ACCEPT could not read our CLOSE.
  const bool is_answered = !is_over(state_) || state_ == ConnectionState::closing;
  if (!is_same || !is_answered || !parts_.handshake.on_repeated_init(now, number)) {
    ++parts_.counters.unexpected_dropped;
    return;
  }
  trace_handshake_packet(now, init);
  if (state_ == ConnectionState::closing) is_close_due_ = true;
}

void Connection::trace_handshake_packet(TimePoint now, const wire::PacketView& view) const {
  parts_.tracer(now, PacketReceivedTrace{.number = PacketNumber(view.truncated_number),
                                         .bytes = ByteCount::of(view.packet.size()),
                                         .is_handshake = true,
                                         .is_retry = view.type == wire::PacketType::retry});
}

void Connection::receive_data(TimePoint now, const wire::PacketView& view,
                              const ReceivedDatagram& datagram) {
  PacketFrames frames(view.payload);
  const PacketCheck check = check_data_packet(parts_, now, view, datagram, frames);
  if (check.is_genuine) {
    // The application hears of the connection before it hears of what the packet brings.
    if (!is_confirmed()) confirm(now);
    has_asked_since_receipt_ = false;
    set_idle_timer(now);
  }
  if (check.fatal) {
    enter_closing(now, {*check.fatal, 0, {}});
    return;
  }
  if (!check.has_effect) return;
  if (is_over(state_)) return;
  apply(now, check.must_wait ? apply_some_frames(parts_, now, frames, datagram, check)
                             : apply_frames(parts_, now, frames, datagram.path));
  if (check.is_newest && can_read_data() && !parts_.paths.is_current(datagram.path)) {
    parts_.paths.on_other_path(datagram.path, ByteCount::of(view.packet.size()),
                               *parts_.resources.random);
  }
}

void Connection::apply(TimePoint now, const PacketEffect& effect) {
  if (effect.fatal) {
    enter_closing(now, {*effect.fatal, 0, {}});
    return;
  }
  if (effect.closed_by_peer) {
    // What the packet acknowledged counts before the rest ends as lost; it may have been all.
    receive_end(now);
    if (is_over(state_)) return;
    end(now, ConnectionState::draining, *effect.closed_by_peer, true);
    return;
  }
  if (effect.path_change) change_path(now, *effect.path_change);
}

void Connection::change_path(TimePoint now, const PathValidator::Change& change) {
  if (change.only_port_changed) {
    parts_.mtu.forget_flight();
  } else {
    parts_.mtu.restart();
  }
  PartsFates fates(parts_);
  parts_.recovery.on_path_change(now, parts_.mtu.datagram_size(), change, fates);
  adopt_datagram_size(now);
  if (!path_changed_.is_queued) parts_.events.push(path_changed_);
}

void Connection::receive_end(TimePoint now) {
  if (!is_open(state_)) return;
  PartsFates fates(parts_);
  parts_.recovery.finish_acks(now, fates);
  adopt_datagram_size(now);
  set_ack_frequency(now);
  tune_buffers(now);
  finish_flush_if_done(now);
  set_send_timers(now);
}

/// Both ends have room for what the path can hold.
void Connection::tune_buffers(TimePoint now) {
  parts_.outbox.tune_buffer(parts_.recovery.congestion_window());
  const bool has_grown = parts_.inbox.tune_credit(now, parts_.recovery.measured_round_trip());
  if (has_grown && parts_.inbox.wants_credit_update()) parts_.is_credit_update_due = true;
}

/// What the acknowledgements of this batch say of how often they should come.
void Connection::set_ack_frequency(TimePoint now) {
  const Recovery& recovery = parts_.recovery;
  if (parts_.is_textbook() || !recovery.largest_acked()) return;
  parts_.frequency.on_progress(now,
                               {.largest_acked = *recovery.largest_acked(),
                                .next_number = recovery.next_number(),
                                .packets_delivered = recovery.packets_delivered(),
                                .smoothed_rtt = recovery.rtt().smoothed,
                                .loss_delay = recovery.loss_delay()},
                               parts_.acks);
}

void Connection::on_stateless_reset(TimePoint now) {
  now_ = now;
  if (is_over(state_)) return;
  end(now, ConnectionState::closed, {CloseReason::stateless_reset, 0, {}}, true);
}

// ---- Datagrams out ---------------------------------------------------------------------------

bool Connection::wants_transmit() const {
  switch (state_) {
    case ConnectionState::handshaking:
      return parts_.handshake.is_packet_due();
    case ConnectionState::established:
    case ConnectionState::flushing:
      return has_something_to_say(parts_, now_);
    case ConnectionState::closing:
      return is_close_due_ || parts_.handshake.is_packet_due();
    case ConnectionState::draining:
    case ConnectionState::closed:
      break;
  }
  return false;
}

std::optional<Transmit> Connection::poll_transmit(TimePoint now, std::span<std::uint8_t> space,
                                                  std::size_t datagrams_max) {
  now_ = now;
  std::optional<Transmit> result(std::in_place);  // filled where it is returned
  Transmit& transmit = *result;
  for (std::size_t i = 0; i < datagrams_max; ++i) {
    const std::span<std::uint8_t> rest = space.subspan(transmit.bytes);
    const std::size_t full = parts_.datagram_size.size();
    if (rest.size() < std::max(full, wire::kInitSizeMin.size())) break;
    if (transmit.bytes > 0 && next_mtu_probe(parts_, now)) break;  // it is larger
    const bool are_marked_alike = parts_.recovery.marks_alike();
    NetworkPath path = parts_.paths.current();
    const auto [size, ecn, is_mtu_probe] = build(now, rest, path);
    if (size == 0) break;
    on_sent(now, size);
    if (transmit.bytes == 0) {
      transmit.path = path;
      transmit.ecn = ecn;
      transmit.segment_size = size;
      transmit.is_mtu_probe = is_mtu_probe;
    }
    HAWSER_ASSERT(ecn == transmit.ecn);
    transmit.bytes += size;
    // Only full datagrams may be followed by another: all but the last must be of one size, and
    // what a datagram holds must not depend on the one before.
    if (size != full || path.remote != parts_.paths.current().remote) break;
    if (!are_marked_alike || parts_.paths.has_probe() || is_close_due_) break;
  }
  if (parts_.is_out_of_memory && !is_over(state_)) {
    end(now, ConnectionState::closed, {CloseReason::out_of_memory, 0, {}}, false);
  }
  // Asked here too, and not only of a datagram that comes to nothing: whether there is one more of
  // these depends on the buffer's capacity.
  has_more_to_transmit_ = is_open(state_) ? may_send(parts_, now) || parts_.paths.has_probe() ||
                                                parts_.handshake.is_packet_due()
                                          : wants_transmit();
  set_send_timers(now);
  if (transmit.bytes == 0) result.reset();
  return result;
}

/// One datagram; `path` is changed where it goes elsewhere than usual.
BuiltDatagram Connection::build(TimePoint now, std::span<std::uint8_t> space, NetworkPath& path) {
  if (state_ == ConnectionState::closing) return build_last_words(now, space);
  if (is_over(state_)) return {};
  if (parts_.handshake.is_packet_due()) {
    if (!has_started_) {
      has_started_ = true;
      timers_.set(TimerKind::handshake_timeout, now + parts_.config->handshake_timeout);
      parts_.tracer(now, StateTrace{to_string(state_), CloseReason::none});
    }
    const BuiltDatagram datagram = build_handshake(parts_, now, space);
    const bool has_left = datagram.size > 0;
    if (has_left && state_ == ConnectionState::handshaking && speaks_first()) establish(now);
    return datagram;
  }
  if (!is_open(state_)) return {};
  if (parts_.paths.has_probe()) {
    const auto probe = parts_.paths.take_probe(now, parts_.recovery.probe_timeout());
    path = probe->path;
    return build_path_probe(parts_, now, space, *probe);
  }
  return build_datagram(parts_, now, space);
}

/// The CLOSE, and before it the ACCEPT for a client that asked for it again.
BuiltDatagram Connection::build_last_words(TimePoint now, std::span<std::uint8_t> space) {
  if (parts_.handshake.is_packet_due()) {
    const BuiltDatagram accept = build_handshake(parts_, now, space);
    if (accept.size > 0) return accept;
    parts_.handshake.stop_repeating();  // no memory for it
  }
  if (!is_close_due_) return {};
  is_close_due_ = false;
  if (timers_.deadline(TimerKind::close) == kNever) set_close_timer(now);
  const std::string_view phrase(ending_.phrase.data(), ending_.phrase_size);
  return build_close(parts_, now, space, {ending_.reason, ending_.application_code, phrase});
}

void Connection::on_sent(TimePoint now, std::size_t bytes) {
  ++parts_.counters.datagrams_sent;
  parts_.counters.bytes_sent += ByteCount::of(bytes);
  if (!is_open(state_) || !is_confirmed()) return;
  set_keepalive_timer(now);
  // RFC 9000 s10.1: what was sent into a silence gets the whole timeout to be answered.
  if (!has_asked_since_receipt_ && parts_.recovery.has_in_flight()) {
    has_asked_since_receipt_ = true;
    set_idle_timer(now);
  }
}

void Connection::on_datagram_too_large(const SocketAddress& remote, ByteCount size) {
  if (remote != path().remote || is_over(state_)) return;
  parts_.mtu.on_refused(size);
  adopt_datagram_size(now_);
}

/// Puts into effect what the search, the host or the peer say of the size that may be sent.
void Connection::adopt_datagram_size(TimePoint now) {
  const ByteCount before = std::exchange(parts_.datagram_size, parts_.mtu.datagram_size());
  if (parts_.datagram_size == before) return;
  parts_.tracer(now, DatagramSizeTrace{before, parts_.datagram_size});
  parts_.recovery.on_datagram_size(now, parts_.datagram_size);
  const bool may_be_too_large = parts_.datagram_size < before && parts_.outbox.has_unacked();
  if (!may_be_too_large || cut_segments_to_datagram_size(parts_)) return;
  enter_closing(now, {CloseReason::out_of_memory, 0, {}});
}

const std::optional<ResetToken>& Connection::peer_reset_token() const {
  return parts_.handshake.peer().reset_token;
}

}  // namespace hawser
