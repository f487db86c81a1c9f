#include "bench/controller_scenarios.h"

#include <array>

#include <fmt/format.h>

namespace hawser::bench {
namespace {

constexpr const char* kAlone = "--duration 35s --warmup 5s --flow mode=bulk";
constexpr const char* kShared = "--rtt 40ms --rate 50mbit";
constexpr const char* kLastMinute = "--duration 120s --warmup 60s --flow mode=bulk";
constexpr const char* kNeighbours = "--duration 90s --warmup 30s --flow mode=bulk";
constexpr Duration kShareSpan = std::chrono::seconds(4);
constexpr Duration kLateComerLimit = std::chrono::seconds(30);

// ---- Figures ------------------------------------------------------------------------------------

double ceiling_mbps(const Outcome& outcome) {
  const Bandwidth ceiling = outcome.report.links.at(0).stats.payload_ceiling;
  return static_cast<double>(ceiling.bits_per_second()) / 1e6;
}

// Goodput in percent of the payload that the path carries: its ceiling, less what it loses.
double path_share(const Outcome& outcome) {
  const netsim::LinkStats& link = outcome.report.links.at(0).stats;
  const double passing =
      1 - static_cast<double>(link.dropped_loss) / static_cast<double>(link.packets);
  return 100 * outcome.report.flows.at(0).goodput_mbps / (ceiling_mbps(outcome) * passing);
}

double utilisation(const Outcome& outcome) {
  return 100 * outcome.report.links.at(0).stats.utilisation;
}

double mean_queue_ms(const Outcome& outcome) {
  return cli::to_ms(outcome.report.links.at(0).stats.queue_mean);
}

double share_of_both(const Outcome& outcome, std::size_t flow) {
  const auto& flows = outcome.report.flows;
  return 100 * flows.at(flow).goodput_mbps / (flows.at(0).goodput_mbps + flows.at(1).goodput_mbps);
}
double first_share(const Outcome& outcome) { return share_of_both(outcome, 0); }
double second_share(const Outcome& outcome) { return share_of_both(outcome, 1); }

double jain(const Outcome& outcome) { return cli::jain_index(outcome.report.flows); }

// How long the last flow takes to begin 4 s over which it has 80 % of its fair share; the limit if
// it does not.
double seconds_to_share(const Outcome& outcome) {
  const auto flows = static_cast<std::int64_t>(outcome.report.flows.size());
  const Bandwidth ceiling = outcome.report.links.at(0).stats.payload_ceiling;
  const auto reached = outcome.last_flow.reached(ceiling.scaled(80, 100 * flows), kShareSpan);
  return cli::to_ms(reached.value_or(kLateComerLimit)) / 1e3;
}

double worst_latency_ms(const Outcome& outcome) {
  return cli::to_ms(outcome.report.flows.at(0).latency.percentile(999));
}

// ---- Scenarios ----------------------------------------------------------------------------------

Scenario clean(const char* rtt, int bdps) {
  const std::string label = fmt::format("clean, R {} ms, queue {} BDP", rtt, bdps);
  return {.runs = {fmt::format("--rtt {}ms --rate 100mbit --queue {}bdp {}", rtt, bdps, kAlone)},
          .neighbour = {},
          .rows = {{label + ": share of the path, %", path_share},
                   {label + ": mean queue, ms", mean_queue_ms}}};
}

// Unordered, so that nothing that was held back before the measured time counts in it.
Scenario lossy(const char* rtt, const char* loss) {
  Scenario scenario;
  for (int seed = 1; seed <= 2; ++seed) {
    scenario.runs.push_back(
        fmt::format("--rtt {}ms --rate 100mbit --queue 1bdp --loss {}% "
                    "--seed {} {},channel=unordered",
                    rtt, loss, seed, kAlone));
  }
  scenario.rows = {
      {fmt::format("loss {} %, R {} ms: share of the path, %", loss, rtt), path_share}};
  return scenario;
}

// At eight instants, since chance decides much of what happens in the first second.
Scenario late_comer() {
  constexpr auto kSeen =
      std::chrono::duration_cast<std::chrono::milliseconds>(kLateComerLimit + kShareSpan);
  Scenario scenario;
  for (const int start : {10'000, 10'370, 11'110, 11'930, 12'410, 13'270, 14'030, 14'890}) {
    scenario.runs.push_back(
        fmt::format("{} --queue 1bdp --duration {}ms --flow mode=bulk --flow mode=bulk,start={}ms",
                    kShared, start + kSeen.count(), start));
  }
  scenario.rows = {{"late-comer: time to 80 % of its share, s", seconds_to_share}};
  return scenario;
}

Scenario several(int flows) {
  return {.runs = {fmt::format("{} --queue 1bdp {},copies={}", kShared, kLastMinute, flows)},
          .neighbour = {},
          .rows = {{fmt::format("{} flows: Jain's index", flows), jain, 3}}};
}

Scenario beside(const char* neighbour, int bdps) {
  return {.runs = {fmt::format("{} --queue {}bdp {}", kShared, bdps, kNeighbours)},
          .neighbour = neighbour,
          .rows = {{fmt::format("beside {}, queue {} BDP: share of both, %", neighbour, bdps),
                    first_share}}};
}

Scenario two_round_trips() {
  return {.runs = {fmt::format("--rtt 20ms --rate 50mbit --queue 50ms {} --flow "
                               "mode=bulk,delay=30ms",
                               kNeighbours)},
          .neighbour = {},
          .rows = {{"R 20 and 80 ms: the longer one's share of both, %", second_share}}};
}

// Frames of up to 32 datagrams when the medium is free, and now and then 30 ms of interference.
Scenario wifi() {
  return {.runs = {fmt::format("--rtt 20ms --rate 60mbit --queue 50ms --aggregate 32p,2ms "
                               "--slot 1ms-5ms,64p --clog-every 2s --clog-for 30ms {}",
                               kAlone)},
          .neighbour = {},
          .rows = {{"wifi-like: share of the path, %", path_share},
                   {"wifi-like: mean queue, ms", mean_queue_ms}}};
}

// A rate that changes each second, in slots of a millisecond, before a queue that holds seconds.
Scenario lte() {
  constexpr std::array kMbit = {20, 35, 12, 6, 18, 40, 25, 8, 3, 15};
  std::string path = "--rtt 50ms --rate 20mbit --queue 1000p --slot 1ms";
  for (std::size_t second = 1; second < 40; ++second) {
    path += fmt::format(" --at {}s:rate={}mbit", second, kMbit[second % kMbit.size()]);
  }
  return {.runs = {path + " --duration 40s --warmup 10s --flow mode=bulk"},
          .neighbour = {},
          .rows = {{"LTE-like: utilisation, %", utilisation},
                   {"LTE-like: mean queue, ms", mean_queue_ms, 0}}};
}

Scenario thin(const char* loss) {
  return {.runs = {fmt::format("--rtt 60ms --loss {}% --flow mode=messages,size=200,interval=5ms,"
                               "count=100000,channel=unordered",
                               loss)},
          .neighbour = {},
          .rows = {{fmt::format("thin flow, R 60 ms, loss {} %: p99.9, ms", loss), worst_latency_ms,
                    0}}};
}

}  // namespace

std::vector<Scenario> controller_scenarios() {
  std::vector<Scenario> all = {clean("20", 1), clean("100", 1), clean("20", 4), clean("100", 4)};
  for (const char* rtt : {"20", "100"}) {
    for (const char* loss : {"0.1", "1", "5"}) all.push_back(lossy(rtt, loss));
  }
  for (const int flows : {2, 8}) all.push_back(several(flows));
  all.push_back(late_comer());
  for (const char* neighbour : {"cubic", "new_reno"}) {
    for (const int bdps : {1, 4}) all.push_back(beside(neighbour, bdps));
  }
  all.push_back(two_round_trips());
  all.push_back(wifi());
  all.push_back(lte());
  for (const char* loss : {"0.8", "5", "8"}) all.push_back(thin(loss));
  return all;
}

}  // namespace hawser::bench
