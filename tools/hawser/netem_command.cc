#include "tools/hawser/netem_command.h"

#include <sys/resource.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "tools/hawser/flow_report.h"
#include "tools/hawser/link_report.h"
#include "tools/hawser/progress.h"
#include "tools/hawser/raw_udp_load.h"
#include "tools/hawser/relay_monitor.h"
#include "tools/hawser/typed_options.h"
#include "transport/uv/name_resolver.h"

namespace hawser::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr char kExample[] =
    "\nExample: a service on port 9000, seen through a bad network on port 9001\n"
    "  hawser netem --listen 127.0.0.1:9001 --to 127.0.0.1:9000 --rtt 60ms --loss 2%\n"
    "Check of the relay itself:\n"
    "  hawser netem --self-test --delay 20ms --loss 5%\n";

constexpr char kListenForm[] = "an address and a port such as 127.0.0.1:9001 or [::]:9001";
constexpr Duration kShortestInterval = std::chrono::milliseconds(10);
constexpr RawUdpLoad::Plan kSelfTestPlan{.message_size = 200,
                                         .interval = std::chrono::microseconds(500),
                                         .count = 4000,
                                         .is_echoed = true};

std::optional<std::uint64_t> parse_clients(std::string_view text) {
  return parse_count(text, 60'000);
}
constexpr ValueKind<std::uint64_t> kClients{parse_clients, "a whole number from 1 to 60000", "N"};

std::optional<Duration> parse_interval(std::string_view text) {
  const auto interval = parse_duration(text);
  return interval && *interval >= kShortestInterval ? interval : std::nullopt;
}
constexpr ValueKind<Duration> kInterval{parse_interval, "a duration from 10ms such as 1s", "D"};

// Each client takes a socket, two after a rebinding: as many as the system lets us have.
void raise_socket_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  (void)setrlimit(RLIMIT_NOFILE, &limit);  // what it refuses shows as clients refused
}

SocketAddress loopback() { return SocketAddress::ipv4({127, 0, 0, 1}, 0); }

// An address of "host:port" that a socket bound to `local` can reach.
Result<SocketAddress> look_up(EventLoop& loop, const InterruptWatch& interrupt,
                              const SocketAddress& local, const std::string& text) {
  std::optional<Result<SocketAddress>> found;
  rim::NameResolver resolver(loop.get(), local);
  const std::error_code error = resolver.resolve(
      text, [&found](Result<SocketAddress> address) { found.emplace(std::move(address)); });
  if (error) return error;
  loop.run_until([&] { return found.has_value() || interrupt.is_interrupted(); });
  // A look-up that a worker has begun cannot be cancelled, and may take long: it is left behind
  // with the process, which has done nothing yet that would have to be tidied up.
  if (!found) std::_Exit(static_cast<int>(ExitCode::interrupted));
  return *found;
}

// The server's address: of the family that the relay listens on if there is one, else of any; the
// sockets towards it are of its own family.
Result<SocketAddress> resolve(EventLoop& loop, const InterruptWatch& interrupt,
                              const SocketAddress& listen, const std::string& text) {
  SocketAddress any;
  any.family = SocketAddress::Family::ipv6;  // its wildcard takes both
  const auto found = look_up(loop, interrupt, listen, text);
  return found ? found : look_up(loop, interrupt, any, text);
}

const char* verdict_on(const SelfTestCheck& check) {
  if (!check.is_checked) return "not checked: nothing arrived";
  return check.is_ok() ? "ok" : "WRONG";
}

}  // namespace

void NetemCommand::declare(CLI::App& app) {
  app.add_option("--listen", listen_, "where clients send to")->type_name("ADDR:PORT");
  add_value(app, {"--to", "the server that they mean"}, kHostPort, to_);
  add_value(app, {"--seed", "of the network's chances (1)"}, kNumber, seed_);
  add_value(app, {"--clients", "at most so many at a time (1000)"}, kClients, clients_);
  add_value(app, {"--stats", "a line of figures on standard error every D"}, kInterval,
            stats_interval_);
  app.add_flag("--self-test", is_self_test_, "sends through itself and compares with the path");
  app.add_flag("--json", is_json_, "one JSON object on standard output and nothing else");
  path_.add_to(app);
  app.footer(kExample);
}

ExitCode NetemCommand::run() { return is_self_test_ ? run_self_test() : run_relay(); }

