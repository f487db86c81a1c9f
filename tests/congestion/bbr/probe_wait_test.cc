#include "congestion/bbr/probe_wait.h"

#include <set>

#include <gtest/gtest.h>

#include "tests/congestion/bbr/samples.h"

namespace hawser::bbr {
namespace {

using namespace std::chrono_literals;

// draft-ietf-ccwg-bbr s5.3.3.5: 2 to 3 s, and 62 or 63 rounds.
TEST(ProbeWaitTest, ChoicesSpreadOverTheWholeRange) {
  ProbeWait wait;
  Duration sum{0};
  std::int64_t rounds = 0;
  std::set<Duration> times;
  for (int i = 0; i < 1000; ++i) {
    const ProbeWait::Choice choice = wait.choose(sender_at(2500ms * i, 1000 * i));
    ASSERT_GE(choice.time, 2s);
    ASSERT_LT(choice.time, 3s);
    ASSERT_TRUE(choice.rounds_waited == 0 || choice.rounds_waited == 1);
    sum += choice.time;
    rounds += choice.rounds_waited;
    times.insert(choice.time);
  }
  EXPECT_EQ(times.size(), 1000U);
  EXPECT_NEAR(static_cast<double>((sum / 1000).count()), 2.5e9, 0.03e9);
  EXPECT_NEAR(static_cast<double>(rounds), 500, 50);
  EXPECT_LT(*times.begin(), 2010ms);
  EXPECT_GT(*times.rbegin(), 2990ms);
}

TEST(ProbeWaitTest, TheSameFlowWaitsTheSame) {
  ProbeWait one;
  ProbeWait other;
  EXPECT_EQ(one.choose(sender_at(1s, 5)).time, other.choose(sender_at(1s, 5)).time);
}

TEST(ProbeWaitTest, FlowsThatDifferByANanosecondOrADatagramDoNot) {
  const Duration reference = ProbeWait().choose(sender_at(1s, 5)).time;
  const Duration later = ProbeWait().choose(sender_at(1s + 1ns, 5)).time;
  const Duration fuller = ProbeWait().choose(sender_at(1s, 6)).time;
  EXPECT_GT(std::chrono::abs(later - reference), 1ms);
  EXPECT_GT(std::chrono::abs(fuller - reference), 1ms);
}

}  // namespace
}  // namespace hawser::bbr
