#include "tools/swarm/runner.h"

#include <algorithm>

#include <fmt/format.h>

#include "hawser/netsim/cross_traffic.h"
#include "hawser/netsim/message_bytes.h"
#include "hawser/netsim/topology.h"
#include "transport/endpoint/endpoint_inspector.h"

namespace hawser::swarm {
namespace {

using netsim::EventQueue;
using netsim::LinkConfig;
using netsim::LinkId;
using netsim::RunOutcome;

/// What may happen at one instant: no drawn scenario comes near.
constexpr std::uint64_t kStormThreshold = 200'000;
/// Longer than any datagram of a calm network is under way.
constexpr Duration kDrain = std::chrono::minutes(10);
/// A client keeps the token of its next connection.
constexpr ByteCount kTokenMemory{8192};

SocketAddress address_of(std::size_t host, std::uint8_t network = 1) {
  return SocketAddress::ipv4({10, network, 0, static_cast<std::uint8_t>(host)},
                             static_cast<std::uint16_t>(4000 + host));
}

std::vector<netsim::PathConfig> hops_of(const Scenario& scenario) {
  const auto as_path = [](const TwoWay& hop) {
    return netsim::PathConfig{.up = hop.up, .down = hop.down};
  };
  std::vector<netsim::PathConfig> hops;
  for (const TwoWay& hop : scenario.calm_hops) hops.push_back(as_path(hop));
  hops.insert(hops.begin() + static_cast<std::ptrdiff_t>(scenario.faulty_hop),
              as_path(scenario.faulty));
  return hops;
}

class Run {
 public:
  explicit Run(const Scenario& scenario)
      : scenario_(scenario),
        network_(events_, scenario.seed),
        row_(network_, hops_of(scenario)),
        path_(row_.hop(scenario.faulty_hop)) {
    for (const LinkId link : {path_.up, path_.down}) {
      network_.link(link).set_classifier([](std::span<const std::uint8_t> bytes) {
        return netsim::message_bytes_of(bytes).has_value();
      });
    }
    add_hosts();
    add_cross_traffic();
    deadlines_.assign(hosts_.size(), kNever);
    for (std::size_t i = 0; i < scenario.connections.size(); ++i) {
      scripts_.emplace_back(
          ConnectionScript::Setup{.scenario = scenario,
                                  .number = i,
                                  .client = client(scenario.connections[i].client),
                                  .server = *hosts_.front(),
                                  .findings = findings_});
    }
    schedule_network();
    for (std::size_t i = 0; i < hosts_.size(); ++i) schedule_host(i);
    schedule_applications();
  }

  Verdict run(const std::atomic<bool>* is_cancelled) {
    is_cancelled_ = is_cancelled;
    const auto be_over = [this] { return is_over(); };
    const Duration from = scenario_.settles_from();
    go_until(from + liveness_bound(scenario_), be_over);
    if (!is_over() && may_go_on()) {
      go_until(from + liveness_bound(scenario_, longest_round_trip()), be_over);
    }
    if (!is_over()) note({Invariant::liveness, describe_open()});
    const Duration ended_at = now();
    if (may_go_on()) go_until(now() + kDrain, [] { return false; });
    if (may_go_on()) check_end(ended_at);
    return {.violation = findings_.first(),
            .trace_hash = network_.trace_hash(),
            .ended_at = ended_at,
            .events = events_.event_count(),
            .datagrams = network_.stats().offered,
            .accepted = sum(&ConnectionScript::accepted),
            .delivered = sum(&ConnectionScript::delivered),
            .was_cancelled = was_cancelled()};
  }

 private:
  SwarmHost& client(std::size_t index) { return *hosts_[index + 1]; }
  Duration now() const { return events_.now() - EventQueue::kStart; }
  void note(Violation violation) { findings_.note(now(), std::move(violation)); }
  bool was_cancelled() const { return is_cancelled_ != nullptr && *is_cancelled_; }
  bool may_go_on() const { return !findings_.first() && !was_cancelled(); }

  // ---- Setting up ----
  void add_hosts() {
    const auto admit = [this](const IncomingConnection& incoming) {
      const auto payload = incoming.handshake_payload;
      const bool is_known = payload.size() == 1 && payload[0] < scenario_.connections.size();
      Admission admission;
      admission.is_accepted = is_known && !scenario_.connections[payload[0]].is_refused;
      return admission;
    };
    add_host({.events = events_,
              .network = network_,
              .plan = scenario_.server,
              .address = address_of(0),
              .route = {},
              .seed = scenario_.seed,
              .admission = admit});
    for (std::size_t i = 0; i < scenario_.clients.size(); ++i) {
      const HostPlan& plan = scenario_.clients[i];
      netsim::Route route = row_.across(plan.first_hop, plan.last_hop);
      netsim::add_access(network_, route, "access", scenario_.access[i]);
      add_host({.events = events_,
                .network = network_,
                .plan = plan,
                .address = address_of(i + 1),
                .route = std::move(route),
                .seed = scenario_.seed,
                .admission = {}});
    }
  }

