#include "transport/wire/checksum.h"

#include <cstddef>
#include <memory>
#include <numeric>
#include <ostream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/transport/wire/wire_samples.h"

namespace hawser::wire {

void PrintTo(const ChecksumEngine& engine, std::ostream* out) { *out << engine.name; }

namespace {

using samples::Bytes;

const ChecksumEngine& reference() { return checksum_engines().back(); }

Bytes text(std::string_view chars) { return Bytes(chars.begin(), chars.end()); }

Bytes counting(std::size_t size) {
  Bytes bytes(size);
  std::iota(bytes.begin(), bytes.end(), std::uint8_t{0});
  return bytes;
}

std::vector<ChecksumEngine> available_engines() {
  std::vector<ChecksumEngine> engines;
  for (const auto& engine : checksum_engines()) {
    if (engine.is_available) engines.push_back(engine);
  }
  return engines;
}

class ChecksumEngineTest : public testing::TestWithParam<ChecksumEngine> {
 protected:
  static std::uint32_t crc(std::span<const std::uint8_t> bytes) {
    return GetParam().extend(0, bytes);
  }
};

TEST_P(ChecksumEngineTest, GivesTheKnownValues) {
  EXPECT_EQ(crc({}), 0x00000000U);
  EXPECT_EQ(crc(text("a")), 0xC1D04330U);
  EXPECT_EQ(crc(text("123456789")), 0xE3069283U);
  EXPECT_EQ(crc(Bytes(32, 0x00)), 0x8A9136AAU);  // RFC 3720 B.4, as the next four
  EXPECT_EQ(crc(Bytes(32, 0xff)), 0x62A8AB43U);
  const Bytes ascending = counting(32);
  EXPECT_EQ(crc(ascending), 0x46DD794EU);
  EXPECT_EQ(crc(Bytes(ascending.rbegin(), ascending.rend())), 0x113FDB5CU);
  const Bytes read_pdu = samples::from_hex(
      "01c00000 00000000 00000000 00000000 14000000 00000400 00000014 00000018"
      "28000000 00000000 02000000 00000000");
  EXPECT_EQ(crc(read_pdu), 0xD9963A56U);
  EXPECT_EQ(crc(counting(1200)), 0xA301A442U);
  EXPECT_EQ(crc(counting(1472)), 0x4572D48FU);
}

TEST_P(ChecksumEngineTest, AMessageWithItsChecksumHasAConstantOne) {
  for (const std::size_t size : {1U, 40U, 1228U}) {
    Bytes bytes = counting(size);
    const std::uint32_t value = crc(bytes);
    for (unsigned shift = 0; shift < 32; shift += 8) {
      bytes.push_back(static_cast<std::uint8_t>(value >> shift));
    }
    EXPECT_EQ(crc(bytes), 0x48674BC7U);
  }
}

TEST_P(ChecksumEngineTest, AgreesWithTheReferenceAtEveryLengthAndAlignment) {
  SeededRandom random(11);
  constexpr std::size_t kSizeMax = 256;
  constexpr std::size_t kAlignments = 64;
  Bytes data(kSizeMax);
  random.fill(data);
  for (std::size_t size = 0; size <= kSizeMax; ++size) {
    const auto bytes = std::span(data).first(size);
    const std::uint32_t start = static_cast<std::uint32_t>(random.next());
    const std::uint32_t expected = reference().extend(start, bytes);
    for (std::size_t alignment = 0; alignment < kAlignments; ++alignment) {
      // Behind the last byte the heap ends: the address sanitizer would see an overread.
      const auto heap = std::make_unique<std::uint8_t[]>(alignment + size);
      std::copy(bytes.begin(), bytes.end(), heap.get() + alignment);
      ASSERT_EQ(GetParam().extend(start, {heap.get() + alignment, size}), expected)
          << "length " << size << ", alignment " << alignment;
    }
  }
}

TEST_P(ChecksumEngineTest, AgreesWithTheReferenceOnDatagrams) {
  SeededRandom random(12);
  Bytes data(66'000);
  random.fill(data);
  for (int i = 0; i < 300; ++i) {
    const std::size_t begin = random.below(64);
    const std::size_t size = random.below(i < 250 ? 2000 : data.size() - begin);
    const auto bytes = std::span(data).subspan(begin, size);
    ASSERT_EQ(crc(bytes), reference().extend(0, bytes)) << "length " << size;
  }
}

TEST_P(ChecksumEngineTest, ExtendsFromAnyCut) {
  const Bytes bytes = counting(300);
  const std::uint32_t whole = crc(bytes);
  for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
    const auto [head, tail] = std::pair(std::span(bytes).first(cut), std::span(bytes).subspan(cut));
    ASSERT_EQ(GetParam().extend(crc(head), tail), whole) << "cut at " << cut;
  }
}

INSTANTIATE_TEST_SUITE_P(All, ChecksumEngineTest, testing::ValuesIn(available_engines()),
                         [](const auto& instance) {
                           std::string name(instance.param.name);
                           std::erase(name, '.');
                           return name;
                         });

TEST(ChecksumTest, TheReferenceIsAlwaysThere) {
  EXPECT_EQ(reference().name, "boost");
  EXPECT_TRUE(reference().is_available);
}

TEST(ChecksumTest, UsesTheFirstAvailableEngine) {
  for (const auto& engine : checksum_engines()) {
    if (!engine.is_available) continue;
    EXPECT_EQ(checksum_engine().name, engine.name);
    break;
  }
  EXPECT_EQ(crc32c(text("123456789")), 0xE3069283U);
}

}  // namespace
}  // namespace hawser::wire
