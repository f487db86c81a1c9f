#include "tools/hawser/perf_report.h"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "tools/hawser/flow_report.h"

namespace hawser::cli {
namespace {

using Json = nlohmann::ordered_json;

double to_us(Duration duration) { return static_cast<double>(duration.count()) / 1e3; }

double per_second(std::uint64_t count, Duration time) {
  return time > Duration::zero()
             ? static_cast<double>(count) * 1e9 / static_cast<double>(time.count())
             : 0;
}

double cpu_s_per_gb(const PerfResult& result) {
  const auto bytes = static_cast<double>(result.counts.bytes.value());
  return bytes > 0 ? (result.cpu_s + result.server.cpu_s) * 1e9 / bytes : 0;
}

// The first connection stood before the server's memory was looked at for the first time.
double rss_bytes_per_connection(const PerfOptions& options, const PerfResult& result) {
  if (options.mode != PerfMode::idle || options.connections < 2) return 0;
  const auto grown =
      static_cast<double>(result.server.rss_kb) - static_cast<double>(result.server_rss_before_kb);
  return std::max(0.0, grown) * 1024 / static_cast<double>(options.connections - 1);
}

Json rtt_json(const LatencyStats& rtt) {
  return {{"min", to_us(rtt.min())},
          {"p50", to_us(rtt.percentile(500))},
          {"p90", to_us(rtt.percentile(900))},
          {"p99", to_us(rtt.percentile(990))},
          {"p99.9", to_us(rtt.percentile(999))},
          {"max", to_us(rtt.max())}};
}

// The server's own object; an empty one where it is none.
Json latency_json(const PerfResult& result) {
  const Json json = Json::parse(result.server.latency_json, nullptr, false);
  return json.is_object() ? json : to_json(LatencyStats());
}

}  // namespace

const char* to_string(PerfMode mode) {
  switch (mode) {
    case PerfMode::bulk:
      return "bulk";
    case PerfMode::messages:
      return "messages";
    case PerfMode::flood:
      return "flood";
    case PerfMode::pingpong:
      return "pingpong";
    case PerfMode::idle:
      return "idle";
  }
  return "unknown";
}

Json to_json(const PerfOptions& options, const PerfResult& result, UvDriver driver) {
  const DeliveryCounts& counts = result.counts;
  const Duration elapsed = result.server.elapsed;
  return {{"goodput_mbps", to_mbps(counts.bytes, elapsed)},
          {"messages_per_s", per_second(counts.delivered, elapsed)},
          {"messages_sent", result.messages_sent},
          {"messages_delivered", counts.delivered},
          {"duplicates", counts.duplicates},
          {"out_of_order", counts.out_of_order},
          {"corrupt", counts.corrupt},
          {"latency_ms", latency_json(result)},
          {"rtt_us", rtt_json(result.round_trip)},
          {"client_cpu_s", result.cpu_s},
          {"server_cpu_s", result.server.cpu_s},
          {"cpu_s_per_gb", cpu_s_per_gb(result)},
          {"client_rss_kb", result.rss_kb},
          {"server_rss_kb", result.server.rss_kb},
          {"rss_bytes_per_connection", rss_bytes_per_connection(options, result)},
          {"connects_per_s", per_second(result.connects, result.connecting)},
          // Beyond the contract.
          {"mode", to_string(options.mode)},
          {"channel", to_string(options.delivery)},
          {"message_size", options.message_size},
          {"connections", options.connections},
          {"driver", driver == UvDriver::portable ? "portable" : "linux"},
          {"elapsed_s", to_ms(elapsed) / 1e3},
          {"packets_sent", result.stats.packets_sent},
          {"packets_lost", result.stats.packets_lost},
          {"retransmitted_bytes", result.stats.retransmitted_bytes.value()}};
}

std::string to_text(const PerfOptions& options, const PerfResult& result) {
  const Json json = to_json(options, result, UvDriver::automatic);
  std::string text =
      fmt::format("{} over {} connection(s), {} B, {}\n", to_string(options.mode),
                  options.connections, options.message_size, to_string(options.delivery));
  if (options.mode == PerfMode::idle) {
    return text + fmt::format("  {:.0f} connects/s, {:.0f} bytes of server memory per connection\n",
                              json["connects_per_s"].get<double>(),
                              json["rss_bytes_per_connection"].get<double>());
  }
  text += fmt::format(
      "  messages    {} sent, {} delivered, {} duplicated, {} out of order, {} corrupt\n",
      result.messages_sent, result.counts.delivered, result.counts.duplicates,
      result.counts.out_of_order, result.counts.corrupt);
  text += fmt::format("  rate        {:.1f} Mbit/s, {:.0f} messages/s\n",
                      json["goodput_mbps"].get<double>(), json["messages_per_s"].get<double>());
  const Json& latency = json["latency_ms"];
  if (latency.value("n", 0) > 0) {
    text += fmt::format("  latency     p50 {:.3f}  p99 {:.3f}  max {:.3f} ms\n",
                        latency["p50"].get<double>(), latency["p99"].get<double>(),
                        latency["max"].get<double>());
  }
  const LatencyStats& rtt = result.round_trip;
  if (rtt.count() > 0) {
    text += fmt::format("  round trip  p50 {:.1f}  p99 {:.1f}  max {:.1f} us\n",
                        to_us(rtt.percentile(500)), to_us(rtt.percentile(990)), to_us(rtt.max()));
  }
  text += fmt::format("  processor   {:.2f} s client, {:.2f} s server, {:.2f} s per GB\n",
                      result.cpu_s, result.server.cpu_s, cpu_s_per_gb(result));
  return text;
}

std::optional<std::string> broken_promise(const PerfOptions& options, const PerfResult& result) {
  const DeliveryCounts& counts = result.counts;
  if (counts.corrupt + counts.duplicates + counts.out_of_order > 0) {
    return fmt::format("{} messages corrupt, {} duplicated, {} out of order", counts.corrupt,
                       counts.duplicates, counts.out_of_order);
  }
  if (result.receipts.repeated > 0 || result.receipts.total() != result.messages_sent) {
    return fmt::format("{} messages have {} receipts", result.messages_sent,
                       result.receipts.total() + result.receipts.repeated);
  }
  const bool is_reliable = options.delivery != Delivery::unreliable;
  if (is_reliable && counts.delivered != result.messages_sent) {
    return fmt::format("{} of {} messages lost", result.messages_sent - counts.delivered,
                       result.messages_sent);
  }
  return std::nullopt;
}

}  // namespace hawser::cli