  void add_host(const SwarmHost::Setup& setup) {
    const std::size_t index = hosts_.size();
    hosts_.push_back(std::make_unique<SwarmHost>(setup));
    hosts_.back()->host().set_event_handler(
        [this, index](TimePoint now, Event& event) { on_event(index, now, event); });
  }

  void add_cross_traffic() {
    constexpr std::uint8_t kNetwork = 200;  // no rebinding comes so far
    for (const CrossPlan& cross : scenario_.cross_traffic) {
      const std::size_t number = 2 * cross_traffic_.size();
      cross_traffic_.push_back(std::make_unique<netsim::CrossTraffic>(
          events_, network_,
          netsim::CrossTrafficConfig{.client = address_of(number, kNetwork),
                                     .server = address_of(number + 1, kNetwork),
                                     .route = {.up = {path_.up}, .down = {path_.down}},
                                     .is_from_server = cross.is_from_server,
                                     .rate = cross.rate,
                                     .mean_on = cross.mean_burst,
                                     .mean_off = cross.mean_burst,
                                     .start = cross.on.from,
                                     .stop = cross.on.to,
                                     .seed = scenario_.seed}));
    }
  }

  void schedule_network() {
    for (const PathEdit& edit : scenario_.edits) {
      network_.at(edit.at, [this, &edit] {
        TwoWay path{network_.link(path_.up).config(), network_.link(path_.down).config()};
        edit.apply(path.up, path.down);
        set_path(path);
      });
    }
    network_.at(scenario_.calm_at, [this] {
      set_path(scenario_.base);
      for (const auto& host : hosts_) host->calm();
      for (ConnectionScript& script : scripts_) script.on_calm(backlog());
    });
  }

  // How long what waits at the bottleneck already, others' datagrams too, keeps it busy.
  Duration backlog() {
    return std::max(network_.link(path_.up).queue_delay(events_.now()),
                    network_.link(path_.down).queue_delay(events_.now()));
  }

  void set_path(const TwoWay& path) {
    network_.change(path_.up, path.up);
    network_.change(path_.down, path.down);
  }

  void schedule_host(std::size_t index) {
    SwarmHost& host = *hosts_[index];
    for (const Interval& stop : host.plan().reader_stops) {
      network_.at(stop.from, [&host] { host.host().set_reading(false); });
      network_.at(stop.to, [&host] { host.host().set_reading(true); });
    }
    if (const auto& limit = host.plan().datagram_limit) {
      network_.at(limit->at, [&host, limit] { host.host().set_datagram_limit(limit->size); });
    }
    for (const RefusedAllocation& refused : host.plan().refused_allocations) {
      network_.at(refused.at, [&host, nth = refused.nth] { host.refuse_allocation(nth); });
    }
    std::uint8_t network = 1;
    for (const Duration at : host.plan().rebinds) {
      const SocketAddress address = address_of(index, ++network);
      network_.at(at, [this, &host, address] { network_.rebind(host.host().id(), address); });
    }
    for (const Duration at : host.plan().restarts) {
      network_.at(at, [this, index] { restart(index); });
    }
  }

  void restart(std::size_t index) {
    check_host(*hosts_[index]);
    for (std::size_t i = 0; i < scripts_.size(); ++i) {
      if (index == 0) scripts_[i].on_restart(Side::server);
      if (index == scenario_.connections[i].client + 1) scripts_[i].on_restart(Side::client);
    }
    hosts_[index]->restart();
  }

  void schedule_applications() {
    for (std::size_t i = 0; i < scripts_.size(); ++i) {
      ConnectionScript& script = scripts_[i];
      const ConnectionPlan& plan = scenario_.connections[i];
      network_.at(plan.open_at, [&script] { script.open(); });
      if (plan.end) network_.at(plan.end->at, [&script] { script.end(); });
    }
    for (std::size_t i = 0; i < scenario_.messages.size(); ++i) {
      const MessagePlan& message = scenario_.messages[i];
      network_.at(message.at, [this, i, &message] { scripts_[message.connection].send(i); });
    }
  }

  // ---- Running ----
  void go_until(Duration deadline, const std::function<bool()>& is_done) {
    const RunOutcome outcome = events_.run_until(EventQueue::kStart + deadline, [this, &is_done] {
      check_event();
      return !may_go_on() || is_done();
    });
    if (outcome == RunOutcome::event_storm) {
      note({Invariant::storm, "too much happens without the time moving"});
    }
  }

  void check_event() {
    const bool has_time_moved = events_.now() > instant_;
    for (std::size_t i = 0; i < hosts_.size(); ++i) {
      SwarmHost& host = *hosts_[i];
      if (has_time_moved && !host.is_paused(instant_ - EventQueue::kStart)) {
        findings_.note(now(), check_timer(host.shown_at(instant_), deadlines_[i]));
      }
      check_host(host);
    }
    if (now() >= scenario_.calm_at) {
      for (ConnectionScript& script : scripts_) script.close_if_settled();
    }
    for (std::size_t i = 0; i < hosts_.size(); ++i) {
      deadlines_[i] = hosts_[i]->endpoint().next_timeout();
    }
    instant_ = events_.now();
    if (events_.event_count() > events_at_ease_ &&
        events_.event_count() > events_max(scenario_, now())) {
      note({Invariant::storm, fmt::format("{} events", events_.event_count())});
    }
  }

