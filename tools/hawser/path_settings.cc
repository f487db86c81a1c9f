#include "tools/hawser/path_settings.h"

#include <algorithm>
#include <array>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tools/hawser/value_text.h"

namespace hawser::cli {
namespace {

using netsim::LinkConfig;
using netsim::Probability;

// The smallest datagram that every IPv4 host must accept whole (RFC 791 s3.2).
constexpr ByteCount kMtuMin{68};
constexpr std::uint64_t kBitsMax = 65'535 * 8;

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (;;) {
    const std::size_t end = text.find(separator);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

// Stores the value if there is one.
template <typename Field, typename Value>
bool store(Field& field, const std::optional<Value>& value) {
  if (value) field = Field(*value);
  return value.has_value();
}

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

// A number from 1 to `largest`.
bool apply_count(std::uint32_t& field, std::string_view text, std::uint64_t largest) {
  const auto number = parse_number(text);
  if (!number || *number == 0 || *number > largest) return false;
  field = static_cast<std::uint32_t>(*number);
  return true;
}

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

// A value before a suffix that says what it counts; the limit before it is replaced.
bool apply_queue(LinkDraft& draft, std::string_view text) {
  constexpr std::int64_t kBdpThousandthsMax = 1'000'000;
  const auto strip = [&](std::string_view suffix) {
    const bool has_it = text.ends_with(suffix);
    if (has_it) text.remove_suffix(suffix.size());
    return has_it;
  };
  netsim::QueueLimit limit;
  std::int64_t bdp_thousandths = 0;
  if (strip("bdp")) {
    // "1.5" reads as 1.5 kB.
    const auto thousandths = parse_size(std::string(text) + "kB");
    if (!thousandths || thousandths->value() < 1) return false;
    if (thousandths->value() > kBdpThousandthsMax) return false;
    bdp_thousandths = thousandths->value();
  } else if (strip("p")) {
    if (!store(limit.packets, parse_number(text))) return false;
  } else if (text != "0" && parse_duration(text)) {
    limit.time = *parse_duration(text);
  } else if (!text.ends_with('b') && !text.ends_with('B')) {
    return false;
  } else if (!store(limit.bytes, parse_size(text))) {
    return false;
  }
  draft.link.queue = limit;
  draft.queue_bdp_thousandths = bdp_thousandths;
  return true;
}

bool apply_mtu(LinkDraft& draft, std::string_view text) {
  const auto mtu = parse_size(text);
  if (!mtu || *mtu < kMtuMin) return false;
  draft.link.mtu = *mtu;
  return true;
}

bool apply_blackout(LinkDraft& draft, std::string_view text) {
  const auto parts = split(text, '-');
  if (parts.size() != 2) return false;
  const auto from = parse_duration(parts[0]);
  const auto to = parse_duration(parts[1]);
  if (!from || !to || *from >= *to) return false;
  draft.link.blackouts.push_back({*from, *to});
  return true;
}

constexpr std::string_view kCountForm = "a whole number from 1";

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
       return apply_count(d.link.reorder.gap, v, std::numeric_limits<std::uint32_t>::max());
     }},
    {"loss", "P", "loss, each datagram on its own", kProbabilityForm,
     [](LinkDraft& d, std::string_view v) { return store(d.link.loss, parse_probability(v)); }},
    {"loss-ge", "P,R[,1-H[,1-K]]", "bursts of loss clocked by packets (Gilbert-Elliott)",
     "two to four probabilities such as 1%,25% or 1%,25%,100%,0", apply_loss_ge},
    {"loss-ge-time", "BAD,GOOD[,P]", "bursts of loss clocked by time: mean bad and good period",
     "two durations from 1us and a probability such as 20ms,1s or 20ms,1s,50%", apply_loss_ge_time},
    {"loss-pattern", "0100..", "loss written down, repeated: 1 drops; plain: over both directions",
     "a string of 0 and 1 such as 0100", apply_loss_pattern},
    {"drop", "N[,N..]", "drops by number, counting what carries message bytes; hN counts all",
     "numbers from 1 such as 3,7 or h1,h2", apply_drop},
    {"duplicate", "P", "datagrams that arrive twice", kProbabilityForm,
     [](LinkDraft& d, std::string_view v) {
       return store(d.link.duplicate, parse_probability(v));
     }},
    {"corrupt", "P", "datagrams that are damaged", kProbabilityForm,
     [](LinkDraft& d, std::string_view v) { return store(d.link.corrupt, parse_probability(v)); }},
    {"corrupt-bits", "N", "bits flipped in each damaged datagram", kCountForm,
     [](LinkDraft& d, std::string_view v) {
       return apply_count(d.link.corrupt_bits, v, kBitsMax);
     }},
    {"rate", "R", "bandwidth, counting 28 bytes per datagram on top", kRateForm,
     [](LinkDraft& d, std::string_view v) { return store(d.link.rate, parse_rate(v)); }},
    {"queue", "N", "what may wait: packets, bytes, time or bandwidth-delay products",
     "a limit such as 100p, 125000b, 20ms or 1bdp", apply_queue},
    {"ecn-mark", "SIZE", "bytes waiting from which ECN-capable datagrams are marked", kSizeForm,
     [](LinkDraft& d, std::string_view v) { return store(d.link.ecn_mark, parse_size(v)); }},
    {"mtu", "N", "largest IP packet: payload + 28", "a size from 68 such as 1280 or 1500",
     apply_mtu},
    {"blackout", "A-B", "nothing passes from A to B; repeats",
     "two durations, the first one shorter, such as 5s-7s", apply_blackout, true},
});

}  // namespace

std::span<const PathSetting> path_settings() { return kSettings; }

const PathSetting* find_path_setting(std::string_view name) {
  const auto found = std::find_if(kSettings.begin(), kSettings.end(),
                                  [&](const PathSetting& s) { return s.name == name; });
  return found == kSettings.end() ? nullptr : &*found;
}

}  // namespace hawser::cli
