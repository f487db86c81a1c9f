#include "transport/wire/siphash.h"

#include <numeric>

#include <gtest/gtest.h>

#include "tests/transport/wire/wire_samples.h"

namespace hawser::wire {
namespace {

using samples::Bytes;

Bytes counting(std::size_t size) {
  Bytes bytes(size);
  std::iota(bytes.begin(), bytes.end(), std::uint8_t{0});
  return bytes;
}

std::array<std::uint8_t, 16> key() {
  std::array<std::uint8_t, 16> bytes{};
  std::iota(bytes.begin(), bytes.end(), std::uint8_t{0});
  return bytes;
}

/// The authors' vectors: the key and the message count up from 0; the message has `size` bytes.
struct Vector {
  std::size_t size;
  std::string_view hash64;
  std::string_view hash128;
};
constexpr Vector kVectors[] = {
    {0, "310e0edd47db6f72", "a3817f04ba25a8e66df67214c7550293"},
    {1, "fd67dc93c539f874", "da87c1d86b99af44347659119b22fc45"},
    {2, "5a4fa9d909806c0d", "8177228da4a45dc7fca38bdef60affe4"},
    {7, "37d1018bf50002ab", "a1f1ebbed8dbc153c0b84aa61ff08239"},
    {8, "6224939a79f5f593", "3b62a9ba6258f5610f83e264f31497b4"},
    {9, "b0e4a90bdf82009e", "264499060ad9baabc47f8b02bb6d71ed"},
    {15, "e545be4961ca29a1", "5493e99933b0a8117e08ec0f97cfc3d9"},
    {16, "db9bc2577fcc2a3f", "6ee2a4ca67b054bbfd3315bf85230577"},
    {63, "724506eb4c328a95", "5150d1772f50834a503e069a973fbd7c"},
};

TEST(SipHashTest, GivesTheReferenceVectors) {
  for (const auto& vector : kVectors) {
    std::uint64_t hash = siphash64(key(), counting(vector.size));
    Bytes bytes;
    for (int i = 0; i < 8; ++i, hash >>= 8) bytes.push_back(static_cast<std::uint8_t>(hash));
    EXPECT_EQ(samples::to_hex(bytes), vector.hash64) << vector.size << " bytes";
    EXPECT_EQ(samples::to_hex(siphash128(key(), counting(vector.size))), vector.hash128)
        << vector.size << " bytes";
  }
}

TEST(SipHashTest, TakesItsInputInAnyPieces) {
  const Bytes bytes = counting(40);
  const std::uint64_t whole = siphash64(key(), bytes);
  for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
    SipHash hash(key());
    hash.update(std::span(bytes).first(cut));
    hash.update(std::span(bytes).subspan(cut));
    EXPECT_EQ(hash.finish64(), whole) << "cut at " << cut;
  }
}

TEST(SipHashTest, DependsOnEveryKeyBit) {
  const Bytes bytes = counting(10);
  const std::uint64_t original = siphash64(key(), bytes);
  for (std::size_t bit = 0; bit < 128; ++bit) {
    auto changed = key();
    changed[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
    EXPECT_NE(siphash64(changed, bytes), original) << "bit " << bit;
  }
}

}  // namespace
}  // namespace hawser::wire
