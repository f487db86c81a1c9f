#include "transport/endpoint/address_validation.h"

#include <algorithm>

namespace hawser {
namespace {

constexpr std::uint8_t kCookieKind = 1;
constexpr std::uint8_t kTokenKind = 2;

using EncodedTime = std::array<std::uint8_t, 8>;

EncodedTime encode(TimePoint time) {
  EncodedTime bytes{};
  auto value = static_cast<std::uint64_t>(time.time_since_epoch().count());
  for (std::size_t i = bytes.size(); i > 0; --i, value >>= 8) {
    bytes[i - 1] = static_cast<std::uint8_t>(value);
  }
  return bytes;
}

TimePoint decode(std::span<const std::uint8_t, 8> bytes) {
  std::uint64_t value = 0;
  for (const std::uint8_t byte : bytes) value = value << 8 | byte;
  return TimePoint(Duration(static_cast<std::int64_t>(value)));
}

/// Whether `issued` lies neither in the future nor more than `lifetime` back.
bool is_fresh(TimePoint issued, TimePoint now, Duration lifetime) {
  if (issued > now) return false;
  // Unsigned: the two may stem from clocks so far apart that their distance needs all 64 bits.
  const auto age = static_cast<std::uint64_t>(now.time_since_epoch().count()) -
                   static_cast<std::uint64_t>(issued.time_since_epoch().count());
  return age <= static_cast<std::uint64_t>(lifetime.count());
}

Credential assemble(std::uint8_t kind, TimePoint issued, const Digest& digest) {
  const EncodedTime time = encode(issued);
  Credential credential{kind};
  const auto behind_time = std::copy(time.begin(), time.end(), credential.begin() + 1);
  std::copy(digest.begin(), digest.end(), behind_time);
  return credential;
}

}  // namespace

Credential AddressValidator::make_cookie(TimePoint now, const InitOrigin& origin) const {
  return assemble(kCookieKind, now, cookie_digest(now, origin));
}

Credential AddressValidator::make_token(TimePoint now, const SocketAddress& remote) const {
  return assemble(kTokenKind, now, token_digest(now, remote));
}

bool AddressValidator::is_valid(TimePoint now, const InitOrigin& origin,
                                std::span<const std::uint8_t> presented) const {
  if (presented.size() != kCredentialSize) return false;
  const TimePoint issued = decode(presented.subspan<1, 8>());
  const bool is_cookie = presented[0] == kCookieKind;
  if (!is_cookie && presented[0] != kTokenKind) return false;
  if (!is_fresh(issued, now, is_cookie ? lifetimes_.cookie : lifetimes_.token)) return false;
  const Digest digest =
      is_cookie ? cookie_digest(issued, origin) : token_digest(issued, origin.remote);
  return equal_in_constant_time(digest, presented.subspan(9));
}

Digest AddressValidator::cookie_digest(TimePoint issued, const InitOrigin& origin) const {
  wire::SipHash hash(keys_.cookie_key(), wire::SipHash::Output::bits128);
  hash.update(encode(issued));
  update_with_address(hash, origin.remote, true);
  update_with_id(hash, origin.source_id);
  update_with_id(hash, origin.destination_id);
  return hash.finish128();
}

Digest AddressValidator::token_digest(TimePoint issued, const SocketAddress& remote) const {
  wire::SipHash hash(keys_.token_key(), wire::SipHash::Output::bits128);
  hash.update(encode(issued));
  update_with_address(hash, remote, false);
  return hash.finish128();
}

}  // namespace hawser
