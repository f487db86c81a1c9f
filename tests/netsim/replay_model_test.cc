#include "tools/netsim/replay_model.h"

#include <vector>

#include <gtest/gtest.h>

namespace hawser::netsim {
namespace {

using namespace std::chrono_literals;

constexpr TimePoint kStart{1s};

// Offers datagrams 1 ms apart, numbered from 0, of which all pass; the old ones that followed.
struct Followed {
  std::uint64_t offered;
  std::uint64_t replayed;
};
std::vector<Followed> offer(ReplayModel& model, std::uint64_t count, Probability probability,
                            Duration age_min) {
  std::vector<Followed> followed;
  for (std::uint64_t i = 0; i < count; ++i) {
    const TimePoint now = kStart + static_cast<int>(i) * 1ms;
    model.draw(probability);
    model.keep(now, {.tag = i});
    if (const auto old = model.poll(now, age_min)) followed.push_back({i, old->tag});
  }
  return followed;
}

ReplayModel model_of(std::uint64_t seed) {
  return ReplayModel(SeededRandom(seed), SeededRandom(seed + 1));
}

TEST(ReplayModelTest, AnOldOneFollowsAsOftenAsItSays) {
  ReplayModel model = model_of(41);
  const auto followed = offer(model, 40'050, Probability::percent(50), 50ms);
  // Nothing is old enough for the first 50; four standard deviations of 100 each.
  EXPECT_NEAR(static_cast<double>(followed.size()), 20'000, 400);
  for (const Followed& each : followed) ASSERT_GE(each.offered, each.replayed + 50);
}

TEST(ReplayModelTest, NothingFollowsWhereNothingIsOldEnough) {
  ReplayModel model = model_of(42);
  const auto followed = offer(model, 101, Probability::certain(), 100ms);
  ASSERT_EQ(followed.size(), 1U);
  EXPECT_EQ(followed[0].offered, 100U);
  EXPECT_EQ(followed[0].replayed, 0U);
}

// A reservoir: the first datagrams are among the kept ones as often as the last.
TEST(ReplayModelTest, TheSampleIsSpreadEvenlyOverTheRun) {
  constexpr std::uint64_t kCount = 10'000;
  int from_first_half = 0;
  int replayed = 0;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    ReplayModel model = model_of(100 + 2 * seed);
    offer(model, kCount, Probability(), 0ms);
    // The sample as it stands then: each of these takes one of about 256.
    for (int i = 0; i < 200; ++i) {
      model.draw(Probability::certain());
      const auto old = model.poll(kStart + 1h, 0ms);
      ASSERT_TRUE(old.has_value());
      ++replayed;
      from_first_half += old->tag < kCount / 2 ? 1 : 0;
    }
  }
  // 20 samples of 256, looked at 4000 times: one standard error is 0.5 sqrt(1/5120 + 1/4000).
  EXPECT_NEAR(static_cast<double>(from_first_half) / replayed, 0.5, 0.043);
}

TEST(ReplayModelTest, WhatDidNotPassIsNotKept) {
  ReplayModel model = model_of(43);
  for (int i = 0; i < 100; ++i) {
    model.draw(Probability::certain());
    if (i == 7) model.keep(kStart, {.tag = 7});
    const auto old = model.poll(kStart + 1h, 0ms);
    ASSERT_EQ(old.has_value(), i >= 7);
    ASSERT_EQ(old ? old->tag : 7U, 7U);
  }
}

TEST(ReplayModelTest, KeepsABoundedSample) {
  MemoryPool pool;
  ReplayModel model = model_of(44);
  for (int i = 0; i < 5000; ++i) {
    model.draw(Probability());
    model.keep(kStart, {.bytes = Buffer::allocate(pool, 1000)});
  }
  EXPECT_LE(pool.stats().in_use, ByteCount(ReplayModel::kKeptMax * 1300));
}

}  // namespace
}  // namespace hawser::netsim
