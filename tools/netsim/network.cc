#include "hawser/netsim/network.h"

#include <cstring>
#include <utility>

#include "tools/netsim/misuse.h"
#include "tools/netsim/time_after.h"

namespace hawser::netsim {
namespace {

// Where a datagram is on its journey, in its tag: the hosts at both ends and the links behind it.
struct Journey {
  HostId from{};
  HostId to{};
  std::size_t hop = 0;

  static constexpr std::size_t kHopsMax = 127;  // each way
  static constexpr unsigned kHostBits = 28;
  static constexpr std::uint64_t kHostMask = (std::uint64_t{1} << kHostBits) - 1;

  static Journey of(const Datagram& datagram) {
    return {static_cast<HostId>(datagram.tag & kHostMask),
            static_cast<HostId>((datagram.tag >> kHostBits) & kHostMask),
            static_cast<std::size_t>(datagram.tag >> (2 * kHostBits))};
  }
  std::uint64_t tag() const {
    return static_cast<std::uint64_t>(from) | static_cast<std::uint64_t>(to) << kHostBits |
           std::uint64_t{hop} << (2 * kHostBits);
  }
};

}  // namespace

// Wakes when its link has something to deliver.
class Network::LinkDriver final : public Actor {
 public:
  LinkDriver(Network& network, std::string name, Link link)
      : network_(network), name_(std::move(name)), link_(std::move(link)) {}

  void offer(TimePoint now, Datagram&& datagram) {
    link_.offer(now, std::move(datagram));
    rearm();
  }
  void on_wake(TimePoint now) override {
    // Bounded: a sink that answers into this very link without delay must not keep the loop going,
    // but come up as a storm of events; each delivery counts as one.
    for (int i = 0;; ++i) {
      const TimePoint next = link_.next_timeout();
      if (next > now || i == kDeliveriesPerWake) return network_.events_->schedule(*this, next);
      std::optional<Datagram> datagram = link_.poll(now);
      if (!datagram) return rearm();
      network_.events_->count_towards_storm();
      network_.forward(now, *std::move(datagram));
    }
  }
  void apply(TimePoint now, const LinkConfig& config) {
    link_.apply(now, config);
    rearm();
  }
  Link& link() { return link_; }
  const std::string& name() const { return name_; }

 private:
  static constexpr int kDeliveriesPerWake = 1000;
  void rearm() { network_.events_->schedule(*this, link_.next_timeout()); }

