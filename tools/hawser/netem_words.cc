#include "tools/hawser/netem_words.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <limits>
#include <span>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace hawser::cli {
namespace {

using netsim::NetemDistribution;
using netsim::NetemShare;

struct Unit {
  std::string_view name;  // in lower case
  double factor;
};

constexpr auto kTimeUnits = std::to_array<Unit>({{"s", 1e9},
                                                 {"sec", 1e9},
                                                 {"secs", 1e9},
                                                 {"ms", 1e6},
                                                 {"msec", 1e6},
                                                 {"msecs", 1e6},
                                                 {"us", 1e3},
                                                 {"usec", 1e3},
                                                 {"usecs", 1e3},
                                                 {"ns", 1},
                                                 {"nsec", 1},
                                                 {"nsecs", 1},
                                                 // So does tc for netem, where its manual
                                                 // promises microseconds.
                                                 {"", 1}});
constexpr double kKibi = 1024;
// Bits per second.
constexpr auto kRateUnits = std::to_array<Unit>({{"", 1},
                                                 {"bit", 1},
                                                 {"kbit", 1e3},
                                                 {"mbit", 1e6},
                                                 {"gbit", 1e9},
                                                 {"tbit", 1e12},
                                                 {"kibit", kKibi},
                                                 {"mibit", kKibi* kKibi},
                                                 {"gibit", kKibi* kKibi* kKibi},
                                                 {"tibit", kKibi* kKibi* kKibi* kKibi},
                                                 {"bps", 8},
                                                 {"kbps", 8e3},
                                                 {"mbps", 8e6},
                                                 {"gbps", 8e9},
                                                 {"tbps", 8e12},
                                                 {"kibps", 8 * kKibi},
                                                 {"mibps", 8 * kKibi* kKibi},
                                                 {"gibps", 8 * kKibi* kKibi* kKibi},
                                                 {"tibps", 8 * kKibi* kKibi* kKibi* kKibi}});
constexpr auto kSizeUnits = std::to_array<Unit>({{"", 1},
                                                 {"b", 1},
                                                 {"k", kKibi},
                                                 {"kb", kKibi},
                                                 {"m", kKibi* kKibi},
                                                 {"mb", kKibi* kKibi},
                                                 {"g", kKibi* kKibi* kKibi},
                                                 {"gb", kKibi* kKibi* kKibi},
                                                 {"kbit", kKibi / 8},
                                                 {"mbit", kKibi* kKibi / 8},
                                                 {"gbit", kKibi* kKibi* kKibi / 8}});

// Beyond these, sums could overflow.
constexpr double kLongestNanos = 3.6e16;  // 10,000 hours
constexpr double kFastestBits = 1e15;
constexpr std::int64_t kOverheadMax = 65'535;

constexpr std::string_view kTimeForm = "a time up to 10000 hours such as 30ms, 250us or 1.5s";
constexpr std::string_view kPercentForm = "a percentage from 0 to 100 such as 1% or 0.5%";
constexpr std::string_view kRateForm = "a rate from 1bps (a byte per second) such as 10mbit";
constexpr std::string_view kCountForm = "a whole number from 0 such as 1000 or 10k";
constexpr std::string_view kOverheadForm = "bytes from -65535 to 65535";
constexpr std::string_view kCellForm = "bytes from 0 to 65535";
constexpr std::string_view kDistributionForm = "uniform, normal, pareto or paretonormal";

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::string lower_case(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

// A decimal number and the unit behind it. Correctly rounded, as strtod.
std::optional<double> parse_with_unit(std::string_view text, std::span<const Unit> units) {
  const std::size_t point = text.starts_with('.') ? 1 : 0;  // "" before it is 0, as for strtod
  if (text.size() <= point || !is_digit(text[point])) return std::nullopt;
  double number = 0;
  const char* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, number, std::chars_format::fixed);
  if (read.ec != std::errc()) return std::nullopt;
  const std::string name = lower_case(std::string_view(read.ptr, end));
  const auto unit = std::ranges::find(units, name, &Unit::name);
  if (unit == units.end()) return std::nullopt;
  return number * unit->factor;
}

std::optional<Duration> parse_time(std::string_view text) {
  const auto nanos = parse_with_unit(text, kTimeUnits);
  if (!nanos || *nanos > kLongestNanos) return std::nullopt;
  return Duration(static_cast<std::int64_t>(*nanos));
}

// As a fraction of 1.
std::optional<double> parse_fraction(std::string_view text) {
  constexpr auto kUnits = std::to_array<Unit>({{"", 1}, {"%", 1}});
  const auto percent = parse_with_unit(text, kUnits);
  if (!percent || *percent / 100 > 1) return std::nullopt;
  return *percent / 100;
}

std::optional<NetemShare> parse_share(std::string_view text) {
  const auto fraction = parse_fraction(text);
  return fraction ? std::optional(NetemShare::of(*fraction)) : std::nullopt;
}

// The kernel counts whole bytes.
std::optional<Bandwidth> parse_rate(std::string_view text) {
  const auto bits = parse_with_unit(text, kRateUnits);
  if (!bits || *bits < 8 || *bits > kFastestBits) return std::nullopt;
  return Bandwidth::bits_per_second(static_cast<std::int64_t>(*bits / 8) * 8);
}

template <typename Number>
std::optional<Number> parse_size(std::string_view text) {
  const auto size = parse_with_unit(text, kSizeUnits);
  if (!size || *size > static_cast<double>(std::numeric_limits<Number>::max())) return std::nullopt;
  return static_cast<Number>(*size);
}

std::optional<ByteCount> parse_bytes(std::string_view text) {
  const auto size = parse_size<std::int32_t>(text);
  return size ? std::optional(ByteCount(*size)) : std::nullopt;
}

std::optional<std::int64_t> parse_whole(std::string_view text) {
  std::int64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, number);
  const bool is_whole = read.ec == std::errc() && read.ptr == end;
  return is_whole ? std::optional(number) : std::nullopt;
}

