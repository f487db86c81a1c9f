#include "tools/netsim/clog_gate.h"

#include <vector>

#include <gtest/gtest.h>

namespace hawser::netsim {
namespace {

using namespace std::chrono_literals;

constexpr TimePoint kStart{1s};

ClogGate gate_of(std::uint64_t seed) { return ClogGate(SeededRandom(seed), kStart); }

TEST(ClogGateTest, IsOpenWithoutClogs) {
  ClogGate gate = gate_of(51);
  EXPECT_EQ(gate.exit_time(kStart + 5ms), kStart + 5ms);
  EXPECT_EQ(gate.earliest_exit(kNever), kNever);
}

TEST(ClogGateTest, WhatArrivesWithinAClogLeavesAtItsEnd) {
  ClogGate gate = gate_of(52);
  const std::vector<Clog> clogs{{20ms, 30ms}, {25ms, 40ms}, {40ms, 41ms}, {60ms, 70ms}};
  gate.configure(kStart, clogs, {});
  EXPECT_EQ(gate.exit_time(kStart + 20ms - 1ns), kStart + 20ms - 1ns);
  EXPECT_EQ(gate.exit_time(kStart + 20ms), kStart + 41ms) << "one ends within another";
  EXPECT_EQ(gate.earliest_exit(kStart + 22ms), kStart + 41ms);
  EXPECT_EQ(gate.exit_time(kStart + 41ms), kStart + 41ms);
  EXPECT_EQ(gate.exit_time(kStart + 69ms), kStart + 70ms);
}

TEST(ClogGateTest, MayBeShutForEver) {
  ClogGate gate = gate_of(52);
  gate.configure(kStart, {{20ms, kForever}}, {.mean_free = 10ms, .mean_clogged = 10ms});
  EXPECT_EQ(gate.exit_time(kStart + 20ms), kNever);
  EXPECT_EQ(gate.earliest_exit(kStart + 1h), kNever);
}

struct Shares {
  double shut = 0;
  double mean_shut_ms = 0;
};

// Asks every `step`.
Shares measure(ClogGate& gate, const RandomClogs& random, Duration step, int count) {
  gate.configure(kStart, {}, random);
  int shut = 0;
  int clogs = 0;
  TimePoint last_end{};
  for (int i = 0; i < count; ++i) {
    const TimePoint arrival = kStart + step * i;
    const TimePoint exit = gate.exit_time(arrival);
    if (exit == arrival) continue;
    ++shut;
    clogs += exit != last_end ? 1 : 0;
    last_end = exit;
  }
  const double shut_ms = static_cast<double>(shut) * static_cast<double>(step.count()) / 1e6;
  return {static_cast<double>(shut) / count, shut_ms / clogs};
}

// Both periods are exponential with a mean of 5 ms, seen every 1 ms: c = exp(-0.4) = 0.670 of one
// look's state is the next one's, so that the share has a standard error of sqrt(1/4 / n (1+c) /
// (1-c)) = 0.0011. Clogs shorter than a step are seen more seldom, 5 (1 - exp(-0.2)) = 0.906 of
// all: 90,000 of mean 5.517 ms, with a standard error of 0.018. Bounds are four of each; a
// twentieth of either mean moves the share by 0.012.
TEST(ClogGateTest, RandomClogsHaveTheirMeans) {
  ClogGate gate = gate_of(53);
  const Shares shares = measure(gate, {.mean_free = 5ms, .mean_clogged = 5ms}, 1ms, 1'000'000);
  EXPECT_NEAR(shares.shut, 0.5, 0.0045);
  EXPECT_NEAR(shares.mean_shut_ms, 5.517, 0.072);
}

TEST(ClogGateTest, PeriodsDoNotDependOnWhatPasses) {
  const RandomClogs random{.mean_free = 30ms, .mean_clogged = 10ms};
  ClogGate dense = gate_of(54);
  ClogGate sparse = gate_of(54);
  dense.configure(kStart, {}, random);
  sparse.configure(kStart, {}, random);
  for (int i = 0; i < 10'000; ++i) {
    const TimePoint exit = dense.exit_time(kStart + i * 1ms);
    if (i % 17 == 0) {
      ASSERT_EQ(exit, sparse.exit_time(kStart + i * 1ms)) << i;
    }
  }
}

TEST(ClogGateTest, OneEndOfAClogMayLieWithinOneByChance) {
  ClogGate gate = gate_of(55);
  ClogGate alone = gate_of(55);
  const std::vector<Clog> clogs{{100ms, 200ms}, {300ms, 400ms}, {500ms, 600ms}};
  const RandomClogs random{.mean_free = 10ms, .mean_clogged = 10ms};
  gate.configure(kStart, clogs, random);
  alone.configure(kStart, {}, random);
  for (const Clog& clog : clogs) {
    EXPECT_EQ(gate.exit_time(kStart + clog.from), alone.exit_time(kStart + clog.to));
  }
}

TEST(ClogGateTest, AnUnrelatedChangeKeepsThePeriods) {
  const RandomClogs random{.mean_free = 30ms, .mean_clogged = 10ms};
  ClogGate changed = gate_of(56);
  ClogGate left_alone = gate_of(56);
  changed.configure(kStart, {}, random);
  left_alone.configure(kStart, {}, random);
  for (int i = 0; i < 1000; ++i) {
    const TimePoint arrival = kStart + i * 1ms;
    changed.configure(arrival, {}, random);
    ASSERT_EQ(changed.exit_time(arrival), left_alone.exit_time(arrival)) << i;
  }
  changed.configure(kStart + 1s, {}, {});
  EXPECT_EQ(changed.exit_time(kStart + 1s), kStart + 1s);
}

}  // namespace
}  // namespace hawser::netsim
