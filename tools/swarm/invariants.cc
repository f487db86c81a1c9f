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

}  // namespace

const char* to_string(Invariant invariant) {
  constexpr std::array<const char*, kInvariantCount> kNames{
      "genuine",      "once",      "order",    "receipt", "event-order",
      "close-reason", "in-flight", "window",   "credit",  "memory",
      "timer",        "storm",     "liveness", "leak",    "link-counters"};
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
  const std::string complaint = complaint_about_reason(ending);
  if (complaint.empty()) return std::nullopt;
  return Violation{Invariant::close_reason,
                   fmt::format("closed as {}{}: {}", hawser::to_string(ending.reason),
                               ending.by_peer ? " by the peer" : "", complaint)};
}

}  // namespace hawser::swarm
