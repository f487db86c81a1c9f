#include "tools/swarm/scenario.h"

#include <algorithm>

#include "tools/swarm/dice.h"
#include "tools/swarm/faults.h"
#include "tools/swarm/scenario_kinds.h"

namespace hawser::swarm {
namespace {

using netsim::LinkConfig;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

/// Which part of a scenario draws from which stream. Never renumber: old seeds would draw others.
enum Stream : std::uint64_t {
  kShape = 1,
  kHosts,
  kConnections,
  kEnds,
  kMessages,
  kSelection,
  kKind,
  kDetails,
  kPathSearches
};

constexpr std::uint64_t kFaultStreams = 1000;
constexpr std::uint64_t kManyMessages = 1500;

ConnectionConfig draw_windows(Dice& dice, ConnectionConfig config) {
  if (dice.once_in(3)) config.send_window = dice.scaled(1, 64);
  if (dice.once_in(3)) config.receive_window_segments = dice.scaled(1, 64);
  if (dice.once_in(3)) config.receive_window = dice.scaled(ByteCount(1024), ByteCount(1 << 20));
  if (dice.once_in(3)) config.send_buffer = dice.scaled(ByteCount(1), ByteCount(256 << 10));
  if (dice.once_in(6)) {
    config.send_messages_max = static_cast<std::uint32_t>(dice.scaled(1, 64));
  }
  if (dice.once_in(6)) {
    config.unreliable_reassembly = dice.scaled(ByteCount(1), ByteCount(64 << 10));
  }
  return config;
}

std::span<const CongestionControllerFactory> controllers_of(const Choice& choice) {
  const auto all = congestion_controllers();
  return all.first(std::clamp<std::size_t>(choice.controllers.value_or(all.size()), 1, all.size()));
}

ConnectionConfig draw_congestion(Dice& dice, const Scenario& scenario, ConnectionConfig config) {
  config.congestion = &scenario.controllers[dice.between(0, scenario.controllers.size() - 1)];
  config.congestion_config.fixed_window_packets = static_cast<std::int64_t>(dice.scaled(1, 256));
  config.congestion_config.spurious_undo = !dice.once_in(4);
  if (dice.once_in(6)) {
    config.congestion_config.window_max = dice.scaled(ByteCount(1500), ByteCount(100'000));
  }
  return config;
}

ConnectionConfig draw_connection(Dice& dice, const Scenario& scenario) {
  // Nothing ends for want of datagrams then; PINGs find out who is gone.
  const bool never_idle = scenario.never_idle;
  ConnectionConfig config;
  config.idle_timeout = never_idle ? Duration(0) : dice.scaled(milliseconds(500), seconds(30));
  const bool has_keepalive = dice.once_in(4) || never_idle;
  const Duration keepalive = dice.scaled(milliseconds(50), seconds(2));
  config.keepalive = has_keepalive ? keepalive : Duration(0);
  config.handshake_timeout = dice.scaled(seconds(1), seconds(10));
  config.channels_max = dice.pick({256U, 256U, 256U, 2U});
  config.message_size_max = ByteCount(dice.pick({16 << 20, 16 << 20, 16 << 20, 4096}));
  config.message_checksum = !dice.once_in(4);
  // The textbook protocols are for comparison: seldom, and then mostly with short queues of work.
  if (dice.once_in(16)) config.arq = dice.pick({Arq::go_back_n, Arq::stop_and_wait});
  if (dice.once_in(16)) config.timer_mode = TimerMode::rfc6298;
  config.datagram_size = ByteCount(dice.pick({1200, 1200, 1472, 1300, 9000}));
  config.ack_delay_max = dice.pick<Duration>(
      {milliseconds(10), milliseconds(10), Duration(0), milliseconds(1), milliseconds(100)});
  return draw_congestion(dice, scenario, draw_windows(dice, config));
}

void draw_shape(Dice& dice, Scenario& scenario) {
  const bool is_long = dice.once_in(40);
  const auto longest = is_long ? seconds(60) : seconds(3);
  scenario.calm_at = dice.scaled(milliseconds(100), longest);
  const Duration delay =
      dice.scaled(microseconds(50), dice.once_in(40) ? seconds(1) : milliseconds(200));
  const bool has_rate = dice.once_in(2);
  const auto rate =
      Bandwidth::bits_per_second(static_cast<std::int64_t>(dice.scaled(500'000, 1'000'000'000)));
  for (netsim::LinkConfig* link : {&scenario.base.up, &scenario.base.down}) {
    link->delay = delay;
    if (has_rate) link->rate = rate;
  }
  scenario.clients.resize(dice.pick({1U, 1U, 1U, 2U, 2U, 3U, 4U}));
  for (std::size_t i = 0; i < 4; ++i) {  // all drawn, whatever their number
    netsim::LinkConfig access;
    access.delay = dice.scaled(microseconds(10), milliseconds(20));
    if (dice.once_in(4)) {
      access.rate = Bandwidth::bits_per_second(
          static_cast<std::int64_t>(dice.scaled(1'000'000, 100'000'000)));
    }
    if (i < scenario.clients.size()) scenario.access.push_back(access);
  }
}

void draw_host(Dice& dice, HostPlan& host, bool needs_secret) {
  EndpointConfig& endpoint = host.endpoint;
  endpoint.connection_id_size = dice.pick({8U, 8U, 13U, 20U});
  endpoint.shard = static_cast<std::uint8_t>(dice.between(0, 255));
  std::array<std::uint8_t, 32> secret{};
  for (std::uint8_t& byte : secret) byte = static_cast<std::uint8_t>(dice.between(0, 255));
  if (!dice.once_in(4) || needs_secret) endpoint.endpoint_secret = secret;
  host.batch = dice.pick({std::uint64_t{64}, std::uint64_t{1}, dice.between(1, 64)});
  host.receive_batch = dice.pick({std::uint64_t{1}, std::uint64_t{1}, dice.between(1, 64)});
}

void draw_connections(Dice& dice, Scenario& scenario) {
  scenario.server.endpoint.accepts_connections = true;
  scenario.server.endpoint.accepted = draw_connection(dice, scenario);
  for (std::size_t client = 0; client < scenario.clients.size(); ++client) {
    const std::uint64_t count = dice.pick({1U, 1U, 1U, 2U, 3U});
    for (std::uint64_t i = 0; i < count; ++i) {
      ConnectionPlan connection;
      connection.client = client;
      const bool is_later = dice.once_in(3);
      const Duration later = dice.between(Duration(0), scenario.calm_at);
      connection.open_at = is_later ? later : Duration(0);
      connection.config = draw_connection(dice, scenario);
      connection.is_refused = dice.once_in(64);
      // The server's application tells by it which connection it is.
      connection.config.handshake_payload = {
          static_cast<std::uint8_t>(scenario.connections.size())};
      scenario.connections.push_back(connection);
    }
  }
}

void draw_ends(Dice& dice, Scenario& scenario) {
  for (ConnectionPlan& connection : scenario.connections) {
    const EndPlan end{.at = dice.between(connection.open_at, 2 * scenario.calm_at),
                      .by = dice.pick({Side::client, Side::server}),
                      .is_abort = dice.once_in(2)};
    if (dice.once_in(5)) connection.end = end;
  }
}

ByteCount draw_size(Dice& dice) {
  if (dice.once_in(200)) return dice.scaled(ByteCount(64 << 10), ByteCount(1 << 20));
  switch (dice.between(0, 9)) {
    case 0:
      return ByteCount(0);
    case 1:
    case 2:
      return ByteCount(static_cast<std::int64_t>(dice.between(1, 30)));
    case 3:
    case 4:
      return dice.scaled(ByteCount(1200), ByteCount(24'000));
    default:
      return dice.scaled(ByteCount(16), ByteCount(1200));
  }
}

// Bursts of like messages, until there are enough.
void draw_messages(Dice& dice, Scenario& scenario) {
  const std::uint64_t count = dice.scaled(1, dice.once_in(16) ? kManyMessages : 100);
  while (scenario.messages.size() < count) {
    MessagePlan message;
    message.connection = dice.between(0, scenario.connections.size() - 1);
    const Duration open_at = scenario.connections[message.connection].open_at;
    message.at = dice.between(open_at, std::max(open_at, scenario.calm_at));
    message.from = dice.pick({Side::client, Side::server});
    message.channel = static_cast<ChannelId>(dice.between(0, 3));
    message.delivery = dice.pick({Delivery::ordered, Delivery::unordered, Delivery::unreliable});
    message.size = draw_size(dice);
    const bool keeps_size = dice.once_in(2);
    const Duration interval =
        dice.once_in(2) ? Duration(0) : dice.scaled(microseconds(10), milliseconds(50));
    const std::uint64_t burst = dice.scaled(1, 64);
    for (std::uint64_t i = 0; i < burst && scenario.messages.size() < count; ++i) {
      scenario.messages.push_back(message);
      message.at += interval;
      if (!keeps_size) message.size = draw_size(dice);
    }
  }
  std::ranges::stable_sort(scenario.messages, {}, &MessagePlan::at);
}

struct ChosenFault {
  const FaultClass* fault;
  Dice dice;
};

// Swarm testing: each class is off most of the time, so that no fault hides what another would show
// (Groce et al., "Swarm Testing", 2012). How often is drawn, too: many scenarios have two faults at
// most, which is what most defects take, and some have a dozen.
std::vector<ChosenFault> choose_faults(const Choice& choice, const Scenario& scenario) {
  Dice selection(choice.seed, kSelection);
  const std::uint64_t off = selection.pick({2U, 5U, 12U, 30U});
  if (selection.once_in(16)) return {};
  std::vector<ChosenFault> chosen;
  for (const FaultClass& fault : fault_classes()) {
    Dice dice(choice.seed, kFaultStreams + fault.stream);
    if (dice.between(0, off) == 0) chosen.push_back({&fault, dice});
  }
  while (chosen.size() > faults_max(scenario.kind)) {
    const std::size_t which = selection.between(0, chosen.size() - 1);
    chosen.erase(chosen.begin() + static_cast<std::ptrdiff_t>(which));
  }
  return chosen;
}

void add_faults(const Choice& choice, Scenario& scenario) {
  for (ChosenFault& chosen : choose_faults(choice, scenario)) {
    const std::string_view name = chosen.fault->name;
    // Of a client that these make ask again the server may see two connections at once, and only
    // that client knows which of them is its own.
    const bool makes_ask_again = name == "rebind" || name == "restart";
    if (makes_ask_again) scenario.server.endpoint.accepted.connects_on_accept = false;
    if (std::ranges::find(choice.without, name) != choice.without.end()) continue;
    chosen.fault->add(chosen.dice, scenario);
    scenario.faults.push_back(name);
  }
  std::ranges::stable_sort(scenario.edits, {}, &PathEdit::at);
}

// What the streams above leave alone: later additions draw here, so that these keep their seeds.
void draw_details(Dice& dice, Scenario& scenario) {
  const std::uint64_t spread = dice.scaled(2, 80);
  const bool has_many_channels = dice.once_in(8);
  for (MessagePlan& message : scenario.messages) {
    if (!has_many_channels) break;
    message.channel = static_cast<ChannelId>(static_cast<std::uint64_t>(message.channel) * spread);
  }
  for (ConnectionPlan& connection : scenario.connections) {
    const Duration late = scenario.calm_at + dice.between(Duration(0), seconds(10));
    if (dice.once_in(8)) connection.open_at = late;
    connection.shows_token = dice.once_in(2);
  }
  if (scenario.kind != Kind::mixed) return;
  LinkConfig& down = scenario.base.down;
  const Duration delay = dice.scaled(microseconds(50), milliseconds(200));
  if (dice.once_in(4)) down.delay = delay;
  const auto rate =
      Bandwidth::bits_per_second(static_cast<std::int64_t>(dice.scaled(500'000, 1'000'000'000)));
  if (dice.once_in(8)) down.rate = rate;
}

// What the ends find out of their path, and tell one another by it.
void draw_path_searches(Dice& dice, Scenario& scenario) {
  const auto draw = [&dice](ConnectionConfig& config) {
    config.ecn = !dice.once_in(6);
    config.path_mtu_search = !dice.once_in(6);
    config.datagram_size_max = ByteCount(dice.pick({1472, 1472, 1472, 1200, 1300, 9000}));
  };
  draw(scenario.server.endpoint.accepted);
  for (ConnectionPlan& connection : scenario.connections) draw(connection.config);
  scenario.server.endpoint.accepted.connects_on_accept = dice.once_in(3);
}

// One more message each way over every connection, in the calm.
void add_farewells(Scenario& scenario) {
  constexpr ByteCount kSize{16};
  for (std::size_t i = 0; i < scenario.connections.size(); ++i) {
    const Duration at = std::max(scenario.calm_at, scenario.connections[i].open_at);
    for (const Side from : {Side::client, Side::server}) {
      scenario.messages.push_back(
          {.at = at, .connection = i, .from = from, .size = kSize, .is_farewell = true});
    }
  }
  std::ranges::stable_sort(scenario.messages, {}, &MessagePlan::at);
}

template <typename Stretch>
void end_by(Duration end, std::vector<Stretch>& stretches) {
  std::erase_if(stretches, [&](const Stretch& each) { return each.from >= end; });
  for (Stretch& each : stretches) each.to = std::min(each.to, end);
}

void cut(const Choice& choice, Scenario& scenario) {
  if (choice.until && *choice.until < scenario.calm_at) {
    scenario.calm_at = *choice.until;
    const auto is_later = [&](const auto& planned) { return planned.at >= *choice.until; };
    std::erase_if(scenario.messages, is_later);
    std::erase_if(scenario.edits, is_later);
  }
  if (choice.connections && *choice.connections < scenario.connections.size()) {
    scenario.connections.resize(*choice.connections);
    std::erase_if(scenario.messages, [&](const MessagePlan& message) {
      return message.connection >= *choice.connections;
    });
  }
  if (choice.messages) {
    scenario.messages.resize(std::min(scenario.messages.size(), *choice.messages));
  }
  std::vector<HostPlan*> hosts{&scenario.server};
  for (HostPlan& client : scenario.clients) hosts.push_back(&client);
  for (HostPlan* host : hosts) {
    if (choice.batch) host->batch = *choice.batch;
    const auto is_calm = [&](Duration at) { return at >= scenario.calm_at; };
    std::erase_if(host->restarts, is_calm);
    std::erase_if(host->rebinds, is_calm);
    const auto is_calm_then = [&](const auto& planned) { return is_calm(planned.at); };
    std::erase_if(host->refused_allocations, is_calm_then);
    std::erase_if(host->faults.clock_jumps, is_calm_then);
    end_by(scenario.calm_at, host->reader_stops);
    end_by(scenario.calm_at, host->faults.pauses);
    end_by(scenario.calm_at, host->faults.clock_freezes);
  }
  std::erase_if(scenario.cross_traffic,
                [&](const CrossPlan& cross) { return cross.on.from >= scenario.calm_at; });
  for (CrossPlan& cross : scenario.cross_traffic) {
    cross.on.to = std::min(cross.on.to, scenario.calm_at);
  }
}

}  // namespace

bool Scenario::has_fault(std::string_view name) const {
  return std::ranges::find(faults, name) != faults.end();
}

bool Scenario::keeps_datagrams() const {
  const auto is_harmless = [](std::string_view name) {
    return std::ranges::find(fault_classes(), name, &FaultClass::name)->is_harmless;
  };
  return base.up.queue == netsim::QueueLimit() && base.down.queue == netsim::QueueLimit() &&
         std::ranges::all_of(faults, is_harmless);
}

bool uses_fixed_window(const ConnectionConfig& config) {
  return config.congestion != nullptr && config.congestion->name == "fixed";
}

bool Scenario::is_flooded() const {
  ByteCount windows{0};
  for (const ConnectionPlan& connection : connections) {
    for (const ConnectionConfig& config : {connection.config, server.endpoint.accepted}) {
      if (!uses_fixed_window(config)) continue;
      const ByteCount largest = std::max(config.datagram_size, config.datagram_size_max);
      windows += largest * config.congestion_config.fixed_window_packets;
    }
  }
  std::vector<const netsim::LinkConfig*> links{&base.up, &base.down};
  for (const netsim::LinkConfig& link : access) links.push_back(&link);
  for (const TwoWay& hop : calm_hops) links.insert(links.end(), {&hop.up, &hop.down});
  return std::ranges::any_of(links, [windows](const netsim::LinkConfig* link) {
    constexpr ByteCount kSmallest{100};  // of the datagrams that fill a window
    const netsim::QueueLimit& limit = link->queue;
    return windows > limit.bytes || windows / kSmallest.value() > ByteCount(limit.packets) ||
           (limit.time < kForever && windows > link->rate.bytes_in(limit.time));
  });
}

Duration Scenario::settles_from() const {
  Duration from = calm_at;
  for (const ConnectionPlan& connection : connections) from = std::max(from, connection.open_at);
  return from;
}

Scenario draw_scenario(const Choice& choice) {
  Scenario scenario;
  scenario.seed = choice.seed;
  scenario.controllers = controllers_of(choice);
  Dice shape(choice.seed, kShape);
  draw_shape(shape, scenario);
  Dice hosts(choice.seed, kHosts);
  scenario.never_idle = hosts.once_in(16);
  draw_host(hosts, scenario.server, scenario.never_idle);
  for (HostPlan& client : scenario.clients) draw_host(hosts, client, scenario.never_idle);
  Dice connections(choice.seed, kConnections);
  draw_connections(connections, scenario);
  Dice ends(choice.seed, kEnds);
  draw_ends(ends, scenario);
  Dice messages(choice.seed, kMessages);
  draw_messages(messages, scenario);
  Dice kind(choice.seed, kKind);
  scenario.kind = draw_kind(kind);
  shape_as(scenario.kind, kind, scenario);
  Dice details(choice.seed, kDetails);
  draw_details(details, scenario);
  Dice searches(choice.seed, kPathSearches);
  draw_path_searches(searches, scenario);
  scenario.faulty = scenario.base;
  add_faults(choice, scenario);
  cut(choice, scenario);
  add_farewells(scenario);
  return scenario;
}

}  // namespace hawser::swarm
