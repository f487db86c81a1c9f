#include "tools/hawser/simulation.h"

#include <algorithm>
#include <map>
#include <set>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "hawser/netsim/message_bytes.h"
#include "hawser/netsim/network.h"
#include "hawser/netsim/topology.h"
#include "tools/hawser/endpoint_options.h"
#include "tools/hawser/sim_connection.h"
#include "tools/hawser/value_text.h"
#include "transport/wire/packet.h"

namespace hawser::cli {

using netsim::EventQueue;
using netsim::LinkId;
using netsim::Network;
using netsim::RunOutcome;

namespace {

constexpr std::size_t kFlowsMax = 1000;
constexpr std::size_t kCrossMax = 100;

/// One run from the first event to the last.
class Simulation {
 public:
  Simulation(const SimulationSpec& spec, seeing::RunView* view, const DeliveryWatch& on_delivery)
      : spec_(spec),
        view_(view),
        on_delivery_(on_delivery),
        network_(events_, spec.seed),
        row_(network_, std::vector(spec.hops, spec.path)) {
    for (std::size_t i = 0; i < network_.link_count(); ++i) {
      network_.link(static_cast<LinkId>(i)).set_classifier([](std::span<const std::uint8_t> bytes) {
        return netsim::message_bytes_of(bytes).has_value();
      });
    }
    for (const FlowSpec& flow : spec.flows) {
      SimConnection& connection = connection_for(flow);
      flows_.push_back({&connection, connection.add_flow(flow, delivery_observer())});
    }
    for (const CrossSpec& cross : spec.cross) add_cross(cross);
    if (view_ != nullptr) view_->watch(network_);
    if (spec.warmup > Duration::zero()) network_.at(spec.warmup, [this] { start_averages(); });
    for (const auto& connection : connections_) connection->schedule_all();
  }

  SimulationReport run(const std::function<bool(Duration)>& is_cancelled) {
    const TimePoint start = events_.now();
    const TimePoint deadline = spec_.duration ? start + *spec_.duration : kNever;
    SimulationReport report;
    report.outcome = events_.run_until(deadline, [&] {
      return (!spec_.duration && is_over()) || is_cancelled(events_.now() - start);
    });
    report.seed = spec_.seed;
    report.trace_hash = network_.trace_hash();
    report.duration = events_.now() - start;
    report.packets_simulated = network_.stats().offered;
    report.unroutable = network_.stats().unroutable;
    for (const FlowPlace& flow : flows_)
      report.flows.push_back(flow.connection->report(flow.ordinal));
    for (std::size_t i = 0; i < network_.link_count(); ++i) {
      const auto link = static_cast<LinkId>(i);
      report.links.push_back({network_.name(link), network_.link(link).stats(events_.now())});
    }
    for (const auto& connection : connections_) connection->report_hosts(report.hosts);
    for (const auto& cross : cross_) report.cross.push_back(cross->stats());
    return report;
  }

 private:
  struct FlowPlace {
    SimConnection* connection;
    std::size_t ordinal;
  };

  // For the flow that is added next.
  Flow::DeliveryObserver delivery_observer() {
    if (view_ == nullptr && !on_delivery_) return {};
    const std::size_t number = flows_.size();
    if (view_ != nullptr) view_->add_flow(fmt::format("flow {}", number + 1));
    return [this, number](TimePoint now, ByteCount size, Duration latency) {
      if (view_ != nullptr) view_->on_delivery(number, now, size, latency);
      if (on_delivery_) on_delivery_(number, now - EventQueue::kStart, size);
    };
  }

  // The connection of that name, or a new one.
  SimConnection& connection_for(const FlowSpec& flow) {
    if (const auto found = by_name_.find(flow.connection); found != by_name_.end()) {
      return *found->second;
    }
    const auto number = static_cast<std::uint32_t>(connections_.size());
    connections_.push_back(std::make_unique<SimConnection>(
        SimConnection::Setup{events_, network_, spec_, row_, number, flow, view_}));
    if (!flow.connection.empty()) by_name_[flow.connection] = connections_.back().get();
    return *connections_.back();
  }

