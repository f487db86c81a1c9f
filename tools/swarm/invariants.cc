#include "tools/swarm/invariants.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace hawser::swarm {
namespace {

std::string complaint_about_reason(const Ending& ending) {
  const auto waited = [&](std::optional<TimePoint> since, Duration timeout) -> std::string {
    if (!since || timeout == Duration(0)) return "there is no such timeout";
    const Duration passed = ending.now - *since;
    if (passed >= timeout) return {};
    return fmt::format("{} ns of {} ns have passed", passed.count(), timeout.count());
  };
  const auto unless = [](bool is_excused, const char* text) {
    return is_excused ? std::string() : std::string(text);
  };
  switch (ending.reason) {
    case CloseReason::none:
      return unless(ending.an_application_closed, "nobody closed it");
    case CloseReason::aborted:
      return unless(ending.an_application_aborted, "nobody aborted it");
    case CloseReason::idle_timeout:
      return waited(ending.last_heard, ending.idle_timeout);
    case CloseReason::handshake_timeout:
      return waited(ending.handshake_began, ending.handshake_timeout);
    case CloseReason::stateless_reset:
      return unless(ending.peer_is_gone, "the peer is there");
    case CloseReason::refused:
      return unless(ending.is_refused, "nobody refused it");
    case CloseReason::server_full:
      return unless(ending.server_may_be_full, "the server has room");
    case CloseReason::out_of_memory:
      return unless(ending.memory_may_end, "there is memory enough");
    case CloseReason::protocol_error:
    case CloseReason::flow_control_error:
    case CloseReason::integrity_error:
    case CloseReason::internal_error:
    case CloseReason::version_mismatch:
    case CloseReason::handshake_mismatch:
      break;
  }
  return "nobody broke a rule";
}

// Longer than the longest pause between two probes or handshake packets, and a slow answer.
constexpr Duration kRecovery = std::chrono::seconds(8);

std::string complaint_about_patience(const Ending& ending) {
  const auto began_late = [&](std::optional<TimePoint> since, Duration timeout) {
    return since && *since + timeout > ending.calm_at + kRecovery;
  };
  if (ending.was_hindered || ending.calm_at == TimePoint::max()) return {};
  // RETRY and ACCEPT take a round trip each; less patience than for both twice is no promise.
  const bool is_patient = ending.handshake_timeout >= 4 * ending.round_trip;
  if (ending.reason == CloseReason::handshake_timeout && is_patient &&
      began_late(ending.handshake_began, ending.handshake_timeout)) {
    return "the path was calm long enough";
  }
  const bool is_long = ending.idle_timeout >= kRecovery;
  if (ending.reason == CloseReason::idle_timeout && is_long && !ending.peer_is_gone &&
      ending.has_left_work && began_late(ending.last_heard, ending.idle_timeout)) {
    return "both ends were there, with work to do, and the path was calm";
  }
  return {};
}

}  // namespace

const char* to_string(Invariant invariant) {
  constexpr std::array<const char*, kInvariantCount> kNames{
      "genuine",   "once",   "order",         "receipt", "event-order", "close-reason",
      "in-flight", "window", "credit",        "memory",  "timer",       "storm",
      "liveness",  "leak",   "link-counters", "refusal", "loss"};
  return kNames[static_cast<std::size_t>(invariant)];
}

Finding check_inspection(const ConnectionInspection& seen) {
  if (seen.bytes_in_flight != seen.bytes_in_flight_recounted) {
    return Violation{
        Invariant::in_flight,
        fmt::format("{} bytes in flight, but the log's packets are {}",
                    seen.bytes_in_flight.value(), seen.bytes_in_flight_recounted.value())};
  }
  if (seen.begun_charge > seen.message_limit || seen.next_sequence > seen.sequence_limit) {
    return Violation{Invariant::credit,
                     fmt::format("sent {} of {} bytes and segment {} of {} that the peer allows",
                                 seen.begun_charge.value(), seen.message_limit.value(),
                                 seen.next_sequence.value(), seen.sequence_limit.value())};
  }
  if (seen.received_charge > seen.announced_charge) {
    return Violation{Invariant::credit,
                     fmt::format("took {} bytes and had allowed {}", seen.received_charge.value(),
                                 seen.announced_charge.value())};
  }
  return std::nullopt;
}

