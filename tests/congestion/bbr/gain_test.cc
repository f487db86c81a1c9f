#include "congestion/bbr/gain.h"

#include <gtest/gtest.h>

namespace hawser::bbr {
namespace {

TEST(GainTest, IsInHundredths) {
  EXPECT_EQ(Gain{277} * Bandwidth::bits_per_second(1'000'000),
            Bandwidth::bits_per_second(2'770'000));
  EXPECT_EQ(Gain{15} * ByteCount(10'000), ByteCount(1500));
  EXPECT_EQ((Gain{90} * Bandwidth::infinite()).is_infinite(), true);
}

}  // namespace
}  // namespace hawser::bbr
