#include "tools/hawser/message_content.h"

#include <vector>

#include <gtest/gtest.h>

namespace hawser::cli {
namespace {

constexpr std::uint64_t kFlow = 7;
constexpr MessageStamp kStamp{.index = 0x0102030405, .due = TimePoint(Duration(123456789))};

std::vector<std::uint8_t> message(std::size_t size, std::uint64_t flow = kFlow,
                                  const MessageStamp& stamp = kStamp) {
  std::vector<std::uint8_t> bytes(size);
  fill_message(bytes, flow, stamp);
  return bytes;
}

TEST(MessageContentTest, EverySizeIsReadBack) {
  for (std::size_t size = 0; size < 200; ++size) {
    const auto read = read_message(message(size), kFlow);
    ASSERT_TRUE(read.has_value()) << size;
    const unsigned bits = index_bits_of(size);
    const std::uint64_t mask = bits == 64 ? UINT64_MAX : (std::uint64_t{1} << bits) - 1;
    EXPECT_EQ(read->index_low, kStamp.index & mask) << size;
    EXPECT_EQ(read->due.has_value(), size >= kStampedSizeMin);
    EXPECT_EQ(read->due.value_or(kStamp.due), kStamp.due);
  }
}

TEST(MessageContentTest, EveryFlippedBitIsNoticedInMessagesThatCarryMoreThanTheirIndex) {
  for (const std::size_t size : {24U, 31U, 64U, 200U}) {
    auto bytes = message(size);
    for (std::size_t bit = 0; bit < size * 8; ++bit) {
      bytes[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
      EXPECT_FALSE(read_message(bytes, kFlow).has_value()) << "size " << size << " bit " << bit;
      bytes[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
    }
  }
}

TEST(MessageContentTest, PartsOfAMessageCannotChangePlaces) {
  auto bytes = message(4096);
  std::swap_ranges(bytes.begin() + 1024, bytes.begin() + 2048, bytes.begin() + 2048);
  EXPECT_FALSE(read_message(bytes, kFlow).has_value());
}

TEST(MessageContentTest, AMessageOfAnotherFlowIsRefused) {
  EXPECT_FALSE(read_message(message(200, kFlow + 1), kFlow).has_value());
}

TEST(MessageContentTest, IndexBitsGrowWithTheSize) {
  EXPECT_EQ(index_bits_of(0), 0U);
  EXPECT_EQ(index_bits_of(1), 8U);
  EXPECT_EQ(index_bits_of(3), 16U);
  EXPECT_EQ(index_bits_of(23), 32U);
  EXPECT_EQ(index_bits_of(24), 64U);
}

}  // namespace
}  // namespace hawser::cli