ExitCode NetemCommand::run_relay() {
  if (listen_.empty() || to_.empty()) {
    throw CLI::ValidationError("--listen and --to are needed (or --self-test)");
  }
  const auto listen = SocketAddress::parse(listen_);
  if (!listen) throw CLI::ValidationError("--listen", refusal(listen_, kListenForm));
  const netsim::PathConfig path = path_.resolve();
  EventLoop loop;
  const InterruptWatch interrupt(loop);
  const auto to = resolve(loop, interrupt, *listen, to_);
  if (!to) {
    fmt::print(stderr, "hawser netem: --to: cannot find '{}': {}\n", to_, to.error().message());
    return ExitCode::no_connection;
  }
  raise_socket_limit();
  auto relay = UdpRelay::create(loop, {.listen = *listen,
                                       .to = *to,
                                       .path = path,
                                       .seed = seed_,
                                       .clients_max = static_cast<std::size_t>(clients_)});
  if (!relay) {
    fmt::print(stderr, "hawser netem: cannot listen on {}: {}: choose another --listen\n", listen_,
               relay.error().message());
    return ExitCode::wrong_usage;
  }
  if (!is_json_) {
    fmt::print("listening on {}\n", (*relay)->address().to_string());
    std::fflush(stdout);
  }
  std::optional<RelayMonitor> monitor;
  if (stats_interval_) monitor.emplace(loop, **relay, *stats_interval_);
  Progress progress(loop, [&relay] {
    const UdpRelayStats stats = (*relay)->stats();
    return fmt::format("{} clients, {} datagrams up, {} down, {} dropped", stats.clients,
                       stats.up.packets, stats.down.packets,
                       stats.up.dropped() + stats.down.dropped());
  });
  loop.run_until([&interrupt] { return interrupt.is_interrupted(); });
  progress.clear();
  print(**relay, {});
  return ExitCode::interrupted;
}

ExitCode NetemCommand::run_self_test() {
  const netsim::PathConfig path = path_.resolve();
  EventLoop loop;
  const InterruptWatch interrupt(loop);
  auto load = RawUdpLoad::create(loop, kSelfTestPlan);
  const auto complain = [](std::error_code error) {
    fmt::print(stderr, "hawser netem: cannot open the sockets: {}\n", error.message());
    return ExitCode::no_connection;
  };
  if (!load) return complain(load.error());
  auto relay = UdpRelay::create(loop, {.listen = loopback(),
                                       .to = (*load)->sink_address(),
                                       .path = path,
                                       .carries_hawser = false,
                                       .seed = seed_});
  if (!relay) return complain(relay.error());
  (*load)->start((*relay)->address());
  const auto run_until = [&](const auto& is_over) {
    loop.run_until([&] { return is_over() || interrupt.is_interrupted(); });
  };
  // However long the path holds them back.
  run_until([&] { return (*load)->is_done() && (*relay)->is_empty(); });
  (*load)->wait_again();
  run_until([&] { return (*load)->is_done(); });
  const auto checks = compare(path, {.relay = (*relay)->stats(),
                                     .received = (*load)->received(),
                                     .echoes_received = (*load)->echoes_received(),
                                     .sent_over = kSelfTestPlan.interval * kSelfTestPlan.count,
                                     .arrival_span = (*load)->arrival_span(),
                                     .latency = (*load)->latency(),
                                     .round_trip = (*load)->round_trip()});
  print(**relay, checks);
  if (interrupt.is_interrupted()) return ExitCode::interrupted;
  return std::ranges::all_of(checks, &SelfTestCheck::is_ok) ? ExitCode::ok
                                                            : ExitCode::promise_broken;
}

void NetemCommand::print(const UdpRelay& relay, const std::vector<SelfTestCheck>& checks) const {
  const UdpRelayStats stats = relay.stats();
  const LinkReport links[] = {{"up", stats.up}, {"down", stats.down}};
  if (is_json_) {
    Json json = {{"links", Json::array()},
                 {"clients", stats.clients},
                 {"clients_refused", stats.clients_refused},
                 {"sent", stats.sent},
                 {"send_failures", stats.send_failures},
                 {"unroutable", stats.unroutable},
                 {"rebind_failures", stats.rebind_failures},
                 {"lateness_ms", to_json(relay.lateness())}};
    for (const LinkReport& link : links) json["links"].push_back(to_json(link));
    for (const SelfTestCheck& check : checks) {
      json["self_test"].push_back({{"what", check.what},
                                   {"expected", check.expected},
                                   {"measured", check.measured},
                                   {"tolerance", check.tolerance},
                                   {"ok", check.is_checked ? Json(check.is_ok()) : Json()}});
    }
    fmt::print("{}\n", json.dump());
    return;
  }
  for (const LinkReport& link : links) fmt::print("{}", to_text(link));
  const LatencyStats& lateness = relay.lateness();
  fmt::print(
      "{} datagrams passed on, {} refused by the system; later than scheduled by p50 {:.3f}, "
      "p99 {:.3f}, max {:.3f} ms\n",
      stats.sent, stats.send_failures, to_ms(lateness.percentile(500)),
      to_ms(lateness.percentile(990)), to_ms(lateness.max()));
  for (const SelfTestCheck& check : checks) {
    fmt::print("{:<34} expected {:>10.4f}  measured {:>10.4f}  {}\n", check.what, check.expected,
               check.measured, verdict_on(check));
  }
}

}  // namespace hawser::cli
