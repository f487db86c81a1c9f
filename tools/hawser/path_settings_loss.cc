// Which datagrams are lost.

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>

#include "tools/hawser/path_setting_parts.h"

namespace hawser::cli {
namespace {

using netsim::Probability;

bool apply_loss_ge(LinkDraft& draft, std::string_view text) {
  const auto parts = split(text, ',');
  if (parts.size() < 2 || parts.size() > 4) return false;
  std::array<std::optional<Probability>, 4> values{std::nullopt, std::nullopt,
                                                   Probability::certain(), Probability()};
  for (std::size_t i = 0; i < parts.size(); ++i) values[i] = parse_probability(parts[i]);
  if (!std::all_of(values.begin(), values.end(), [](const auto& v) { return v.has_value(); })) {
    return false;
  }
  draft.link.loss_ge = {*values[0], *values[1], *values[2], *values[3]};
  return true;
}

bool apply_loss_ge_time(LinkDraft& draft, std::string_view text) {
  // Shorter periods than this mean nothing to datagrams, and cost a draw each.
  constexpr Duration kShortest = std::chrono::microseconds(1);
  const auto parts = split(text, ',');
  if (parts.size() < 2 || parts.size() > 3) return false;
  const auto bad = parse_duration(parts[0]);
  const auto good = parse_duration(parts[1]);
  const auto loss = parts.size() == 3 ? parse_probability(parts[2]) : Probability::certain();
  if (!bad || !good || !loss || *bad < kShortest || *good < kShortest) return false;
  draft.link.loss_ge_time = {*bad, *good, *loss};
  return true;
}

bool apply_loss_state(LinkDraft& draft, std::string_view text) {
  const auto parts = split(text, ',');
  if (parts.size() > 5) return false;
  netsim::FourStateLoss loss;
  Probability* const fields[] = {&loss.p13, &loss.p31, &loss.p32, &loss.p23, &loss.p14};
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (!store(*fields[i], parse_probability(parts[i]))) return false;
  }
  if (parts.size() == 1) loss.p31 = loss.p13.complement();
  if (!loss.is_possible()) return false;
  draft.link.loss_state = loss;
  return true;
}

bool apply_loss_pattern(LinkDraft& draft, std::string_view text) {
  if (text.empty() || text.find_first_not_of("01") != std::string_view::npos) return false;
  draft.link.loss_pattern = {std::string(text), draft.is_for_both};
  return true;
}

bool apply_drop(LinkDraft& draft, std::string_view text) {
  netsim::ScriptedDrops drops;
  for (std::string_view part : split(text, ',')) {
    const bool counts_all = part.starts_with('h');
    if (counts_all) part.remove_prefix(1);
    const auto number = parse_number(part);
    if (!number || *number == 0) return false;
    (counts_all ? drops.of_all : drops.with_message_bytes).push_back(*number);
  }
  draft.link.drop = std::move(drops);
  return true;
}

constexpr auto kSettings = std::to_array<PathSetting>({
    {"loss", "P", "loss, each datagram on its own", kProbabilityForm,
     [](LinkDraft& d, std::string_view v) { return store(d.link.loss, parse_probability(v)); }},
    {"loss-ge", "P,R[,1-H[,1-K]]", "bursts of loss clocked by packets (Gilbert-Elliott)",
     "two to four probabilities such as 1%,25% or 1%,25%,100%,0", apply_loss_ge,
     [](LinkDraft& d) { d.link.loss_ge.reset(); }},
    {"loss-ge-time", "BAD,GOOD[,P]", "bursts of loss clocked by time: mean bad and good period",
     "two durations from 1us and a probability such as 20ms,1s or 20ms,1s,50%", apply_loss_ge_time,
     [](LinkDraft& d) { d.link.loss_ge_time.reset(); }},
    {"loss-state", "P13[,P31[,P32[,P23[,P14]]]]", "loss by four states, as netem's",
     "one to five probabilities, P13 + P14 and P31 + P32 at most 100%, such as 1%,30%,10%,30%,0.2%",
     apply_loss_state, [](LinkDraft& d) { d.link.loss_state.reset(); }},
    {"loss-burst-max", "N", "the losses above take at most N datagrams in a row", kCountForm,
     [](LinkDraft& d, std::string_view v) {
       return store(d.link.loss_burst_max,
                    parse_count(v, std::numeric_limits<std::uint32_t>::max()));
     },
     [](LinkDraft& d) { d.link.loss_burst_max = netsim::LinkConfig().loss_burst_max; }},
    {"loss-pattern", "0100..", "loss written down, repeated: 1 drops; plain: over both directions",
     "a string of 0 and 1 such as 0100", apply_loss_pattern,
     [](LinkDraft& d) { d.link.loss_pattern = {}; }},
    {"drop", "N[,N..]", "drops by number, counting what carries message bytes; hN counts all",
     "numbers from 1 such as 3,7 or h1,h2", apply_drop, [](LinkDraft& d) { d.link.drop = {}; }},
});

}  // namespace

std::span<const PathSetting> loss_settings() { return kSettings; }

}  // namespace hawser::cli
