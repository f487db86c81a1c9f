#include "tools/hawser/value_text.h"

#include <algorithm>
#include <array>
#include <span>

#include <fmt/format.h>

#include "hawser/address.h"
#include "hawser/congestion_controller.h"

namespace hawser::cli {
namespace {

__extension__ using Wide = unsigned __int128;

constexpr std::uint64_t kLargestNumber = std::uint64_t{1} << 53;
constexpr std::size_t kDigitsMax = 15;

struct Unit {
  std::string_view name;
  std::uint64_t factor;
};

// Each table ends with its largest unit.
constexpr std::array<Unit, 6> kDurationUnits{{{"ns", 1},
                                              {"us", 1'000},
                                              {"ms", 1'000'000},
                                              {"s", 1'000'000'000},
                                              {"min", 60'000'000'000},
                                              {"h", 3'600'000'000'000}}};
constexpr std::uint64_t kLongest = 10'000 * kDurationUnits.back().factor;
constexpr std::array<Unit, 8> kSizeUnits{{{"", 1},
                                          {"b", 1},
                                          {"kb", 1'000},
                                          {"kib", 1 << 10},
                                          {"mb", 1'000'000},
                                          {"mib", 1 << 20},
                                          {"gb", 1'000'000'000},
                                          {"gib", 1 << 30}}};
constexpr std::array<Unit, 4> kRateUnits{
    {{"bit", 1}, {"kbit", 1'000}, {"mbit", 1'000'000}, {"gbit", 1'000'000'000}}};

// A decimal number as digits / scale, followed by whatever stands behind it.
struct Quantity {
  std::uint64_t digits = 0;
  std::uint64_t scale = 1;
  std::string_view unit;
};

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::optional<Quantity> parse_quantity(std::string_view text) {
  Quantity quantity;
  std::size_t digit_count = 0;
  std::size_t at = 0;
  const auto take_digits = [&] {
    const std::size_t first = at;
    for (; at < text.size() && is_digit(text[at]); ++at) {
      if (++digit_count > kDigitsMax) return false;
      quantity.digits = quantity.digits * 10 + static_cast<std::uint64_t>(text[at] - '0');
    }
    return at > first;
  };
  if (!take_digits()) return std::nullopt;
  if (at < text.size() && text[at] == '.') {
    const std::size_t point = at++;
    if (!take_digits()) return std::nullopt;
    for (std::size_t i = point + 1; i < at; ++i) quantity.scale *= 10;
  }
  quantity.unit = text.substr(at);
  return quantity;
}

std::string lower_case(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

// The quantity in the table's smallest unit, if it is a whole number of them and at most `largest`.
std::optional<std::int64_t> to_smallest_unit(const std::optional<Quantity>& quantity,
                                             std::span<const Unit> units, std::uint64_t largest) {
  if (!quantity) return std::nullopt;
  const std::string name = lower_case(quantity->unit);
  const auto unit = std::find_if(units.begin(), units.end(),
                                 [&](const Unit& candidate) { return candidate.name == name; });
  if (unit == units.end()) return std::nullopt;
  const Wide product = Wide(quantity->digits) * unit->factor;
  if (product % quantity->scale != 0 || product / quantity->scale > largest) return std::nullopt;
  return static_cast<std::int64_t>(product / quantity->scale);
}

// `value` in `unit` as an exact decimal; the unit is a power of ten.
std::string format_decimal(std::uint64_t value, const Unit& unit) {
  std::string text = fmt::format("{}", value / unit.factor);
  if (value % unit.factor != 0) {
    std::string fraction = fmt::format("{}", unit.factor + value % unit.factor).substr(1);
    fraction.erase(fraction.find_last_not_of('0') + 1);
    text += "." + fraction;
  }
  return text.append(unit.name);
}

// The largest of `units` (powers of ten, ascending) that fits into `value`, or the smallest.
const Unit& largest_fitting(std::span<const Unit> units, std::uint64_t value) {
  std::size_t fitting = 0;
  while (fitting + 1 < units.size() && units[fitting + 1].factor <= value) ++fitting;
  return units[fitting];
}

}  // namespace

std::optional<Duration> parse_duration(std::string_view text) {
  if (text == "0") return Duration::zero();
  const auto nanos = to_smallest_unit(parse_quantity(text), kDurationUnits, kLongest);
  return nanos ? std::optional(Duration(*nanos)) : std::nullopt;
}

std::optional<ByteCount> parse_size(std::string_view text) {
  const auto bytes = to_smallest_unit(parse_quantity(text), kSizeUnits, kLargestNumber);
  return bytes ? std::optional(ByteCount(*bytes)) : std::nullopt;
}

std::optional<Bandwidth> parse_rate(std::string_view text) {
  constexpr std::uint64_t kFastest = 1'000'000'000'000'000;
  const auto bits = to_smallest_unit(parse_quantity(text), kRateUnits, kFastest);
  if (!bits || *bits == 0) return std::nullopt;
  return Bandwidth::bits_per_second(*bits);
}

std::optional<netsim::Probability> parse_probability(std::string_view text) {
  const std::optional<Quantity> quantity = parse_quantity(text);
  if (!quantity || (quantity->unit != "%" && !quantity->unit.empty())) return std::nullopt;
  const std::uint64_t whole = quantity->scale * (quantity->unit == "%" ? 100 : 1);
  if (quantity->digits > whole) return std::nullopt;
  return netsim::Probability::ratio(quantity->digits, whole);
}

std::optional<std::uint64_t> parse_number(std::string_view text) {
  const std::optional<Quantity> quantity = parse_quantity(text);
  if (!quantity || quantity->scale != 1 || !quantity->unit.empty()) return std::nullopt;
  return quantity->digits <= kLargestNumber ? std::optional(quantity->digits) : std::nullopt;
}

std::optional<std::uint64_t> parse_count(std::string_view text, std::uint64_t most) {
  const auto number = parse_number(text);
  return number && *number >= 1 && *number <= most ? number : std::nullopt;
}

std::optional<ByteCount> parse_size_between(std::string_view text, ByteCount least,
                                            ByteCount most) {
  const auto size = parse_size(text);
  return size && *size >= least && *size <= most ? size : std::nullopt;
}

std::optional<netsim::QueueLimit> parse_queue_limit(std::string_view text) {
  netsim::QueueLimit limit;
  if (text.ends_with('p')) {
    const auto packets = parse_number(text.substr(0, text.size() - 1));
    if (!packets) return std::nullopt;
    limit.packets = static_cast<std::int64_t>(*packets);
    return limit;
  }
  if (const auto time = parse_duration(text); time && text != "0") {
    limit.time = *time;
    return limit;
  }
  const auto bytes = parse_size(text);
  if (!bytes || (!text.ends_with('b') && !text.ends_with('B'))) return std::nullopt;
  limit.bytes = *bytes;
  return limit;
}

std::optional<std::string> parse_host_port(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return std::nullopt;
  const std::string_view host = text.substr(0, colon);
  const auto port = parse_number(text.substr(colon + 1));
  if (!port || *port == 0 || *port > 65535) return std::nullopt;
  // An IPv6 address has colons of its own and needs its brackets.
  const bool is_ipv6 = host.find_first_of(":[]") != std::string_view::npos;
  if (is_ipv6 && !SocketAddress::parse(text)) return std::nullopt;
  return std::string(text);
}

std::optional<std::string> parse_controller(std::string_view text) {
  if (find_congestion_controller(text) == nullptr) return std::nullopt;
  return std::string(text);
}

std::string_view controller_form() {
  static const std::string form = [] {
    std::string names;
    const auto controllers = congestion_controllers();
    for (std::size_t i = 0; i < controllers.size(); ++i) {
      const std::string_view separator = i + 1 < controllers.size() ? ", " : " or ";
      names += fmt::format("{}{}", i == 0 ? "" : separator, controllers[i].name);
    }
    return names;
  }();
  return form;
}

std::string format_duration(Duration duration) {
  const auto nanos = static_cast<std::uint64_t>(std::max(duration, Duration::zero()).count());
  const Unit& hour = kDurationUnits.back();
  if (nanos == 0) return "0s";
  if (nanos % hour.factor == 0) return format_decimal(nanos, hour);
  return format_decimal(nanos, largest_fitting(std::span(kDurationUnits).first(4), nanos));
}

std::string format_size(ByteCount size) {
  // Spelt as people write them, the largest first.
  static constexpr std::array<Unit, 6> kUnits{{{"GiB", 1 << 30},
                                               {"GB", 1'000'000'000},
                                               {"MiB", 1 << 20},
                                               {"MB", 1'000'000},
                                               {"KiB", 1 << 10},
                                               {"kB", 1'000}}};
  const auto bytes = static_cast<std::uint64_t>(std::max(size, ByteCount(0)).value());
  for (const Unit& unit : kUnits) {
    if (bytes > 0 && bytes % unit.factor == 0)
      return fmt::format("{}{}", bytes / unit.factor, unit.name);
  }
  return fmt::format("{}", bytes);
}

std::string format_rate(Bandwidth rate) {
  if (rate.is_infinite()) return "unlimited";
  const auto bits = static_cast<std::uint64_t>(rate.bits_per_second());
  return format_decimal(bits, largest_fitting(kRateUnits, bits));
}

std::string format_probability(netsim::Probability probability) {
  return fmt::format("{:.10g}%", probability.value() * 100);
}

std::string refusal(std::string_view value, std::string_view accepted_form) {
  return fmt::format("'{}' is not accepted: give {}", value, accepted_form);
}

}  // namespace hawser::cli