  void add_cross(const CrossSpec& cross) {
    const auto number = static_cast<std::uint32_t>(cross_.size());
    const HopRange hops = cross.hops.value_or(HopRange{1, row_.size()});
    cross_.push_back(std::make_unique<netsim::CrossTraffic>(
        events_, network_,
        netsim::CrossTrafficConfig{.client = address_of(kCrossClients, number, kCrossPort),
                                   .server = address_of(kCrossServers, number, kCrossPort),
                                   .route = row_.across(hops.first - 1, hops.last - 1),
                                   .is_from_server = cross.is_from_server,
                                   .rate = cross.rate,
                                   .payload = cross.size,
                                   .mean_on = cross.mean_on,
                                   .mean_off = cross.mean_off,
                                   .start = cross.start,
                                   .stop = cross.stop,
                                   .seed = spec_.seed}));
    if (view_ == nullptr) return;
    cross_.back()->set_transmit_observer([this](TimePoint now, const netsim::Datagram& datagram) {
      view_->on_transmit(now, datagram);
    });
  }

  bool is_over() const {
    return std::ranges::all_of(connections_, [](const auto& each) { return each->is_over(); });
  }

  void start_averages() {
    const TimePoint now = events_.now();
    for (std::size_t i = 0; i < network_.link_count(); ++i) {
      network_.link(static_cast<LinkId>(i)).start_averages(now);
    }
    for (const auto& connection : connections_) connection->start_averages(now);
  }

