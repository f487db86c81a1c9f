#include "hawser/netsim/trace_hash.h"

#include <numeric>
#include <set>
#include <vector>

#include <gtest/gtest.h>

namespace hawser::netsim {
namespace {

using namespace std::chrono_literals;

class TraceHashTest : public ::testing::Test {
 protected:
  struct Offer {
    Duration at{0};
    std::uint32_t link = 0;
    Fate fate{};
    std::vector<std::uint8_t> bytes{};
  };
  std::uint64_t hash(const std::vector<Offer>& offers) {
    TraceHash trace;
    for (const Offer& offer : offers) {
      Datagram datagram;
      datagram.bytes = Buffer::copy_of(pool_, offer.bytes);
      trace.on_offered({offer.at, offer.link, offer.fate, datagram});
    }
    return trace.value();
  }
  static std::vector<std::uint8_t> count_up(std::size_t size) {
    std::vector<std::uint8_t> bytes(size);
    std::iota(bytes.begin(), bytes.end(), std::uint8_t{1});
    return bytes;
  }
  MemoryPool pool_;
};

// The same on every platform and in every build: these values are a promise.
TEST_F(TraceHashTest, KnownValues) {
  EXPECT_EQ(hash({}), 1376283091369227076U);
  EXPECT_EQ(hash({{.at = 1ms, .link = 0, .fate = {}, .bytes = {}}}), 2704707215363050519U);
  EXPECT_EQ(hash({{.at = 1ms, .link = 1, .fate = {}, .bytes = count_up(1200)}}),
            10172008578931977688U);
  EXPECT_EQ(hash({{.at = 1ms, .link = 1, .fate = {.is_early = true}, .bytes = count_up(13)}}),
            7387578960752851512U);
}

TEST_F(TraceHashTest, EveryPartCounts) {
  const Offer offer{.at = 5ms, .link = 1, .fate = {}, .bytes = count_up(100)};
  std::vector<Offer> variants(13, offer);
  variants[1].at = 5ms + 1ns;
  variants[2].link = 2;
  variants[3].fate.outcome = Outcome::lost;
  variants[4].fate.is_duplicated = true;
  variants[5].fate.is_corrupted = true;
  variants[6].fate.is_marked = true;
  variants[7].fate.is_early = true;
  variants[8].bytes.push_back(0);
  variants[9].fate.is_late = true;
  variants[10].fate.is_truncated = true;
  variants[11].fate.is_extended = true;
  variants[12].fate.is_misdelivered = true;
  std::set<std::uint64_t> hashes;
  for (const Offer& variant : variants) hashes.insert(hash({variant}));
  EXPECT_EQ(hashes.size(), variants.size());
}

TEST_F(TraceHashTest, EveryBitOfEveryByteCounts) {
  for (const std::size_t size : {1U, 7U, 8U, 31U, 32U, 33U, 63U, 64U, 77U}) {
    std::set<std::uint64_t> hashes{hash({{.bytes = count_up(size)}})};
    for (std::size_t bit = 0; bit < size * 8; ++bit) {
      std::vector<std::uint8_t> bytes = count_up(size);
      bytes[bit / 8] = static_cast<std::uint8_t>(bytes[bit / 8] ^ (1U << (bit % 8)));
      hashes.insert(hash({{.bytes = bytes}}));
    }
    EXPECT_EQ(hashes.size(), size * 8 + 1) << "size " << size;
  }
}

TEST_F(TraceHashTest, OrderCounts) {
  const Offer first{.at = 1ms, .bytes = count_up(10)};
  const Offer second{.at = 1ms, .bytes = count_up(11)};
  EXPECT_NE(hash({first, second}), hash({second, first}));
  EXPECT_NE(hash({first, first}), hash({first}));
}

}  // namespace
}  // namespace hawser::netsim
