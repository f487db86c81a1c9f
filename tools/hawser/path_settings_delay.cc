// How long datagrams take, and which ones overtake others.

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <string_view>
#include <utility>

#include "tools/hawser/path_setting_parts.h"

namespace hawser::cli {
namespace {

using netsim::JitterDistribution;
using netsim::Probability;

constexpr std::uint64_t kReorderDepthMax = 1000;

bool apply_rtt(LinkDraft& draft, std::string_view text) {
  const auto rtt = parse_duration(text);
  if (!rtt) return false;
  const Duration half = *rtt / 2;
  draft.link.delay = draft.is_up ? half : *rtt - half;
  return true;
}

bool apply_jitter_distribution(LinkDraft& draft, std::string_view text) {
  constexpr std::pair<std::string_view, JitterDistribution> kNames[] = {
      {"uniform", JitterDistribution::uniform},
      {"normal", JitterDistribution::normal},
      {"pareto", JitterDistribution::pareto},
      {"paretonormal", JitterDistribution::paretonormal}};
  const auto* found = std::ranges::find(kNames, text, [](const auto& each) { return each.first; });
  if (found == std::end(kNames)) return false;
  draft.link.jitter.distribution = found->second;
  return true;
}

bool apply_jitter_correlation(LinkDraft& draft, std::string_view text) {
  const auto correlation = parse_probability(text);
  if (!correlation || *correlation == Probability::certain()) return false;
  draft.link.jitter.correlation = *correlation;
  return true;
}

// Depth and delay replace one another, and zero gives netem's way back.
bool apply_reorder_depth(LinkDraft& draft, std::string_view text) {
  const auto depth = parse_number(text);
  if (!depth || *depth > kReorderDepthMax) return false;
  draft.link.reorder.depth = static_cast<std::uint32_t>(*depth);
  draft.link.reorder.delay = Duration::zero();
  return true;
}

bool apply_reorder_delay(LinkDraft& draft, std::string_view text) {
  if (!store(draft.link.reorder.delay, parse_duration(text))) return false;
  draft.link.reorder.depth = 0;
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
    {"jitter-dist", "NAME", "distribution of the jitter: uniform, normal, pareto or paretonormal",
     "uniform, normal, pareto or paretonormal", apply_jitter_distribution},
    {"jitter-correlation", "P", "how much of a datagram's jitter the next one shares",
     "a probability below 100% such as 25% or 0.25", apply_jitter_correlation},
    {"reorder", "P", "datagrams that skip the delay", kProbabilityForm,
     [](LinkDraft& d, std::string_view v) {
       return store(d.link.reorder.probability, parse_probability(v));
     }},
    {"reorder-depth", "N", "they do not, but arrive behind N later ones, or 100ms late",
     "a whole number from 0 to 1000", apply_reorder_depth},
    {"reorder-delay", "D", "they do not, but take so much longer", kDurationForm,
     apply_reorder_delay},
    {"reorder-gap", "N", "only each Nth datagram may be reordered", kCountForm,
     [](LinkDraft& d, std::string_view v) {
       return store(d.link.reorder.gap, parse_count(v, std::numeric_limits<std::uint32_t>::max()));
     }},
});

}  // namespace

std::span<const PathSetting> delay_settings() { return kSettings; }

}  // namespace hawser::cli
