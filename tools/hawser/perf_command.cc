#include "tools/hawser/perf_command.h"

#include <cstdio>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "tools/hawser/progress.h"
#include "tools/hawser/typed_options.h"

namespace hawser::cli {
namespace {

constexpr char kExample[] =
    "\nExample: on one machine\n"
    "  hawser perf server --port 9000 --once &\n"
    "  hawser perf client 127.0.0.1:9000 --mode bulk --seconds 5\n";
constexpr std::uint64_t kConnectionsMax = 1'000'000;
// For the server's figures.
constexpr Duration kPatienceAfterInterrupt = std::chrono::seconds(1);

std::optional<ByteCount> parse_message_size(std::string_view text) {
  return parse_size_between(text, ByteCount(0), kMessageSizeMax);
}
std::optional<std::uint64_t> parse_connections(std::string_view text) {
  return parse_count(text, kConnectionsMax);
}
std::optional<std::uint64_t> parse_port(std::string_view text) {
  const auto number = parse_number(text);
  return number && *number <= 65535 ? number : std::nullopt;
}
// "5" as well as "5s": the option's name has the unit.
std::optional<Duration> parse_seconds(std::string_view text) {
  const auto duration = parse_duration(text);
  return duration ? duration : parse_duration(std::string(text) + "s");
}
constexpr ValueKind<ByteCount> kMessageSize{parse_message_size, "a size from 0 to 16MiB", "B"};
constexpr ValueKind<std::uint64_t> kConnections{parse_connections,
                                                "a whole number from 1 to 1000000", "N"};
constexpr ValueKind<std::uint64_t> kPort{parse_port, "a port from 0 (any free one) to 65535", "P"};
constexpr ValueKind<Duration> kSeconds{parse_seconds, "seconds such as 5 or 0.5s", "S"};

std::optional<UvDriver> parse_driver(std::string_view text) {
  if (text == "linux") return UvDriver::linux_batched;
  if (text == "portable") return UvDriver::portable;
  return std::nullopt;
}
std::optional<PerfMode> parse_mode(std::string_view text) {
  for (const PerfMode mode :
       {PerfMode::bulk, PerfMode::messages, PerfMode::flood, PerfMode::pingpong, PerfMode::idle}) {
    if (text == to_string(mode)) return mode;
  }
  return std::nullopt;
}
std::optional<Delivery> parse_channel(std::string_view text) {
  for (const Delivery delivery : {Delivery::ordered, Delivery::unordered, Delivery::unreliable}) {
    if (text == to_string(delivery)) return delivery;
  }
  return std::nullopt;
}
constexpr ValueKind<UvDriver> kDriver{parse_driver, "linux or portable", "NAME"};
constexpr ValueKind<PerfMode> kMode{parse_mode, "bulk, messages, flood, pingpong or idle", "MODE"};
constexpr ValueKind<Delivery> kChannel{parse_channel, "ordered, unordered or unreliable", "C"};
const ValueKind<std::string> kController{parse_controller, controller_form(), "NAME"};

std::size_t default_size(PerfMode mode) {
  switch (mode) {
    case PerfMode::bulk:
      return 64 << 10;
    case PerfMode::pingpong:
      return 64;
    case PerfMode::messages:
    case PerfMode::flood:
    case PerfMode::idle:
      break;
  }
  return 200;
}

}  // namespace

// ---- Options ------------------------------------------------------------------------------------

void PerfCommand::declare(CLI::App& app) {
  app.require_subcommand(1);
  app.footer(kExample);
  server_ = app.add_subcommand("server", "answers clients, counts what arrives");
  declare_server(*server_);
  declare_client(*app.add_subcommand("client", "sends, measures, reports"));
}

void PerfCommand::add_common(CLI::App& app) {
  add_value(app, {"--driver", "of the sockets: linux or portable (what the system has)"}, kDriver,
            driver_);
  add_value(app, {"--cc", fmt::format("congestion controller: {} (cubic)", controller_form())},
            kController, cc_);
  add_value(app,
            {"--datagram-size", "datagrams, UDP payload; never larger (search from 1200 to 1472)"},
            kSize, datagram_size_);
}

void PerfCommand::declare_server(CLI::App& app) {
  app.add_option("--bind", bind_, "address to listen on (0.0.0.0)")->type_name("ADDR");
  add_value(app, {"--port", "UDP port, 0 for any free one"}, kPort, port_)->required();
  app.add_flag("--once", is_once_, "end when the first client has gone");
  add_common(app);
  server_endpoint_.add_to(app);
  app.footer("\nExample:\n  hawser perf server --port 9000\n");
}

void PerfCommand::declare_client(CLI::App& app) {
  add_value(app, {"target", "the server"}, kHostPort, target_)->required();
  add_value(app, {"--mode", "bulk, messages, flood, pingpong or idle (bulk)"}, kMode, mode_);
  add_value(app, {"--channel", "ordered, unordered or unreliable (ordered)"}, kChannel, channel_);
  add_value(app, {"--size", "of a message (bulk 64KiB, pingpong 64, else 200)"}, kMessageSize,
            size_);
  add_value(app, {"--interval", "between two messages (messages 10ms, pingpong 0)"}, kDuration,
            interval_);
  add_value(app, {"--count", "messages per connection"}, kNumber, count_);
  add_value(app, {"--seconds", "how long to send, or to hold (5, without --count)"}, kSeconds,
            time_);
  add_value(app, {"--connections", "at once (1)"}, kConnections, connections_);
  app.add_flag("--busy-poll", is_busy_, "never sleep while waiting");
  app.add_flag("--json", is_json_, "one JSON object on standard output and nothing else");
  add_common(app);
  client_endpoint_.add_to(app);
  app.footer("\nExample:\n  hawser perf client 127.0.0.1:9000 --mode pingpong --seconds 2\n");
}

ConnectionConfig PerfCommand::connection_config() const {
  ConnectionConfig config;
  (server_->parsed() ? server_endpoint_ : client_endpoint_).apply_to(config);
  config.congestion = find_congestion_controller(cc_);
  if (datagram_size_) {
    config.datagram_size = *datagram_size_;
    config.congestion_config.datagram_size = *datagram_size_;
    config.datagram_size_max = *datagram_size_;
  }
  if (const auto complaint = complaint_about(config)) throw CLI::ValidationError(*complaint);
  return config;
}

// What the mode would not look at.
void PerfCommand::refuse_idle_options() const {
  const bool is_idle = mode_ == PerfMode::idle;
  const bool is_timed = mode_ == PerfMode::messages || mode_ == PerfMode::pingpong;
  const auto refuse = [this](const char* option, const char* modes) {
    throw CLI::ValidationError(
        option, fmt::format("--mode {} does not use it: it is for {}", to_string(mode_), modes));
  };
  if (interval_ && !is_timed) refuse("--interval", "messages and pingpong");
  if (is_idle && size_) refuse("--size", "the modes that send");
  if (is_idle && count_) refuse("--count", "the modes that send");
  if (is_idle && channel_) refuse("--channel", "the modes that send");
}

PerfOptions PerfCommand::client_options() const {
  refuse_idle_options();
  PerfOptions options;
  options.target = target_;
  options.mode = mode_;
  options.message_size = size_ ? size_->size() : default_size(options.mode);
  const bool is_spaced = options.mode == PerfMode::messages;
  const Duration default_interval =
      is_spaced ? Duration(std::chrono::milliseconds(10)) : Duration::zero();
  options.interval = interval_.value_or(default_interval);
  options.count = count_.value_or(TrafficPlan::kUnbounded);
  options.time = time_;
  if (!count_ && !time_) options.time = std::chrono::seconds(5);
  options.delivery = channel_.value_or(Delivery::ordered);
  options.connections = static_cast<std::size_t>(connections_);
  options.connection = connection_config();
  options.driver = driver_;
  if (options.count == 0) throw CLI::ValidationError("--count", refusal("0", "a number from 1"));
  if (is_spaced && options.interval == Duration::zero()) {
    throw CLI::ValidationError("--interval", refusal("0", "a duration above zero such as 10ms"));
  }
  if (options.mode == PerfMode::pingpong && options.delivery == Delivery::unreliable) {
    throw CLI::ValidationError(
        "--channel", refusal("unreliable", "ordered or unordered: pingpong needs answers"));
  }
  return options;
}

ExitCode PerfCommand::run() { return server_->parsed() ? run_server() : run_client(); }

// ---- Server -------------------------------------------------------------------------------------

ExitCode PerfCommand::run_server() {
  const bool is_ipv6 = bind_.find(':') != std::string::npos;
  const std::string text =
      is_ipv6 ? fmt::format("[{}]:{}", bind_, port_) : fmt::format("{}:{}", bind_, port_);
  const auto bind = SocketAddress::parse(text);
  if (!bind) throw CLI::ValidationError("--bind", refusal(bind_, "an IPv4 or IPv6 address"));
  EventLoop loop;
  const InterruptWatch interrupt(loop);
  auto server = PerfServer::create(
      loop, {.bind = *bind, .connection = connection_config(), .driver = driver_});
  if (!server) {
    fmt::print(stderr,
               "hawser perf server: cannot listen on {}: {}: choose another --port or --bind\n",
               text, server.error().message());
    return ExitCode::wrong_usage;
  }
  fmt::print("listening on {}\n", (*server)->address().to_string());
  std::fflush(stdout);
  loop.run_until([&] { return interrupt.is_interrupted() || (is_once_ && (*server)->was_used()); });
  fmt::print(stderr, "{} messages received\n", (*server)->messages_received());
  return interrupt.is_interrupted() ? ExitCode::interrupted : ExitCode::ok;
}

// ---- Client -------------------------------------------------------------------------------------

ExitCode PerfCommand::run_client() {
  const PerfOptions options = client_options();
  EventLoop loop;
  const InterruptWatch interrupt(loop);
  auto client = PerfClient::create(loop, options);
  if (!client) {
    fmt::print(stderr, "hawser perf client: cannot open a socket: {}\n", client.error().message());
    return ExitCode::no_connection;
  }
  Progress progress(
      loop, [&client] { return fmt::format("{} messages sent", (*client)->messages_sent()); });
  loop.run_until([&] { return (*client)->is_done() || interrupt.is_interrupted(); }, is_busy_);
  if (interrupt.is_interrupted()) {
    // The server's figures are still to come, if nothing holds them up.
    (*client)->stop();
    bool is_late = false;
    Alarm alarm(loop, [&is_late] { is_late = true; });
    alarm.arm(monotonic_now() + kPatienceAfterInterrupt);
    loop.run_until([&] { return (*client)->is_done() || is_late || interrupt.count() > 1; });
  }
  progress.clear();
  if (const auto& failure = (*client)->failure()) {
    fmt::print(stderr, "hawser perf client: {}\n", *failure);
    if (!interrupt.is_interrupted()) return ExitCode::no_connection;
  }
  const PerfResult result = (*client)->result();
  fmt::print("{}", is_json_ ? to_json(options, result, (*client)->driver()).dump() + "\n"
                            : to_text(options, result));
  if (interrupt.is_interrupted()) return ExitCode::interrupted;
  if (const auto broken = broken_promise(options, result)) {
    fmt::print(stderr, "hawser perf client: {}\n", *broken);
    return ExitCode::promise_broken;
  }
  return ExitCode::ok;
}

}  // namespace hawser::cli
