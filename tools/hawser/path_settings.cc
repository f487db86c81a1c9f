#include "tools/hawser/path_settings.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "tools/hawser/netem_words.h"
#include "tools/hawser/path_setting_parts.h"

namespace hawser::cli {
namespace {

// The smallest datagram that every IPv4 host must accept whole (RFC 791 s3.2).
constexpr ByteCount kMtuMin{68};

// Takes the place of a trace.
bool apply_rate(LinkDraft& draft, std::string_view text) {
  if (!store(draft.link.rate, parse_rate(text))) return false;
  draft.link.trace.reset();
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

// Adds a span of time, "A-B", to those that there are.
template <typename Span>
bool add_span(std::vector<Span>& spans, std::string_view text) {
  const auto parts = split(text, '-');
  if (parts.size() != 2) return false;
  const auto from = parse_duration(parts[0]);
  const auto to = parse_duration(parts[1]);
  if (!from || !to || *from >= *to) return false;
  spans.push_back({*from, *to});
  return true;
}

// The mean of a period; zero for none. Shorter ones mean nothing to datagrams, and cost a draw
// each.
bool store_mean_period(Duration& mean, std::string_view text) {
  constexpr Duration kShortest = std::chrono::microseconds(1);
  const auto period = parse_duration(text);
  if (!period || (*period > Duration::zero() && *period < kShortest)) return false;
  mean = *period;
  return true;
}

constexpr std::string_view kSpanForm = "two durations, the first one shorter, such as 5s-7s";
constexpr std::string_view kPeriodForm = "0 or a duration from 1us such as 20ms or 1.5s";

// What no netem has a word for stays; all else is netem's now.
bool apply_netem(LinkDraft& draft, std::string_view text) {
  auto words = parse_netem_words(text);
  if (!words.config) {
    draft.problem = std::move(words.complaint);
    return false;
  }
  netsim::LinkConfig link;
  link.mtu = draft.link.mtu;
  link.blackouts = std::move(draft.link.blackouts);
  link.clogs = std::move(draft.link.clogs);
  link.random_clogs = draft.link.random_clogs;
  link.aggregation = draft.link.aggregation;
  link.netem = *std::move(words.config);
  draft.link = std::move(link);
  draft.queue_bdp_thousandths = 0;
  return true;
}

constexpr auto kOtherSettings = std::to_array<PathSetting>({
    {"rate", "R", "bandwidth, counting 28 bytes per datagram on top", kRateForm, apply_rate},
    {"queue", "N", "what may wait: packets, bytes, time or bandwidth-delay products",
     "a limit such as 100p, 125000b, 20ms or 1bdp", apply_queue},
    {"ecn-mark", "SIZE", "bytes waiting from which ECN-capable datagrams are marked", kSizeForm,
     [](LinkDraft& d, std::string_view v) { return store(d.link.ecn_mark, parse_size(v)); }},
    {"mtu", "N", "largest IP packet: payload + 28", "a size from 68 such as 1280 or 1500",
     apply_mtu},
    {"blackout", "A-B", "nothing passes from A to B; repeats", kSpanForm,
     [](LinkDraft& d, std::string_view v) { return add_span(d.link.blackouts, v); }, true},
    {"clog", "A-B", "what would arrive from A to B arrives at B, all at once; repeats", kSpanForm,
     [](LinkDraft& d, std::string_view v) { return add_span(d.link.clogs, v); }, true},
    {"clog-every", "MEAN", "the same by chance: mean time from one to the next", kPeriodForm,
     [](LinkDraft& d, std::string_view v) {
       return store_mean_period(d.link.random_clogs.mean_free, v);
     }},
    {"clog-for", "MEAN", "mean time that each of these lasts", kPeriodForm,
     [](LinkDraft& d, std::string_view v) {
       return store_mean_period(d.link.random_clogs.mean_clogged, v);
     }},
    {"netem", "WORDS", "what Linux does after `tc qdisc .. netem WORDS`, oddities included",
     "words of tc's netem such as \"delay 30ms 5ms loss 1%\"", apply_netem},
});

// All tables one after the other.
std::vector<PathSetting> joined_settings() {
  std::vector<PathSetting> all;
  for (const std::span<const PathSetting> table :
       {delay_settings(), loss_settings(), damage_settings(),
        std::span<const PathSetting>(kOtherSettings), queue_settings()}) {
    all.insert(all.end(), table.begin(), table.end());
  }
  return all;
}

}  // namespace

std::span<const PathSetting> path_settings() {
  static const std::vector<PathSetting> kAll = joined_settings();
  return kAll;
}

const PathSetting* find_path_setting(std::string_view name) {
  const std::span<const PathSetting> all = path_settings();
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const PathSetting& s) { return s.name == name; });
  return found == all.end() ? nullptr : &*found;
}

}  // namespace hawser::cli