  const SimulationSpec& spec_;
  seeing::RunView* view_;
  const DeliveryWatch& on_delivery_;
  EventQueue events_;
  Network network_;
  netsim::BottleneckRow row_;
  std::vector<std::unique_ptr<SimConnection>> connections_;
  std::map<std::string, SimConnection*> by_name_;
  std::vector<FlowPlace> flows_;
  std::vector<std::unique_ptr<netsim::CrossTraffic>> cross_;
};

// What each message takes of the receive window beside its bytes (`ConnectionConfig`).
constexpr ByteCount kMessageOverhead{64};

// The flow that decides how the connection of `flow` is made.
const FlowSpec& maker_of_connection(const SimulationSpec& spec, const FlowSpec& flow) {
  if (flow.connection.empty()) return flow;
  return *std::ranges::find(spec.flows, flow.connection, &FlowSpec::connection);
}

// The first key of the connection that a later flow gives otherwise than the flow that decides;
// cc=, arq= and what is for one controller alone are taken from that one without a word.
const char* first_difference(const FlowSpec& maker, const FlowSpec& flow) {
  const auto differs = [](const auto& of_maker, const auto& of_flow) {
    return of_flow && of_flow != of_maker;
  };
  if (differs(maker.hops, flow.hops)) return "hops";
  if (differs(maker.access_delay, flow.access_delay)) return "delay";
  if (differs(maker.access_rate, flow.access_rate)) return "rate";
  if (differs(maker.access_queue, flow.access_queue)) return "queue";
  if (differs(maker.cwnd_initial, flow.cwnd_initial)) return "cwnd_initial";
  if (differs(maker.cwnd_min, flow.cwnd_min)) return "cwnd_min";
  if (differs(maker.cwnd_max, flow.cwnd_max)) return "cwnd_max";
  if (differs(maker.send_window, flow.send_window)) return "send_window";
  if (differs(maker.receive_window, flow.receive_window)) return "receive_window";
  if (differs(maker.fast_convergence, flow.fast_convergence)) return "fast_convergence";
  if (differs(maker.loss_threshold_percent, flow.loss_threshold_percent)) return "loss_threshold";
  if (differs(maker.spurious_undo, flow.spurious_undo)) return "spurious_undo";
  if (differs(maker.hystart, flow.hystart)) return "hystart";
  if (differs(maker.prr, flow.prr)) return "prr";
  if (differs(maker.ecn, flow.ecn)) return "ecn";
  if (differs(maker.connects_on_accept, flow.connects_on_accept)) return "connects_on_accept";
  if (differs(maker.resumed, flow.resumed)) return "resumed";
  return nullptr;
}

std::optional<std::string> complaint_about_hops(const SimulationSpec& spec, const char* option,
                                                const std::optional<HopRange>& hops) {
  if (!hops || hops->last <= spec.hops) return std::nullopt;
  return fmt::format("{}: hops={}-{}: there are {}: give --hops {} or more", option, hops->first,
                     hops->last, spec.hops, hops->last);
}

// Whether this holds for one direction of the path, at first and after each change.
template <typename Predicate>
bool always_holds(const netsim::PathConfig& path, netsim::LinkConfig netsim::PathChange::*direction,
                  const Predicate& holds) {
  const netsim::PathChange beginning{.at = Duration::zero(), .up = path.up, .down = path.down};
  return holds(beginning.*direction) && std::ranges::all_of(path.changes, [&](const auto& each) {
           return holds(each.*direction);
         });
}

std::size_t connection_count(const SimulationSpec& spec) {
  std::set<std::string_view> names;
  std::size_t unnamed = 0;
  for (const FlowSpec& flow : spec.flows) {
    if (flow.connection.empty()) {
      ++unnamed;
    } else {
      names.insert(flow.connection);
    }
  }
  return unnamed + names.size();
}

// The IP packets that a connection begins with.
constexpr ByteCount kMtuMin = wire::kInitSizeMin + netsim::kUdpIpOverhead;

std::optional<std::string> complaint_about_path(const SimulationSpec& spec) {
  const auto is_too_narrow = [](const netsim::LinkConfig& link) { return link.mtu < kMtuMin; };
  if (always_holds(spec.path, &netsim::PathChange::up, is_too_narrow)) {
    return fmt::format("--mtu {}: no connection begins with IP packets below {}: give {} or more",
                       spec.path.up.mtu.value(), kMtuMin.value(), kMtuMin.value());
  }
  const auto goes_right = [](const netsim::LinkConfig& link) {
    return link.damage.misdeliver.is_zero();
  };
  const bool is_misdelivered = !always_holds(spec.path, &netsim::PathChange::up, goes_right) ||
                               !always_holds(spec.path, &netsim::PathChange::down, goes_right);
  const bool is_alone =
      connection_count(spec) == 1 && spec.cross.empty() && spec.path.rebinds.empty();
  if (is_misdelivered && is_alone) {
    return "--misdeliver: there is nowhere else to go: give a second --flow, or --cross";
  }
  return std::nullopt;
}

std::optional<std::string> complaint_about_flow(const SimulationSpec& spec, std::size_t index) {
  const FlowSpec& flow = spec.flows[index];
  if (!flow.is_finite() && !spec.duration) {
    return fmt::format(
        "--flow {}: without an end of its own (bytes= or count=) it needs --duration", index + 1);
  }
  if (const auto complaint = complaint_about_hops(spec, "--flow", flow.hops)) return complaint;
  const FlowSpec& maker = maker_of_connection(spec, flow);
  if (const char* key = first_difference(maker, flow)) {
    return fmt::format(
        "--flow {}: {}= is decided by the first flow of connection={}: give it there", index + 1,
        key, flow.connection);
  }
  const ConnectionConfig config = connection_config(spec, maker);
  if (const auto complaint = complaint_about(config)) return complaint;
  const ByteCount largest = std::max(flow.size, flow.reply_size.value_or(ByteCount(0)));
  if (largest + kMessageOverhead > config.receive_window) {
    return fmt::format("--flow {}: messages of {} need receive_window={} or more", index + 1,
                       format_size(largest), (largest + kMessageOverhead).value());
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> complaint_about(const SimulationSpec& spec) {
  if (spec.flows.empty())
    return "--flow: at least one flow is needed, such as --flow mode=bulk,bytes=1MB";
  if (spec.flows.size() > kFlowsMax) {
    return fmt::format("--flow: {} flows are too many: at most {}", spec.flows.size(), kFlowsMax);
  }
  for (std::size_t i = 0; i < spec.flows.size(); ++i) {
    if (const auto complaint = complaint_about_flow(spec, i)) return complaint;
  }
  if (spec.cross.size() > kCrossMax) {
    return fmt::format("--cross: {} are too many: at most {}", spec.cross.size(), kCrossMax);
  }
  for (const CrossSpec& cross : spec.cross) {
    if (const auto complaint = complaint_about_hops(spec, "--cross", cross.hops)) return complaint;
  }
  if (const auto complaint = complaint_about_path(spec)) return complaint;
  if (spec.duration == Duration::zero()) return "--duration: it must be above zero";
  if (spec.duration && spec.warmup >= *spec.duration) {
    return fmt::format("--warmup {}: it must be shorter than --duration {}",
                       format_duration(spec.warmup), format_duration(*spec.duration));
  }
  return std::nullopt;
}

SimulationReport simulate(const SimulationSpec& spec,
                          const std::function<bool(Duration)>& is_cancelled, seeing::RunView* view,
                          const DeliveryWatch& on_delivery) {
  HAWSER_ASSERT(!complaint_about(spec));
  return Simulation(spec, view, on_delivery).run(is_cancelled);
}

}  // namespace hawser::cli
