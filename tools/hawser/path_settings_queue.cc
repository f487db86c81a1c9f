// What lies around the rate: who polices it, how the queue before it is kept short, which trace
// takes its place, and how datagrams are let go behind it.

#include <algorithm>
#include <array>
#include <bit>
#include <string>
#include <utility>

#include "tools/hawser/path_setting_parts.h"
#include "tools/hawser/trace_file.h"

namespace hawser::cli {
namespace {

using Parts = std::vector<std::string_view>;

constexpr ByteCount kQuantumMax{1 << 30};

// Reads parts one by one into fields; what is missing leaves its field alone.
class PartReader {
 public:
  explicit PartReader(const Parts& parts) : parts_(parts) {}
  template <typename Field, typename Parse>
  void take(Field& field, Parse parse) {
    if (next_ < parts_.size()) is_good_ = store(field, parse(parts_[next_++])) && is_good_;
  }
  /// Whether all parts were read, and accepted.
  bool is_done() const { return is_good_ && next_ == parts_.size(); }

 private:
  const Parts& parts_;
  std::size_t next_ = 0;
  bool is_good_ = true;
};

std::optional<ByteCount> parse_red_threshold(std::string_view text) {
  // Twice the threshold must not overflow.
  return parse_size_between(text, ByteCount(0), ByteCount(std::int64_t{1} << 52));
}

// "512" for a weight of 1/512.
std::optional<std::uint32_t> parse_red_weight(std::string_view text) {
  const auto part = parse_count(text, std::uint64_t{1} << netsim::Red::kWeightShiftMax);
  if (!part || !std::has_single_bit(*part)) return std::nullopt;
  return static_cast<std::uint32_t>(std::countr_zero(*part));
}

bool read_red(netsim::Red& red, const Parts& parts) {
  PartReader reader(parts);
  reader.take(red.min, parse_red_threshold);
  reader.take(red.max, parse_red_threshold);
  reader.take(red.max_probability, parse_probability);
  reader.take(red.weight_shift, parse_red_weight);
  return reader.is_done() && red.min < red.max && !red.max_probability.is_zero();
}

std::optional<Duration> parse_positive(std::string_view text) {
  const auto duration = parse_duration(text);
  return duration && *duration > Duration::zero() ? duration : std::nullopt;
}

bool read_codel(netsim::Codel& codel, const Parts& parts) {
  PartReader reader(parts);
  reader.take(codel.target, parse_duration);
  reader.take(codel.interval, parse_positive);
  return reader.is_done();
}

bool read_fq_codel(netsim::FqCodel& fq_codel, const Parts& parts) {
  PartReader reader(parts);
  reader.take(fq_codel.codel.target, parse_duration);
  reader.take(fq_codel.codel.interval, parse_positive);
  reader.take(fq_codel.quantum, [](std::string_view text) {
    return parse_size_between(text, ByteCount(1), kQuantumMax);
  });
  reader.take(fq_codel.queues,
              [](std::string_view text) { return parse_count(text, netsim::FqCodel::kQueuesMax); });
  return reader.is_done();
}

// A discipline's name, and behind a colon what it is to know.
bool apply_aqm(LinkDraft& draft, std::string_view text) {
  const std::size_t colon = text.find(':');
  const std::string_view name = text.substr(0, colon);
  const Parts parts =
      colon == std::string_view::npos ? Parts() : split(text.substr(colon + 1), ',');
  const auto take = [&]<typename Config>(bool (*read)(Config&, const Parts&)) {
    Config config;
    const bool is_good = read(config, parts);
    if (is_good) draft.link.aqm = config;
    return is_good;
  };
  if (name == "red") return take(read_red);
  if (name == "codel") return take(read_codel);
  if (name == "fq_codel") return take(read_fq_codel);
  if (text != "drop_tail") return false;
  draft.link.aqm = netsim::DropTail();
  return true;
}

bool apply_police(LinkDraft& draft, std::string_view text) {
  const Parts parts = split(text, ',');
  netsim::Policer policer;
  PartReader reader(parts);
  reader.take(policer.rate, parse_rate);
  reader.take(policer.burst, [](std::string_view part) {
    return parse_size_between(part, ByteCount(1), netsim::Policer::kBurstMax);
  });
  policer.initial = policer.burst;
  reader.take(policer.initial, [&](std::string_view part) {
    return parse_size_between(part, ByteCount(0), policer.burst);
  });
  if (!reader.is_done()) return false;
  draft.link.policer = policer;
  return true;
}

bool apply_trace(LinkDraft& draft, std::string_view text) {
  auto trace = read_trace(std::string(text), draft.problem);
  if (trace) draft.link.trace = std::move(trace);
  return draft.link.trace.has_value() && draft.problem.empty();
}

// "32p" counts packets, any other size bytes.
bool read_amount(std::int64_t& packets, ByteCount& bytes, std::string_view text) {
  if (!text.ends_with('p')) {
    return store(bytes, parse_size_between(text, ByteCount(1), ByteCount::max()));
  }
  text.remove_suffix(1);
  return store(packets, parse_count(text, INT64_MAX));
}

bool apply_aggregate(LinkDraft& draft, std::string_view text) {
  const Parts parts = split(text, ',');
  netsim::Aggregation aggregation;
  if (parts.size() != 2 || !read_amount(aggregation.packets, aggregation.bytes, parts[0]) ||
      !store(aggregation.time, parse_duration(parts[1]))) {
    return false;
  }
  draft.link.aggregation = aggregation;
  return true;
}

bool apply_slot(LinkDraft& draft, std::string_view text) {
  const Parts parts = split(text, ',');
  const Parts bounds = split(parts.front(), '-');
  netsim::Slots slots;
  if (bounds.size() > 2 || !store(slots.interval_min, parse_duration(bounds.front())) ||
      !store(slots.interval_max, parse_duration(bounds.back()))) {
    return false;
  }
  if (slots.interval_min < netsim::Slots::kIntervalMin || slots.interval_max < slots.interval_min) {
    return false;
  }
  const bool is_good = std::all_of(parts.begin() + 1, parts.end(), [&](std::string_view part) {
    return read_amount(slots.packets, slots.bytes, part);
  });
  if (!is_good || parts.size() > 3) return false;
  draft.link.slots = slots;
  return true;
}

constexpr auto kSettings = std::to_array<PathSetting>({
    {"aqm", "NAME[:..]", "discipline of the queue: drop_tail, red, codel or fq_codel",
     "drop_tail, red[:MIN,MAX,P,WEIGHT], codel[:TARGET,INTERVAL] or "
     "fq_codel[:TARGET,INTERVAL,QUANTUM,QUEUES] such as red:30kB,90kB,10%,512 (its average moves "
     "by "
     "1/512) or codel:5ms,100ms",
     apply_aqm},
    {"police", "R[,BURST[,INITIAL]]", "drops what a token bucket of this rate and size refuses",
     "a rate, the bucket's size up to 1GB and what is in it at first such as 10mbit or "
     "10mbit,64KiB",
     apply_police, [](LinkDraft& d) { d.link.policer.reset(); }},
    {"trace", "FILE", "a recorded rate (mahimahi's format) in the place of --rate",
     "the name of a trace file", apply_trace, [](LinkDraft& d) { d.link.trace.reset(); }},
    {"aggregate", "N,D", "gathers so much (bytes, or packets as 32p) or for so long, then lets go",
     "a size or a number of packets, and a duration such as 10KiB,20ms or 32p,4ms", apply_aggregate,
     [](LinkDraft& d) { d.link.aggregation.reset(); }},
    {"slot", "D[-D][,Np][,SIZE]", "lets datagrams arrive only every D, so many at most at once",
     "a duration from 1us or two of them, packets and bytes such as 10ms, 5ms-15ms,32p or "
     "10ms,64KiB",
     apply_slot, [](LinkDraft& d) { d.link.slots.reset(); }},
});

}  // namespace

std::span<const PathSetting> queue_settings() { return kSettings; }

}  // namespace hawser::cli