std::optional<ByteCount> parse_overhead(std::string_view text) {
  const auto bytes = parse_whole(text);
  if (!bytes || *bytes < -kOverheadMax || *bytes > kOverheadMax) return std::nullopt;
  return ByteCount(*bytes);
}

std::optional<ByteCount> parse_cell(std::string_view text) {
  const auto bytes = parse_overhead(text);
  return bytes && *bytes >= ByteCount(0) ? bytes : std::nullopt;
}

std::optional<NetemDistribution> parse_distribution(std::string_view text) {
  constexpr std::array<std::pair<std::string_view, NetemDistribution>, 4> kNames{
      {{"uniform", NetemDistribution::uniform},
       {"normal", NetemDistribution::normal},
       {"pareto", NetemDistribution::pareto},
       {"paretonormal", NetemDistribution::paretonormal}}};
  for (const auto& [name, distribution] : kNames) {
    if (text == name) return distribution;
  }
  return std::nullopt;
}

std::vector<std::string_view> split_words(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\n";
  std::vector<std::string_view> words;
  for (std::size_t at = text.find_first_not_of(kBlanks); at != std::string_view::npos;) {
    const std::size_t end = text.find_first_of(kBlanks, at);
    words.push_back(text.substr(at, end - at));
    at = text.find_first_not_of(kBlanks, end);
  }
  return words;
}

// How a kind of value is read, and what to say where it cannot be.
template <typename Value>
struct Form {
  std::optional<Value> (*parse)(std::string_view text);
  std::string_view accepted;
};
constexpr Form<Duration> kTime{parse_time, kTimeForm};
constexpr Form<double> kFraction{parse_fraction, kPercentForm};
constexpr Form<NetemShare> kShare{parse_share, kPercentForm};
constexpr Form<Bandwidth> kRate{parse_rate, kRateForm};
constexpr Form<std::uint32_t> kCount{parse_size<std::uint32_t>, kCountForm};
constexpr Form<std::int32_t> kSlotPackets{parse_size<std::int32_t>, kCountForm};
constexpr Form<ByteCount> kBytes{parse_bytes, kCountForm};
constexpr Form<ByteCount> kOverhead{parse_overhead, kOverheadForm};
constexpr Form<ByteCount> kCell{parse_cell, kCellForm};
constexpr Form<NetemDistribution> kDistribution{parse_distribution, kDistributionForm};

