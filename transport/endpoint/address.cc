#include "hawser/address.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <span>

namespace hawser {
namespace {

constexpr std::size_t kIpv6Groups = 8;
using Groups = std::array<std::uint16_t, kIpv6Groups>;

/// All of `text` as a number of base `base` with at most `digits_max` digits, or nothing.
std::optional<std::uint32_t> parse_number(std::string_view text, std::size_t digits_max, int base) {
  if (text.empty() || text.size() > digits_max) return std::nullopt;
  std::uint32_t number = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number, base);
  if (error != std::errc{} || stop != end) return std::nullopt;
  return number;
}

/// Cuts `text` at the first `separator`: returns what stands before it, leaves what stands behind.
/// Without a separator it takes everything.
std::string_view take_until(std::string_view& text, char separator) {
  const std::size_t at = text.find(separator);
  const std::string_view head = text.substr(0, at);
  text = at == std::string_view::npos ? std::string_view{} : text.substr(at + 1);
  return head;
}

/// Four decimal parts. Leading zeros are refused: others read them as octal.
std::optional<std::array<std::uint8_t, 4>> parse_ipv4(std::string_view text) {
  if (std::count(text.begin(), text.end(), '.') != 3) return std::nullopt;
  std::array<std::uint8_t, 4> ip{};
  for (std::uint8_t& byte : ip) {
    const std::string_view part = take_until(text, '.');
    const auto number = parse_number(part, 3, 10);
    if (!number || *number > 255 || (part.size() > 1 && part[0] == '0')) return std::nullopt;
    byte = static_cast<std::uint8_t>(*number);
  }
  return ip;
}

/// Groups between colons into `groups`, the last two perhaps as an IPv4 address where
/// `may_end_in_ipv4`. Returns how many; an empty text holds none.
std::optional<std::size_t> parse_groups(std::string_view text, bool may_end_in_ipv4,
                                        std::span<std::uint16_t> groups) {
  if (text.empty()) return 0;
  std::size_t count = 0;
  for (bool is_last = false; !is_last;) {
    is_last = text.find(':') == std::string_view::npos;
    const std::string_view part = take_until(text, ':');
    if (is_last && may_end_in_ipv4 && part.find('.') != std::string_view::npos) {
      const auto ipv4 = parse_ipv4(part);
      if (!ipv4 || count + 2 > groups.size()) return std::nullopt;
      groups[count++] = static_cast<std::uint16_t>((*ipv4)[0] << 8 | (*ipv4)[1]);
      groups[count++] = static_cast<std::uint16_t>((*ipv4)[2] << 8 | (*ipv4)[3]);
      break;
    }
    const auto number = parse_number(part, 4, 16);
    if (!number || count == groups.size()) return std::nullopt;
    groups[count++] = static_cast<std::uint16_t>(*number);
  }
  return count;
}

/// RFC 4291 s2.2: eight groups, or fewer around one "::", which stands for at least one group.
std::optional<Groups> parse_ipv6(std::string_view text) {
  Groups groups{};
  const std::size_t gap = text.find("::");
  if (gap == std::string_view::npos) {
    const auto count = parse_groups(text, true, groups);
    return count == kIpv6Groups ? std::optional(groups) : std::nullopt;
  }
  const std::span<std::uint16_t> space = std::span(groups).first(kIpv6Groups - 1);
  const auto before = parse_groups(text.substr(0, gap), false, space);
  if (!before) return std::nullopt;
  const auto after = parse_groups(text.substr(gap + 2), true, space.subspan(*before));
  if (!after) return std::nullopt;
  // What was read behind the gap belongs at the end.
  const auto behind_gap = groups.begin() + static_cast<std::ptrdiff_t>(*before);
  std::rotate(behind_gap, behind_gap + static_cast<std::ptrdiff_t>(*after), groups.end());
  return groups;
}

std::string ipv4_text(std::span<const std::uint8_t> ip) {
  std::string text;
  for (std::size_t i = 0; i < 4; ++i) {
    if (i > 0) text += '.';
    text += std::to_string(ip[i]);
  }
  return text;
}

/// The longest run of zero groups, the first of equals; RFC 5952 s4.2 leaves a single zero as it
/// is.
struct ZeroRun {
  std::size_t start = kIpv6Groups;
  std::size_t length = 1;
};
ZeroRun longest_zero_run(const Groups& groups) {
  ZeroRun longest;
  for (std::size_t start = 0; start < kIpv6Groups; ++start) {
    std::size_t length = 0;
    while (start + length < kIpv6Groups && groups[start + length] == 0) ++length;
    if (length > longest.length) longest = {start, length};
  }
  return longest;
}

std::string ipv6_text(const std::array<std::uint8_t, 16>& ip) {
  Groups groups{};
  for (std::size_t i = 0; i < kIpv6Groups; ++i) {
    groups[i] = static_cast<std::uint16_t>(ip[2 * i] << 8 | ip[2 * i + 1]);
  }
  const ZeroRun run = longest_zero_run(groups);
  // RFC 5952 s5: an IPv4-mapped address shows its IPv4 part as such.
  if (run.start == 0 && run.length == 5 && groups[5] == 0xffff) {
    return "::ffff:" + ipv4_text(std::span(ip).subspan(12));
  }
  std::string text;
  for (std::size_t i = 0; i < kIpv6Groups; ++i) {
    if (i == run.start) {
      text += "::";
      i += run.length - 1;
      continue;
    }
    if (!text.empty() && text.back() != ':') text += ':';
    std::array<char, 4> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), groups[i], 16).ptr;
    text.append(digits.data(), end);
  }
  return text;
}

}  // namespace

SocketAddress SocketAddress::ipv4(std::array<std::uint8_t, 4> ip, std::uint16_t port) {
  SocketAddress address;
  address.family = Family::ipv4;
  address.port = port;
  std::copy(ip.begin(), ip.end(), address.ip.begin());
  return address;
}

Result<SocketAddress> SocketAddress::parse(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return Errc::invalid_address;
  const auto port = parse_number(text.substr(colon + 1), 5, 10);
  if (!port || *port > 65535) return Errc::invalid_address;
  std::string_view host = text.substr(0, colon);
  if (const auto ip = parse_ipv4(host)) return ipv4(*ip, static_cast<std::uint16_t>(*port));

  if (host.size() < 2 || host.front() != '[' || host.back() != ']') return Errc::invalid_address;
  host = host.substr(1, host.size() - 2);
  SocketAddress address;
  address.family = Family::ipv6;
  address.port = static_cast<std::uint16_t>(*port);
  const bool has_scope = host.find('%') != std::string_view::npos;
  const auto groups = parse_ipv6(take_until(host, '%'));
  const auto scope = has_scope ? parse_number(host, 10, 10) : std::optional<std::uint32_t>(0);
  if (!groups || !scope) return Errc::invalid_address;
  address.scope_id = *scope;
  for (std::size_t i = 0; i < kIpv6Groups; ++i) {
    address.ip[2 * i] = static_cast<std::uint8_t>((*groups)[i] >> 8);
    address.ip[2 * i + 1] = static_cast<std::uint8_t>((*groups)[i]);
  }
  return address;
}

std::string SocketAddress::to_string() const {
  if (family == Family::none) return "none";
  const std::string behind_host = ':' + std::to_string(port);
  if (family == Family::ipv4) return ipv4_text(ip) + behind_host;
  const std::string scope = scope_id == 0 ? "" : '%' + std::to_string(scope_id);
  return '[' + ipv6_text(ip) + scope + ']' + behind_host;
}

}  // namespace hawser
