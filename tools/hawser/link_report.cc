#include "tools/hawser/link_report.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "tools/hawser/flow_report.h"

namespace hawser::cli {

nlohmann::ordered_json to_json(const LinkReport& link) {
  const netsim::LinkStats& stats = link.stats;
  return {
      {"name", link.name},
      {"packets", stats.packets},
      {"bytes", stats.bytes.value()},
      {"dropped_loss", stats.dropped_loss},
      {"dropped_queue", stats.dropped_queue},
      {"duplicated", stats.duplicated},
      {"corrupted", stats.corrupted},
      {"reordered", stats.reordered},
      {"ecn_marked", stats.ecn_marked},
      {"queue_max_ms", to_ms(stats.queue_max)},
      {"queue_mean_ms", to_ms(stats.queue_mean)},
      {"utilisation", stats.utilisation},
      {"payload_ceiling_mbps", static_cast<double>(stats.payload_ceiling.bits_per_second()) / 1e6},
      // Beyond the contract.
      {"delivered", stats.delivered},
      {"dropped_mtu", stats.dropped_mtu},
      {"dropped_blackout", stats.dropped_blackout},
      {"dropped_aqm", stats.dropped_aqm},
      {"dropped_policer", stats.dropped_policer},
      {"queue_p50_ms", to_ms(stats.queue_p50)},
      {"queue_p99_ms", to_ms(stats.queue_p99)},
      {"truncated", stats.truncated},
      {"extended", stats.extended},
      {"misdelivered", stats.misdelivered},
      {"replayed", stats.replayed}};
}

std::string to_text(const LinkReport& link) {
  const netsim::LinkStats& stats = link.stats;
  std::string text = fmt::format("link {}: {} datagrams, {} lost", link.name, stats.packets,
                                 stats.dropped_loss + stats.dropped_blackout);
  const auto add = [&text](std::uint64_t count, const char* what) {
    if (count > 0) text += fmt::format(", {} {}", count, what);
  };
  add(stats.dropped_queue, "dropped by the queue");
  add(stats.dropped_aqm, "dropped by its discipline");
  add(stats.dropped_policer, "policed");
  add(stats.dropped_mtu, "too big");
  add(stats.duplicated, "duplicated");
  add(stats.replayed, "replayed");
  add(stats.corrupted, "corrupted");
  add(stats.truncated, "truncated");
  add(stats.extended, "extended");
  add(stats.misdelivered, "misdelivered");
  add(stats.reordered, "reordered");
  if (stats.utilisation > 0) {
    text += fmt::format(", {:.1f} % used, waits of {:.2f} ms (mean), {:.2f} (p99), {:.2f} (max)",
                        stats.utilisation * 100, to_ms(stats.queue_mean), to_ms(stats.queue_p99),
                        to_ms(stats.queue_max));
  }
  return text + "\n";
}

}  // namespace hawser::cli
