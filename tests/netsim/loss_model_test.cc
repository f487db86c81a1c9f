#include "tools/netsim/loss_model.h"

#include <algorithm>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "hawser/netsim/event_queue.h"

namespace hawser::netsim {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;

constexpr TimePoint kStart = EventQueue::kStart;
constexpr StreamSource kStreams{.seed = 11, .link = 0};

Probability per_mille(std::uint64_t value) { return Probability::ratio(value, 1000); }

struct LossFigures {
  double loss_percent = 0;
  double mean_run = 0;       // of consecutive losses
  double mean_pass_run = 0;  // of those that pass between them
};

template <typename Model, typename Config>
LossFigures measure(Model model, const Config& config, int count) {
  int losses = 0;
  int runs = 0;
  bool was_lost = false;
  for (int i = 0; i < count; ++i) {
    const bool is_lost = model.draw(config);
    losses += is_lost ? 1 : 0;
    runs += is_lost && !was_lost ? 1 : 0;
    was_lost = is_lost;
  }
  return {100.0 * losses / count, static_cast<double>(losses) / runs,
          static_cast<double>(count - losses) / runs};
}

LossFigures measure(const GilbertElliott& config, int count) {
  return measure(BurstLoss(kStreams.stream(Impairment::burst_loss)), config, count);
}
LossFigures measure(const FourStateLoss& config, int count) {
  return measure(StateLoss(kStreams.stream(Impairment::state_loss)), config, count);
}

// The stationary loss is p/(p+r) (1-h) + r/(p+r) (1-k). The bounds are four standard errors, which
// bursts make larger than those of independent losses by (2-p-r)/(p+r).
TEST(BurstLossTest, LosesTheStationaryShare) {
  constexpr int kCount = 4'000'000;
  const auto percent = [](std::uint64_t value) { return Probability::percent(value); };
  const LossFigures four = measure(GilbertElliott{percent(1), percent(25)}, kCount);
  EXPECT_NEAR(four.loss_percent, 3.8462, 0.10);
  EXPECT_NEAR(four.mean_run, 4.0, 0.10);
  const LossFigures two = measure(GilbertElliott{percent(1), percent(50)}, kCount);
  EXPECT_NEAR(two.loss_percent, 1.9608, 0.05);
  EXPECT_NEAR(two.mean_run, 2.0, 0.04);
  const GilbertElliott leaky{per_mille(5), percent(20), percent(70), per_mille(1)};
  EXPECT_NEAR(measure(leaky, kCount).loss_percent, 1.8049, 0.07);
  const GilbertElliott half{percent(2), percent(30), percent(50)};
  EXPECT_NEAR(measure(half, kCount).loss_percent, 3.125, 0.07);
  const GilbertElliott heavy{percent(10), percent(30), percent(90), percent(1)};
  EXPECT_NEAR(measure(heavy, kCount).loss_percent, 23.25, 0.16);
}

// Where the state never changes again, its loss is that of independent draws: a standard error of
// sqrt(p (1-p) / n), 0.09 and 0.10 points. Bounds are four of them, well below a twentieth of p.
TEST(BurstLossTest, EachStateHasItsOwnLoss) {
  constexpr int kCount = 200'000;
  const GilbertElliott good{.loss_good = Probability::percent(20)};
  EXPECT_NEAR(measure(good, kCount).loss_percent, 20, 0.36);
  const GilbertElliott bad{.enter_bad = Probability::certain(),
                           .loss_bad = Probability::percent(70)};
  EXPECT_NEAR(measure(bad, kCount).loss_percent, 70, 0.41);
}

// The kernel decides about a packet by the state before that packet's transition.
TEST(BurstLossTest, TheStateMovesAfterTheDecision) {
  BurstLoss model(kStreams.stream(Impairment::burst_loss));
  const GilbertElliott alternating{Probability::certain(), Probability::certain()};
  std::vector<bool> losses;
  for (int i = 0; i < 4; ++i) losses.push_back(model.draw(alternating));
  EXPECT_THAT(losses, ElementsAre(false, true, false, true));
}

TEST(TimedBurstLossTest, LosesTheShareOfBadTime) {
  const TimedGilbertElliott config{.mean_bad = 20ms, .mean_good = 1s};
  TimedBurstLoss model(kStreams.stream(Impairment::timed_burst_period),
                       kStreams.stream(Impairment::timed_burst_loss));
  model.restart(kStart, config);
  constexpr int kCount = 5'000'000;
  int losses = 0;
  int runs = 0;
  bool was_lost = false;
  for (int i = 0; i < kCount; ++i) {
    const bool is_lost = model.draw(kStart + i * 2ms, config);
    losses += is_lost ? 1 : 0;
    runs += is_lost && !was_lost ? 1 : 0;
    was_lost = is_lost;
  }
  // About 9,800 periods: 1.4 % is one standard error of the share.
  EXPECT_NEAR(100.0 * losses / kCount, 1.9608, 0.11);
  // Seen each 2 ms, the mean bad period lasts 20 ms / 2 ms / (1 - exp(-0.1)) / 10 datagrams.
  EXPECT_NEAR(static_cast<double>(losses) / runs, 10.508, 0.43);
}

// Periods of 5 ms each, seen every 1 ms: a chain that leaves its state with 1/2 (1 - exp(-0.4)) =
// 0.1648, hence c = 0.670 from one datagram to the next and a standard error of the share of
// sqrt(1/4 / n (1+c) / (1-c)) = 0.0011. A run is geometric, 6.07 long with a deviation of 5.5, and
// there are 82,000 of them: 0.019. Bounds are four of each; a twentieth of either mean moves the
// share by 0.012 and its runs by 0.2.
TEST(TimedBurstLossTest, BothPeriodsHaveTheirMeans) {
  const TimedGilbertElliott config{.mean_bad = 5ms, .mean_good = 5ms};
  TimedBurstLoss model(kStreams.stream(Impairment::timed_burst_period),
                       kStreams.stream(Impairment::timed_burst_loss));
  model.restart(kStart, config);
  constexpr int kCount = 1'000'000;
  int losses = 0;
  int runs = 0;
  bool was_lost = false;
  for (int i = 0; i < kCount; ++i) {
    const bool is_lost = model.draw(kStart + i * 1ms, config);
    losses += is_lost ? 1 : 0;
    runs += is_lost && !was_lost ? 1 : 0;
    was_lost = is_lost;
  }
  EXPECT_NEAR(static_cast<double>(losses) / kCount, 0.5, 0.0045);
  EXPECT_NEAR(static_cast<double>(losses) / runs, 6.067, 0.077);
  EXPECT_NEAR(static_cast<double>(kCount - losses) / runs, 6.067, 0.077);
}

// One bad period that outlasts the test: a standard error of 0.0011.
TEST(TimedBurstLossTest, TheLossWhileBadIsIndependent) {
  const TimedGilbertElliott config{
      .mean_bad = 100'000h, .mean_good = 1us, .loss_bad = Probability::percent(40)};
  TimedBurstLoss model(kStreams.stream(Impairment::timed_burst_period),
                       kStreams.stream(Impairment::timed_burst_loss));
  model.restart(kStart, config);
  constexpr int kCount = 200'000;
  int losses = 0;
  for (int i = 0; i < kCount; ++i) losses += model.draw(kStart + 1s + i * 1us, config) ? 1 : 0;
  EXPECT_NEAR(static_cast<double>(losses) / kCount, 0.40, 0.0044);
}

TEST(TimedBurstLossTest, LosesTheGivenShareWhileBad) {
  const TimedGilbertElliott config{
      .mean_bad = 1s, .mean_good = 1s, .loss_bad = Probability::percent(40)};
  TimedBurstLoss model(kStreams.stream(Impairment::timed_burst_period),
                       kStreams.stream(Impairment::timed_burst_loss));
  model.restart(kStart, config);
  int losses = 0;
  for (int i = 0; i < 1'000'000; ++i) losses += model.draw(kStart + i * 10ms, config) ? 1 : 0;
  EXPECT_NEAR(losses / 1e6, 0.20, 0.012);
}

TEST(TimedBurstLossTest, PeriodsDoNotDependOnTheTraffic) {
  const TimedGilbertElliott config{.mean_bad = 50ms, .mean_good = 200ms};
  const auto losses_at = [&](Duration interval, Duration from) {
    TimedBurstLoss model(kStreams.stream(Impairment::timed_burst_period),
                         kStreams.stream(Impairment::timed_burst_loss));
    model.restart(kStart, config);
    std::vector<Duration> lost;
    for (Duration at = from; at < 100s; at += interval) {
      if (model.draw(kStart + at, config) && at % 7ms == 0ms) lost.push_back(at);
    }
    return lost;
  };
  const std::vector<Duration> dense = losses_at(1ms, 0ms);
  EXPECT_GT(dense.size(), 1000U);
  EXPECT_EQ(dense, losses_at(7ms, 0ms));
}

TEST(TimedBurstLossTest, BeginsGood) {
  const TimedGilbertElliott config{.mean_bad = 1h, .mean_good = 1h};
  TimedBurstLoss model(kStreams.stream(Impairment::timed_burst_period),
                       kStreams.stream(Impairment::timed_burst_loss));
  model.restart(kStart, config);
  EXPECT_FALSE(model.draw(kStart, config));
}

// The stationary share of the two states that lose. Bounds are above four standard errors, taken
// over the shares of twenty parts of such a walk.
TEST(StateLossTest, LosesTheStationaryShare) {
  constexpr int kCount = 500'000;
  const auto percent = [](std::uint64_t value) { return Probability::percent(value); };
  const FourStateLoss all{percent(1), percent(30), percent(10), percent(30), per_mille(2)};
  EXPECT_NEAR(measure(all, kCount).loss_percent, 3.3765, 0.24);
  const FourStateLoss two{percent(2), percent(50), percent(0), percent(100), percent(0)};
  const LossFigures of_two = measure(two, kCount);
  EXPECT_NEAR(of_two.loss_percent, 3.8462, 0.20);
  EXPECT_NEAR(of_two.mean_run, 2.0, 0.06);
  const FourStateLoss even{per_mille(5), percent(25), percent(25), percent(50), per_mille(1)};
  EXPECT_NEAR(measure(even, kCount).loss_percent, 2.0369, 0.20);
}

// Ways in and out of a half each make independent draws of it: the share has a standard error of
// 0.11 points; a run is geometric with mean 2 and deviation 1.41, and of 50,000 runs the mean has
// one of 0.0063. Bounds are four of each. A twentieth of one way moves the share by 1.2 points or
// the run that it ends by 0.1.
TEST(StateLossTest, RunsEndAsOftenAsTheWaysOutSay) {
  constexpr int kCount = 200'000;
  const Probability half = Probability::percent(50);
  const Probability quarter = Probability::percent(25);
  const auto expect_halves = [](const LossFigures& figures) {
    EXPECT_NEAR(figures.loss_percent, 50, 0.45);
    EXPECT_NEAR(figures.mean_run, 2, 0.026);
    EXPECT_NEAR(figures.mean_pass_run, 2, 0.026);
  };
  {
    SCOPED_TRACE("from gap to loss by p13 and back by p31");
    expect_halves(measure(FourStateLoss{.p13 = half, .p31 = half}, kCount));
  }
  {
    SCOPED_TRACE("for ever in a burst: out of the loss by p32, back by p23");
    expect_halves(
        measure(FourStateLoss{.p13 = Probability::certain(), .p32 = half, .p23 = half}, kCount));
  }
  {
    SCOPED_TRACE("the loss ends by p31 + p32, after either of which as many pass");
    expect_halves(
        measure(FourStateLoss{.p13 = half, .p31 = quarter, .p32 = quarter, .p23 = half}, kCount));
  }
}

// The kernel moves the state first, unlike that of its Gilbert-Elliott model.
TEST(StateLossTest, TheNewStateDecides) {
  StateLoss model(kStreams.stream(Impairment::state_loss));
  const FourStateLoss alternating{.p13 = Probability::certain(), .p31 = Probability::certain()};
  std::vector<bool> losses;
  for (int i = 0; i < 4; ++i) losses.push_back(model.draw(alternating));
  EXPECT_THAT(losses, ElementsAre(true, false, true, false));
}

TEST(StateLossTest, ALoneLossIsAlone) {
  const FourStateLoss lone{.p14 = Probability::percent(50)};
  const LossFigures figures = measure(lone, 100'000);
  EXPECT_NEAR(figures.loss_percent, 100.0 / 3, 0.4);
  EXPECT_EQ(figures.mean_run, 1.0);
}

TEST(StateLossTest, WaysOutOfAStateAreAtMostCertain) {
  const auto percent = [](std::uint64_t value) { return Probability::percent(value); };
  EXPECT_TRUE((FourStateLoss{.p13 = percent(60), .p14 = percent(40)}).is_possible());
  EXPECT_FALSE((FourStateLoss{.p13 = percent(60), .p14 = percent(41)}).is_possible());
  EXPECT_FALSE((FourStateLoss{.p31 = percent(51), .p32 = percent(50)}).is_possible());
}

TEST(ScriptedLossTest, CountsThoseWithMessageBytesFromOne) {
  ScriptedLoss model;
  model.configure({.with_message_bytes = {2, 1}, .of_all = {}});
  EXPECT_TRUE(model.wants_classification());
  std::vector<bool> losses;
  for (const bool carries : {false, true, false, true, true}) {
    losses.push_back(model.draw(carries));
  }
  EXPECT_THAT(losses, ElementsAre(false, true, false, true, false));
}

TEST(ScriptedLossTest, CountsAllFromOne) {
  ScriptedLoss model;
  model.configure({.with_message_bytes = {}, .of_all = {3, 1}});
  EXPECT_FALSE(model.wants_classification());
  std::vector<bool> losses;
  for (int i = 0; i < 4; ++i) losses.push_back(model.draw(false));
  EXPECT_THAT(losses, ElementsAre(true, false, true, false));
}

TEST(ScriptedLossTest, ANewListCountsAnew) {
  ScriptedLoss model;
  model.configure({.with_message_bytes = {}, .of_all = {1}});
  EXPECT_TRUE(model.draw(true));
  EXPECT_FALSE(model.draw(true));
  model.configure({.with_message_bytes = {}, .of_all = {2}});
  EXPECT_FALSE(model.draw(true));
  EXPECT_TRUE(model.draw(true));
}

class LossModelTest : public ::testing::Test {
 protected:
  static std::string draw(LossModel& model, const LinkConfig& config, int count) {
    std::string fates;
    for (int i = 0; i < count; ++i) {
      fates += model.draw(kStart + i * 1ms, config, true) ? 'x' : '.';
    }
    return fates;
  }
  static std::string draw(const LinkConfig& config, int count) {
    LossModel model(kStreams, kStart, config);
    return draw(model, config, count);
  }
};

TEST_F(LossModelTest, IndependentLossHasItsRateAndNoMemory) {
  LinkConfig config;
  config.loss = Probability::percent(10);
  LossModel model(kStreams, kStart, config);
  int losses = 0;
  int pairs = 0;
  bool was_lost = false;
  for (int i = 0; i < 1'000'000; ++i) {
    const bool is_lost = model.draw(kStart, config, true);
    losses += is_lost ? 1 : 0;
    pairs += is_lost && was_lost ? 1 : 0;
    was_lost = is_lost;
  }
  EXPECT_NEAR(losses, 100'000, 1'200);
  EXPECT_NEAR(pairs, 10'000, 430);
}

// From a run of N the way leads back to none: N states, each p times as likely as the one before.
TEST_F(LossModelTest, ABurstEndsAtItsCap) {
  LinkConfig config;
  config.loss = Probability::percent(50);
  config.loss_burst_max = 2;
  const std::string fates = draw(config, 200'000);
  EXPECT_EQ(fates.find("xxx"), std::string::npos);
  const auto lost = static_cast<double>(std::ranges::count(fates, 'x'));
  EXPECT_NEAR(lost / 200'000, 0.75 / 1.75, 0.0045);
  config.loss = Probability::certain();
  EXPECT_EQ(draw(config, 8), "xx.xx.xx");
}

TEST_F(LossModelTest, TheCapIsForTheRandomModelsTogetherAlone) {
  LinkConfig config;
  config.loss_burst_max = 1;
  config.loss = Probability::certain();
  config.loss_ge = GilbertElliott{.loss_good = Probability::certain()};
  config.loss_pattern.drops = "000111";
  EXPECT_EQ(draw(config, 12), "x.xxxxx.xxxx");
}

TEST_F(LossModelTest, APatternRepeats) {
  LinkConfig config;
  config.loss_pattern.drops = "0100";
  EXPECT_EQ(draw(config, 10), ".x...x...x");
}

TEST_F(LossModelTest, ASharedPatternIsCountedOverBothDirections) {
  LinkConfig config;
  config.loss_pattern = {.drops = "011", .spans_both_directions = true};
  LossPatternPosition position;
  LossModel up(kStreams, kStart, config);
  LossModel down({.seed = 11, .link = 1}, kStart, config);
  up.share_pattern_position(position);
  down.share_pattern_position(position);
  std::string fates;
  for (const char direction : std::string("uudduudd")) {
    LossModel& model = direction == 'u' ? up : down;
    fates += model.draw(kStart, config, true) ? 'x' : '.';
  }
  EXPECT_EQ(fates, ".xx.xx.x");
}

TEST_F(LossModelTest, AnyModelMayLose) {
  LinkConfig config;
  config.loss_pattern.drops = "0010";
  config.drop.of_all = {2};
  EXPECT_EQ(draw(config, 7), ".xx...x");
}

TEST_F(LossModelTest, OneModelDoesNotShiftTheDrawsOfAnother) {
  LinkConfig alone;
  alone.loss = Probability::percent(10);
  LinkConfig both = alone;
  both.loss_ge = GilbertElliott{Probability::percent(5), Probability::percent(30)};
  both.loss_ge_time = TimedGilbertElliott{.mean_bad = 10ms, .mean_good = 100ms};
  both.loss_state = FourStateLoss{.p13 = Probability::percent(5), .p31 = Probability::percent(30)};
  LinkConfig others = both;
  others.loss = Probability();
  const std::string of_alone = draw(alone, 2000);
  const std::string of_both = draw(both, 2000);
  const std::string of_others = draw(others, 2000);
  for (std::size_t i = 0; i < of_both.size(); ++i) {
    const bool is_lost = of_alone[i] == 'x' || of_others[i] == 'x';
    ASSERT_EQ(of_both[i], is_lost ? 'x' : '.') << "datagram " << i;
  }
}

TEST_F(LossModelTest, AChangeKeepsTheStateOfWhatItDoesNotTouch) {
  LinkConfig config;
  config.loss_pattern.drops = "0001";
  config.drop.of_all = {3, 7};
  LossModel model(kStreams, kStart, config);
  EXPECT_EQ(draw(model, config, 2), "..");
  LinkConfig slower = config;
  slower.delay = 10ms;
  model.configure(kStart, config, slower);
  EXPECT_EQ(draw(model, slower, 3), "xx.");
  LinkConfig other = slower;
  other.loss_pattern.drops = "1000000";
  model.configure(kStart, slower, other);
  EXPECT_EQ(draw(model, other, 3), "xx.") << "the new pattern from its beginning";
}

// Its new parameters may know no way out of a state that the old ones led to.
TEST_F(LossModelTest, AModelThatIsChangedOrLeftOutBeginsAsGood) {
  LinkConfig by_two_states;
  by_two_states.loss_ge = GilbertElliott{.enter_bad = Probability::certain()};
  LinkConfig by_four_states;
  by_four_states.loss_state = FourStateLoss{.p13 = Probability::certain()};
  for (const LinkConfig& bad_for_ever : {by_two_states, by_four_states}) {
    LinkConfig harmless = bad_for_ever;
    if (harmless.loss_ge) harmless.loss_ge = GilbertElliott{};
    if (harmless.loss_state) harmless.loss_state = FourStateLoss{};
    LossModel model(kStreams, kStart, bad_for_ever);
    EXPECT_EQ(draw(model, bad_for_ever, 4).substr(1), "xxx");
    model.configure(kStart, bad_for_ever, harmless);
    EXPECT_EQ(draw(model, harmless, 3), "...");
    model.configure(kStart, harmless, bad_for_ever);
    EXPECT_EQ(draw(model, bad_for_ever, 4).substr(1), "xxx");
    model.configure(kStart, bad_for_ever, LinkConfig());
    model.configure(kStart, LinkConfig(), harmless);
    EXPECT_EQ(draw(model, harmless, 3), "...");
  }
}

TEST_F(LossModelTest, AnUnrelatedChangeDoesNotRestartTimedBursts) {
  LinkConfig config;
  config.loss_ge_time = TimedGilbertElliott{.mean_bad = 10ms, .mean_good = 10ms};
  LinkConfig slower = config;
  slower.delay = 10ms;
  LossModel changed(kStreams, kStart, config);
  LossModel left_alone(kStreams, kStart, config);
  for (int i = 0; i < 1000; ++i) {
    const TimePoint now = kStart + i * 1ms;
    if (i % 20 == 0) changed.configure(now, config, slower);
    ASSERT_EQ(changed.draw(now, slower, true), left_alone.draw(now, slower, true)) << i;
  }
}

}  // namespace
}  // namespace hawser::netsim
