#include "tools/hawser/udp_relay.h"

#include <algorithm>
#include <utility>

#include "hawser/assert.h"
#include "hawser/netsim/message_bytes.h"

namespace hawser::cli {

using netsim::Datagram;
using netsim::Link;

namespace {

constexpr ByteCount kMemory{256 << 20};
// A client that was silent for this long gives its place to a new one when the table is full.
constexpr Duration kStale = std::chrono::seconds(30);

// A tag says whose a datagram is (slot and generation) and how many microseconds it lay in the
// system's buffer before it was read.
constexpr unsigned kWaitBits = 24;
constexpr unsigned kSlotBits = 20;
constexpr std::uint64_t kWaitMax = (std::uint64_t{1} << kWaitBits) - 1;
constexpr std::uint64_t kSlotMax = (std::uint64_t{1} << kSlotBits) - 1;

// What all datagrams of one client have in common.
std::uint64_t owner_tag(std::size_t slot, std::uint32_t generation) {
  return std::uint64_t{generation} << (kWaitBits + kSlotBits) | std::uint64_t{slot} << kWaitBits;
}
std::uint64_t wait_tag(Duration waited) {
  return std::min(static_cast<std::uint64_t>(waited / std::chrono::microseconds(1)), kWaitMax);
}
Duration waited_of(std::uint64_t tag) {
  return std::chrono::microseconds(static_cast<std::int64_t>(tag & kWaitMax));
}

}  // namespace

// ---- Beginning and end --------------------------------------------------------------------------

Result<std::unique_ptr<UdpRelay>> UdpRelay::create(EventLoop& loop, const UdpRelayConfig& config) {
  std::unique_ptr<UdpRelay> relay(new UdpRelay(loop, config));
  if (const std::error_code error = relay->start()) return error;
  return relay;
}

UdpRelay::UdpRelay(EventLoop& loop, const UdpRelayConfig& config)
    : loop_(&loop),
      config_(config),
      pool_(kMemory),
      start_(monotonic_now()),
      now_(start_),
      up_({.number = 0, .seed = config.seed, .start = start_}, config.path.up, pool_),
      down_({.number = 1, .seed = config.seed, .start = start_}, config.path.down, pool_),
      alarm_(loop, [this] { on_alarm(); }) {
  HAWSER_ASSERT(config.clients_max <= kSlotMax);
  for (Link* link : {&up_, &down_}) {
    link->share_pattern_position(pattern_position_);
    if (!config.carries_hawser) continue;
    link->set_classifier([](std::span<const std::uint8_t> bytes) {
      return netsim::message_bytes_of(bytes).has_value();
    });
  }
}

std::error_code UdpRelay::start() {
  auto listening = UdpPort::open(*loop_, config_.listen, [this](const UdpPort::Arrival& arrival) {
    on_client_datagram(arrival);
  });
  if (!listening) return listening.error();
  listening_ = std::move(*listening);
  rearm();
  return {};
}

// A NAT's socket for one client: any free port.
Result<std::unique_ptr<UdpPort>> UdpRelay::open_client_port(std::size_t slot) {
  SocketAddress any;
  any.family = config_.to.family;
  const std::uint64_t number = ++ports_opened_;
  return UdpPort::open(*loop_, any, [this, slot, number](const UdpPort::Arrival& arrival) {
    on_server_datagram(slot, number, arrival);
  });
}

SocketAddress UdpRelay::address() const { return listening_->address(); }

UdpRelayStats UdpRelay::stats() const {
  return {.up = up_.stats(now_),
          .down = down_.stats(now_),
          .clients = slots_.size(),
          .clients_refused = clients_refused_,
          .sent = sent_,
          .send_failures = send_failures_,
          .unroutable = unroutable_,
          .rebind_failures = rebind_failures_};
}

// ---- In -----------------------------------------------------------------------------------------

void UdpRelay::on_client_datagram(const UdpPort::Arrival& arrival) {
  now_ = std::max(now_, arrival.now);
  const std::optional<std::size_t> slot = slot_of(arrival.from);
  if (!slot) return;
  clients_[*slot].last_heard = now_;
  offer(up_, *slot, arrival);
}

void UdpRelay::on_server_datagram(std::size_t slot, std::uint64_t port,
                                  const UdpPort::Arrival& arrival) {
  if (arrival.from != config_.to) return;  // a stranger
  if (port != clients_[slot].port_number) {
    ++unroutable_;
    return;
  }
  now_ = std::max(now_, arrival.now);
  offer(down_, slot, arrival);
}

void UdpRelay::offer(Link& link, std::size_t slot, const UdpPort::Arrival& arrival) {
  Datagram datagram;
  datagram.bytes = Buffer::copy_of(pool_, arrival.bytes);
  datagram.ecn = arrival.ecn;
  datagram.tag = owner_tag(slot, clients_[slot].generation) | wait_tag(arrival.waited);
  if (datagram.bytes.is_null()) {
    ++send_failures_;
    return;
  }
  link.offer(now_, std::move(datagram));
  release(link);  // without a delay it passes at once
  rearm();
}

// The client's place, taken now if it is new; nothing if there is none.
std::optional<std::size_t> UdpRelay::slot_of(const SocketAddress& client) {
  if (const auto found = slots_.find(client); found != slots_.end()) return found->second;
  const auto slot = free_slot();
  if (!slot) {
    ++clients_refused_;
    return std::nullopt;
  }
  auto port = open_client_port(*slot);
  if (!port) {
    ++clients_refused_;
    return std::nullopt;
  }
  if (*slot == clients_.size()) clients_.emplace_back();
  Client& entry = clients_[*slot];
  if (entry.port) slots_.erase(entry.address);
  entry.address = client;
  ++entry.generation;
  entry.port = std::move(*port);
  entry.left_port.reset();
  entry.port_number = ports_opened_;
  slots_[client] = *slot;
  return slot;
}

std::optional<std::size_t> UdpRelay::free_slot() const {
  if (clients_.size() < config_.clients_max) return clients_.size();
  const auto oldest = std::ranges::min_element(clients_, {}, &Client::last_heard);
  if (now_ - oldest->last_heard < kStale) return std::nullopt;
  return static_cast<std::size_t>(oldest - clients_.begin());
}

// ---- Out ----------------------------------------------------------------------------------------

void UdpRelay::on_alarm() {
  now_ = std::max(now_, monotonic_now());
  apply_changes();
  release(up_);
  release(down_);
  rearm();
}

void UdpRelay::apply_changes() {
  const auto& changes = config_.path.changes;
  for (; next_change_ < changes.size() && start_ + changes[next_change_].at <= now_;
       ++next_change_) {
    up_.apply(now_, changes[next_change_].up);
    down_.apply(now_, changes[next_change_].down);
  }
  const auto& rebinds = config_.path.rebinds;
  for (; next_rebind_ < rebinds.size() && start_ + rebinds[next_rebind_] <= now_; ++next_rebind_) {
    rebind_clients();
  }
}

// The server sees every client come from another port from now on.
void UdpRelay::rebind_clients() {
  for (std::size_t slot = 0; slot < clients_.size(); ++slot) {
    Client& client = clients_[slot];
    auto port = open_client_port(slot);
    if (!port) {
      ++rebind_failures_;
      continue;
    }
    client.left_port = std::exchange(client.port, std::move(*port));
    client.port_number = ports_opened_;
  }
}

void UdpRelay::release(Link& link) {
  for (;;) {
    const TimePoint due = link.next_timeout();
    if (due > now_) return;
    auto datagram = link.poll(now_);
    if (!datagram) return;
    // Those before it in this round took their time, too.
    lateness_.add(monotonic_now() - due + waited_of(datagram->tag));
    pass_on(link, *std::move(datagram));
  }
}

void UdpRelay::pass_on(const Link& link, Datagram&& datagram) {
  const auto slot = static_cast<std::size_t>(datagram.tag >> kWaitBits & kSlotMax);
  const Client& client = clients_[slot];
  if (owner_tag(slot, client.generation) != (datagram.tag & ~kWaitMax))
    return;  // its client is gone
  const bool is_up = &link == &up_;
  UdpPort& port = is_up ? *client.port : *listening_;
  const SocketAddress to = is_up ? config_.to : client.address;
  ++(port.send(to, std::move(datagram.bytes), datagram.ecn) ? sent_ : send_failures_);
}

void UdpRelay::rearm() {
  TimePoint next = std::min(up_.next_timeout(), down_.next_timeout());
  if (next_change_ < config_.path.changes.size()) {
    next = std::min(next, start_ + config_.path.changes[next_change_].at);
  }
  if (next_rebind_ < config_.path.rebinds.size()) {
    next = std::min(next, start_ + config_.path.rebinds[next_rebind_]);
  }
  alarm_.arm(next);
}

}  // namespace hawser::cli
