#include "transport/endpoint/key_ring.h"

namespace hawser {
namespace {

/// Both halves of the secret go through the hash as keys, so that each key depends on all of it.
SecretKey derive(std::span<const std::uint8_t, 32> secret, std::string_view label) {
  const std::span bytes(reinterpret_cast<const std::uint8_t*>(label.data()), label.size());
  const SecretKey half = wire::siphash128(secret.first<16>(), bytes);
  return wire::siphash128(secret.last<16>(), half);
}

}  // namespace

KeyRing::KeyRing(std::span<const std::uint8_t, 32> secret)
    : cookie_key_(derive(secret, "hawser cookie")),
      token_key_(derive(secret, "hawser token")),
      reset_key_(derive(secret, "hawser reset")) {}

void update_with_address(wire::SipHash& hash, const SocketAddress& address, bool with_port) {
  const std::array<std::uint8_t, 8> rest{
      static_cast<std::uint8_t>(address.family),
      static_cast<std::uint8_t>(address.scope_id >> 24),
      static_cast<std::uint8_t>(address.scope_id >> 16),
      static_cast<std::uint8_t>(address.scope_id >> 8),
      static_cast<std::uint8_t>(address.scope_id),
      static_cast<std::uint8_t>(with_port ? 1 : 0),
      static_cast<std::uint8_t>(with_port ? address.port >> 8 : 0),
      static_cast<std::uint8_t>(with_port ? address.port : 0)};
  hash.update(address.ip);
  hash.update(rest);
}

void update_with_id(wire::SipHash& hash, const ConnectionId& id) {
  const std::array<std::uint8_t, 1> size{static_cast<std::uint8_t>(id.size())};
  hash.update(size);
  hash.update(id.bytes());
}

bool equal_in_constant_time(const Digest& first, std::span<const std::uint8_t> second) {
  if (second.size() != first.size()) return false;
  unsigned difference = 0;
  for (std::size_t i = 0; i < first.size(); ++i) difference |= unsigned{first[i]} ^ second[i];
  return difference == 0;
}

}  // namespace hawser
