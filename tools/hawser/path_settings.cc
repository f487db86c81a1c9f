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

void clear_rate(LinkDraft& draft) { draft.link.rate = Bandwidth::infinite(); }

// The limit before it is replaced.
bool apply_queue(LinkDraft& draft, std::string_view text) {
  constexpr std::string_view kBdp = "bdp";
  constexpr ByteCount kBdpThousandthsMax{1'000'000};
  if (!text.ends_with(kBdp)) {
    if (!store(draft.link.queue, parse_queue_limit(text))) return false;
    draft.queue_bdp_thousandths = 0;
    return true;
  }
  text.remove_suffix(kBdp.size());
  // "1.5" reads as 1.5 kB.
  const auto thousandths =
      parse_size_between(std::string(text) + "kB", ByteCount(1), kBdpThousandthsMax);
  if (!thousandths) return false;
  draft.link.queue = {};
  draft.queue_bdp_thousandths = thousandths->value();
  return true;
}

void clear_queue(LinkDraft& draft) {
  draft.link.queue = {};
  draft.queue_bdp_thousandths = 0;
}

bool apply_mtu(LinkDraft& draft, std::string_view text) {
  const auto mtu = parse_size(text);
  if (!mtu || *mtu < kMtuMin) return false;
  draft.link.mtu = *mtu;
  return true;
}

bool apply_ecn_fault(LinkDraft& draft, std::string_view text) {
  using netsim::EcnFault;
  constexpr std::pair<std::string_view, EcnFault> kNames[] = {{"clear", EcnFault::clear},
                                                              {"ect1", EcnFault::ect1},
                                                              {"ce", EcnFault::ce},
                                                              {"drop", EcnFault::drop}};
  const auto* found = std::ranges::find(kNames, text, [](const auto& each) { return each.first; });
  if (found == std::end(kNames)) return false;
  draft.link.ecn_fault = found->second;
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

// What no netem has a word for goes on beside it.
void keep_beside_netem(const netsim::LinkConfig& before, netsim::LinkConfig& after) {
  after.mtu = before.mtu;
  after.ecn_fault = before.ecn_fault;
  after.blackouts = before.blackouts;
  after.clogs = before.clogs;
  after.random_clogs = before.random_clogs;
  after.aggregation = before.aggregation;
}

// All else is netem's now.
bool apply_netem(LinkDraft& draft, std::string_view text) {
  auto words = parse_netem_words(text);
  if (!words.config) {
    draft.problem = std::move(words.complaint);
    return false;
  }
  if (!draft.link.netem) draft.before_netem = draft.link;
  netsim::LinkConfig link;
  keep_beside_netem(draft.link, link);
  link.netem = *std::move(words.config);
  draft.link = std::move(link);
  draft.queue_bdp_thousandths = 0;
  return true;
}

void clear_netem(LinkDraft& draft) {
  if (!draft.link.netem) return;
  keep_beside_netem(draft.link, draft.before_netem);
  draft.link = std::exchange(draft.before_netem, {});
}

constexpr auto kOtherSettings = std::to_array<PathSetting>({
    {"rate", "R", "bandwidth, counting 28 bytes per datagram on top", kRateForm, apply_rate,
     clear_rate},
    {"queue", "N", "what may wait: packets, bytes, time or bandwidth-delay products",
     "a limit such as 100p, 125000b, 20ms or 1bdp", apply_queue, clear_queue},
    {"ecn-mark", "SIZE", "bytes waiting from which ECN-capable datagrams are marked", kSizeForm,
     [](LinkDraft& d, std::string_view v) { return store(d.link.ecn_mark, parse_size(v)); },
     [](LinkDraft& d) { d.link.ecn_mark = ByteCount::max(); }},
    {"ecn-fault", "NAME",
     "the path clears ECN bits, makes them ect1 or ce, or drops what bears them",
     "clear, ect1, ce or drop", apply_ecn_fault,
     [](LinkDraft& d) { d.link.ecn_fault = netsim::EcnFault::none; }},
    {"mtu", "N", "largest IP packet: payload + 28", "a size from 68 such as 1280 or 1500",
     apply_mtu, [](LinkDraft& d) { d.link.mtu = ByteCount::max(); }},
    {"blackout", "A-B", "nothing passes from A to B; repeats", kSpanForm,
     [](LinkDraft& d, std::string_view v) { return add_span(d.link.blackouts, v); }, nullptr, true},
    {"clog", "A-B", "what would arrive from A to B arrives at B, all at once; repeats", kSpanForm,
     [](LinkDraft& d, std::string_view v) { return add_span(d.link.clogs, v); }, nullptr, true},
    {"clog-every", "MEAN", "the same by chance: mean time from one to the next", kPeriodForm,
     [](LinkDraft& d, std::string_view v) {
       return store_mean_period(d.link.random_clogs.mean_free, v);
     }},
    {"clog-for", "MEAN", "mean time that each of these lasts", kPeriodForm,
     [](LinkDraft& d, std::string_view v) {
       return store_mean_period(d.link.random_clogs.mean_clogged, v);
     }},
    {"netem", "WORDS", "what Linux does after `tc qdisc .. netem WORDS`, oddities included",
     "words of tc's netem such as \"delay 30ms 5ms loss 1%\"", apply_netem, clear_netem},
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

bool PathSetting::apply(LinkDraft& draft, std::string_view value) const {
  if (clear == nullptr || value != kNone) return read(draft, value);
  clear(draft);
  return true;
}

std::string PathSetting::accepted() const {
  return std::string(accepted_form) + (clear == nullptr ? "" : ", or none");
}

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