// Reads the words from left to right. A reader returns false where it has complained.
class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text), words_(split_words(text)) {}
  NetemWords parse();

 private:
  struct Keyword {
    std::string_view name;
    bool (Parser::*read)();
  };
  static std::span<const Keyword> keywords();

  bool has_next() const { return next_ < words_.size(); }
  bool next_is(std::string_view word) const { return has_next() && words_[next_] == word; }
  // The next word can be one more value of this keyword.
  bool next_is_value() const;
  bool complain(std::string_view what);

  // A value that must be there, and one that may be.
  template <typename Value, typename Field>
  bool take(const Form<Value>& form, Field& field);
  template <typename Value, typename Field>
  bool take_more(const Form<Value>& form, Field& field) {
    return !next_is_value() || take(form, field);
  }
  // A value behind a word of its own, both of which may be missing.
  template <typename Value, typename Field>
  bool take_after(std::string_view word, const Form<Value>& form, Field& field) {
    if (!next_is(word)) return true;
    ++next_;
    return take(form, field);
  }

  bool read_keyword();
  bool read_chance(netsim::NetemChance& chance);
  bool read_limit() { return take(kCount, config_.limit); }
  bool read_delay();
  bool read_distribution();
  bool read_loss();
  bool read_loss_state();
  bool read_loss_gemodel();
  bool complain_about_experimental();
  bool read_seed() { return complain("a seed is given by --seed, not in these words"); }
  bool read_ecn() { return config_.ecn = true; }
  bool read_reorder();
  bool read_corrupt();
  bool read_gap();
  bool read_duplicate() { return read_chance(config_.duplicate); }
  bool read_rate();
  bool read_slot();
  bool check();

  std::string_view text_;
  std::vector<std::string_view> words_;
  std::size_t next_ = 0;
  std::string_view keyword_;
  netsim::NetemConfig config_;
  std::string complaint_;
  bool has_loss_ = false;
  bool has_gap_ = false;
  bool has_distribution_ = false;
  bool sends_correlations_ = false;
};

std::span<const Parser::Keyword> Parser::keywords() {
  // In tc's order: a word that was cut short is the first one that begins like it.
  static constexpr auto kKeywords =
      std::to_array<Keyword>({{"limit", &Parser::read_limit},
                              {"latency", &Parser::read_delay},
                              {"delay", &Parser::read_delay},
                              {"loss", &Parser::read_loss},
                              {"drop", &Parser::read_loss},
                              {"seed", &Parser::read_seed},
                              {"ecn", &Parser::read_ecn},
                              {"reorder", &Parser::read_reorder},
                              {"corrupt", &Parser::read_corrupt},
                              {"gap", &Parser::read_gap},
                              {"duplicate", &Parser::read_duplicate},
                              {"distribution", &Parser::read_distribution},
                              {"rate", &Parser::read_rate},
                              {"slot", &Parser::read_slot}});
  return kKeywords;
}

NetemWords Parser::parse() {
  if (words_.empty()) {
    complain("nothing is said: give words of tc's netem such as delay 30ms 5ms loss 1%");
    return {std::nullopt, complaint_};
  }
  while (has_next()) {
    if (!read_keyword()) return {std::nullopt, complaint_};
  }
  if (!check()) return {std::nullopt, complaint_};
  return {config_, {}};
}

bool Parser::read_keyword() {
  const std::string_view word = words_[next_++];
  for (const Keyword& keyword : keywords()) {
    if (!keyword.name.starts_with(word)) continue;
    keyword_ = keyword.name;
    return (this->*keyword.read)();
  }
  return complain(
      fmt::format("'{}' is no word of netem: give limit, delay, distribution, loss, ecn, reorder, "
                  "gap, corrupt, duplicate, rate or slot",
                  word));
}

bool Parser::next_is_value() const {
  if (!has_next()) return false;
  const std::string_view word = words_[next_];
  return is_digit(word[0]) || (word[0] == '-' && keyword_ == "rate");
}

bool Parser::complain(std::string_view what) {
  complaint_ = fmt::format("'{}': {}", text_, what);
  return false;
}

template <typename Value, typename Field>
bool Parser::take(const Form<Value>& form, Field& field) {
  if (!has_next()) return complain(fmt::format("'{}' wants {}", keyword_, form.accepted));
  const std::string_view word = words_[next_++];
  const std::optional<Value> value = form.parse(word);
  if (!value)
    return complain(fmt::format("'{}' wants {}, not '{}'", keyword_, form.accepted, word));
  field = *value;
  return true;
}

bool Parser::read_chance(netsim::NetemChance& chance) {
  return take(kShare, chance.probability) && take_more(kShare, chance.correlation);
}

bool Parser::read_delay() {
  if (!take(kTime, config_.delay.mean) || !take_more(kTime, config_.delay.jitter)) return false;
  sends_correlations_ |= next_is_value();
  return take_more(kShare, config_.delay_correlation);
}

bool Parser::read_distribution() {
  has_distribution_ = true;
  if (next_is("experimental")) return complain_about_experimental();
  return take(kDistribution, config_.delay.distribution);
}

