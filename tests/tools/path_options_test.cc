#include "tools/hawser/path_options.h"

#include <fstream>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <CLI/CLI.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/temporary_folder.h"
#include "tools/hawser/path_settings.h"

namespace hawser::cli {
namespace {

using namespace std::chrono_literals;
using netsim::Blackout;
using netsim::GilbertElliott;
using netsim::LinkConfig;
using netsim::PathConfig;
using netsim::Probability;
using netsim::TimedGilbertElliott;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

using Arguments = std::vector<std::string>;

PathConfig parse(Arguments arguments, const PathConfig& defaults = {}) {
  CLI::App app;
  PathOptions options(defaults);
  options.add_to(app);
  std::reverse(arguments.begin(), arguments.end());  // as CLI11 wants them
  app.parse(arguments);
  return options.resolve();
}

/// The one line that a user sees, or "accepted".
std::string error_of(const Arguments& arguments) {
  try {
    parse(arguments);
    return "accepted";
  } catch (const CLI::ParseError& error) {
    return error.what();
  }
}

TEST(PathOptionsTest, WithoutOptionsThePathIsThatOfTheDefaults) {
  EXPECT_EQ(parse({}), PathConfig());
  PathConfig defaults;
  defaults.up.loss = Probability::percent(5);
  defaults.down.delay = 20ms;
  EXPECT_EQ(parse({}, defaults), defaults);
  const PathConfig path = parse({"--loss", "1%"}, defaults);
  EXPECT_EQ(path.up.loss, Probability::percent(1));
  EXPECT_EQ(path.down.delay, 20ms);
}

TEST(PathOptionsTest, AnotherLossModelTakesThePlaceOfTheDefaultLoss) {
  PathConfig defaults;
  defaults.up.loss = defaults.down.loss = Probability::percent(5);
  const PathConfig path = parse({"--up-loss-ge", "1%,25%"}, defaults);
  EXPECT_TRUE(path.up.loss.is_zero());
  EXPECT_EQ(path.down.loss, Probability::percent(5));
  EXPECT_EQ(parse({"--loss-ge", "none"}, defaults).up.loss, defaults.up.loss);
  const PathConfig both = parse({"--loss-ge", "1%,25%", "--up-loss", "2%"}, defaults);
  EXPECT_EQ(both.up.loss, Probability::percent(2));
  EXPECT_TRUE(both.down.loss.is_zero());
}

TEST(PathOptionsTest, ReadsEveryOptionIntoBothDirections) {
  const PathConfig path = parse({"--delay",
                                 "30ms",
                                 "--jitter",
                                 "5ms",
                                 "--jitter-dist",
                                 "normal",
                                 "--jitter-correlation",
                                 "25%",
                                 "--reorder",
                                 "10%",
                                 "--reorder-gap",
                                 "5",
                                 "--loss",
                                 "1%",
                                 "--loss-ge",
                                 "1%,25%",
                                 "--loss-ge-time",
                                 "20ms,1s",
                                 "--drop",
                                 "3,7,h2",
                                 "--duplicate",
                                 "2%",
                                 "--corrupt",
                                 "0.03",
                                 "--corrupt-bits",
                                 "4",
                                 "--rate",
                                 "10mbit",
                                 "--queue",
                                 "100p",
                                 "--ecn-mark",
                                 "64KiB",
                                 "--ecn-fault",
                                 "ect1",
                                 "--mtu",
                                 "1500",
                                 "--blackout",
                                 "5s-7s",
                                 "--blackout",
                                 "9s-9.5s"});
  LinkConfig expected;
  expected.delay = 30ms;
  expected.jitter = {.spread = 5ms,
                     .distribution = netsim::JitterDistribution::normal,
                     .correlation = Probability::percent(25)};
  expected.reorder = {.probability = Probability::percent(10), .gap = 5};
  expected.loss = Probability::percent(1);
  expected.loss_ge = GilbertElliott{Probability::percent(1), Probability::percent(25)};
  expected.loss_ge_time = TimedGilbertElliott{.mean_bad = 20ms, .mean_good = 1s};
  expected.drop = {.with_message_bytes = {3, 7}, .of_all = {2}};
  expected.duplicate = Probability::percent(2);
  expected.damage.corrupt = Probability::percent(3);
  expected.damage.corrupt_bits = 4;
  expected.rate = Bandwidth::bits_per_second(10'000'000);
  expected.queue.packets = 100;
  expected.ecn_mark = ByteCount(65536);
  expected.ecn_fault = netsim::EcnFault::ect1;
  expected.mtu = ByteCount(1500);
  expected.blackouts = {Blackout{5s, 7s}, Blackout{9s, 9500ms}};
  EXPECT_EQ(path.up, expected);
  EXPECT_EQ(path.down, expected);
}

TEST(PathOptionsTest, ReadsWhatIsDoneToSingleDatagrams) {
  const PathConfig path = parse({"--jitter",         "5ms",
                                 "--jitter-dist",    "pareto",
                                 "--reorder",        "10%",
                                 "--reorder-depth",  "3",
                                 "--loss-state",     "1%,30%,10%,30%,0.2%",
                                 "--loss-burst-max", "4",
                                 "--replay",         "2%",
                                 "--replay-age",     "30s",
                                 "--corrupt",        "3%",
                                 "--corrupt-burst",  "33",
                                 "--truncate",       "4%",
                                 "--extend",         "5%",
                                 "--misdeliver",     "6%",
                                 "--clog",           "5s-7s",
                                 "--clog",           "9s-9.5s",
                                 "--clog-every",     "2s",
                                 "--clog-for",       "30ms"});
  const auto percent = [](std::uint64_t value) { return Probability::percent(value); };
  LinkConfig expected;
  expected.jitter = {.spread = 5ms, .distribution = netsim::JitterDistribution::pareto};
  expected.reorder = {.probability = percent(10), .depth = 3};
  expected.loss_state = netsim::FourStateLoss{percent(1), percent(30), percent(10), percent(30),
                                              Probability::ratio(2, 1000)};
  expected.loss_burst_max = 4;
  expected.replay = {.probability = percent(2), .age_min = 30s};
  expected.damage = {.corrupt = percent(3),
                     .corrupt_burst = 33,
                     .truncate = percent(4),
                     .extend = percent(5),
                     .misdeliver = percent(6)};
  expected.clogs = {netsim::Clog{5s, 7s}, netsim::Clog{9s, 9500ms}};
  expected.random_clogs = {.mean_free = 2s, .mean_clogged = 30ms};
  EXPECT_EQ(path.up, expected);
  EXPECT_EQ(path.down, expected);
}

TEST(PathOptionsTest, FourStateLossHasTheDefaultsOfTc) {
  const auto percent = [](std::uint64_t value) { return Probability::percent(value); };
  EXPECT_EQ(parse({"--loss-state", "1%"}).up.loss_state,
            (netsim::FourStateLoss{.p13 = percent(1), .p31 = percent(99)}));
  EXPECT_EQ(parse({"--loss-state", "1%,30%"}).up.loss_state,
            (netsim::FourStateLoss{.p13 = percent(1), .p31 = percent(30)}));
  EXPECT_EQ(parse({"--loss-state", "1%,30%,10%"}).up.loss_state,
            (netsim::FourStateLoss{.p13 = percent(1), .p31 = percent(30), .p32 = percent(10)}));
}

TEST(PathOptionsTest, EachDistributionHasItsName) {
  using netsim::JitterDistribution;
  const auto distribution_of = [](const char* name) {
    return parse({"--jitter", "1ms", "--jitter-dist", name}).up.jitter.distribution;
  };
  EXPECT_EQ(distribution_of("uniform"), JitterDistribution::uniform);
  EXPECT_EQ(distribution_of("normal"), JitterDistribution::normal);
  EXPECT_EQ(distribution_of("paretonormal"), JitterDistribution::paretonormal);
}

TEST(PathOptionsTest, WhatExcludesEachOtherReplacesItLater) {
  const PathConfig path = parse(
      {"--reorder", "1%", "--reorder-depth", "3", "--corrupt", "1%", "--corrupt-bits", "5", "--at",
       "1s:reorder-delay=2ms,corrupt-burst=9", "--at", "2s:reorder-depth=0,corrupt-bits=7"});
  ASSERT_EQ(path.changes.size(), 2U);
  EXPECT_EQ(path.up.reorder.depth, 3U);
  EXPECT_EQ(path.changes[0].up.reorder.depth, 0U);
  EXPECT_EQ(path.changes[0].up.reorder.delay, 2ms);
  EXPECT_EQ(path.changes[0].up.damage.corrupt_burst, 9U);
  EXPECT_TRUE(path.changes[1].up.reorder.skips_delay());
  EXPECT_EQ(path.changes[1].up.damage.corrupt_burst, 0U);
  EXPECT_EQ(path.changes[1].up.damage.corrupt_bits, 7U);
}

TEST(PathOptionsTest, TheRoundTripIsSplitInHalves) {
  PathConfig path = parse({"--rtt", "60ms"});
  EXPECT_EQ(path.up.delay, 30ms);
  EXPECT_EQ(path.down.delay, 30ms);
  path = parse({"--rtt", "15ns"});
  EXPECT_EQ(path.up.delay + path.down.delay, 15ns);
}

TEST(PathOptionsTest, APrefixIsForOneDirectionAndWinsWhereverItStands) {
  const PathConfig path = parse({"--up-loss", "5%", "--loss", "1%", "--down-rate", "1mbit", "--rtt",
                                 "20ms", "--down-delay", "3ms", "--up-blackout", "1s-2s"});
  EXPECT_EQ(path.up.loss, Probability::percent(5));
  EXPECT_EQ(path.down.loss, Probability::percent(1));
  EXPECT_TRUE(path.up.rate.is_infinite());
  EXPECT_EQ(path.down.rate, Bandwidth::bits_per_second(1'000'000));
  EXPECT_EQ(path.up.delay, 10ms);
  EXPECT_EQ(path.down.delay, 3ms);
  EXPECT_EQ(path.up.blackouts.size(), 1U);
  EXPECT_THAT(path.down.blackouts, IsEmpty());
}

TEST(PathOptionsTest, APlainPatternSpansBothDirections) {
  PathConfig path = parse({"--loss-pattern", "0100"});
  EXPECT_EQ(path.up.loss_pattern, (netsim::LossPattern{"0100", true}));
  EXPECT_EQ(path.down.loss_pattern, path.up.loss_pattern);
  path = parse({"--up-loss-pattern", "01"});
  EXPECT_EQ(path.up.loss_pattern, (netsim::LossPattern{"01", false}));
  EXPECT_EQ(path.down.loss_pattern, netsim::LossPattern());
}

TEST(PathOptionsTest, GilbertElliottTakesTwoToFourValues) {
  const auto percent = [](std::uint64_t value) { return Probability::percent(value); };
  EXPECT_EQ(parse({"--loss-ge", "1%,25%,70%"}).up.loss_ge,
            (GilbertElliott{percent(1), percent(25), percent(70)}));
  EXPECT_EQ(parse({"--loss-ge", "1%,25%,70%,0.1"}).up.loss_ge,
            (GilbertElliott{percent(1), percent(25), percent(70), percent(10)}));
  EXPECT_EQ(parse({"--loss-ge-time", "20ms,1s,50%"}).up.loss_ge_time,
            (TimedGilbertElliott{20ms, 1s, percent(50)}));
}

TEST(PathOptionsTest, AQueueIsLimitedInFourWays) {
  EXPECT_EQ(parse({"--rate", "1mbit", "--queue", "100p"}).up.queue,
            netsim::QueueLimit{.packets = 100});
  EXPECT_EQ(parse({"--rate", "1mbit", "--queue", "125000b"}).up.queue,
            netsim::QueueLimit{.bytes = ByteCount(125000)});
  EXPECT_EQ(parse({"--rate", "1mbit", "--queue", "64KiB"}).up.queue,
            netsim::QueueLimit{.bytes = ByteCount(65536)});
  EXPECT_EQ(parse({"--rate", "1mbit", "--queue", "20ms"}).up.queue,
            netsim::QueueLimit{.time = 20ms});
  // 100 Mbit/s times 60 ms.
  EXPECT_EQ(parse({"--queue", "1bdp", "--rate", "100mbit", "--rtt", "60ms"}).up.queue,
            netsim::QueueLimit{.bytes = ByteCount(750'000)});
  const PathConfig uneven = parse({"--queue", "0.5bdp", "--up-rate", "1mbit", "--down-rate",
                                   "100mbit", "--up-delay", "10ms", "--down-delay", "50ms"});
  EXPECT_EQ(uneven.up.queue.bytes, ByteCount(3'750));
  EXPECT_EQ(uneven.down.queue.bytes, ByteCount(375'000));
}

TEST(PathOptionsTest, AnAbsurdlyLargeQueueDoesNotOverflow) {
  EXPECT_EQ(
      parse({"--queue", "1000bdp", "--rate", "1000000gbit", "--rtt", "10000h"}).up.queue.bytes,
      ByteCount::max());
}

TEST(PathOptionsTest, ChangesAddUpInTheOrderOfTheirTimes) {
  const PathConfig path =
      parse({"--rtt", "20ms", "--loss", "1%", "--at", "5s:loss=10%,rate=5mbit", "--at",
             "2s:up-delay=1ms", "--down-at", "5s:loss-ge=1%,25%,drop=3,h7"});
  ASSERT_EQ(path.changes.size(), 3U);
  EXPECT_EQ(path.up.loss, Probability::percent(1));
  EXPECT_EQ(path.changes[0].at, 2s);
  EXPECT_EQ(path.changes[0].up.delay, 1ms);
  EXPECT_EQ(path.changes[0].down.delay, 10ms);
  EXPECT_EQ(path.changes[0].up.loss, Probability::percent(1));
  EXPECT_EQ(path.changes[1].at, 5s);
  EXPECT_EQ(path.changes[1].up.delay, 1ms);
  EXPECT_EQ(path.changes[1].up.loss, Probability::percent(10));
  EXPECT_EQ(path.changes[1].down.rate, Bandwidth::bits_per_second(5'000'000));
  EXPECT_EQ(path.changes[2].at, 5s);
  EXPECT_EQ(path.changes[2].up, path.changes[1].up);
  EXPECT_EQ(path.changes[2].down.loss_ge,
            (GilbertElliott{Probability::percent(1), Probability::percent(25)}));
  EXPECT_THAT(path.changes[2].down.drop.with_message_bytes, ElementsAre(3));
  EXPECT_THAT(path.changes[2].down.drop.of_all, ElementsAre(7));
}

// A path on which no setting is idle.
PathConfig all_in_use() {
  PathConfig path;
  path.up.delay = 50ms;
  path.up.jitter.spread = 1ms;
  path.up.reorder.probability = Probability::percent(1);
  path.up.loss = Probability::percent(1);
  path.up.replay.probability = Probability::percent(1);
  path.up.damage.corrupt = Probability::percent(1);
  path.up.rate = Bandwidth::bits_per_second(1'000'000);
  path.up.random_clogs = {.mean_free = 1s, .mean_clogged = 1ms};
  path.down = path.up;
  return path;
}

// But for those that have times of their own; and what can be left out can be taken back.
TEST(PathOptionsTest, EverySettingCanChange) {
  const TemporaryFolder folder;
  const std::string trace = folder / "trace";
  std::ofstream(trace) << "1\n";
  const std::map<std::string_view, std::string> values = {{"rtt", "2ms"},
                                                          {"delay", "3ms"},
                                                          {"jitter", "4ms"},
                                                          {"jitter-dist", "pareto"},
                                                          {"jitter-correlation", "5%"},
                                                          {"reorder", "6%"},
                                                          {"reorder-gap", "7"},
                                                          {"reorder-depth", "8"},
                                                          {"reorder-delay", "9ms"},
                                                          {"loss", "10%"},
                                                          {"loss-ge", "11%,12%"},
                                                          {"loss-ge-time", "13ms,14ms"},
                                                          {"loss-state", "15%,16%"},
                                                          {"loss-burst-max", "17"},
                                                          {"loss-pattern", "01"},
                                                          {"drop", "18,h19"},
                                                          {"duplicate", "20%"},
                                                          {"replay", "21%"},
                                                          {"replay-age", "22s"},
                                                          {"corrupt", "23%"},
                                                          {"corrupt-bits", "24"},
                                                          {"corrupt-burst", "25"},
                                                          {"truncate", "26%"},
                                                          {"extend", "27%"},
                                                          {"misdeliver", "28%"},
                                                          {"rate", "29mbit"},
                                                          {"queue", "30p"},
                                                          {"ecn-mark", "31kB"},
                                                          {"ecn-fault", "clear"},
                                                          {"mtu", "1300"},
                                                          {"clog-every", "32s"},
                                                          {"clog-for", "33ms"},
                                                          {"netem", "loss 34%"},
                                                          {"police", "35mbit"},
                                                          {"aqm", "codel"},
                                                          {"trace", trace},
                                                          {"aggregate", "36p,37ms"},
                                                          {"slot", "38ms"}};
  for (const PathSetting& setting : path_settings()) {
    if (setting.is_repeatable) continue;
    const auto value = values.find(setting.name);
    ASSERT_NE(value, values.end()) << "give an example of " << setting.name;
    LinkDraft changed;
    LinkDraft fitting;  // where each of them has an effect
    fitting.link = changed.link = all_in_use().up;
    changed.is_for_both = true;
    ASSERT_TRUE(setting.apply(changed, value->second)) << setting.name;
    const PathConfig path =
        parse({"--at", "1s:" + std::string(setting.name) + "=" + value->second}, all_in_use());
    ASSERT_EQ(path.changes.size(), 1U);
    EXPECT_EQ(path.up, fitting.link) << setting.name;
    EXPECT_NE(path.changes[0].up, fitting.link) << setting.name;
    EXPECT_EQ(path.changes[0].up, changed.link) << setting.name;
    if (setting.clear == nullptr) continue;
    const PathConfig back = parse({"--at", "1s:" + std::string(setting.name) + "=" + value->second,
                                   "--at", "2s:" + std::string(setting.name) + "=none"},
                                  all_in_use());
    ASSERT_EQ(back.changes.size(), 2U);
    setting.clear(changed);
    EXPECT_EQ(back.changes[1].up, changed.link) << setting.name;
  }
}

TEST(PathOptionsTest, NoneTakesASettingBack) {
  const TemporaryFolder folder;
  const std::string trace = folder / "trace";
  std::ofstream(trace) << "1\n";
  const PathConfig path =
      parse({"--rate",
             "10mbit",
             "--queue",
             "10p",
             "--ecn-mark",
             "9kB",
             "--ecn-fault",
             "drop",
             "--mtu",
             "1500",
             "--loss-ge",
             "1%,2%",
             "--loss-ge-time",
             "1s,2s",
             "--loss-state",
             "1%,30%",
             "--loss-burst-max",
             "2",
             "--loss-pattern",
             "01",
             "--drop",
             "1,h2",
             "--police",
             "1mbit",
             "--aggregate",
             "2p,1ms",
             "--slot",
             "5ms",
             "--at",
             "1s:trace=" + trace,
             "--at",
             "2s:trace=none",
             "--at",
             "3s:rate=none,queue=none,ecn-mark=none,ecn-fault=none,mtu=none,loss-ge=none,"
             "loss-ge-time=none,"
             "loss-state=none,loss-burst-max=none,loss-pattern=none,drop=none,police=none,"
             "aggregate=none,slot=none"});
  ASSERT_EQ(path.changes.size(), 3U);
  EXPECT_NE(path.up, LinkConfig());
  for (const char* order : {"rate=none,trace=", "trace="}) {
    const PathConfig traced = parse({"--rate", "1mbit", "--at", "1s:" + (order + trace)});
    EXPECT_TRUE(traced.changes.at(0).up.trace) << order;
  }
  EXPECT_TRUE(parse({"--at", "1s:trace=" + trace + ",rate=none"}).changes.at(0).up.trace);
  EXPECT_EQ(path.changes[1].up, path.up) << "the trace took the rate's place for a while";
  EXPECT_EQ(path.changes[2].up, LinkConfig());
  EXPECT_EQ(path.changes[2].down, LinkConfig());
}

TEST(PathOptionsTest, ABdpQueueKeepsItsBytesWhenTheRateChanges) {
  const PathConfig path = parse({"--queue", "1bdp", "--rate", "100mbit", "--rtt", "60ms", "--at",
                                 "1s:rate=50mbit", "--at", "2s:queue=1bdp"});
  ASSERT_EQ(path.changes.size(), 2U);
  EXPECT_EQ(path.changes[0].up.queue.bytes, ByteCount(750'000));
  EXPECT_EQ(path.changes[1].up.queue.bytes, ByteCount(375'000));
}

TEST(PathOptionsTest, NetemIsForOneDirectionOrBothAndMayChange) {
  const PathConfig path =
      parse({"--netem", "delay 10ms", "--down-netem", "loss 1%", "--mtu", "1400", "--ecn-fault",
             "ce", "--blackout", "1s-2s", "--at", "5s:up-netem=delay 20ms 5ms,mtu=1300"});
  EXPECT_EQ(path.up.netem->delay.mean, 10ms);
  EXPECT_EQ(path.down.netem->delay.mean, 0ms);
  EXPECT_EQ(path.up.mtu, ByteCount(1400));
  EXPECT_EQ(path.up.blackouts.size(), 1U);
  ASSERT_EQ(path.changes.size(), 1U);
  EXPECT_EQ(path.changes[0].up.netem->delay, (netsim::NetemDelay{20ms, 5ms}));
  EXPECT_EQ(path.changes[0].up.mtu, ByteCount(1300));
  EXPECT_EQ(path.changes[0].down.netem, path.down.netem);
}

TEST(PathOptionsTest, NetemTakesThePlaceOfTheDefaults) {
  PathConfig defaults;
  defaults.up.loss = defaults.down.loss = Probability::percent(5);
  const PathConfig path = parse({"--up-netem", "delay 10ms"}, defaults);
  EXPECT_EQ(path.up.loss, Probability());
  EXPECT_EQ(path.down, defaults.down);
}

TEST(PathOptionsTest, NetemDoesNotMixWithWhatItHasWordsFor) {
  constexpr char kWay[] = " takes its place: say it in netem's words, or leave out one of the two";
  const auto mixed_with = [](const std::string& option, const std::string& value) {
    return error_of({"--up-netem", "delay 1ms", option, value});
  };
  EXPECT_EQ(mixed_with("--rtt", "60ms"), std::string("--rtt: --up-netem") + kWay);
  EXPECT_EQ(mixed_with("--up-loss", "1%"), std::string("--up-loss: --up-netem") + kWay);
  EXPECT_EQ(mixed_with("--at", "1s:rate=1mbit"),
            std::string("--at 1s:rate=1mbit: --up-netem") + kWay);
  EXPECT_EQ(error_of({"--at", "1s:netem=delay 1ms", "--down-at", "2s:drop=3"}),
            std::string("--down-at 2s:drop=3: --at 1s:netem=delay 1ms") + kWay);
  EXPECT_EQ(mixed_with("--down-delay", "60ms"), "accepted");
  EXPECT_EQ(mixed_with("--blackout", "1s-2s"), "accepted");
  EXPECT_EQ(mixed_with("--rebind", "1s"), "accepted");
}

// Before a netem and after it the path is what the other options say.
TEST(PathOptionsTest, NetemMayComeAndGo) {
  const PathConfig path = parse({"--delay", "10ms", "--loss", "1%", "--at", "1s:loss=2%", "--at",
                                 "2s:up-netem=delay 20ms,mtu=1400", "--at",
                                 "3s:up-netem=delay 30ms", "--at", "4s:loss=3%,up-netem=none"});
  ASSERT_EQ(path.changes.size(), 4U);
  LinkConfig plain;
  plain.delay = 10ms;
  plain.loss = Probability::percent(1);
  EXPECT_EQ(path.up, plain);
  plain.loss = Probability::percent(2);
  EXPECT_EQ(path.changes[0].up, plain);
  LinkConfig of_netem;
  of_netem.mtu = ByteCount(1400);
  of_netem.netem = netsim::NetemConfig{.delay = {.mean = 20ms}};
  EXPECT_EQ(path.changes[1].up, of_netem);
  of_netem.netem->delay.mean = 30ms;
  EXPECT_EQ(path.changes[2].up, of_netem);
  plain.mtu = ByteCount(1400);
  EXPECT_EQ(path.changes[2].down, plain);
  plain.loss = Probability::percent(3);
  EXPECT_EQ(path.changes[3].up, plain);
  EXPECT_EQ(path.changes[3].down, plain);
  EXPECT_EQ(parse({"--delay", "10ms", "--at", "1s:netem=none"}).changes.at(0).up.delay, 10ms)
      << "none was there";
}

TEST(PathOptionsTest, RebindingsAreSorted) {
  EXPECT_THAT(parse({"--rebind", "2s", "--rebind", "500ms"}).rebinds, ElementsAre(500ms, 2s));
}

TEST(PathOptionsTest, AWrongValueGivesOneLineWithTheOptionTheValueAndWhatIsAccepted) {
  EXPECT_EQ(error_of({"--delay", "30"}),
            "--delay: '30' is not accepted: give a duration such as 250us, 30ms, 1.5s or 2h");
  EXPECT_EQ(error_of({"--delay", "-5ms"}),
            "--delay: '-5ms' is not accepted: give a duration such as 250us, 30ms, 1.5s or 2h");
  EXPECT_EQ(error_of({"--up-loss", "150%"}),
            "--up-loss: '150%' is not accepted: give a probability from 0 to 100% such as 1% or "
            "0.01");
  EXPECT_EQ(error_of({"--jitter-dist", "cauchy"}),
            "--jitter-dist: 'cauchy' is not accepted: give uniform, normal, pareto or "
            "paretonormal");
  EXPECT_EQ(error_of({"--queue", "100"}),
            "--queue: '100' is not accepted: give a limit such as 100p, 125000b, 20ms or 1bdp, or "
            "none");
  EXPECT_EQ(error_of({"--at", "5s:loss=200%"}),
            "--at: 'loss=200%' is not accepted: give a probability from 0 to 100% such as 1% or "
            "0.01");
  EXPECT_EQ(error_of({"--netem", "loss 120%"}),
            "--netem: 'loss 120%': 'loss' wants a percentage from 0 to 100 such as 1% or 0.5%, not "
            "'120%'");
  EXPECT_EQ(error_of({"--at", "5s:netem=loss 1% 1x"}),
            "--at: 'loss 1% 1x': 'loss' wants a percentage from 0 to 100 such as 1% or 0.5%, not "
            "'1x'");
  EXPECT_EQ(error_of({"--rebind", "soon"}),
            "--rebind: 'soon' is not accepted: give a duration such as 250us, 30ms, 1.5s or 2h");
}

TEST(PathOptionsTest, SaysWhatCanChangeAndHowTheRestIsGiven) {
  EXPECT_EQ(error_of({"--at", "5s:blackout=1s-2s"}),
            "--at: 'blackout' has times of its own: give --blackout A-B");
  EXPECT_EQ(error_of({"--at", "5s:up-clog=1s-2s"}),
            "--at: 'clog' has times of its own: give --up-clog A-B");
  EXPECT_EQ(error_of({"--down-at", "5s:blackout=1s-2s"}),
            "--down-at: 'blackout' has times of its own: give --down-blackout A-B");
  EXPECT_EQ(error_of({"--at", "5s:rebind=6s"}),
            "--at: 'rebind' has times of its own: give --rebind T");
  const std::string unknown = error_of({"--at", "5s:colour=red"});
  EXPECT_THAT(unknown, testing::StartsWith("--at: 'colour' is nothing that can change: give rtt, "
                                           "delay, jitter, "));
  EXPECT_THAT(unknown, testing::HasSubstr(", netem, "));
  EXPECT_THAT(unknown, testing::Not(testing::HasSubstr("blackout")));
}

const std::vector<Arguments> kImpossible = {
    {"--rtt", "-1ms"},
    {"--jitter", ""},
    {"--jitter-correlation", "100%"},
    {"--reorder", "101%"},
    {"--reorder-gap", "0"},
    {"--reorder-gap", "4294967296"},
    {"--reorder-depth", "1001"},
    {"--reorder-delay", "-1ms"},
    {"--loss", "1.5"},
    {"--loss-ge", "1%"},
    {"--loss-ge", "1%,2%,3%,4%,5%"},
    {"--loss-ge", "1%,,3%"},
    {"--loss-ge-time", "20ms"},
    {"--loss-ge-time", "0,1s"},
    {"--loss-ge-time", "20ms,1s,2"},
    {"--loss-state", ""},
    {"--loss-state", "1%,2%,3%,4%,5%,6%"},
    {"--loss-state", "60%,1%,1%,1%,41%"},
    {"--loss-state", "1%,60%,41%"},
    {"--loss-burst-max", "0"},
    {"--loss-pattern", ""},
    {"--loss-pattern", "0120"},
    {"--drop", "0"},
    {"--drop", "3,,7"},
    {"--drop", "x3"},
    {"--duplicate", "-1%"},
    {"--corrupt", "2"},
    {"--corrupt-bits", "0"},
    {"--corrupt-bits", "524281"},
    {"--corrupt-burst", "0"},
    {"--truncate", "101%"},
    {"--extend", "x"},
    {"--misdeliver", "-1%"},
    {"--replay", "2"},
    {"--replay-age", "-1s"},
    {"--rate", "0"},
    {"--rate", "100"},
    {"--queue", "p"},
    {"--queue", "0bdp"},
    {"--queue", "1.5p"},
    {"--queue", "-1b"},
    {"--ecn-mark", "-1"},
    {"--ecn-fault", "bleach"},
    {"--mtu", "67"},
    {"--blackout", "5s"},
    {"--blackout", "5s-5s"},
    {"--blackout", "7s-5s"},
    {"--blackout", "1s-2s-3s"},
    {"--clog", "5s-5s"},
    {"--clog-every", "1ns"},
    {"--clog-for", "-1ms"},
    {"--at", "5s:clog=6s-7s"},
    {"--at", "5s"},
    {"--at", "5s:"},
    {"--at", "5s:loss"},
    {"--at", "loss=1%"},
    {"--at", "5s:loss=1%,"},
    {"--at", "5s:colour=red"},
    {"--at", "5s:blackout=1s-2s"},
    {"--at", "5s:rebind=6s"},
    {"--up-at", "5s:down-loss=1%"},
    {"--rebind", "-1s"},
};

TEST(PathOptionsTest, RefusesImpossibleValues) {
  for (const Arguments& arguments : kImpossible) {
    const std::string error = error_of(arguments);
    EXPECT_TRUE(error.starts_with(arguments[0] + ": ")) << arguments[1] << " gives: " << error;
    EXPECT_EQ(error.find('\n'), std::string::npos) << error;
  }
}

TEST(PathOptionsTest, RefusesWhatContradictsItself) {
  EXPECT_EQ(error_of({"--rtt", "60ms", "--delay", "30ms"}), "--rtt excludes --delay");
  EXPECT_EQ(error_of({"--up-rtt", "60ms", "--up-delay", "30ms"}), "--up-rtt excludes --up-delay");
  EXPECT_EQ(error_of({"--reorder", "1%", "--reorder-depth", "3", "--reorder-delay", "1ms"}),
            "--reorder-depth excludes --reorder-delay");
  EXPECT_EQ(error_of({"--down-reorder", "1%", "--down-reorder-depth", "3", "--down-reorder-delay",
                      "1ms"}),
            "--down-reorder-depth excludes --down-reorder-delay");
  EXPECT_EQ(error_of({"--corrupt", "1%", "--corrupt-bits", "3", "--corrupt-burst", "9"}),
            "--corrupt-bits excludes --corrupt-burst");
  EXPECT_EQ(error_of({"--at", "1s:rtt=2ms,delay=3ms"}),
            "--at 1s:rtt=2ms excludes --at 1s:delay=3ms");
  EXPECT_EQ(error_of({"--reorder", "1%", "--up-at", "1s:reorder-delay=2ms,reorder-depth=3"}),
            "--up-at 1s:reorder-depth=3 excludes --up-at 1s:reorder-delay=2ms");
  EXPECT_EQ(error_of({"--at", "1s:trace=none,rate=1mbit"}), "accepted");
  const std::string bdp =
      ": a queue in bdp is a rate times a round-trip time: give --rate and --rtt too";
  EXPECT_EQ(error_of({"--queue", "1bdp", "--rtt", "60ms"}), "--queue" + bdp);
  EXPECT_EQ(error_of({"--queue", "1bdp", "--rate", "1mbit"}), "--queue" + bdp);
  EXPECT_EQ(error_of({"--at", "1s:queue=1bdp"}), "--at" + bdp);
}

TEST(PathOptionsTest, RefusesWhatWouldHaveNoEffect) {
  const std::vector<std::pair<Arguments, Arguments>> pairs = {
      {{"jitter-dist", "normal"}, {"jitter", "1ms"}},
      {{"jitter-correlation", "25%"}, {"jitter", "1ms"}},
      {{"reorder", "5%"}, {"rtt", "1ms"}},
      {{"reorder-gap", "5"}, {"reorder", "1%"}},
      {{"reorder-depth", "5"}, {"reorder", "1%"}},
      {{"reorder-delay", "5ms"}, {"reorder", "1%"}},
      {{"replay-age", "5s"}, {"replay", "1%"}},
      {{"corrupt-burst", "5"}, {"corrupt", "1%"}},
      {{"clog-every", "5s"}, {"clog-for", "1ms"}},
      {{"clog-for", "5ms"}, {"clog-every", "1s"}},
      {{"corrupt-bits", "2"}, {"corrupt", "0%"}},  // given is given: a series may begin at none
      {{"queue", "10p"}, {"rate", "1mbit"}},
      {{"ecn-mark", "10kB"}, {"rate", "1mbit"}},
      {{"aqm", "codel"}, {"rate", "1mbit"}}};
  for (const auto& [setting, needed] : pairs) {
    const std::string refusal = setting[0] + ": it has no effect without --";
    const std::string change = "1s:" + setting[0] + "=" + setting[1];
    EXPECT_THAT(error_of({"--" + setting[0], setting[1]}),
                testing::StartsWith("--" + refusal + needed[0]));
    EXPECT_THAT(error_of({"--up-" + setting[0], setting[1], "--down-" + needed[0], needed[1]}),
                testing::StartsWith("--up-" + refusal + "up-" + needed[0]));
    EXPECT_THAT(
        error_of({"--at", change}),
        testing::StartsWith("--at " + change + ": it has no effect without --" + needed[0]));
    // What is needed may in its turn need a delay.
    for (const Arguments& accepted :
         {Arguments{"--" + setting[0], setting[1], "--up-" + needed[0], needed[1]},
          Arguments{"--" + setting[0], setting[1], "--at", "1s:" + needed[0] + "=" + needed[1]},
          Arguments{"--at", change, "--" + needed[0], needed[1]}}) {
      Arguments delayed = accepted;
      if (needed[0] != "rtt") delayed.insert(delayed.end(), {"--rtt", "9ms"});
      EXPECT_EQ(error_of(delayed), "accepted") << setting[0];
    }
  }
  EXPECT_EQ(error_of({"--reorder", "0%"}), "accepted") << "as a series that begins at none has it";
  EXPECT_EQ(error_of({"--reorder", "1%", "--jitter", "1ms"}), "accepted");
  EXPECT_EQ(error_of({"--reorder", "1%", "--reorder-delay", "1ms"}), "accepted");
  EXPECT_EQ(error_of({"--up-loss-burst-max", "2"}),
            "--up-loss-burst-max: it has no effect without --up-loss or --up-loss-ge or "
            "--up-loss-ge-time or --up-loss-state");
  for (const char* loss : {"--loss", "--up-loss-state"}) {
    EXPECT_EQ(error_of({"--loss-burst-max", "2", loss, "5%"}), "accepted");
  }
  PathConfig defaults;
  defaults.up.damage.corrupt = Probability::percent(1);
  EXPECT_EQ(parse({"--corrupt-bits", "3"}, defaults).up.damage.corrupt_bits, 3U);
}

TEST(PathOptionsTest, TheWordsAroundTheRateAreForEachDirectionAndChange) {
  const PathConfig path =
      parse({"--rate", "10mbit", "--aqm", "codel:5ms,100ms", "--down-aqm", "fq_codel",
             "--up-police", "1mbit,64KiB", "--down-slot", "5ms,9p", "--aggregate", "10KiB,20ms",
             "--at", "3s:aqm=red:1kB,2kB,slot=none"});
  EXPECT_EQ(path.up.aqm, netsim::Aqm(netsim::Codel()));
  EXPECT_EQ(path.down.aqm, netsim::Aqm(netsim::FqCodel()));
  EXPECT_TRUE(path.up.policer && !path.down.policer);
  EXPECT_TRUE(!path.up.slots && path.down.slots);
  EXPECT_EQ(path.up.aggregation, path.down.aggregation);
  EXPECT_EQ(path.changes.at(0).down.aqm,
            netsim::Aqm(netsim::Red{ByteCount(1000), ByteCount(2000)}));
  EXPECT_FALSE(path.changes.at(0).down.slots);
}

TEST(PathOptionsTest, OptionsThatAreNotThereYetAreUnknown) {
  for (const char* option : {"--up-rebind", "--down-rebind"}) {
    EXPECT_EQ(error_of({option, "1s"}).find("The following argument"), 0U) << option;
  }
}

TEST(PathOptionsTest, EachOptionIsGivenOnce) {
  EXPECT_NE(error_of({"--loss", "1%", "--loss", "2%"}), "accepted");
}

TEST(PathOptionsTest, TheHelpListsEachOptionOnce) {
  CLI::App app;
  PathOptions options;
  options.add_to(app);
  const std::string help = app.help();
  for (const char* option :
       {"--rtt D", "--loss P", "--queue N", "--at T:option=value", "--rebind T"}) {
    EXPECT_NE(help.find(option), std::string::npos) << option << " in\n" << help;
  }
  EXPECT_EQ(help.find("--up-loss"), std::string::npos);
}

}  // namespace
}  // namespace hawser::cli
