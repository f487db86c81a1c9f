#include "tools/netsim/policer.h"

#include <gtest/gtest.h>

#include "hawser/netsim/event_queue.h"

namespace hawser::netsim {
namespace {

using namespace std::chrono_literals;

constexpr TimePoint kStart = EventQueue::kStart;
constexpr Policer kOneMegabyte{.rate = Bandwidth::bits_per_second(8'000'000),
                               .burst = ByteCount(10'000)};

class PolicerModelTest : public ::testing::Test {
 protected:
  explicit PolicerModelTest() { policer_.configure(kStart, kOneMegabyte); }
  /// How many bytes of datagrams of this size, one every `step`, pass in [from, to).
  std::int64_t pass(Duration from, Duration to, Duration step, std::int64_t size) {
    std::int64_t passed = 0;
    for (Duration at = from; at < to; at += step) {
      if (policer_.passes(kStart + at, ByteCount(size))) passed += size;
    }
    return passed;
  }
  PolicerModel policer_;
};

TEST_F(PolicerModelTest, PassesExactlyTheBurstAndTheRate) {
  EXPECT_EQ(pass(0ms, 1ms, 1us, 1), 1000) << "slower than one byte each microsecond is nothing";
  EXPECT_EQ(pass(1ms, 20ms, 100ns, 1), 10'000 + 18'999);
}

TEST_F(PolicerModelTest, NoTokenIsLostToRounding) {
  policer_.configure(kStart, Policer{.rate = Bandwidth::bits_per_second(7),
                                     .burst = ByteCount(9),
                                     .initial = ByteCount(0)});
  // 7 bits each second are 7 bytes in 8 s, however often one asks.
  EXPECT_EQ(pass(0s, 800s + 1ms, 1ms, 1), 700);
}

TEST_F(PolicerModelTest, TheBucketIsFullAfterItsBurstOverTheRate) {
  EXPECT_EQ(pass(0ms, 1ns, 1ns, 10'000), 10'000);
  EXPECT_EQ(pass(10ms - 1ns, 10ms, 1ns, 10'000), 0);
  EXPECT_EQ(pass(10ms, 10ms + 1ns, 1ns, 10'000), 10'000);
  EXPECT_EQ(pass(10h, 10h + 3ns, 1ns, 5'000), 10'000) << "and holds no more";
  EXPECT_EQ(pass(20h, 20h + 3ns, 1ns, 10'001), 0) << "larger than the bucket";
}

TEST_F(PolicerModelTest, BeginsWithItsInitialLevel) {
  Policer config = kOneMegabyte;
  config.initial = ByteCount(1500);
  policer_.configure(kStart, config);
  EXPECT_EQ(pass(0ms, 3ns, 1ns, 1500), 1500);
  policer_.configure(kStart + 1ms, config);
  EXPECT_EQ(pass(1ms, 1ms + 1ns, 1ns, 1500), 0) << "the same settings change nothing";
  policer_.configure(kStart + 1ms, std::nullopt);
  EXPECT_EQ(pass(1ms, 1ms + 3ns, 1ns, 1500), 4500);
}

}  // namespace
}  // namespace hawser::netsim
