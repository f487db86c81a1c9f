// The words for what lies around a rate: discipline, policer, trace, aggregation and slots.

#include <fstream>
#include <string>

#include <gtest/gtest.h>

#include "tests/support/temporary_folder.h"
#include "tools/hawser/path_settings.h"

namespace hawser::cli {
namespace {

using namespace std::chrono_literals;
using netsim::Aggregation;
using netsim::Aqm;
using netsim::Codel;
using netsim::FqCodel;
using netsim::LinkConfig;
using netsim::Policer;
using netsim::Red;
using netsim::Slots;

constexpr Bandwidth kTenMbit = Bandwidth::bits_per_second(10'000'000);

/// The link after this setting; it must be accepted.
LinkConfig apply(std::string_view name, std::string_view value, const LinkConfig& before = {}) {
  LinkDraft draft{.link = before};
  EXPECT_TRUE(find_path_setting(name)->apply(draft, value)) << name << " " << value;
  return draft.link;
}

bool is_accepted(std::string_view name, std::string_view value) {
  LinkDraft draft;
  const bool is_accepted = find_path_setting(name)->apply(draft, value);
  EXPECT_TRUE(is_accepted || draft.link == LinkConfig()) << "what is refused changes nothing";
  return is_accepted;
}

TEST(PathSettingsQueueTest, AqmNamesADisciplineAndItsParameters) {
  EXPECT_EQ(apply("aqm", "red").aqm, Aqm(Red()));
  EXPECT_EQ(apply("aqm", "red:20kB,60kB,5%").aqm,
            Aqm(Red{ByteCount(20'000), ByteCount(60'000), netsim::Probability::percent(5)}));
  EXPECT_EQ(apply("aqm", "codel").aqm, Aqm(Codel()));
  EXPECT_EQ(apply("aqm", "codel:10ms").aqm, Aqm(Codel{.target = 10ms}));
  EXPECT_EQ(apply("aqm", "codel:10ms,200ms").aqm, Aqm(Codel{10ms, 200ms}));
  EXPECT_EQ(apply("aqm", "fq_codel").aqm, Aqm(FqCodel()));
  EXPECT_EQ(apply("aqm", "fq_codel:1ms,20ms,300").aqm,
            Aqm(FqCodel{.codel = {1ms, 20ms}, .quantum = ByteCount(300)}));
  EXPECT_EQ(apply("aqm", "fq_codel:1ms,20ms,300,16").aqm,
            Aqm(FqCodel{.codel = {1ms, 20ms}, .quantum = ByteCount(300), .queues = 16}));
  EXPECT_EQ(apply("aqm", "red:20kB,60kB,5%,64").aqm,
            Aqm(Red{.min = ByteCount(20'000),
                    .max = ByteCount(60'000),
                    .max_probability = netsim::Probability::percent(5),
                    .weight_shift = 6}));
  EXPECT_EQ(apply("aqm", "drop_tail", apply("aqm", "codel")), LinkConfig());
  for (const char* value :
       {"", "pie", "codel:", "codel:5ms,0", "codel:5ms,100ms,3", "codel 5ms", "red:90kB,30kB",
        "red:,60kB", "red:1,2,5%,0", "red:1,2,5%,500", "red:1,2,5%,131072", "red:1,2,0",
        "red:1,2,101%", "fq_codel:5ms,100ms,0", "fq_codel:5ms,100ms,300,0",
        "fq_codel:5ms,100ms,300,65537", "drop_tail:5ms"}) {
    EXPECT_FALSE(is_accepted("aqm", value)) << value;
  }
}

TEST(PathSettingsQueueTest, PoliceTakesARateABucketAndItsLevel) {
  EXPECT_EQ(apply("police", "10mbit").policer, Policer{.rate = kTenMbit});
  EXPECT_EQ(apply("police", "10mbit,100kB").policer,
            (Policer{.rate = kTenMbit, .burst = ByteCount(100'000)}));
  const LinkConfig link = apply("police", "10mbit,100kB,10kB");
  EXPECT_EQ(link.policer, (Policer{kTenMbit, ByteCount(100'000), ByteCount(10'000)}));
  EXPECT_EQ(apply("police", "none", link), LinkConfig());
  for (const char* value :
       {"", "10", "10mbit,", "10mbit,0", "10mbit,2GB", "10mbit,1kB,2kB", "10mbit,1kB,1kB,1kB"}) {
    EXPECT_FALSE(is_accepted("police", value)) << value;
  }
}

TEST(PathSettingsQueueTest, AggregateTakesAnAmountAndATime) {
  EXPECT_EQ(apply("aggregate", "10KiB,20ms").aggregation,
            (Aggregation{.bytes = ByteCount(10'240), .time = 20ms}));
  const LinkConfig link = apply("aggregate", "32p,4ms");
  EXPECT_EQ(link.aggregation, (Aggregation{.packets = 32, .time = 4ms}));
  EXPECT_EQ(apply("aggregate", "none", link), LinkConfig());
  for (const char* value : {"", "32p", "4ms", "0p,4ms", "0,4ms", "32p,4", "4ms,32p", "1,2p,3ms"}) {
    EXPECT_FALSE(is_accepted("aggregate", value)) << value;
  }
}

TEST(PathSettingsQueueTest, SlotTakesIntervalsAndWhatFits) {
  EXPECT_EQ(apply("slot", "10ms").slots, (Slots{.interval_min = 10ms, .interval_max = 10ms}));
  EXPECT_EQ(apply("slot", "5ms-15ms,32p,64KiB").slots, (Slots{5ms, 15ms, 32, ByteCount(65'536)}));
  const LinkConfig link = apply("slot", "5ms,1500");
  EXPECT_EQ(link.slots,
            (Slots{.interval_min = 5ms, .interval_max = 5ms, .bytes = ByteCount(1500)}));
  EXPECT_EQ(apply("slot", "none", link), LinkConfig());
  for (const char* value : {"", "0", "999ns", "5", "15ms-5ms", "5ms-", "1ms-2ms-3ms", "5ms,0p",
                            "5ms,0", "5ms,1p,2,3"}) {
    EXPECT_FALSE(is_accepted("slot", value)) << value;
  }
}

TEST(PathSettingsQueueTest, ATraceAndARateTakeEachOthersPlace) {
  const TemporaryFolder folder;
  const std::string file = folder / "trace";
  std::ofstream(file) << "4\n8\n";
  const LinkConfig link = apply("trace", file, apply("rate", "10mbit"));
  EXPECT_EQ(link.trace, netsim::RateTrace::from({4ms, 8ms}));
  EXPECT_EQ(link.mean_rate(), Bandwidth::bits_per_second(2 * 1504 * 8 * 125));
  EXPECT_FALSE(apply("rate", "10mbit", link).trace);

  std::ofstream(file) << "4\n2\n";
  LinkDraft draft;
  EXPECT_FALSE(find_path_setting("trace")->apply(draft, file));
  EXPECT_EQ(draft.problem, file + ":2: 2 comes after 4: give times that never decrease");
}

}  // namespace
}  // namespace hawser::cli
