#include "hawser/netsim/link_config.h"

#include <gtest/gtest.h>

#include "hawser/netsim/link.h"

namespace hawser::netsim {
namespace {

using namespace std::chrono_literals;

/// What is said of the default configuration with one thing changed.
template <typename Change>
std::string complaint(Change change) {
  LinkConfig config;
  change(config);
  return config.validate().value_or("none");
}

TEST(LinkConfigTest, DefaultsAreFine) {
  EXPECT_EQ(complaint([](LinkConfig&) {}), "none");
}

TEST(LinkConfigTest, AComplaintNamesTheFieldItsValueAndWhatIsAccepted) {
  EXPECT_EQ(complaint([](LinkConfig& c) { c.delay = -5ms; }),
            "delay is -5 ms; it must be 0 ns to 100000 h");
  EXPECT_EQ(complaint([](LinkConfig& c) { c.delay = kForever; }),
            "delay is for ever; it must be 0 ns to 100000 h");
  EXPECT_EQ(complaint([](LinkConfig& c) { c.jitter.correlation = Probability::certain(); }),
            "jitter.correlation is 100.000000 %; it must be less than 100 %");
  EXPECT_EQ(complaint([](LinkConfig& c) { c.rate = Bandwidth::zero(); }),
            "rate is 0 bit/s; it must be 1 bit/s or more");
  EXPECT_EQ(complaint([](LinkConfig& c) { c.loss_burst_max = 0; }),
            "loss_burst_max is 0; it must be 1 or more");
  EXPECT_EQ(complaint([](LinkConfig& c) {
              c.blackouts = {{4s, 2s}};
            }),
            "blackouts is 2 s; it must be no earlier than its beginning, 4 s");
  EXPECT_EQ(complaint([](LinkConfig& c) { c.loss_pattern.drops = "01x"; }),
            "loss_pattern.drops, at its first odd place, is 2; it must be '0' or '1' everywhere");
}

TEST(LinkConfigTest, EveryPartIsLookedAt) {
  const auto begins_with = [](const std::string& field, const std::string& text) {
    EXPECT_TRUE(text.starts_with(field + " is ")) << field << ": " << text;
  };
  begins_with("jitter.spread", complaint([](LinkConfig& c) { c.jitter.spread = -1ns; }));
  begins_with("reorder.gap", complaint([](LinkConfig& c) { c.reorder.gap = 0; }));
  begins_with("reorder.depth", complaint([](LinkConfig& c) {
                c.reorder.depth = 2;
                c.reorder.delay = 1ms;
              }));
  begins_with("loss_ge_time.mean_good",
              complaint([](LinkConfig& c) { c.loss_ge_time = {.mean_bad = 1s}; }));
  begins_with("loss_state.p13", complaint([](LinkConfig& c) {
                c.loss_state = {.p13 = Probability::percent(60), .p14 = Probability::percent(60)};
              }));
  begins_with("damage.corrupt_bits", complaint([](LinkConfig& c) { c.damage.corrupt_bits = 0; }));
  begins_with("replay.age_min", complaint([](LinkConfig& c) { c.replay.age_min = -1s; }));
  begins_with("queue.packets", complaint([](LinkConfig& c) { c.queue.packets = -1; }));
  begins_with("mtu", complaint([](LinkConfig& c) { c.mtu = ByteCount(-1); }));
  begins_with("aqm.min", complaint([](LinkConfig& c) {
                c.aqm = Red{.min = ByteCount(9), .max = ByteCount(9)};
              }));
  begins_with("aqm.interval", complaint([](LinkConfig& c) { c.aqm = Codel{.interval = 0s}; }));
  begins_with("aqm.queues", complaint([](LinkConfig& c) { c.aqm = FqCodel{.queues = 0}; }));
  begins_with("policer.rate",
              complaint([](LinkConfig& c) { c.policer = Policer{.rate = Bandwidth::zero()}; }));
  begins_with("clogs", complaint([](LinkConfig& c) { c.clogs = {{-1s, 2s}}; }));
  begins_with("aggregation.packets",
              complaint([](LinkConfig& c) { c.aggregation = Aggregation{.packets = 0}; }));
  begins_with("slots.interval_max", complaint([](LinkConfig& c) {
                c.slots = Slots{.interval_min = 2ms, .interval_max = 1ms};
              }));
  begins_with("netem.gap", complaint([](LinkConfig& c) { c.netem = NetemConfig{.gap = 0}; }));
}

TEST(LinkConfigDeathTest, ALinkDoesNotRunOnAnImpossibleConfiguration) {
  MemoryPool pool;
  LinkConfig config;
  config.delay = -5ms;
  EXPECT_DEATH(Link({}, config, pool), "hawser: LinkConfig: delay is -5 ms; it must be 0 ns to");
  Link link({}, {}, pool);
  config.delay = 5ms;
  config.loss_burst_max = 0;
  EXPECT_DEATH(link.apply(TimePoint(1s), config), "hawser: LinkConfig: loss_burst_max is 0");
}

}  // namespace
}  // namespace hawser::netsim