  void check_host(SwarmHost& host) {
    if (!host.watch().has_dirty()) return;
    // A socket that refuses a datagram makes it smaller, and with it a window counted in datagrams,
    // behind what has left within the same event.
    const bool were_refused = host.take_refusals() > 0;
    const Side side = &host == hosts_.front().get() ? Side::server : Side::client;
    host.watch().take_dirty([&](ConnectionHandle handle, const SentSince& sent) {
      if (keeps_datagrams_ && host.watch().of(handle).declared_lost > 0) {
        note({Invariant::loss, "a packet is declared lost, and no datagram was"});
      }
      const auto inspection = EndpointInspector::inspect(host.endpoint(), handle);
      if (!inspection) return;
      host.watch().on_probe_timeout(inspection->probe_timeout);
      if (!were_refused) findings_.note(now(), check_window(*inspection, sent));
      findings_.note(now(), check_inspection(*inspection));
      const auto found = host.connections.find(handle);
      if (found == host.connections.end()) return;
      scripts_[found->second].on_inspected(side, events_.now(), *inspection);
    });
    findings_.note(
        now(), check_memory(host.endpoint().pool().stats(), host.plan().endpoint.memory_budget));
  }

  void on_event(std::size_t index, TimePoint time, const Event& event) {
    SwarmHost& host = *hosts_[index];
    const auto* connected = std::get_if<ConnectedEvent>(&event.what);
    if (index == 0 && connected != nullptr) {
      // The client's payload says which connection it is.
      const auto payload = connected->payload.bytes();
      if (payload.size() != 1 || payload[0] >= scripts_.size()) {
        return note({Invariant::genuine, "a handshake payload that no client sent"});
      }
      host.connections[event.connection] = payload[0];
    }
    const auto found = host.connections.find(event.connection);
    if (found == host.connections.end()) {
      return note({Invariant::event_order, "an event of a connection that is not there"});
    }
    scripts_[found->second].on_event(index == 0 ? Side::server : Side::client, time,
                                     event.connection, event);
  }

  // ---- Ending ----
  Duration longest_round_trip() const {
    Duration longest{0};
    for (const auto& host : hosts_) {
      longest = std::max(longest, host->watch().longest_round_trip());
    }
    return longest;
  }

  bool is_over() const {
    return std::ranges::all_of(scripts_, &ConnectionScript::is_over) &&
           std::ranges::all_of(
               hosts_, [](const auto& host) { return host->endpoint().stats().connections == 0; });
  }

  std::string describe_open() const {
    for (const ConnectionScript& script : scripts_) {
      if (!script.is_over()) return script.describe_open();
    }
    std::string text = "no application knows of them: connections";
    for (std::size_t i = 0; i < hosts_.size(); ++i) {
      text += fmt::format(" {} at host {}", hosts_[i]->endpoint().stats().connections, i);
    }
    return text;
  }

  // What it finds is so since `ended_at`.
  void check_end(Duration ended_at) {
    for (std::size_t i = 0; i < network_.link_count(); ++i) {
      const auto link = static_cast<LinkId>(i);
      findings_.note(ended_at, check_link(network_.link(link).stats(events_.now())));
    }
    for (ConnectionScript& script : scripts_) script.check_end(ended_at);
    for (std::size_t i = 0; i < hosts_.size(); ++i) {
      const ByteCount kept = hosts_[i]->memory_kept();
      if (kept <= (i == 0 ? ByteCount(0) : kTokenMemory)) continue;
      findings_.note(ended_at, Violation{Invariant::leak,
                                         fmt::format("host {} keeps {} bytes", i, kept.value())});
    }
  }

  std::uint64_t sum(std::uint64_t (ConnectionScript::*figure)() const) const {
    std::uint64_t total = 0;
    for (const ConnectionScript& script : scripts_) total += (script.*figure)();
    return total;
  }

  const Scenario& scenario_;
  const bool keeps_datagrams_ = scenario_.keeps_datagrams();
  const std::atomic<bool>* is_cancelled_ = nullptr;
  EventQueue events_{kStormThreshold};
  netsim::Network network_;
  netsim::BottleneckRow row_;
  netsim::Path path_;  // the hop of the row that has the faults
  Findings findings_;
  std::vector<std::unique_ptr<SwarmHost>> hosts_;  // the server, then the clients
  std::vector<std::unique_ptr<netsim::CrossTraffic>> cross_traffic_;
  std::deque<ConnectionScript> scripts_;
  const std::uint64_t events_at_ease_ = events_max(scenario_, Duration(0));
  TimePoint instant_ = EventQueue::kStart;  // of the latest event
  std::vector<TimePoint> deadlines_;        // of the hosts' endpoints, after it
};

}  // namespace

Verdict run(const Scenario& scenario, const std::atomic<bool>* is_cancelled) {
  return Run(scenario).run(is_cancelled);
}

}  // namespace hawser::swarm
