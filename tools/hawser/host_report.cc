#include "tools/hawser/host_report.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace hawser::cli {

nlohmann::ordered_json to_json(const HostReport& host) {
  const netsim::HostStats& stats = host.stats;
  return {{"name", host.name},
          {"sends_blocked", stats.sends_blocked},
          {"sends_refused", stats.sends_refused},
          {"too_large_refused", stats.too_large_refused},
          {"receive_overflows", stats.receive_overflows},
          {"crashes", stats.crashes},
          {"dropped_while_down", stats.dropped_while_down}};
}

std::string to_text(const HostReport& host) {
  const netsim::HostStats& stats = host.stats;
  std::string text;
  const auto add = [&text](std::uint64_t count, const char* what) {
    if (count > 0) text += fmt::format("{}{} {}", text.empty() ? "" : ", ", count, what);
  };
  add(stats.sends_blocked, "times its socket was full");
  add(stats.sends_refused, "sends refused for want of buffers");
  add(stats.too_large_refused, "refused as too large");
  add(stats.receive_overflows, "arrivals beyond the receive buffer");
  add(stats.crashes, stats.crashes == 1 ? "crash" : "crashes");
  add(stats.dropped_while_down, "arrivals while it was down");
  return fmt::format("host {}: {}\n", host.name, text.empty() ? "nothing befell it" : text);
}

}  // namespace hawser::cli