  Network& network_;
  std::string name_;
  Link link_;
};

std::size_t Network::AddressHash::operator()(const SocketAddress& address) const {
  std::uint64_t halves[2];
  std::memcpy(halves, address.ip.data(), sizeof halves);
  const std::uint64_t rest = std::uint64_t{address.scope_id} << 32 |
                             std::uint64_t{address.port} << 8 |
                             static_cast<std::uint64_t>(address.family);
  std::uint64_t hash = (halves[0] ^ rest) * 0x9E3779B97F4A7C15ULL;
  hash = (hash ^ (hash >> 32) ^ halves[1]) * 0x9E3779B97F4A7C15ULL;
  return static_cast<std::size_t>(hash ^ (hash >> 32));
}

Network::Network(EventQueue& events, std::uint64_t seed, ByteCount memory_budget)
    : events_(&events),
      seed_(seed),
      start_(events.now()),
      pool_(memory_budget),
      timeline_(events) {}

Network::~Network() = default;

LinkId Network::add_link(std::string name, const LinkConfig& config) {
  const auto number = static_cast<std::uint32_t>(links_.size());
  Link link({.number = number, .seed = seed_, .start = start_}, config, pool_);
  link.set_observer(&watchers_);
  links_.push_back(std::make_unique<LinkDriver>(*this, std::move(name), std::move(link)));
  return static_cast<LinkId>(number);
}

Path Network::add_path(const PathConfig& config, const std::string& suffix) {
  for (const PathChange& step : config.changes) {
    refuse_if("PathConfig: changes.up", step.up.validate());
    refuse_if("PathConfig: changes.down", step.down.validate());
  }
  const Path path{.up = add_link("up" + suffix, config.up),
                  .down = add_link("down" + suffix, config.down)};
  pattern_positions_.push_back(std::make_unique<LossPatternPosition>());
  link(path.up).share_pattern_position(*pattern_positions_.back());
  link(path.down).share_pattern_position(*pattern_positions_.back());
  for (const PathChange& step : config.changes) {
    at(step.at, [this, path, step] {
      change(path.up, step.up);
      change(path.down, step.down);
    });
  }
  return path;
}

void Network::check_way(const std::vector<LinkId>& way) const {
  if (way.size() > Journey::kHopsMax) {
    refuse_misuse("Network::add_host", "a route has at most 127 links each way");
  }
  for (const LinkId link : way) {
    if (static_cast<std::size_t>(link) < links_.size()) continue;
    refuse_misuse("Network::add_host", "a route names a link that this network does not have");
  }
}

void Network::take_address(std::string_view verb, const SocketAddress& address, HostId id) {
  if (hosts_by_address_.emplace(address, id).second) return;
  refuse_misuse(verb, "another host has the address " + address.to_string());
}

HostId Network::add_host(const SocketAddress& address, DatagramSink& sink, Route route) {
  if (hosts_.size() >= Journey::kHostMask) refuse_misuse("Network::add_host", "too many hosts");
  check_way(route.up);
  check_way(route.down);
  const auto id = static_cast<HostId>(hosts_.size());
  take_address("Network::add_host", address, id);
  hosts_.push_back({address, address, &sink, std::move(route)});
  return id;
}

void Network::send(HostId from, Datagram&& datagram) {
  if (datagram.bytes.is_null()) {
    ++stats_.no_memory;
    return;
  }
  const auto found = hosts_by_address_.find(datagram.destination);
  if (found == hosts_by_address_.end()) {
    ++stats_.unroutable;
    return;
  }
  datagram.source = host(from).public_address;
  datagram.tag = Journey{.from = from, .to = found->second}.tag();
  if (host(from).route.up.empty() && host(found->second).route.down.empty()) {
    ++stats_.unroutable;
    return;
  }
  forward(events_->now(), std::move(datagram));
}

// Offers a datagram to the next link of its journey, or hands it over at the end of it.
void Network::forward(TimePoint now, Datagram&& datagram) {
  Journey journey = Journey::of(datagram);
  const std::vector<LinkId>& up = host(journey.from).route.up;
  Host& receiver = host(journey.to);
  const std::vector<LinkId>& down = receiver.route.down;
  if (journey.hop == up.size() + down.size()) {
    ++stats_.delivered;
    datagram.destination = receiver.local;
    return receiver.sink->on_datagram(now, std::move(datagram));
  }
  const LinkId next = journey.hop < up.size() ? up[journey.hop] : down[journey.hop - up.size()];
  ++journey.hop;
  datagram.tag = journey.tag();
  ++stats_.offered;
  driver(next).offer(now, std::move(datagram));
}

void Network::rebind(HostId id, const SocketAddress& public_address) {
  take_address("Network::rebind", public_address, id);
  hosts_by_address_.erase(host(id).public_address);
  host(id).public_address = public_address;
}

const SocketAddress& Network::public_address(HostId id) const {
  return hosts_[static_cast<std::size_t>(id)].public_address;
}

void Network::at(Duration since_start, std::function<void()> action) {
  timeline_.at(time_after(start_, since_start), std::move(action));
}

void Network::change(LinkId link, const LinkConfig& config) {
  driver(link).apply(events_->now(), config);
}

Link& Network::link(LinkId link) { return driver(link).link(); }
const std::string& Network::name(LinkId link) const { return driver(link).name(); }

}  // namespace hawser::netsim
