#include "transport/wire/siphash.h"

#include <bit>

#include "hawser/assert.h"

namespace hawser::wire {
namespace {

std::uint64_t little_endian(std::span<const std::uint8_t> bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = bytes.size(); i > 0; --i) value = value << 8 | bytes[i - 1];
  return value;
}

}  // namespace

SipHash::SipHash(SipHashKey key, Output output) : output_(output) {
  const std::uint64_t k0 = little_endian(key.first<8>());
  const std::uint64_t k1 = little_endian(key.last<8>());
  // "somepseudorandomlygeneratedbytes", the reference's constants.
  state_ = {k0 ^ 0x736f6d6570736575, k1 ^ 0x646f72616e646f6d, k0 ^ 0x6c7967656e657261,
            k1 ^ 0x7465646279746573};
  if (output == Output::bits128) state_[1] ^= 0xee;
}

void SipHash::rounds(int count) {
  auto& [v0, v1, v2, v3] = state_;
  for (int i = 0; i < count; ++i) {
    v0 += v1;
    v1 = std::rotl(v1, 13) ^ v0;
    v0 = std::rotl(v0, 32);
    v2 += v3;
    v3 = std::rotl(v3, 16) ^ v2;
    v0 += v3;
    v3 = std::rotl(v3, 21) ^ v0;
    v2 += v1;
    v1 = std::rotl(v1, 17) ^ v2;
    v2 = std::rotl(v2, 32);
  }
}

void SipHash::compress(std::uint64_t word) {
  state_[3] ^= word;
  rounds(2);
  state_[0] ^= word;
}

void SipHash::update(std::span<const std::uint8_t> bytes) {
  for (const std::uint8_t byte : bytes) {
    pending_ |= std::uint64_t{byte} << (8 * (size_ % 8));
    ++size_;
    if (size_ % 8 == 0) {
      compress(pending_);
      pending_ = 0;
    }
  }
}

void SipHash::finish_input() {
  compress(pending_ | size_ << 56);
  state_[2] ^= output_ == Output::bits128 ? 0xee : 0xff;
  rounds(4);
}

std::uint64_t SipHash::finish64() {
  HAWSER_ASSERT(output_ == Output::bits64);
  finish_input();
  return fold();
}

std::array<std::uint8_t, 16> SipHash::finish128() {
  HAWSER_ASSERT(output_ == Output::bits128);
  finish_input();
  std::array<std::uint8_t, 16> hash{};
  for (const std::size_t half : {std::size_t{0}, std::size_t{8}}) {
    if (half == 8) {
      state_[1] ^= 0xdd;
      rounds(4);
    }
    const std::uint64_t word = fold();
    for (std::size_t i = 0; i < 8; ++i) hash[half + i] = static_cast<std::uint8_t>(word >> (8 * i));
  }
  return hash;
}

std::uint64_t siphash64(SipHashKey key, std::span<const std::uint8_t> bytes) {
  SipHash hash(key);
  hash.update(bytes);
  return hash.finish64();
}

std::array<std::uint8_t, 16> siphash128(SipHashKey key, std::span<const std::uint8_t> bytes) {
  SipHash hash(key, SipHash::Output::bits128);
  hash.update(bytes);
  return hash.finish128();
}

}  // namespace hawser::wire
