#include "tools/swarm/swarm_host.h"

#include <algorithm>
#include <utility>

#include "hawser/assert.h"

namespace hawser::swarm {

void EndpointWatch::on_event(TimePoint now, ConnectionHandle connection, const TraceEvent& event) {
  Seen& seen = seen_[connection];
  if (!std::exchange(seen.is_dirty, true)) dirty_.push_back(connection);
  if (const auto* sent = std::get_if<PacketSentTrace>(&event)) {
    if (sent->is_probe) seen.sent.probe_bytes += sent->bytes;
    if (!sent->is_probe && sent->has_message_bytes) seen.sent.has_sent_data = true;
  } else if (const auto* metrics = std::get_if<MetricsTrace>(&event)) {
    longest_round_trip_ = std::max(longest_round_trip_, metrics->rtt.latest);
    seen.sent.has_sent_data = false;  // what left before did so under another window
  } else if (std::holds_alternative<PacketReceivedTrace>(event)) {
    seen.last_heard = now;
  } else if (const auto* state = std::get_if<StateTrace>(&event)) {
    if (state->state == "handshaking") seen.handshake_began = now;
    if (state->state == "established") seen.last_heard = now;
    seen.is_ending = state->state != "handshaking" && state->state != "established";
  } else if (const auto* lost = std::get_if<PacketLostTrace>(&event)) {
    if (lost->trigger == "threshold" && !lost->is_mtu_probe) ++seen.declared_lost;
  }
}

void EndpointWatch::forget_all() {
  seen_.clear();
  dirty_.clear();
}

SwarmHost::SwarmHost(const Setup& setup)
    : events_(&setup.events),
      plan_(&setup.plan),
      config_(setup.plan.endpoint),
      clock_(setup.plan.faults, netsim::EventQueue::kStart) {
  config_.trace = &watch_;
  config_.admission = setup.admission;
  auto host = netsim::EndpointHost::create(setup.events, setup.network,
                                           {.endpoint = config_,
                                            .address = setup.address,
                                            .route = setup.route,
                                            .seed = setup.seed,
                                            .batch = setup.plan.batch,
                                            .receive_batch = setup.plan.receive_batch,
                                            .faults = setup.plan.faults});
  HAWSER_ASSERT(host.has_value());  // a drawn configuration is a valid one
  host_ = std::move(*host);
  baseline_ = endpoint().pool().stats().in_use;
}

void SwarmHost::restart() {
  ++restarts_;
  was_refused_before_ = was_refused_memory();
  connections.clear();
  const std::error_code error = host_->restart(config_);
  HAWSER_ASSERT(!error);
  watch_.forget_all();
  baseline_ = endpoint().pool().stats().in_use;
  host_->pump();
}

bool SwarmHost::was_refused_memory() {
  return was_refused_before_ || endpoint().pool().stats().refusals > 0;
}

void SwarmHost::calm() {
  refuse_allocation(0);
  host_->end_faults();
}

bool SwarmHost::is_paused(Duration now) const {
  return std::ranges::any_of(plan_->faults.pauses, [now](const netsim::Period& pause) {
    return pause.from <= now && now < pause.to;
  });
}

std::uint64_t SwarmHost::take_refusals() {
  const std::uint64_t all = host_->stats().too_large_refused;
  return all - std::exchange(refusals_taken_, all);
}

ByteCount SwarmHost::memory_kept() { return endpoint().pool().stats().in_use - baseline_; }

}  // namespace hawser::swarm
