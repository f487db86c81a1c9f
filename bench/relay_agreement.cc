// Is the simulator kinder than real sockets? Runs the same load over the same path, in virtual time
// and in real time through the relay, and compares.

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "tools/hawser/demo_run.h"
#include "tools/hawser/sim_connection.h"
#include "tools/hawser/sim_options.h"

namespace hawser::cli {
namespace {

struct Profile {
  const char* name;
  const char* path;
  const char* bulk_bytes;  // enough for some seconds
  const char* flow = "";   // what else both flows have
};
constexpr Profile kProfiles[] = {
    // Not shorter: sender, relay and receiver wake up late by a third of a millisecond together.
    {"city", "--rtt 20ms --rate 50mbit --queue 2bdp", "50MB"},
    {"wide area", "--rtt 60ms --rate 20mbit --queue 1bdp --loss 1%", "8MB"},
    {"cellular", "--rtt 50ms --jitter 3ms --jitter-dist normal --rate 10mbit --queue 100ms",
     "12MB"},
    {"wireless", "--rtt 10ms --rate 20mbit --queue 50ms --loss-ge 0.5%,40%", "15MB"},
    {"satellite", "--rtt 600ms --rate 5mbit --queue 1bdp", "6MB"},
    // Under such loss the figures of a controller that obeys it, and of messages that wait for one
    // another, are a matter of luck: between two seeds they differ by a factor of two.
    {"hostile", "--rtt 80ms --loss 5% --duplicate 2% --reorder 5% --corrupt 1%", "40MB",
     ",cc=fixed,window=64,channel=unordered"}};
constexpr char kMessages[] = "mode=messages,size=100,interval=4ms,count=4000";
constexpr double kToleratedRatio = 0.1;

FlowReport in_real_time(const SimulationSpec& spec, LatencyStats& lateness) {
  EventLoop loop;
  DemoPlan plan;
  plan.path = spec.path;
  plan.connection = connection_config(spec, spec.flows[0]);
  plan.flow = spec.flows[0];
  plan.has_raw_udp = false;
  plan.seed = spec.seed;
  auto run = DemoRun::create(loop, plan);
  if (!run) {
    fmt::print(stderr, "relay_agreement: cannot open the sockets: {}\n", run.error().message());
    std::exit(3);
  }
  loop.run_until([&run] { return (*run)->is_done(); });
  const DemoReport report = (*run)->report();
  lateness = report.relay_lateness;
  return report.flow;
}

// Prints one pair; whether it agrees.
bool compare(const std::string& what, double simulated, double real) {
  const double ratio = simulated > 0 ? real / simulated : 0;
  const bool agrees = std::abs(ratio - 1) <= kToleratedRatio;
  fmt::print("{:<28} {:>12.3f} {:>12.3f} {:>8.3f}{}\n", what, simulated, real, ratio,
             agrees ? "" : "  differs");
  return agrees;
}

bool compare_flow(const Profile& profile, const std::string& flow) {
  const SimulationSpec spec =
      parse_simulation(fmt::format("{} --flow {}{}", profile.path, flow, profile.flow));
  const FlowReport simulated = simulate(spec).flows.at(0);
  LatencyStats lateness;
  const FlowReport real = in_real_time(spec, lateness);
  const auto title = [&profile](const char* figure) {
    return fmt::format("{} {}", profile.name, figure);
  };
  bool agrees = true;
  if (spec.flows[0].mode == TrafficMode::bulk) {
    agrees = compare(title("goodput Mbit/s"), simulated.goodput_mbps, real.goodput_mbps);
  } else {
    for (const auto& [name, per_mille] : {std::pair{"p50 ms", 500U}, std::pair{"p99 ms", 990U}}) {
      agrees &= compare(title(name), to_ms(simulated.latency.percentile(per_mille)),
                        to_ms(real.latency.percentile(per_mille)));
    }
  }
  fmt::print("{:<28} {:>12} {:>12.3f} {:>8.3f}\n", "  relay late by p50, p99 ms", "",
             to_ms(lateness.percentile(500)), to_ms(lateness.percentile(990)));
  return agrees;
}

int run() {
  fmt::print("{:<28} {:>12} {:>12} {:>8}\n", "", "simulated", "real", "ratio");
  bool agrees = true;
  for (const Profile& profile : kProfiles) {
    agrees &= compare_flow(profile, fmt::format("mode=bulk,bytes={}", profile.bulk_bytes));
    agrees &= compare_flow(profile, kMessages);
  }
  return agrees ? 0 : 1;
}

}  // namespace
}  // namespace hawser::cli

int main() { return hawser::cli::run(); }
