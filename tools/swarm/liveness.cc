#include <algorithm>
#include <bit>

#include "tools/swarm/scenario.h"

namespace hawser::swarm {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr ByteCount kSegment{1000};  // what one carries at least, where there is more to carry

/// What is sent one way over one connection.
struct Load {
  std::int64_t messages = 0;
  ByteCount bytes{0};
  std::int64_t segments() const { return bytes.value() / kSegment.value() + messages; }
};

Load load_of(const Scenario& scenario, std::size_t connection, Side from) {
  Load load;
  for (const MessagePlan& message : scenario.messages) {
    if (message.connection != connection || message.from != from) continue;
    ++load.messages;
    load.bytes += message.size;
  }
  return load;
}

ByteCount bytes_of(const Scenario& scenario) {
  // What carries a message beside its bytes, a handshake and a farewell for each connection.
  constexpr ByteCount kPerMessage{200};
  constexpr ByteCount kPerConnection{10'000};
  ByteCount sum = kPerConnection * static_cast<std::int64_t>(scenario.connections.size());
  for (const MessagePlan& message : scenario.messages) sum += message.size + kPerMessage;
  return sum;
}

// How many segments may fly at a time as far as windows and buffers go, up to 16: a controller is
// trusted with no more on average, having been told of losses before.
std::int64_t width(const ConnectionConfig& own, const ConnectionConfig& peer, ByteCount peer_memory,
                   Arq arq) {
  constexpr std::int64_t kWidthMax = 16;
  constexpr ByteCount kPerSegment{1600};
  if (arq != Arq::selective_repeat) return 1;
  const ByteCount bytes = std::min(
      {own.send_buffer, granted_window(peer, peer_memory), own.congestion_config.window_max});
  std::int64_t segments = bytes.value() / std::max(kPerSegment, own.datagram_size).value();
  const std::uint64_t by_count = std::min<std::uint64_t>(
      {own.send_window, peer.receive_window_segments, own.send_messages_max,
       static_cast<std::uint64_t>(own.congestion_config.fixed_window_packets)});
  segments = std::min(segments, static_cast<std::int64_t>(by_count));
  return std::clamp<std::int64_t>(segments, 1, kWidthMax);
}

std::int64_t round_trips(const Scenario& scenario) {
  constexpr std::int64_t kSome = 20;
  std::int64_t sum = kSome;
  const ConnectionConfig& server = scenario.server.endpoint.accepted;
  for (std::size_t i = 0; i < scenario.connections.size(); ++i) {
    const ConnectionConfig& client = scenario.connections[i].config;
    const HostPlan& client_host = scenario.clients[scenario.connections[i].client];
    for (const Side from : {Side::client, Side::server}) {
      const bool is_up = from == Side::client;
      const std::int64_t segments = load_of(scenario, i, from).segments();
      sum += static_cast<std::int64_t>(std::bit_width(static_cast<std::uint64_t>(segments)));
      const HostPlan& receiver = is_up ? scenario.server : client_host;
      sum += segments / width(is_up ? client : server, is_up ? server : client,
                              receiver.endpoint.memory_budget, client.arq);
    }
  }
  return sum;
}

// As long as `span` lasts on the slowest clock.
Duration on_slowest_clock(Duration span, const Scenario& scenario) {
  constexpr std::int64_t kMillion = 1'000'000;
  std::int64_t speed = std::min(kMillion, kMillion + scenario.server.faults.clock_drift_ppm);
  for (const HostPlan& client : scenario.clients) {
    speed = std::min(speed, kMillion + client.faults.clock_drift_ppm);
  }
  return span / speed * kMillion + milliseconds(1);
}

Bandwidth slowest_rate(const Scenario& scenario) {
  Bandwidth slowest = std::min(scenario.base.up.rate, scenario.base.down.rate);
  for (const netsim::LinkConfig& access : scenario.access) slowest = std::min(slowest, access.rate);
  for (const TwoWay& hop : scenario.calm_hops) {
    slowest = std::min({slowest, hop.up.rate, hop.down.rate});
  }
  return slowest;
}

}  // namespace

Duration calm_round_trip(const Scenario& scenario) {
  Duration access_delay{0};
  for (const netsim::LinkConfig& access : scenario.access) {
    access_delay = std::max(access_delay, access.delay);
  }
  Duration round_trip = scenario.base.up.delay + scenario.base.down.delay + 2 * access_delay;
  for (const TwoWay& hop : scenario.calm_hops) round_trip += hop.up.delay + hop.down.delay;
  return round_trip;
}

ByteCount granted_window(const ConnectionConfig& config, ByteCount memory_budget) {
  constexpr ByteCount kLeast{1024};
  return std::min(config.receive_window, std::max(memory_budget / 2, kLeast));
}

Duration liveness_bound(const Scenario& scenario, Duration longest_round_trip) {
  constexpr Duration kBackedOff = seconds(30);
  constexpr Duration kRfc6298 = seconds(180);  // three of its longest intervals
  Duration idle = scenario.server.endpoint.accepted.idle_timeout;
  Duration handshake = scenario.server.endpoint.accepted.handshake_timeout;
  Duration ack_delay = scenario.server.endpoint.accepted.ack_delay_max;
  bool has_rfc6298 = scenario.server.endpoint.accepted.timer_mode == TimerMode::rfc6298;
  for (const ConnectionPlan& connection : scenario.connections) {
    idle = std::max(idle, connection.config.idle_timeout);
    handshake = std::max(handshake, connection.config.handshake_timeout);
    ack_delay = std::max(ack_delay, connection.config.ack_delay_max);
    has_rfc6298 |= connection.config.timer_mode == TimerMode::rfc6298;
  }
  const Duration slow_round_trip = 3 * (calm_round_trip(scenario) + ack_delay) + milliseconds(10);
  const Duration bound = handshake + idle + kBackedOff + (has_rfc6298 ? kRfc6298 : Duration(0)) +
                         round_trips(scenario) * slow_round_trip + 9 * longest_round_trip +
                         4 * slowest_rate(scenario).transfer_time(bytes_of(scenario));
  return on_slowest_clock(bound, scenario);
}

std::uint64_t events_max(const Scenario& scenario, Duration duration) {
  constexpr std::int64_t kSome = 20'000;
  constexpr std::int64_t kPerSegment = 60;
  constexpr std::int64_t kPerTimer = 40;
  constexpr std::int64_t kPerKilobyte = 20;
  constexpr std::int64_t kPerBurst = 4;
  constexpr std::int64_t kPerRoundTrip = 60;  // ten datagrams each way, and what becomes of them
  const Duration round_trip =
      std::max<Duration>(calm_round_trip(scenario), std::chrono::microseconds(10));
  std::int64_t sum = kSome;
  for (std::size_t i = 0; i < scenario.connections.size(); ++i) {
    for (const Side from : {Side::client, Side::server}) {
      sum += kPerSegment * load_of(scenario, i, from).segments();
    }
    for (const ConnectionConfig& config :
         {scenario.connections[i].config, scenario.server.endpoint.accepted}) {
      const Duration interval = config.keepalive > Duration(0)
                                    ? std::min<Duration>(config.keepalive, seconds(1))
                                    : Duration(seconds(1));
      sum += kPerTimer * (duration / interval);
      const bool is_resent_at_once =
          uses_fixed_window(config) && (scenario.has_fault("policer") || scenario.is_flooded());
      if (is_resent_at_once) sum += kPerRoundTrip * (duration / round_trip);
    }
  }
  for (const CrossPlan& cross : scenario.cross_traffic) {
    const ByteCount bytes = cross.rate.bytes_in(cross.on.to - cross.on.from);
    sum += kPerKilobyte * (bytes.value() / 1000);
    if (cross.mean_burst > Duration(0)) {
      sum += kPerBurst * ((cross.on.to - cross.on.from) / cross.mean_burst);
    }
  }
  return static_cast<std::uint64_t>(sum);
}

}  // namespace hawser::swarm
