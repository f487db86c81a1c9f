#include "tools/hawser/host_options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tools/hawser/sim_options.h"

namespace hawser::cli {
namespace {

using namespace std::chrono_literals;
using netsim::Period;
using netsim::Probability;
using ::testing::ElementsAre;

constexpr char kFlow[] = " --flow count=1";

TEST(HostOptionsTest, PlainOnesAreForBothHosts) {
  const SimulationSpec spec = parse_simulation(
      std::string("--send-block 10%,5ms --send-refuse 1% --pause 1s-2s --pause 3s-4s --crash 8s-9s "
                  "--receive-buffer 9 --read-interval 2ms --clock-freeze 5s-6s "
                  "--clock-jump 7s:8s --clock-drift -300") +
      kFlow);
  const netsim::HostFaults& faults = spec.client_faults;
  EXPECT_EQ(faults.send_blocked, Probability::percent(10));
  EXPECT_EQ(faults.blocked_for, 5ms);
  EXPECT_EQ(faults.send_refused, Probability::percent(1));
  EXPECT_THAT(faults.pauses, ElementsAre(Period{1s, 2s}, Period{3s, 4s}));
  EXPECT_THAT(faults.crashes, ElementsAre(Period{8s, 9s}));
  EXPECT_EQ(faults.receive_buffer, 9U);
  EXPECT_EQ(faults.read_interval, 2ms);
  EXPECT_THAT(faults.clock_freezes, ElementsAre(Period{5s, 6s}));
  EXPECT_THAT(faults.clock_jumps, ElementsAre(netsim::ClockJump{7s, 8s}));
  EXPECT_EQ(faults.clock_drift_ppm, -300);
  EXPECT_EQ(spec.server_faults, faults);
}

TEST(HostOptionsTest, APrefixNamesOneHost) {
  const SimulationSpec spec =
      parse_simulation(std::string("--client-send-block 10% --server-pause 1s-2s") + kFlow);
  EXPECT_EQ(spec.client_faults.send_blocked, Probability::percent(10));
  EXPECT_EQ(spec.client_faults.blocked_for, 1ms) << "if nothing is said";
  EXPECT_TRUE(spec.client_faults.pauses.empty());
  EXPECT_TRUE(spec.server_faults.send_blocked.is_zero());
  EXPECT_THAT(spec.server_faults.pauses, ElementsAre(Period{1s, 2s}));
}

}  // namespace
}  // namespace hawser::cli