// Its table holds measurements, which no formula gives.
bool Parser::complain_about_experimental() {
  return complain(fmt::format("the distribution 'experimental' is left out on purpose: give {}",
                              kDistributionForm));
}

bool Parser::read_loss() {
  if (has_loss_) return complain("the loss is given twice");
  has_loss_ = true;
  if (next_is("state")) return read_loss_state();
  if (next_is("gemodel")) return read_loss_gemodel();
  if (next_is("random")) ++next_;
  auto& chance = config_.loss.emplace<netsim::NetemChance>();
  if (!take(kShare, chance.probability)) return false;
  sends_correlations_ |= next_is_value();
  return take_more(kShare, chance.correlation);
}

bool Parser::read_loss_state() {
  ++next_;
  auto& model = config_.loss.emplace<netsim::NetemFourState>();
  double p13 = 0;
  if (!take(kFraction, p13)) return false;
  model.p13 = NetemShare::of(p13);
  model.p31 = NetemShare::of(1 - p13);
  return take_more(kShare, model.p31) && take_more(kShare, model.p32) &&
         take_more(kShare, model.p23) && take_more(kShare, model.p14);
}

bool Parser::read_loss_gemodel() {
  ++next_;
  auto& model = config_.loss.emplace<netsim::NetemGilbertElliott>();
  double p = 0;
  if (!take(kFraction, p)) return false;
  model.enter_bad = NetemShare::of(p);
  model.leave_bad = NetemShare::of(1 - p);
  return take_more(kShare, model.leave_bad) && take_more(kShare, model.loss_bad) &&
         take_more(kShare, model.loss_good);
}

bool Parser::read_reorder() {
  if (!take(kShare, config_.reorder.probability)) return false;
  sends_correlations_ |= next_is_value();
  return take_more(kShare, config_.reorder.correlation);
}

bool Parser::read_corrupt() {
  if (!take(kShare, config_.corrupt.probability)) return false;
  sends_correlations_ |= next_is_value();
  return take_more(kShare, config_.corrupt.correlation);
}

bool Parser::read_gap() {
  if (!take(kCount, config_.gap)) return false;
  has_gap_ = config_.gap > 0;
  config_.gap = std::max(config_.gap, 1U);
  return true;
}

bool Parser::read_rate() {
  netsim::NetemRate& rate = config_.rate.emplace();
  return take(kRate, rate.rate) && take_more(kOverhead, rate.packet_overhead) &&
         take_more(kCell, rate.cell_size) && take_more(kOverhead, rate.cell_overhead);
}

bool Parser::read_slot() {
  netsim::NetemSlot& slot = config_.slot.emplace();
  if (next_is("distribution")) {
    ++next_;
    if (next_is("experimental")) return complain_about_experimental();
    netsim::NetemDelay& spacing = slot.spacing.emplace();
    if (!take(kDistribution, spacing.distribution) || !take(kTime, spacing.mean) ||
        !take(kTime, spacing.jitter)) {
      return false;
    }
    if (spacing.jitter == Duration::zero()) return complain("a slot's jitter must be above zero");
  } else {
    if (!take(kTime, slot.min)) return false;
    slot.max = slot.min;
    if (!take_more(kTime, slot.max)) return false;
    if (slot.max < slot.min) return complain("a slot's longest time is below its shortest");
  }
  return take_after("packets", kSlotPackets, slot.packets) &&
         take_after("bytes", kBytes, slot.bytes);
}

// What tc checks at the end, over all words.
bool Parser::check() {
  const bool reorders = !config_.reorder.probability.is_zero();
  if (reorders && config_.delay.mean == Duration::zero()) {
    return complain("'reorder' has no effect without a delay: give delay TIME too");
  }
  if (has_gap_ && !reorders) {
    return complain("'gap' has no effect without reordering: give reorder PERCENT too");
  }
  if (config_.ecn && !has_loss_) {
    return complain("'ecn' marks instead of losing: give loss PERCENT too");
  }
  const bool has_jitter =
      config_.delay.mean > Duration::zero() && config_.delay.jitter > Duration::zero();
  if (has_distribution_ && !has_jitter) {
    return complain("'distribution' is that of a jitter: give delay TIME JITTER too");
  }
  // tc forgets to send this one where it sends no other correlation.
  if (!sends_correlations_) config_.duplicate.correlation = {};
  return true;
}

}  // namespace

NetemWords parse_netem_words(std::string_view text) { return Parser(text).parse(); }

}  // namespace hawser::cli
