#include "tools/netsim/damage_model.h"

#include <algorithm>
#include <set>
#include <vector>

#include <gtest/gtest.h>

#include "tools/netsim/corruption.h"

namespace hawser::netsim {
namespace {

constexpr StreamSource kStreams{.seed = 31, .link = 0};

TEST(DamageDiceTest, DamagesAsOftenAsItSaysAndElsewhereEachTime) {
  DamageDice dice(SeededRandom(31));
  std::set<std::uint64_t> seeds;
  int damaged = 0;
  for (int i = 0; i < 200'000; ++i) {
    const auto seed = dice.draw(Probability::percent(2));
    if (!seed) continue;
    ++damaged;
    seeds.insert(*seed);
  }
  EXPECT_NEAR(damaged, 4'000, 250);
  EXPECT_EQ(seeds.size(), static_cast<std::size_t>(damaged));
}

Damage certain_damage() {
  Damage damage;
  damage.corrupt = damage.truncate = damage.extend = damage.misdeliver = Probability::certain();
  return damage;
}

// Of 40,000 draws of a half one standard deviation is 100; four are well below a twentieth.
TEST(DamageModelTest, EachKindHappensAsOftenAsItSays) {
  DamageModel model = DamageModel::of_originals(kStreams);
  const Probability half = Probability::percent(50);
  const Damage damage{.corrupt = half, .truncate = half, .extend = half, .misdeliver = half};
  int corrupted = 0;
  int truncated = 0;
  int extended = 0;
  int misdelivered = 0;
  for (int i = 0; i < 40'000; ++i) {
    const DamageDraws draws = model.draw(damage, 100);
    corrupted += draws.corrupt ? 1 : 0;
    truncated += draws.truncate ? 1 : 0;
    extended += draws.extend ? 1 : 0;
    misdelivered += draws.misdeliver ? 1 : 0;
  }
  EXPECT_NEAR(corrupted, 20'000, 400);
  EXPECT_NEAR(truncated, 20'000, 400);
  EXPECT_NEAR(extended, 20'000, 400);
  EXPECT_NEAR(misdelivered, 20'000, 400);
}

TEST(DamageModelTest, LeavesOutWhatASizeDoesNotAllow) {
  DamageModel model = DamageModel::of_originals(kStreams);
  const auto kinds = [&](std::size_t size) {
    const DamageDraws draws = model.draw(certain_damage(), size);
    EXPECT_TRUE(draws.misdeliver.has_value());
    return std::vector<bool>{draws.corrupt.has_value(), draws.truncate.has_value(),
                             draws.extend.has_value()};
  };
  EXPECT_EQ(kinds(0), (std::vector<bool>{false, false, false}));
  EXPECT_EQ(kinds(1), (std::vector<bool>{true, false, true}));
  EXPECT_EQ(kinds(2), (std::vector<bool>{true, true, true}));
  EXPECT_EQ(kinds(kPayloadMax), (std::vector<bool>{true, true, false}));
}

TEST(DamageModelTest, KindsAndCopiesHaveStreamsOfTheirOwn) {
  DamageModel originals = DamageModel::of_originals(kStreams);
  DamageModel copies = DamageModel::of_copies(kStreams);
  std::set<std::uint64_t> seeds;
  for (DamageModel* model : {&originals, &copies}) {
    const DamageDraws draws = model->draw(certain_damage(), 100);
    seeds.insert({*draws.corrupt, *draws.truncate, *draws.extend, *draws.misdeliver});
  }
  EXPECT_EQ(seeds.size(), 8U);
}

TEST(DamageModelTest, OneKindDoesNotShiftTheDrawsOfAnother) {
  DamageModel alone = DamageModel::of_originals(kStreams);
  DamageModel together = DamageModel::of_originals(kStreams);
  const Damage truncation{.truncate = Probability::percent(30)};
  Damage all = certain_damage();
  all.truncate = Probability::percent(30);
  for (int i = 0; i < 1000; ++i) {
    ASSERT_EQ(alone.draw(truncation, 100).truncate, together.draw(all, 100).truncate) << i;
  }
}

class DamagedCopyTest : public ::testing::Test {
 protected:
  MemoryPool pool_;
  Buffer original_ = Buffer::copy_of(pool_, std::vector<std::uint8_t>(100, 0x5A));
};

TEST_F(DamagedCopyTest, IsCutThenExtendedThenFlipped) {
  const DamageDraws draws{.corrupt = 1, .truncate = 2, .extend = 3};
  const Buffer expected =
      with_flipped_bits(pool_, extended(pool_, truncated(pool_, original_, 2), 3), 5, 1);
  const Buffer damaged = damaged_copy(pool_, original_, {.corrupt_bits = 5}, draws);
  EXPECT_TRUE(std::ranges::equal(damaged.bytes(), expected.bytes()));
}

TEST_F(DamagedCopyTest, ABurstTakesThePlaceOfSingleBits) {
  const Buffer expected = with_flipped_burst(pool_, original_, 20, 4);
  const Buffer damaged =
      damaged_copy(pool_, original_, {.corrupt_bits = 5, .corrupt_burst = 20}, {.corrupt = 4});
  EXPECT_TRUE(std::ranges::equal(damaged.bytes(), expected.bytes()));
}

TEST_F(DamagedCopyTest, IsNullWhereThePoolRefusesAnyStep) {
  MemoryPool small(ByteCount(16));
  EXPECT_TRUE(
      damaged_copy(small, original_, {}, {.corrupt = 1, .truncate = 2, .extend = 3}).is_null());
  EXPECT_TRUE(damaged_copy(small, original_, {}, {.extend = 3}).is_null());
}

}  // namespace
}  // namespace hawser::netsim
