#include "tools/hawser/netem_words.h"

#include <ostream>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hawser::cli {
namespace {

using namespace std::chrono_literals;
using netsim::NetemChance;
using netsim::NetemConfig;
using netsim::NetemDelay;
using netsim::NetemDistribution;
using netsim::NetemFourState;
using netsim::NetemGilbertElliott;
using netsim::NetemRate;
using netsim::NetemShare;
using netsim::NetemSlot;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr NetemShare percent(double value) { return NetemShare::percent(value); }

NetemConfig parse(std::string_view text) {
  const NetemWords words = parse_netem_words(text);
  EXPECT_EQ(words.complaint, "");
  return words.config.value_or(NetemConfig{});
}

TEST(NetemWordsTest, ReadsAllWordsTogether) {
  NetemConfig expected;
  expected.limit = 500;
  expected.delay = {30ms, 5ms, NetemDistribution::normal};
  expected.delay_correlation = percent(25);
  expected.loss = NetemGilbertElliott{percent(1), percent(25)};
  expected.ecn = true;
  expected.rate = NetemRate{Bandwidth::bits_per_second(10'000'000)};
  expected.reorder = {percent(25), percent(50)};
  expected.gap = 5;
  expected.duplicate = {percent(1), percent(2)};
  expected.corrupt = {percent(0.1)};
  expected.slot = NetemSlot{.min = 10ms, .max = 20ms, .packets = 5};
  EXPECT_EQ(parse("delay 30ms 5ms 25% distribution normal loss gemodel 1% 25% ecn limit 500 "
                  "rate 10mbit reorder 25% 50% gap 5 duplicate 1% 2% corrupt 0.1% "
                  "slot 10ms 20ms packets 5"),
            expected);
}

TEST(NetemWordsTest, DefaultsAreTcs) {
  EXPECT_EQ(parse("limit 1000"), NetemConfig());
  EXPECT_EQ(parse("delay 1ms reorder 5%").gap, 1U);
  EXPECT_EQ(parse("delay 1ms reorder 5% gap 0").gap, 1U);
  EXPECT_EQ(std::get<NetemGilbertElliott>(parse("loss gemodel 1%").loss),
            (NetemGilbertElliott{percent(1), percent(99), percent(100), percent(0)}));
  EXPECT_EQ(std::get<NetemFourState>(parse("loss state 2%").loss),
            (NetemFourState{percent(2), percent(98), percent(0), percent(100), percent(0)}));
}

TEST(NetemWordsTest, ReadsLossModels) {
  EXPECT_EQ(std::get<NetemChance>(parse("loss 1").loss), NetemChance{percent(1)});
  EXPECT_EQ(std::get<NetemChance>(parse("loss .5%").loss), NetemChance{percent(0.5)});
  EXPECT_EQ(std::get<NetemChance>(parse("loss random 0.3% 25%").loss),
            (NetemChance{percent(0.3), percent(25)}));
  EXPECT_EQ(std::get<NetemGilbertElliott>(parse("loss gemodel 0.5% 20% 70% 0.1%").loss),
            (NetemGilbertElliott{percent(0.5), percent(20), percent(70), percent(0.1)}));
  EXPECT_EQ(std::get<NetemFourState>(parse("loss state 1% 30% 10% 30% 0.2%").loss),
            (NetemFourState{percent(1), percent(30), percent(10), percent(30), percent(0.2)}));
}

TEST(NetemWordsTest, ReadsTimes) {
  EXPECT_EQ(parse("delay 1.5s").delay.mean, 1500ms);
  EXPECT_EQ(parse("delay 30msecs").delay.mean, 30ms);
  EXPECT_EQ(parse("delay 250usec").delay.mean, 250us);
  EXPECT_EQ(parse("delay 7NS").delay.mean, 7ns);
  EXPECT_EQ(parse("delay 100").delay.mean, 100ns);
}

TEST(NetemWordsTest, ReadsRatesInWholeBytes) {
  const auto bits_of = [](std::string_view text) {
    return parse("rate " + std::string(text)).rate->rate.bits_per_second();
  };
  EXPECT_EQ(bits_of("10mbit"), 10'000'000);
  EXPECT_EQ(bits_of("1.5Gbit"), 1'500'000'000);
  EXPECT_EQ(bits_of("10kibit"), 10'240);
  EXPECT_EQ(bits_of("1mbps"), 8'000'000) << "megabytes per second";
  EXPECT_EQ(bits_of("100bps"), 800);
  EXPECT_EQ(bits_of("1001"), 1000) << "125 bytes per second and one bit";
}

TEST(NetemWordsTest, ReadsOverheadsAndCells) {
  EXPECT_EQ(parse("rate 1mbit -18").rate->packet_overhead, ByteCount(-18));
  const NetemRate rate = *parse("rate 1mbit 20 48 5 delay 5ms").rate;
  EXPECT_EQ(rate.packet_overhead, ByteCount(20));
  EXPECT_EQ(rate.cell_size, ByteCount(48));
  EXPECT_EQ(rate.cell_overhead, ByteCount(5));
}

TEST(NetemWordsTest, ReadsSlots) {
  EXPECT_EQ(parse("slot 800us").slot, (NetemSlot{.min = 800us, .max = 800us}));
  EXPECT_EQ(parse("slot 1ms 2ms bytes 64k").slot,
            (NetemSlot{.min = 1ms, .max = 2ms, .bytes = ByteCount(65'536)}));
  EXPECT_EQ(parse("slot distribution pareto 10ms 3ms packets 8 bytes 9000").slot,
            (NetemSlot{.spacing = NetemDelay{10ms, 3ms, NetemDistribution::pareto},
                       .packets = 8,
                       .bytes = ByteCount(9000)}));
}

TEST(NetemWordsTest, ReadsWordsThatAreCutShortAsTcDoes) {
  EXPECT_EQ(parse("lat 30ms drop 1% dup 2% corr 3% lim 10k"),
            parse("delay 30ms loss 1% duplicate 2% corrupt 3% limit 10240"));
  EXPECT_EQ(parse("  delay\t30ms  "), parse("delay 30ms"));
}

// tc sends the correlations together, but does not count that of duplication as one.
TEST(NetemWordsTest, ForgetsTheCorrelationOfDuplicationWhereItStandsAloneAsTcDoes) {
  EXPECT_TRUE(parse("duplicate 1% 25%").duplicate.correlation.is_zero());
  EXPECT_EQ(parse("duplicate 1% 25% loss 1% 0%").duplicate.correlation, percent(25));
}

struct Wrong {
  std::string_view text;
  std::string_view complaint;
};
std::ostream& operator<<(std::ostream& out, const Wrong& wrong) { return out << wrong.text; }

class NetemWordsComplaintTest : public testing::TestWithParam<Wrong> {};

TEST_P(NetemWordsComplaintTest, NamesTheWordsTheValueAndWhatIsAccepted) {
  const NetemWords words = parse_netem_words(GetParam().text);
  EXPECT_FALSE(words.config);
  EXPECT_THAT(words.complaint, StartsWith(fmt::format("'{}': ", GetParam().text)));
  EXPECT_THAT(words.complaint, HasSubstr(std::string(GetParam().complaint)));
}

constexpr Wrong kWrong[] = {
    {"", "nothing is said"},
    {"delay 5 apples", "'apples' is no word of netem: give limit, delay"},
    {"delay", "'delay' wants a time up to 10000 hours such as 30ms"},
    {"delay 5x", "'delay' wants a time up to 10000 hours such as 30ms, 250us or 1.5s, not '5x'"},
    {"delay -5ms", "not '-5ms'"},
    {"delay 40000000s", "not '40000000s'"},
    {"delay 5ms 1ms 101%", "'delay' wants a percentage from 0 to 100 such as 1% or 0.5%, not"},
    {"loss 120%", "'loss' wants a percentage from 0 to 100 such as 1% or 0.5%, not '120%'"},
    {"loss some 1%", "not 'some'"},
    {"loss gemodel", "'loss' wants a percentage"},
    {"loss gemodel 1% 2% 3% 4% 5%", "'5%' is no word of netem"},
    {"loss 1% loss 2%", "the loss is given twice"},
    {"limit many", "'limit' wants a whole number from 0 such as 1000 or 10k, not 'many'"},
    {"limit 5000000000", "not '5000000000'"},
    {"rate 0", "'rate' wants a rate from 1bps (a byte per second) such as 10mbit, not '0'"},
    {"rate 50%", "not '50%'"},
    {"rate 1mbit 99999", "'rate' wants bytes from -65535 to 65535, not '99999'"},
    {"rate 1mbit 0 -48", "'rate' wants bytes from 0 to 65535, not '-48'"},
    {"reorder 25%", "'reorder' has no effect without a delay: give delay TIME too"},
    {"delay 5ms gap 5", "'gap' has no effect without reordering: give reorder PERCENT too"},
    {"ecn", "'ecn' marks instead of losing: give loss PERCENT too"},
    {"delay 5ms distribution normal", "'distribution' is that of a jitter: give delay TIME JITTER"},
    {"delay 5ms 1ms distribution bell",
     "wants uniform, normal, pareto or paretonormal, not 'bell'"},
    {"delay 5ms 1ms distribution experimental",
     "the distribution 'experimental' is left out on purpose: give uniform, normal, pareto or"},
    {"slot distribution experimental 5ms 1ms", "'experimental' is left out on purpose"},
    {"loss .", "'loss' wants a percentage from 0 to 100 such as 1% or 0.5%, not '.'"},
    {"loss .%", "'loss' wants a percentage from 0 to 100 such as 1% or 0.5%, not '.%'"},
    {"slot 20ms 10ms", "a slot's longest time is below its shortest"},
    {"slot distribution normal 5ms 0ms", "a slot's jitter must be above zero"},
    {"slot packets 5", "'slot' wants a time"},
    {"slot 5ms packets", "'slot' wants a whole number"},
    {"seed 5 loss 1%", "a seed is given by --seed"},
};
INSTANTIATE_TEST_SUITE_P(Words, NetemWordsComplaintTest, testing::ValuesIn(kWrong));

}  // namespace
}  // namespace hawser::cli
