#pragma once
/// What `hawser perf` client and server tell each other: JSON texts on a channel of their own,
/// beside the channel of the messages that are measured.

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include <nlohmann/json_fwd.hpp>

#include "hawser/message.h"
#include "hawser/time.h"
#include "tools/hawser/delivery_check.h"

namespace hawser::cli {

inline constexpr ChannelId kPerfDataChannel{0};
inline constexpr ChannelId kPerfControlChannel{1};

/// Client to server: what will come over this connection.
struct PerfPlan {
  std::uint64_t run = 0;       ///< the same for all connections of one client's run
  std::uint64_t flow_key = 0;  ///< see `fill_message`
  std::size_t message_size = 0;
  Delivery delivery = Delivery::ordered;
  bool is_echoed = false;  ///< every message goes back as it came
  std::string machine;     ///< names the machine: on the same one clocks agree
};
/// Client to server: all is sent and has its receipt.
struct PerfFinish {
  std::uint64_t messages_sent = 0;
};
/// Server to client, after a plan (what is counted then is still 0) and after a finish.
struct PerfReport {
  DeliveryCounts counts;  ///< of this connection
  // The rest is of the whole run.
  Duration elapsed{0};  ///< from the first plan to the last delivery
  double cpu_s = 0;     ///< since the first plan
  std::uint64_t rss_kb = 0;
  std::string latency_json;  ///< as `latency_ms` of the output
};

std::string encode(const PerfPlan& plan);
std::string encode(const PerfFinish& finish);
std::string encode(const PerfReport& report);
/// A text as the bytes of a message; valid as long as the text is.
std::span<const std::uint8_t> bytes_of(const std::string& text);

/// Each reads its own kind and gives nothing for anything else: the bytes come from the network.
std::optional<PerfPlan> parse_perf_plan(std::span<const std::uint8_t> text);
std::optional<PerfFinish> parse_perf_finish(std::span<const std::uint8_t> text);
std::optional<PerfReport> parse_perf_report(std::span<const std::uint8_t> text);

/// Names the machine and its present run, so that two processes can tell whether they share a
/// clock.
std::string machine_name();
/// What the process has used so far, of all processors together.
double cpu_seconds();
std::uint64_t resident_kb();

}  // namespace hawser::cli
