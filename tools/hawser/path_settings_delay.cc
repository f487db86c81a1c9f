// How long datagrams take, and which ones overtake others.

#include <array>
#include <cstdint>
#include <limits>

#include "tools/hawser/path_setting_parts.h"

namespace hawser::cli {
namespace {

using netsim::Probability;

bool apply_rtt(LinkDraft& draft, std::string_view text) {
  const auto rtt = parse_duration(text);
  if (!rtt) return false;
  const Duration half = *rtt / 2;
  draft.link.delay = draft.is_up ? half : *rtt - half;
  return true;
}

bool apply_jitter_distribution(LinkDraft& draft, std::string_view text) {
  if (text != "uniform" && text != "normal") return false;
  draft.link.jitter.distribution =
      text == "uniform" ? netsim::JitterDistribution::uniform : netsim::JitterDistribution::normal;
  return true;
}

bool apply_jitter_correlation(LinkDraft& draft, std::string_view text) {
  const auto correlation = parse_probability(text);
  if (!correlation || *correlation == Probability::certain()) return false;
  draft.link.jitter.correlation = *correlation;
  return true;
}

constexpr auto kSettings = std::to_array<PathSetting>({
    {"rtt", "D", "round-trip time, half of it in each direction", kDurationForm, apply_rtt},
    {"delay", "D", "delay of each direction", kDurationForm,
     [](LinkDraft& d, std::string_view v) { return store(d.link.delay, parse_duration(v)); }},
    {"jitter", "D", "random part of the delay, around it", kDurationForm,
     [](LinkDraft& d, std::string_view v) {
       return store(d.link.jitter.spread, parse_duration(v));
     }},
    {"jitter-dist", "NAME", "distribution of the jitter: uniform or normal", "uniform or normal",
     apply_jitter_distribution},
    {"jitter-correlation", "P", "how much of a datagram's jitter the next one shares",
     "a probability below 100% such as 25% or 0.25", apply_jitter_correlation},
    {"reorder", "P", "datagrams that skip the delay", kProbabilityForm,
     [](LinkDraft& d, std::string_view v) {
       return store(d.link.reorder.probability, parse_probability(v));
     }},
    {"reorder-gap", "N", "only each Nth datagram may skip the delay", kCountForm,
     [](LinkDraft& d, std::string_view v) {
       return store(d.link.reorder.gap, parse_count(v, std::numeric_limits<std::uint32_t>::max()));
     }},
});

}  // namespace

std::span<const PathSetting> delay_settings() { return kSettings; }

}  // namespace hawser::cli
