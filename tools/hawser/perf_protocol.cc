#include "tools/hawser/perf_protocol.h"

#include <array>
#include <fstream>

#include <nlohmann/json.hpp>
#include <uv.h>

#include "tools/hawser/value_text.h"

namespace hawser::cli {
namespace {

using Json = nlohmann::ordered_json;

// The object, if it is one of that type.
std::optional<Json> parse_kind(std::span<const std::uint8_t> text, const char* kind) {
  const Json json = Json::parse(text.begin(), text.end(), nullptr, false);
  if (!json.is_object() || json.value("kind", Json()) != kind) return std::nullopt;
  return json;
}

// A member of that type, or the fallback: a stranger may send anything.
template <typename Value>
Value member(const Json& json, const char* name, Value fallback) {
  const auto found = json.find(name);
  if (found == json.end()) return fallback;
  if constexpr (std::is_same_v<Value, bool>) {
    return found->is_boolean() ? found->template get<bool>() : fallback;
  } else if constexpr (std::is_same_v<Value, std::string>) {
    return found->is_string() ? found->template get<std::string>() : fallback;
  } else if constexpr (std::is_floating_point_v<Value>) {
    return found->is_number() ? found->template get<Value>() : fallback;
  } else {
    return found->is_number_unsigned() ? static_cast<Value>(found->template get<std::uint64_t>())
                                       : fallback;
  }
}

constexpr std::array kDeliveries = {Delivery::ordered, Delivery::unordered, Delivery::unreliable};

}  // namespace

std::string encode(const PerfPlan& plan) {
  return Json{{"kind", "plan"},
              {"run", plan.run},
              {"flow_key", plan.flow_key},
              {"message_size", plan.message_size},
              {"delivery", static_cast<unsigned>(plan.delivery)},
              {"is_echoed", plan.is_echoed},
              {"machine", plan.machine}}
      .dump();
}

std::string encode(const PerfFinish& finish) {
  return Json{{"kind", "finish"}, {"messages_sent", finish.messages_sent}}.dump();
}

std::string encode(const PerfReport& report) {
  return Json{{"kind", "report"},
              {"delivered", report.counts.delivered},
              {"duplicates", report.counts.duplicates},
              {"out_of_order", report.counts.out_of_order},
              {"corrupt", report.counts.corrupt},
              {"bytes", static_cast<std::uint64_t>(report.counts.bytes.value())},
              {"elapsed_ns", static_cast<std::uint64_t>(report.elapsed.count())},
              {"cpu_s", report.cpu_s},
              {"rss_kb", report.rss_kb},
              {"latency", report.latency_json}}
      .dump();
}

std::span<const std::uint8_t> bytes_of(const std::string& text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

std::optional<PerfPlan> parse_perf_plan(std::span<const std::uint8_t> text) {
  const auto json = parse_kind(text, "plan");
  if (!json) return std::nullopt;
  PerfPlan plan;
  plan.run = member(*json, "run", plan.run);
  plan.flow_key = member(*json, "flow_key", plan.flow_key);
  plan.message_size = member(*json, "message_size", plan.message_size);
  const auto delivery = member(*json, "delivery", std::size_t{0});
  plan.is_echoed = member(*json, "is_echoed", false);
  plan.machine = member(*json, "machine", std::string());
  if (plan.message_size > kMessageSizeMax.size() || delivery >= kDeliveries.size())
    return std::nullopt;
  plan.delivery = kDeliveries[delivery];
  return plan;
}

std::optional<PerfFinish> parse_perf_finish(std::span<const std::uint8_t> text) {
  const auto json = parse_kind(text, "finish");
  if (!json) return std::nullopt;
  return PerfFinish{.messages_sent = member(*json, "messages_sent", std::uint64_t{0})};
}

std::optional<PerfReport> parse_perf_report(std::span<const std::uint8_t> text) {
  const auto json = parse_kind(text, "report");
  if (!json) return std::nullopt;
  PerfReport report;
  report.counts.delivered = member(*json, "delivered", std::uint64_t{0});
  report.counts.duplicates = member(*json, "duplicates", std::uint64_t{0});
  report.counts.out_of_order = member(*json, "out_of_order", std::uint64_t{0});
  report.counts.corrupt = member(*json, "corrupt", std::uint64_t{0});
  report.counts.bytes = ByteCount(member(*json, "bytes", std::int64_t{0}));
  report.elapsed = Duration(member(*json, "elapsed_ns", std::int64_t{0}));
  report.cpu_s = member(*json, "cpu_s", 0.0);
  report.rss_kb = member(*json, "rss_kb", std::uint64_t{0});
  report.latency_json = member(*json, "latency", std::string());
  return report;
}

std::string machine_name() {
  // Changes with every start of the machine, and with it its monotonic clock.
  std::ifstream boot_id("/proc/sys/kernel/random/boot_id");
  std::string name;
  if (std::getline(boot_id, name)) return name;
  std::array<char, UV_MAXHOSTNAMESIZE> host{};
  std::size_t size = host.size();
  return uv_os_gethostname(host.data(), &size) == 0 ? std::string(host.data(), size) : "unknown";
}

double cpu_seconds() {
  uv_rusage_t usage{};
  if (uv_getrusage(&usage) != 0) return 0;
  const auto seconds = [](const uv_timeval_t& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

std::uint64_t resident_kb() {
  std::size_t bytes = 0;
  return uv_resident_set_memory(&bytes) == 0 ? bytes / 1024 : 0;
}

}  // namespace hawser::cli