Finding check_limits(const ConnectionInspection& seen, const EndLimits& limits) {
  const auto beyond = [](Invariant invariant, const char* what, std::int64_t is,
                         std::int64_t most) -> Finding {
    if (is <= most) return std::nullopt;
    return Violation{invariant, fmt::format("{}: {} of {}", what, is, most)};
  };
  Finding found =
      beyond(Invariant::memory, "bytes allowed to the peer", seen.announced_charge.value(),
             (limits.receive_window + limits.taken).value());
  if (found) return found;
  found = beyond(Invariant::memory, "bytes queued", seen.send_queue.value(),
                 std::max(limits.send_buffer, limits.largest_message).value());
  if (found) return found;
  found = beyond(Invariant::memory, "bytes of unreliable messages", seen.unreliable_held.value(),
                 limits.unreliable_reassembly.value());
  if (found) return found;
  return beyond(Invariant::window, "segments in the send window",
                static_cast<std::int64_t>(seen.window_used),
                static_cast<std::int64_t>(limits.send_window));
}

Finding check_credit(const ConnectionInspection& sender, const ConnectionInspection& receiver) {
  if (sender.message_limit <= receiver.announced_charge &&
      sender.sequence_limit <= receiver.announced_sequence) {
    return std::nullopt;
  }
  return Violation{
      Invariant::credit,
      fmt::format("believes in {} bytes and segments to {}, was told {} and {}",
                  sender.message_limit.value(), sender.sequence_limit.value(),
                  receiver.announced_charge.value(), receiver.announced_sequence.value())};
}

Finding check_window(const ConnectionInspection& seen, const SentSince& sent) {
  // One packet may always fly.
  const ByteCount most = std::max(seen.congestion_window, seen.datagram_size);
  if (!sent.has_sent_data || seen.bytes_in_flight - sent.probe_bytes <= most) return std::nullopt;
  return Violation{Invariant::window,
                   fmt::format("{} bytes in flight with a window of {}",
                               seen.bytes_in_flight.value(), seen.congestion_window.value())};
}

Finding check_timer(TimePoint instant, TimePoint deadline) {
  if (deadline > instant) return std::nullopt;
  return Violation{Invariant::timer, fmt::format("a deadline that came {} ns ago is not served",
                                                 (instant - deadline).count())};
}

Finding check_memory(const MemoryPool::Stats& memory, ByteCount budget) {
  if (memory.peak <= budget && memory.reserved >= memory.in_use) return std::nullopt;
  return Violation{Invariant::memory, fmt::format("{} bytes were in use, the budget is {}",
                                                  memory.peak.value(), budget.value())};
}

Finding check_link(const netsim::LinkStats& stats) {
  const std::uint64_t in = stats.packets + stats.duplicated + stats.replayed;
  const std::uint64_t out = stats.delivered + stats.dropped_loss + stats.dropped_queue +
                            stats.dropped_aqm + stats.dropped_policer + stats.dropped_mtu +
                            stats.dropped_blackout + stats.dropped_memory;
  if (in == out) return std::nullopt;
  return Violation{Invariant::link_counters,
                   fmt::format("{} datagrams went in, {} came out or were dropped", in, out)};
}

Finding check_ending(const Ending& ending) {
  if (const std::string patience = complaint_about_patience(ending); !patience.empty()) {
    return Violation{Invariant::liveness,
                     fmt::format("closed as {}: {}", hawser::to_string(ending.reason), patience)};
  }
  const bool is_own_close = ending.reason == CloseReason::none && !ending.by_peer;
  if (is_own_close && !ending.an_application_aborted && ending.lost_with_it > 0) {
    return Violation{
        Invariant::receipt,
        fmt::format("closed in order, and {} messages are lost with it", ending.lost_with_it)};
  }
  const std::string complaint = complaint_about_reason(ending);
  if (complaint.empty()) return std::nullopt;
  return Violation{Invariant::close_reason,
                   fmt::format("closed as {}{}: {}", hawser::to_string(ending.reason),
                               ending.by_peer ? " by the peer" : "", complaint)};
}

Finding check_refusal(const Refusal& refusal) {
  const bool is_excused =
      !refusal.error || refusal.error == Errc::would_block ||
      (refusal.error == Errc::connection_closing && refusal.is_ending) ||
      (refusal.error == Errc::not_enough_memory && refusal.was_refused_memory) ||
      (refusal.error == Errc::message_too_large && refusal.is_too_large) ||
      (refusal.error == Errc::unknown_channel && !refusal.is_channel_known);
  if (is_excused) return std::nullopt;
  return Violation{Invariant::refusal,
                   fmt::format("refused without a cause: {}", refusal.error.message())};
}

}  // namespace hawser::swarm
