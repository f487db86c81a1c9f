#include "tools/hawser/cross_options.h"

#include <algorithm>
#include <string>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "tools/hawser/value_text.h"

namespace hawser::cli {
namespace {

// A payload that fits UDP, and is not so small that a run does nothing else.
constexpr ByteCount kSizeMin{16};
constexpr ByteCount kSizeMax{65'507};

struct CrossKey {
  std::string_view name;
  std::string_view accepted;
  bool (*apply)(CrossSpec& spec, std::string_view value);
};

template <typename Target, typename Value>
bool store(Target& target, const std::optional<Value>& value) {
  if (value) target = *value;
  return value.has_value();
}

bool apply_rate(CrossSpec& spec, std::string_view value) {
  const auto rate = parse_rate(value);
  if (!rate || rate->is_infinite()) return false;
  spec.rate = *rate;
  return true;
}

bool apply_from(CrossSpec& spec, std::string_view value) {
  spec.is_from_server = value == "server";
  return spec.is_from_server || value == "client";
}

constexpr CrossKey kKeys[] = {
    {"rate", kRateForm, apply_rate},
    {"size", "a size from 16 to 65507",
     [](CrossSpec& s, std::string_view v) {
       return store(s.size, parse_size_between(v, kSizeMin, kSizeMax));
     }},
    {"on", kDurationForm,
     [](CrossSpec& s, std::string_view v) { return store(s.mean_on, parse_duration(v)); }},
    {"off", kDurationForm,
     [](CrossSpec& s, std::string_view v) { return store(s.mean_off, parse_duration(v)); }},
    {"start", kDurationForm,
     [](CrossSpec& s, std::string_view v) { return store(s.start, parse_duration(v)); }},
    {"stop", kDurationForm,
     [](CrossSpec& s, std::string_view v) { return store(s.stop, parse_duration(v)); }},
    {"from", "client or server", apply_from},
    {"hops", "a hop or a range of them such as 2 or 1-3, counted from 1",
     [](CrossSpec& s, std::string_view v) { return store(s.hops, parse_hops(v)); }},
};

[[noreturn]] void refuse(const std::string& line) { throw CLI::ValidationError("--cross", line); }

void apply_item(CrossSpec& spec, std::string_view item) {
  const std::size_t equals = item.find('=');
  const std::string_view name = item.substr(0, equals);
  const auto* key = std::ranges::find(kKeys, name, &CrossKey::name);
  if (key == std::end(kKeys)) {
    std::string known;
    for (const CrossKey& each : kKeys) {
      known += fmt::format("{}{}", known.empty() ? "" : ", ", each.name);
    }
    refuse(fmt::format("unknown key '{}': accepted are {}", name, known));
  }
  const std::string_view value =
      equals == std::string_view::npos ? std::string_view() : item.substr(equals + 1);
  if (!key->apply(spec, value)) refuse(fmt::format("{}: {}", name, refusal(value, key->accepted)));
}

}  // namespace

std::optional<HopRange> parse_hops(std::string_view text) {
  const std::size_t dash = text.find('-');
  const auto first = parse_number(text.substr(0, dash));
  const auto last = dash == std::string_view::npos ? first : parse_number(text.substr(dash + 1));
  if (!first || !last || *first == 0 || *last < *first) return std::nullopt;
  return HopRange{static_cast<std::size_t>(*first), static_cast<std::size_t>(*last)};
}

CrossSpec parse_cross(std::string_view text) {
  CrossSpec spec;
  while (!text.empty()) {
    const std::size_t comma = text.find(',');
    apply_item(spec, text.substr(0, comma));
    if (comma == std::string_view::npos) break;
    text.remove_prefix(comma + 1);
  }
  if (spec.rate.is_zero()) refuse("rate= is needed, such as rate=5mbit");
  if ((spec.mean_on > Duration::zero()) != (spec.mean_off > Duration::zero())) {
    refuse("on= and off= belong together: the mean lengths of bursts and of silence");
  }
  if (spec.stop <= spec.start) refuse("stop= must be later than start=");
  return spec;
}

}  // namespace hawser::cli
