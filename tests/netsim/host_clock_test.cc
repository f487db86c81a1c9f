#include "tools/netsim/host_clock.h"

#include <gtest/gtest.h>

#include "hawser/random.h"

namespace hawser::netsim {
namespace {

using namespace std::chrono_literals;

constexpr TimePoint kStart{5s};

Duration shown(const HostClock& clock, Duration at) { return clock.read(kStart + at) - kStart; }
Duration when(const HostClock& clock, Duration at) { return clock.time_of(kStart + at) - kStart; }

TEST(HostClockTest, IsRightWithoutFaults) {
  const HostClock clock({}, kStart);
  EXPECT_EQ(shown(clock, 7s), 7s);
  EXPECT_EQ(when(clock, 7s), 7s);
  EXPECT_EQ(clock.time_of(kNever), kNever);
}

TEST(HostClockTest, StandsStillAndThenShowsTheRightTime) {
  const HostClock clock({.clock_freezes = {{2s, 3s}}}, kStart);
  EXPECT_EQ(shown(clock, 1999ms), 1999ms);
  EXPECT_EQ(shown(clock, 2s), 2s);
  EXPECT_EQ(shown(clock, 2999ms), 2s);
  EXPECT_EQ(shown(clock, 3s), 3s);
  EXPECT_EQ(when(clock, 2s), 2s);
  EXPECT_EQ(when(clock, 2001ms), 3s) << "until then the clock does not show it";
  EXPECT_EQ(when(clock, 4s), 4s);
}

TEST(HostClockTest, MayStandStillForEver) {
  const HostClock clock({.clock_freezes = {{2s, kForever}}, .clock_drift_ppm = 100'000}, kStart);
  EXPECT_EQ(shown(clock, 1s), 1100ms);
  EXPECT_EQ(shown(clock, 2s), 2200ms);
  EXPECT_EQ(shown(clock, 24h), 2200ms);
  EXPECT_EQ(clock.time_of(kStart + 3s), kNever);
}

TEST(HostClockTest, JumpsForward) {
  const HostClock clock({.clock_jumps = {{2s, 10s}, {4s, 1s}}}, kStart);
  EXPECT_EQ(shown(clock, 1s), 1s);
  EXPECT_EQ(shown(clock, 2s), 12s);
  EXPECT_EQ(shown(clock, 4s), 15s);
  EXPECT_EQ(when(clock, 5s), 2s) << "skipped: past as soon as the clock has jumped";
  EXPECT_EQ(when(clock, 13s), 3s);
}

TEST(HostClockTest, AJumpWithinAFreezeShowsAtItsEnd) {
  const HostClock clock({.clock_freezes = {{1s, 2s}, {1500ms, 3s}}, .clock_jumps = {{1800ms, 5s}}},
                        kStart);
  EXPECT_EQ(shown(clock, 2500ms), 1s) << "freezes that overlap are one";
  EXPECT_EQ(shown(clock, 3s), 8s);
}

TEST(HostClockTest, RunsTooFastOrTooSlow) {
  EXPECT_EQ(shown(HostClock({.clock_drift_ppm = 100'000}, kStart), 10s), 11s);
  EXPECT_EQ(shown(HostClock({.clock_drift_ppm = -500'000}, kStart), 10s), 5s);
  EXPECT_EQ(when(HostClock({.clock_drift_ppm = -500'000}, kStart), 5s), 10s);
}

TEST(HostClockTest, NeverGoesBackAndIsFoundAgain) {
  SeededRandom random(11);
  for (int run = 0; run < 50; ++run) {
    HostFaults faults;
    const auto draw = [&random] {
      return Duration(static_cast<std::int64_t>(random.below(1'000'000)));
    };
    for (int i = 0; i < 3; ++i) {
      const Duration from = draw();
      faults.clock_freezes.push_back({from, from + draw()});
      faults.clock_jumps.push_back({draw(), draw()});
    }
    faults.clock_drift_ppm = static_cast<std::int64_t>(random.below(1'500'000)) - 500'000;
    const HostClock clock(faults, kStart);
    TimePoint last = clock.read(kStart);
    for (Duration at{0}; at < 2ms; at += 777ns) {
      const TimePoint now = clock.read(kStart + at);
      ASSERT_GE(now, last);
      last = now;
      const TimePoint first = clock.time_of(now);
      ASSERT_LE(first, kStart + at);
      ASSERT_GE(clock.read(first), now);
      if (first > kStart) {
        ASSERT_LT(clock.read(first - 1ns), now);
      }
    }
  }
}

}  // namespace
}  // namespace hawser::netsim
