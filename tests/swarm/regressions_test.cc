// Scenarios that once broke a promise. Each line says which, and why.

#include <ostream>

#include <gtest/gtest.h>

#include "tools/swarm/runner.h"

namespace hawser::swarm {
namespace {

struct Regression {
  const char* name;
  std::uint64_t seed;
};
std::ostream& operator<<(std::ostream& out, const Regression& each) { return out << each.name; }

// Each failed when it was added. Drawing other scenarios (another fault class, other odds) makes
// other runs of these seeds: then those go that no longer fail with their defect put back, and what
// holds it down is its unit test alone.
constexpr Regression kRegressions[] = {
    {"DatagramsOvertookThoseThatWaitedInASocketWhoseFaultsHadEnded", 19286},
    {"DeadUnreliableMessagesKeptTheMemoryThatReliableOnesWaitedFor", 37387},
    {"MessagesOfAPacketThatHadToWaitCameBeforeTheirConnection", 9678},
    {"LostSegmentsWithoutMemoryForThemHeldUpNewOnes", 117644},
    {"OneConnectionWasGrantedMoreThanThePoolHeld", 137410},
    {"PacketsThatHadToWaitToldOfNoNewAddress", 150741},
    {"AnAcknowledgementMadeAPacketLargerThanTheWindow", 877270},
    {"ProbesNeverToldTheCreditThatAPatternOfLossesTook", 900116},
    {"LostPacketsWereRememberedWhileTheClockStoodStill", 966695},
};

class SwarmRegression : public testing::TestWithParam<Regression> {};

TEST_P(SwarmRegression, KeepsEveryPromise) {
  const Verdict verdict = run(draw_scenario({.seed = GetParam().seed}));
  EXPECT_FALSE(verdict.violation.has_value())
      << to_string(verdict.violation->violation.invariant) << ": "
      << verdict.violation->violation.what << "\nhawser sim swarm --seeds " << GetParam().seed;
}

INSTANTIATE_TEST_SUITE_P(Seeds, SwarmRegression, testing::ValuesIn(kRegressions),
                         [](const auto& each) { return each.param.name; });

}  // namespace
}  // namespace hawser::swarm
