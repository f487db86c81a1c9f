#include "tools/swarm/scenario_kinds.h"

#include <algorithm>

namespace hawser::swarm {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

ConnectionConfig draw_plain(Dice& dice, const Scenario& scenario) {
  ConnectionConfig config;
  config.congestion = &scenario.controllers[dice.between(0, scenario.controllers.size() - 1)];
  config.congestion_config.fixed_window_packets = static_cast<std::int64_t>(dice.scaled(16, 512));
  config.datagram_size = ByteCount(dice.pick({1200, 1200, 1472}));
  config.idle_timeout = dice.scaled(seconds(8), seconds(30));
  return config;
}

// So many connections of the first client, all with what `draw` gives, and no messages yet.
template <typename Draw>
void connect_anew(Scenario& scenario, std::size_t count, Draw draw) {
  scenario.never_idle = false;
  scenario.connections.clear();
  scenario.messages.clear();
  scenario.server.endpoint.accepted = draw();
  for (std::size_t i = 0; i < count; ++i) {
    ConnectionPlan connection;
    connection.config = draw();
    connection.config.handshake_payload = {static_cast<std::uint8_t>(i)};
    scenario.connections.push_back(connection);
  }
}

void keep_first_client(Scenario& scenario) {
  scenario.clients.resize(1);
  scenario.access.resize(1);
}

MessagePlan draw_message(Dice& dice, const Scenario& scenario) {
  return {.at = dice.between(Duration(0), scenario.calm_at),
          .connection = dice.between(0, scenario.connections.size() - 1),
          .from = dice.pick({Side::client, Side::server}),
          .channel = static_cast<ChannelId>(dice.between(0, 3)),
          .delivery = dice.pick({Delivery::ordered, Delivery::unordered, Delivery::unreliable})};
}

// ---- Bulk ---------------------------------------------------------------------------------------

// A path whose product of rate and delay may be hundreds of datagrams, and a queue that overflows.
void draw_bottleneck(Dice& dice, Scenario& scenario) {
  constexpr ByteCount kQueueMin{15'000};
  const auto bits = static_cast<std::int64_t>(dice.scaled(10'000'000, 1'000'000'000));
  const Duration delay = dice.scaled(microseconds(500), milliseconds(40));
  const auto quarters = static_cast<std::int64_t>(dice.scaled(1, 16));
  const ByteCount product(bits / 8 * (2 * delay).count() / 1'000'000'000);
  for (netsim::LinkConfig* link : {&scenario.base.up, &scenario.base.down}) {
    link->rate = Bandwidth::bits_per_second(bits);
    link->delay = delay;
    link->queue.bytes = std::max(kQueueMin, ByteCount(product.value() * quarters / 4));
  }
  for (netsim::LinkConfig& access : scenario.access) access.rate = Bandwidth::infinite();
}

void shape_bulk(Dice& dice, Scenario& scenario) {
  constexpr ByteCount kMessageMax{1 << 20};
  keep_first_client(scenario);
  draw_bottleneck(dice, scenario);
  scenario.calm_at = dice.scaled(seconds(5), seconds(60));
  connect_anew(scenario, dice.between(1, 2), [&] { return draw_plain(dice, scenario); });
  ByteCount left = dice.scaled(ByteCount(1 << 20), ByteCount(32 << 20));
  const bool has_huge = dice.once_in(4);
  while (left > ByteCount(0)) {
    MessagePlan message = draw_message(dice, scenario);
    message.at = message.at / 2;
    message.size = has_huge && dice.once_in(4)
                       ? dice.scaled(ByteCount(4 << 20), ByteCount(16 << 20))
                       : dice.scaled(ByteCount(1 << 10), kMessageMax);
    message.size = std::min(message.size, left);
    const std::uint64_t burst = dice.scaled(1, 16);
    for (std::uint64_t i = 0; i < burst && left > ByteCount(0); ++i) {
      message.size = std::min(message.size, left);
      left -= message.size;
      scenario.messages.push_back(message);
    }
  }
}

// ---- Credit -------------------------------------------------------------------------------------

void shape_credit(Dice& dice, Scenario& scenario) {
  scenario.base.up.delay = scenario.base.down.delay =
      dice.scaled(microseconds(50), milliseconds(20));
  scenario.calm_at = dice.scaled(milliseconds(500), seconds(5));
  keep_first_client(scenario);
  ByteCount smallest = ByteCount::max();
  connect_anew(scenario, dice.between(1, 2), [&] {
    ConnectionConfig config = draw_plain(dice, scenario);
    config.receive_window = dice.scaled(ByteCount(1 << 10), ByteCount(16 << 10));
    config.receive_window_segments = dice.scaled(1, 32);
    smallest = std::min(smallest, config.receive_window);
    return config;
  });
  for (HostPlan* host : {&scenario.server, &scenario.clients.front()}) {
    if (dice.once_in(2))
      host->faults.read_interval = dice.scaled(microseconds(10), milliseconds(5));
  }
  const std::uint64_t count = dice.scaled(32, 2000);
  while (scenario.messages.size() < count) {
    MessagePlan message = draw_message(dice, scenario);
    if (dice.once_in(2)) message.delivery = Delivery::ordered;
    message.size = dice.scaled(ByteCount(1), smallest - ByteCount(64));
    const std::uint64_t burst = dice.scaled(1, 256);
    scenario.messages.insert(scenario.messages.end(), burst, message);
  }
}

// ---- Lasting ------------------------------------------------------------------------------------

void shape_lasting(Dice& dice, Scenario& scenario) {
  scenario.calm_at = dice.between(minutes(10), minutes(60));
  connect_anew(scenario, dice.between(2, 5), [&] {
    ConnectionConfig config = draw_plain(dice, scenario);
    config.idle_timeout = dice.scaled(seconds(30), minutes(5));
    config.keepalive = dice.scaled(seconds(1), seconds(12));
    return config;
  });
  for (ConnectionPlan& connection : scenario.connections) {
    connection.client = dice.between(0, scenario.clients.size() - 1);
    connection.open_at = dice.between(Duration(0), scenario.calm_at);
    const Duration end = dice.between(connection.open_at, scenario.calm_at);
    if (dice.once_in(3)) connection.end = {.at = end, .by = Side::client, .is_abort = false};
  }
  const std::uint64_t count = dice.scaled(8, 400);
  for (std::uint64_t i = 0; i < count; ++i) {
    MessagePlan message = draw_message(dice, scenario);
    message.at = std::max(message.at, scenario.connections[message.connection].open_at);
    message.size = dice.scaled(ByteCount(1), ByteCount(20'000));
    scenario.messages.push_back(message);
  }
}

}  // namespace

Kind draw_kind(Dice& dice) {
  switch (dice.between(0, 15)) {
    case 0:
    case 1:
      return Kind::bulk;
    case 2:
    case 3:
      return Kind::credit;
    case 4:
      return Kind::lasting;
    default:
      return Kind::mixed;
  }
}

void shape_as(Kind kind, Dice& dice, Scenario& scenario) {
  if (kind == Kind::bulk) shape_bulk(dice, scenario);
  if (kind == Kind::credit) shape_credit(dice, scenario);
  if (kind == Kind::lasting) shape_lasting(dice, scenario);
  std::ranges::stable_sort(scenario.messages, {}, &MessagePlan::at);
}

std::size_t faults_max(Kind kind) { return kind == Kind::bulk ? 3 : 100; }

}  // namespace hawser::swarm
