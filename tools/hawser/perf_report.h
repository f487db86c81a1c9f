#pragma once
/// What `hawser perf client` is asked and what comes out, as JSON and as text. The JSON keys are a
/// contract with scripts.

#include <cstdint>
#include <optional>
#include <string>

#include <nlohmann/json_fwd.hpp>

#include "hawser/config.h"
#include "hawser/stats.h"
#include "hawser/uv_endpoint.h"
#include "tools/hawser/latency_stats.h"
#include "tools/hawser/perf_protocol.h"
#include "tools/hawser/traffic.h"

namespace hawser::cli {

enum class PerfMode : std::uint8_t { bulk, messages, flood, pingpong, idle };
const char* to_string(PerfMode mode);

struct PerfOptions {
  std::string target;  ///< host:port
  PerfMode mode = PerfMode::bulk;
  std::size_t message_size = 0;
  Duration interval{0};
  std::uint64_t count = TrafficPlan::kUnbounded;  ///< messages per connection
  std::optional<Duration> time;                   ///< how long to send, or to hold (idle)
  Delivery delivery = Delivery::ordered;
  std::size_t connections = 1;
  ConnectionConfig connection;
  UvDriver driver = UvDriver::automatic;
};

/// What came out, summed over the connections.
struct PerfResult {
  DeliveryCounts counts;
  std::uint64_t messages_sent = 0;
  ReceiptCounts receipts;
  std::uint64_t connects = 0;  ///< that took `connecting`
  Duration connecting{0};
  LatencyStats round_trip;
  PerfReport server;  ///< the last report
  double cpu_s = 0;
  std::uint64_t rss_kb = 0;
  std::uint64_t server_rss_before_kb = 0;
  ConnectionStats stats;  ///< sums of the counters
};

/// `driver`: the one really used.
nlohmann::ordered_json to_json(const PerfOptions& options, const PerfResult& result,
                               UvDriver driver);
std::string to_text(const PerfOptions& options, const PerfResult& result);

/// What must never happen, as one line; nothing if all promises were kept.
std::optional<std::string> broken_promise(const PerfOptions& options, const PerfResult& result);

}  // namespace hawser::cli
