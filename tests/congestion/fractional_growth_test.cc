#include "congestion/fractional_growth.h"

#include <gtest/gtest.h>

namespace hawser {
namespace {

TEST(FractionalGrowthTest, CarriesFractionsOver) {
  FractionalGrowth growth;
  ByteCount sum{0};
  // 1200 * 1200 / 4,000,000 = 0.36 each.
  for (int i = 0; i < 100; ++i)
    sum += growth.add(ByteCount(1200), ByteCount(1200), ByteCount(4'000'000));
  EXPECT_EQ(sum, ByteCount(36));
}

TEST(FractionalGrowthTest, GivesTheSameForOneAcknowledgementAsForItsParts) {
  FractionalGrowth parts;
  FractionalGrowth whole;
  ByteCount sum{0};
  for (int i = 0; i < 7; ++i) sum += parts.add(ByteCount(333), ByteCount(1200), ByteCount(77'777));
  EXPECT_EQ(sum, whole.add(ByteCount(7 * 333), ByteCount(1200), ByteCount(77'777)));
}

TEST(FractionalGrowthTest, DoesNotOverflow) {
  FractionalGrowth growth;
  const ByteCount huge(std::int64_t{1} << 60);
  EXPECT_EQ(growth.add(huge, huge, huge), huge);
}

}  // namespace
}  // namespace hawser
