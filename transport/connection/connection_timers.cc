// When the connection must act, and what falls due.
#include <algorithm>

#include "transport/connection/connection.h"

namespace hawser {

namespace {

/// The idle timeout is never shorter than this many probe timeouts (RFC 9000 s10.1).
constexpr int kIdleProbeTimeouts = 3;
/// Between two signs of life of a sender that waits for credit: three in an idle timeout, so that
/// neither side idles out, and never longer than this, in which it can be found again.
constexpr int kCreditSignsInIdleTimeout = 3;
constexpr Duration kCreditIntervalMax = std::chrono::seconds(5);
/// A peer that sends parts has sent another after so many, but not less than a second: our estimate
/// may be of a path that we hardly use.
constexpr int kReassemblyProbeTimeouts = 3;
constexpr Duration kReassemblyMin = std::chrono::seconds(1);

}  // namespace

/// The smaller of both sides'; zero where neither has one.
Duration Connection::idle_timeout() const {
  const Duration ours = parts_.config->idle_timeout;
  const Duration theirs = parts_.handshake.peer().idle_timeout;
  if (ours == Duration(0)) return theirs;
  return theirs == Duration(0) ? ours : std::min(ours, theirs);
}

void Connection::set_idle_timer(TimePoint now) {
  const Duration timeout = idle_timeout();
  if (timeout == Duration(0)) return;
  const Duration least = kIdleProbeTimeouts * parts_.recovery.probe_timeout();
  timers_.set(TimerKind::idle, now + std::max(timeout, least));
}

/// While messages wait for credit and nothing is under way (RFC 9000 s4.1): a peer that tells of
/// new credit could not reach us where a NAT gave us another address. Keeps a deadline that is set.
void Connection::set_credit_timer(TimePoint now) {
  if (parts_.recovery.has_in_flight() || !parts_.outbox.is_held_back()) {
    timers_.clear(TimerKind::credit);
  } else if (timers_.deadline(TimerKind::credit) == kNever) {
    const Duration timeout = idle_timeout();
    const Duration usual = timeout == Duration(0)
                               ? kCreditIntervalMax
                               : std::min(timeout / kCreditSignsInIdleTimeout, kCreditIntervalMax);
    timers_.set(TimerKind::credit, now + std::max(usual, parts_.recovery.probe_timeout()));
  }
}

void Connection::set_keepalive_timer(TimePoint now) {
  if (parts_.config->keepalive > Duration(0)) {
    timers_.set(TimerKind::keepalive, now + parts_.config->keepalive);
  }
}

/// Between two looks at unreliable messages that are not complete. Keeps a deadline that is set.
void Connection::set_reassembly_timer(TimePoint now) {
  if (!parts_.inbox.has_incomplete_unreliable()) {
    timers_.clear(TimerKind::reassembly);
  } else if (timers_.deadline(TimerKind::reassembly) == kNever) {
    const Duration probes = kReassemblyProbeTimeouts * parts_.recovery.probe_timeout();
    timers_.set(TimerKind::reassembly, now + std::max(probes, kReassemblyMin));
  }
}

/// Deadlines that follow from what the parts hold after any change.
void Connection::set_send_timers(TimePoint now) {
  if (is_over(state_)) return;
  timers_.set(TimerKind::handshake_retransmission, parts_.handshake.deadline());
  if (!is_open(state_)) return;
  timers_.set(TimerKind::recovery, parts_.recovery.deadline());
  timers_.set(TimerKind::ack, parts_.acks.deadline());
  timers_.set(TimerKind::path_challenge, parts_.paths.deadline());
  set_reassembly_timer(now);
  set_credit_timer(now);
  const bool is_paced = parts_.recovery.send_limit() == SendLimit::pacing;
  const TimePoint paced = is_paced ? parts_.recovery.pacing_deadline(now) : kNever;
  // Once pacing allows it, something else (memory) holds it back: waking at once would not help.
  timers_.set(TimerKind::pacing, paced > now ? paced : kNever);
}

void Connection::handle_timeout(TimePoint now) {
  now_ = now;
  if (timers_.is_expired(TimerKind::close, now)) {
    timers_.clear_all();
    is_close_due_ = false;
    move_to(now, ConnectionState::closed);
    return;
  }
  if (timers_.is_expired(TimerKind::idle, now)) {
    end(now, ConnectionState::closed, {CloseReason::idle_timeout, 0, {}}, false);
    return;
  }
  if (timers_.is_expired(TimerKind::handshake_timeout, now)) {
    end(now, ConnectionState::closed, {CloseReason::handshake_timeout, 0, {}}, false);
    return;
  }
  if (timers_.is_expired(TimerKind::handshake_retransmission, now)) {
    timers_.clear(TimerKind::handshake_retransmission);
    parts_.handshake.on_timeout();
  }
  if (timers_.is_expired(TimerKind::recovery, now)) {
    PartsFates fates(parts_);
    parts_.recovery.on_timeout(now, fates);
    adopt_datagram_size(now);
    finish_flush_if_done(now);
    if (is_open(state_)) {
      timers_.set(TimerKind::recovery, parts_.recovery.deadline());
      set_credit_timer(now);  // a lost PING is not sent again
    }
  }
  if (timers_.is_expired(TimerKind::path_challenge, now)) {
    timers_.clear(TimerKind::path_challenge);
    parts_.paths.on_timeout(now);
  }
  if (timers_.is_expired(TimerKind::reassembly, now)) {
    timers_.clear(TimerKind::reassembly);
    parts_.inbox.give_up_silent();
    set_reassembly_timer(now);
  }
  if (timers_.is_expired(TimerKind::keepalive, now)) {
    timers_.clear(TimerKind::keepalive);
    parts_.is_ping_due = true;
  }
  if (timers_.is_expired(TimerKind::credit, now)) {
    timers_.clear(TimerKind::credit);
    parts_.is_ping_due = true;
  }
  // What fell due and can be said now is told by wants_transmit, not by a deadline gone by.
  if (timers_.is_expired(TimerKind::pacing, now)) timers_.clear(TimerKind::pacing);
  if (timers_.is_expired(TimerKind::ack, now)) timers_.clear(TimerKind::ack);
}

}  // namespace hawser
